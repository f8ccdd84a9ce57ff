//! The probes that a plan requires of a NIF, as scripts of the root's own shell: the library is loaded by a BEAM as a module made of its own names
//! (the weaker record), and as the project's own compiled module, in the steps that a user's machine takes.
//!
//! From the harbor all of them begin with a download by the package's own consumer, and what was downloaded is what they try.
//!
//! Pure: what lies at these paths is put there by the prover.

use plimsoll_model::{NifPlan, NifScheme};

use super::{LoadAs, ModuleName, Probe, consumer, probe};

/// Where the prover lays everything out, as the root sees it.
pub const HERE: &str = "/opt/plimsoll probe";
/// Below it: the programs of this crate, the package's own files, and the archive's map of checksums.
pub const PROGRAMS: &str = "programs";
/// The names of the probes.
pub const SYNTHETIC: &str = "load";
/// See [`own_module`].
pub const OWN_MODULE: &str = "own-module";
/// See [`tests`].
pub const TESTS: &str = "tests";
/// What users get of the project's files.
pub const PACKAGE: &str = "package";
/// The rest of them, such as tests.
pub const UNPACKED: &str = "unpacked";
/// The project's dependencies, fetched before.
pub const DEPENDENCIES: &str = "deps";
/// Elixir's own compiled code in Debian's package.
const ELIXIR: &str = "/usr/lib/elixir/lib/elixir/ebin";
/// The cache of downloads.
const CACHE: &str = "/tmp/cache";
/// Where dependencies are compiled: rebar3 writes into their own folders.
const COMPILED_DEPENDENCIES: &str = "/tmp/deps";
/// See [`consumer::rebar_words`].
const REBAR: &str = "/tmp/rebar3";

/// Where the package's users come from.
#[derive(Debug, Clone, Copy)]
pub enum From<'a> {
    /// The archive lies in the cache of downloads, as if it had been downloaded before.
    Cache,
    /// A folder of files that are served: the package downloads it by itself.
    Harbor(&'a str),
}

/// How an archive is tried.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    /// The archive's file name.
    pub file_name: &'a str,
    /// What the plan says of it.
    pub nif: &'a NifPlan,
    /// Where its users have it from.
    pub from: From<'a>,
    /// Whether the library that users have compiles the package, from the folder of dependencies; our own stands in for it if not.
    pub by_library: bool,
}

