//! The probes that a plan requires of a NIF, as scripts of the root's own shell: the library is loaded by a BEAM as a module made of its own names
//! (the weaker record), and as the project's own compiled module, in the steps that a user's machine takes.
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
/// The project's files that its Elixir side is compiled from.
pub const PACKAGE: &str = "package";
/// The project's dependencies, fetched before.
pub const DEPENDENCIES: &str = "deps";
/// Elixir's own compiled code in Debian's package.
const ELIXIR: &str = "/usr/lib/elixir/lib/elixir/ebin";

/// The archive as a module that is made of what it offers.
pub fn synthetic(file_name: &str, nif: &NifPlan, module: &ModuleName, calls: &[String]) -> String {
    let probe = Probe {
        load_as: LoadAs::Synthetic,
        archive: format!("{HERE}/{file_name}"),
        digest: None,
        member: nif.member.clone(),
        tree: nif.scheme == NifScheme::ElixirMake,
        module: module.clone(),
        into: "/tmp/unpacked".to_owned(),
        calls: calls.to_vec(),
        code_paths: vec![ELIXIR.to_owned()],
    };
    format!("{}exec {}\n", variables(probe::environment()), quoted(&probe.words(&format!("{HERE}/{PROGRAMS}/{}", probe::FILE))))
}

/// The archive as the project's own module, compiled by mix with the archive in the cache of downloads.
pub fn own_module(file_name: &str, nif: &NifPlan, module: &ModuleName, calls: &[String]) -> String {
    consumer_script(Some(file_name), consumer::Source::AsWritten, nif, module, calls)
}

/// The package's own tests, on the archive in the cache of downloads.
pub fn tests(file_name: &str, nif: &NifPlan, command: &str) -> String {
    steps(Some(file_name), consumer::Source::AsWritten, nif, "test", command)
}

/// A user's day: the project's own module, compiled by mix, which downloads the archive from a registry and holds it against the map.
pub fn download(url: &str, nif: &NifPlan, module: &ModuleName, calls: &[String]) -> String {
    consumer_script(None, consumer::Source::Download(url), nif, module, calls)
}

fn consumer_script(cached: Option<&str>, source: consumer::Source<'_>, nif: &NifPlan, module: &ModuleName, calls: &[String]) -> String {
    let call = format!("{HERE}/{PROGRAMS}/call.exs");
    steps(cached, source, nif, "prod", &format!("exec {}", quoted(&consumer::call_words(&call, module, calls))))
}

/// Our consumer and the package are compiled, then `last` is run in the package's folder. Where the project has the library that our consumer stands
/// in for, and nothing is asked of it that only ours can do, it is compiled instead.
fn steps(cached: Option<&str>, source: consumer::Source<'_>, nif: &NifPlan, mix_env: &str, last: &str) -> String {
    let programs = format!("{HERE}/{PROGRAMS}");
    let dependencies = format!("{HERE}/{DEPENDENCIES}");
    let places = consumer::Places {
        offline_mix: &format!("{programs}/offline_mix.exs"),
        libraries: "/tmp/libraries",
        cache: "/tmp/cache",
        dependencies: &dependencies,
        home: "/tmp/home",
    };
    let library = consumer::stands_in_for(nif.scheme);
    let ebin = format!("/tmp/libraries/{library}/ebin");
    let mut environment = consumer::environment(&places, source, mix_env);
    if nif.scheme == NifScheme::RustlerPrecompiled {
        environment.push((consumer::VARIANT.to_owned(), nif.variant.clone().unwrap_or_default()));
    }
    if !nif.offered.is_empty() {
        environment.push((consumer::VERSION.to_owned(), nif.version.to_string()));
    }
    // The library itself takes a URL from the module alone, a variant from the module's functions, and the NIF version from the VM.
    let only_ours = matches!(source, consumer::Source::Download(_)) || nif.variant.is_some() || !nif.offered.is_empty();
    if only_ours {
        environment.push((consumer::STAND_IN.to_owned(), library.to_owned()));
    }
    let condition = if only_ours { String::new() } else { format!("test -d '{dependencies}/{library}' || ") };
    let resource = consumer::library_resource(nif.scheme);
    let compile = quoted(&consumer::library_words(nif.scheme, &programs, &ebin));
    let lines = [
        // What a step before left is none of this one's.
        "rm -rf /tmp/cache /tmp/libraries /tmp/package /tmp/home".to_owned(),
        "mkdir -p /tmp/cache".to_owned(),
        consumer::crypto_words(&programs, "/tmp/libraries"),
        format!("cp -R '{HERE}/{PACKAGE}' /tmp/package"),
        format!("chmod -R u+w /tmp/package && cp '{HERE}/'checksum*.exs /tmp/package/"),
        cached.map(|file_name| format!("cp '{HERE}/{file_name}' /tmp/cache/")).unwrap_or_default(),
        format!("{condition}{{ mkdir -p {ebin}; {compile}; printf %s {} >{ebin}/{library}.app; }}", quoted(&[resource])),
        "cd /tmp/package".to_owned(),
        quoted(&consumer::compile_words()),
        last.to_owned(),
    ];
    let app = format!("# the application is {}\n", nif.app);
    format!("{app}{}{}\n", variables(environment), lines.join("\n"))
}