impl Way<'_> {
    /// The archive as a module that is made of what it offers.
    pub fn synthetic(self, module: &ModuleName, calls: &[String]) -> String {
        let Self { file_name, nif, .. } = self;
        let archive = match self.from {
            From::Cache => format!("{HERE}/{file_name}"),
            From::Harbor(_) => format!("{CACHE}/{file_name}"),
        };
        let probe = Probe {
            load_as: LoadAs::Synthetic,
            archive,
            digest: None,
            member: nif.member.clone(),
            tree: nif.scheme == NifScheme::ElixirMake,
            module: module.clone(),
            into: "/tmp/unpacked".to_owned(),
            calls: calls.to_vec(),
            code_paths: vec![ELIXIR.to_owned()],
        };
        let words = quoted(&probe.words(&format!("{HERE}/{PROGRAMS}/{}", probe::FILE)));
        let load = format!("{}exec {words}", variables(probe::environment()));
        match self.from {
            From::Cache => format!("{load}\n"),
            From::Harbor(_) => self.steps("prod", false, &load),
        }
    }

    /// The archive as the project's own module, compiled by mix, which finds or downloads it and holds it against the map.
    pub fn own_module(self, module: &ModuleName, calls: &[String]) -> String {
        let call = format!("{HERE}/{PROGRAMS}/call.exs");
        // What is downloaded is what a user has, and that is the package as it is packed.
        let is_whole = matches!(self.from, From::Cache);
        self.steps("prod", is_whole, &format!("exec {}", quoted(&consumer::call_words(&call, module, calls))))
    }

    /// The package's own tests on the archive.
    pub fn tests(self, command: &str) -> String {
        self.steps("test", true, command)
    }

    /// The package is compiled, all of its project or what users get of it, then `last` is run in its folder.
    fn steps(self, mix_env: &str, is_whole: bool, last: &str) -> String {
        let Self { file_name, nif, .. } = self;
        let (programs, dependencies) = (format!("{HERE}/{PROGRAMS}"), format!("{HERE}/{DEPENDENCIES}"));
        let cached = match self.from {
            From::Cache => format!("cp '{HERE}/{file_name}' {CACHE}/"),
            From::Harbor(_) => String::new(),
        };
        let gateway = match self.from {
            From::Harbor(url) if self.by_library => Some(consumer::Gateway { programs: &programs, url, folder: "/tmp/gateway" }),
            From::Harbor(_) | From::Cache => None,
        };
        let lines = [
            // What a step before left is none of this one's.
            format!("rm -rf /tmp/cache /tmp/libraries /tmp/package {COMPILED_DEPENDENCIES} /tmp/home /tmp/gateway {REBAR}.said"),
            format!("mkdir -p {CACHE}"),
            consumer::crypto_words(&programs, "/tmp/libraries"),
            consumer::rebar_words(REBAR, "/tmp/libraries"),
            format!(
                "test ! -d '{dependencies}' || {{ cp -R '{dependencies}' {COMPILED_DEPENDENCIES} && chmod -R u+w {COMPILED_DEPENDENCIES}; }}"
            ),
            format!("cp -R '{HERE}/{PACKAGE}' /tmp/package"),
            if is_whole { format!("test ! -e '{HERE}/{UNPACKED}' || cp -R '{HERE}/{UNPACKED}/.' /tmp/package") } else { String::new() },
            format!("chmod -R u+w /tmp/package && cp '{HERE}/'checksum*.exs /tmp/package/"),
            cached,
            self.consumer(&programs),
            gateway.map(consumer::Gateway::open).unwrap_or_default(),
            "cd /tmp/package".to_owned(),
            consumer::compiling(REBAR),
            gateway.map(consumer::Gateway::close).unwrap_or_default(),
            last.to_owned(),
        ];
        let lines = lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        format!("# the application is {}\n{}{lines}\n", nif.app, variables(self.environment(&programs, mix_env)))
    }

    fn environment(self, programs: &str, mix_env: &str) -> Vec<(String, String)> {
        let nif = self.nif;
        let places = consumer::Places {
            offline_mix: &format!("{programs}/offline_mix.exs"),
            libraries: "/tmp/libraries",
            cache: CACHE,
            dependencies: COMPILED_DEPENDENCIES,
            rebar: REBAR,
            home: "/tmp/home",
        };
        let source = match self.from {
            From::Harbor(url) if !self.by_library => consumer::Source::Download(url),
            From::Harbor(_) | From::Cache => consumer::Source::AsWritten,
        };
        let mut environment = consumer::environment(&places, source, mix_env);
        if nif.scheme == NifScheme::RustlerPrecompiled {
            environment.push((consumer::VARIANT.to_owned(), nif.variant.clone().unwrap_or_default()));
        }
        if !nif.offered.is_empty() {
            environment.push((consumer::VERSION.to_owned(), nif.version.to_string()));
        }
        if !self.by_library {
            environment.push((consumer::STAND_IN.to_owned(), consumer::stands_in_for(nif.scheme).to_owned()));
        }
        environment
    }

    /// Our own consumer, compiled; of the library it is only told that it is used: mix compiles it with the package.
    fn consumer(self, programs: &str) -> String {
        let scheme = self.nif.scheme;
        let library = consumer::stands_in_for(scheme);
        if self.by_library {
            return told("consumer", library);
        }
        let ebin = format!("/tmp/libraries/{library}/ebin");
        let compile = quoted(&consumer::library_words(scheme, programs, &ebin));
        let resource = quoted(&[consumer::library_resource(scheme)]);
        let told = told("consumer", &format!("stand-in for {library}"));
        format!("{told}\nmkdir -p {ebin}\n{compile}\nprintf %s {resource} >{ebin}/{library}.app")
    }
}

/// Words that tell a fact as the programs do; neither part has a character that JSON or a shell would take otherwise.
fn told(fact: &str, value: &str) -> String {
    format!("echo '{}{{\"fact\":\"{fact}\",\"value\":\"{value}\"}}'", super::report::MARK)
}

fn variables(list: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> String {
    list.into_iter().map(|(name, value)| format!("export {}={}\n", name.into(), quoted(&[value.into()]))).collect()
}

/// Words as a shell reads them.
fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn nif() -> NifPlan {
        NifPlan {
            scheme: NifScheme::RustlerPrecompiled,
            variant: None,
            library: None,
            offered: Vec::new(),
            module: "A.B".to_owned(),
            crate_name: "a".to_owned(),
            app: "a".to_owned(),
            version: plimsoll_model::NifVersion::new(2, 15),
            requires_elixir: None,
            member: "liba.so".to_owned(),
            load: Vec::new(),
            files: None,
        }
    }

    fn way<'a>(file_name: &'a str, nif: &'a NifPlan) -> Way<'a> {
        Way { file_name, nif, from: From::Cache, by_library: false }
    }

    #[test]
    fn scripts_name_the_archive_and_quote_what_the_project_says() {
        let nif = nif();
        let module = "A.B".parse().unwrap();
        let calls = ["f('x') == \"y\"".to_owned()];
        let plain = way("liba.so.tar.gz", &nif);
        let weak = plain.synthetic(&module, &calls);
        assert!(weak.contains("'--archive' '/opt/plimsoll probe/liba.so.tar.gz'") && weak.contains("'f('\\''x'\\'') == \"y\"'"), "{weak}");
        let tested = plain.tests("mix test");
        assert!(tested.contains("export MIX_ENV='test'") && tested.ends_with("\nmix test\n"), "{tested}");
        assert!(tested.contains("export PLIMSOLL_NIF_VARIANT=''\n"), "{tested}");
        assert!(tested.contains("/unpacked/.' /tmp/package"), "{tested}");
        let varied = NifPlan { variant: Some("avx2".to_owned()), ..nif.clone() };
        let ours = way("liba--avx2.so.tar.gz", &varied).own_module(&module, &calls);
        assert!(ours.contains("export PLIMSOLL_NIF_VARIANT='avx2'\nexport PLIMSOLL_NIF_STAND_IN='rustler_precompiled'\n"), "{ours}");
        let older = NifPlan { offered: vec![nif.version, plimsoll_model::NifVersion::new(2, 16)], ..nif.clone() };
        assert!(way("liba.so.tar.gz", &older).own_module(&module, &calls).contains("export PLIMSOLL_NIF_VERSION='2.15'\n"));
        let make = NifPlan { scheme: NifScheme::ElixirMake, member: "a.so".to_owned(), ..nif.clone() };
        let made = way("a-nif-2.15-x86_64-linux-gnu-1.0.0.tar.gz", &make).own_module(&module, &calls);
        assert!(made.contains("/elixir_make.ex'") && !made.contains("VARIANT"), "{made}");
        let made = way("a.tar.gz", &make).synthetic(&module, &calls);
        assert!(made.contains("'--member' 'a.so'") && made.contains("'--tree' 'yes'"), "{made}");
        let own = plain.own_module(&module, &calls);
        assert!(own.contains("cp '/opt/plimsoll probe/liba.so.tar.gz' /tmp/cache/") && own.contains("'A.B'"), "{own}");
    }

    #[test]
    fn a_stand_in_is_compiled_and_called_so_and_the_library_is_left_to_mix() {
        let nif = nif();
        let module = "A.B".parse().unwrap();
        let ours = way("liba.so.tar.gz", &nif).own_module(&module, &[]);
        assert!(ours.contains("\"value\":\"stand-in for rustler_precompiled\"") && ours.contains("'elixirc'"), "{ours}");
        let theirs = Way { by_library: true, ..way("liba.so.tar.gz", &nif) }.own_module(&module, &[]);
        assert!(!theirs.contains("stand-in") && !theirs.contains("elixirc") && !theirs.contains("STAND_IN"), "{theirs}");
        assert!(!theirs.contains("gateway.escript"), "{theirs}");
    }

    #[test]
    fn from_the_harbor_nothing_comes_out_of_the_store() {
        let nif = nif();
        let module = "A.B".parse().unwrap();
        for by_library in [false, true] {
            let way = Way { from: From::Harbor("http://127.0.0.1:7/a/1.0.0"), by_library, ..way("liba.so.tar.gz", &nif) };
            for script in [way.synthetic(&module, &[]), way.own_module(&module, &[]), way.tests("mix test")] {
                assert!(!script.contains(&format!("{HERE}/liba.so.tar.gz")), "{script}");
                assert_eq!(script.contains("export PLIMSOLL_NIF_BASE_URL='http://127.0.0.1:7/a/1.0.0'"), !by_library, "{script}");
                assert_eq!(script.contains("gateway.escript' 'http://127.0.0.1:7/a/1.0.0'"), by_library, "{script}");
            }
            // A user has no tests, and tests need all of the project.
            assert!(!way.own_module(&module, &[]).contains("/unpacked") && way.tests("mix test").contains("/unpacked"));
            assert!(way.synthetic(&module, &[]).contains("'--archive' '/tmp/cache/liba.so.tar.gz'"));
        }
    }
}