fn variables(list: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> String {
    list.into_iter().map(|(name, value)| format!("export {}={}\n", name.into(), quoted(&[value.into()]))).collect()
}

/// Words as a shell reads them.
fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_name_the_archive_and_quote_what_the_project_says() {
        let nif = NifPlan {
            scheme: NifScheme::RustlerPrecompiled,
            variant: None,
            library: None,
            offered: Vec::new(),
            module: "A.B".to_owned(),
            crate_name: "a".to_owned(),
            app: "a".to_owned(),
            version: plimsoll_model::NifVersion::new(2, 15),
            member: "liba.so".to_owned(),
            load: Vec::new(),
            elixir: vec!["mix.exs".to_owned()],
        };
        let module = "A.B".parse().unwrap();
        let calls = ["f('x') == \"y\"".to_owned()];
        let weak = synthetic("liba.so.tar.gz", &nif, &module, &calls);
        assert!(weak.contains("'--archive' '/opt/plimsoll probe/liba.so.tar.gz'") && weak.contains("'f('\\''x'\\'') == \"y\"'"), "{weak}");
        let tested = tests("liba.so.tar.gz", &nif, "mix test");
        assert!(tested.contains("export MIX_ENV='test'") && tested.ends_with("\nmix test\n"), "{tested}");
        assert!(
            tested.contains("export PLIMSOLL_NIF_VARIANT=''\n")
                && tested.contains("test -d '/opt/plimsoll probe/deps/rustler_precompiled' || {"),
            "{tested}"
        );
        let varied = NifPlan { variant: Some("avx2".to_owned()), ..nif.clone() };
        let ours = own_module("liba--avx2.so.tar.gz", &varied, &module, &calls);
        assert!(ours.contains("export PLIMSOLL_NIF_VARIANT='avx2'\nexport PLIMSOLL_NIF_STAND_IN='rustler_precompiled'\n"), "{ours}");
        let older = NifPlan { offered: vec![nif.version, plimsoll_model::NifVersion::new(2, 16)], ..nif.clone() };
        assert!(own_module("liba.so.tar.gz", &older, &module, &calls).contains("export PLIMSOLL_NIF_VERSION='2.15'\n"));
        let make = NifPlan { scheme: NifScheme::ElixirMake, member: "a.so".to_owned(), ..nif.clone() };
        let made = own_module("a-nif-2.15-x86_64-linux-gnu-1.0.0.tar.gz", &make, &module, &calls);
        assert!(made.contains("/elixir_make.ex'") && !made.contains("VARIANT"), "{made}");
        assert!(
            synthetic("a.tar.gz", &make, &module, &calls).contains("'--member' 'a.so'")
                && synthetic("a.tar.gz", &make, &module, &calls).contains("'--tree' 'yes'")
        );
        let own = own_module("liba.so.tar.gz", &nif, &module, &calls);
        assert!(own.contains("cp '/opt/plimsoll probe/liba.so.tar.gz' /tmp/cache/") && own.contains("'A.B'"), "{own}");
    }
}
