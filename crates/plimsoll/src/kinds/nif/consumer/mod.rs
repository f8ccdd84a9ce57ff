//! The consumer: what a user's machine does with a package, as words and environment of the Elixir programs beside this file.
//!
//! `rustler_precompiled.ex` and `elixir_make.ex` take the documented steps of the libraries of those names where the libraries themselves cannot be
//! had. Where the project has the library in its folder of dependencies, it is compiled from there, and everything else is the same: [`choice`]. It
//! downloads from the harbor by `gateway.escript`. `offline_mix.exs` lets mix work without a package index, and `call.exs` loads the compiled module and calls it, since a compile that passes shows nothing of that.

pub(crate) mod choice;
mod gateway;

use plimsoll_model::NifScheme;

use super::ModuleName;
pub use gateway::Gateway;

/// What our own consumers have in common.
pub const STEPS: &str = include_str!("steps.ex");

/// Our own consumer for packages that follow `rustler_precompiled`.
pub const LIBRARY: &str = include_str!("rustler_precompiled.ex");

/// Our own consumer for packages that follow `elixir_make`.
pub const MAKE_LIBRARY: &str = include_str!("elixir_make.ex");

/// The application that our own consumer stands in for, by scheme; its source is `{name}.ex`, to be compiled with the common steps by `elixirc` into
/// `{libraries}/{name}/ebin`.
pub const fn stands_in_for(scheme: NifScheme) -> &'static str {
    scheme.name()
}

/// What MIX_EXS is to name.
pub const OFFLINE_MIX: &str = include_str!("offline_mix.exs");

/// What `mix run` is given.
pub const CALL: &str = include_str!("call.exs");

/// The variable that names a variant, empty for the library that has none, in place of the functions that choose one.
pub const VARIANT: &str = "PLIMSOLL_NIF_VARIANT";

/// The variable that takes the place of the VM's own NIF version.
pub const VERSION: &str = "PLIMSOLL_NIF_VERSION";

/// The variable that names the library whose place our own consumer takes, even where the project has it.
pub const STAND_IN: &str = "PLIMSOLL_NIF_STAND_IN";

/// Where the library comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// Downloaded from this URL, which takes the place of the module's own; only our own consumer knows how.
    Download(&'a str),
    /// Downloaded from where the module says, or found in the cache that was filled before.
    AsWritten,
    /// Built from the package's own sources, by the variable that the project has for it (`X_BUILD`) or by the one for all.
    Build(Option<&'a str>),
}

/// Paths as the programs see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places<'a> {
    /// `offline_mix.exs`.
    pub offline_mix: &'a str,
    /// A folder with one folder an application, each with an `ebin`.
    pub libraries: &'a str,
    /// Where downloads are cached; empty at first, or filled by hand.
    pub cache: &'a str,
    /// The folder of dependencies that were fetched before; it may be missing.
    pub dependencies: &'a str,
    /// What mix compiles dependencies of Erlang with.
    pub rebar: &'a str,
    /// A home folder that is the run's own.
    pub home: &'a str,
}

/// The variables of a run. Everything else comes from the root: PATH, and what cargo needs where sources are built.
pub fn environment(places: &Places<'_>, source: Source<'_>, mix_env: &str) -> Vec<(String, String)> {
    let mut variables = vec![
        ("MIX_EXS", places.offline_mix.to_owned()),
        ("ERL_LIBS", places.libraries.to_owned()),
        ("RUSTLER_PRECOMPILED_GLOBAL_CACHE_PATH", places.cache.to_owned()),
        ("ELIXIR_MAKE_CACHE_DIR", places.cache.to_owned()),
        ("MIX_DEPS_PATH", places.dependencies.to_owned()),
        ("MIX_REBAR3", places.rebar.to_owned()),
        ("HOME", places.home.to_owned()),
        ("MIX_ENV", mix_env.to_owned()),
        ("MIX_QUIET", "1".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        ("ERL_CRASH_DUMP_BYTES", "0".to_owned()),
    ];
    match source {
        Source::Download(url) => variables.push(("PLIMSOLL_NIF_BASE_URL", url.to_owned())),
        Source::AsWritten => {}
        Source::Build(None) => variables.push(("RUSTLER_PRECOMPILED_FORCE_BUILD_ALL", "1".to_owned())),
        Source::Build(Some(variable)) => variables.push((variable, "1".to_owned())),
    }
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The application resource of our own consumer, which mix looks for beside the compiled modules.
pub fn library_resource(scheme: NifScheme) -> String {
    let app = stands_in_for(scheme);
    format!("{{application,{app},[{{vsn,\"0.0.0\"}},{{modules,[]}},{{registered,[]}},{{applications,[kernel,stdlib,elixir]}}]}}.\n")
}

/// Words that compile our own consumer into `ebin`, from its sources in `folder`.
pub fn library_words(scheme: NifScheme, folder: &str, ebin: &str) -> Vec<String> {
    let sources = [format!("{folder}/steps.ex"), format!("{folder}/{}.ex", stands_in_for(scheme))];
    ["elixirc", "-o", ebin].map(str::to_owned).into_iter().chain(sources).collect()
}

/// The programs by file name, for any scheme.
pub const PROGRAMS: [(&str, &str); 7] = [
    ("steps.ex", STEPS),
    ("rustler_precompiled.ex", LIBRARY),
    ("elixir_make.ex", MAKE_LIBRARY),
    ("offline_mix.exs", OFFLINE_MIX),
    ("call.exs", CALL),
    (Gateway::FILE, Gateway::SOURCE),
    ("crypto.erl", include_str!("crypto.erl")),
];

/// Words of a shell that compile what stands in for OTP's `crypto` into `libraries`, where a BEAM comes without it: mix needs it.
pub fn crypto_words(programs: &str, libraries: &str) -> String {
    let ebin = format!("{libraries}/crypto/ebin");
    let resource = "{application,crypto,[{vsn,\"0.0.0\"},{modules,[crypto]},{registered,[]},{applications,[kernel,stdlib]}]}.";
    format!(
        "ls -d /usr/lib/erlang/lib/crypto-* >/dev/null 2>&1 || \
         {{ mkdir -p {ebin}; erlc -o {ebin} '{programs}/crypto.erl'; echo '{resource}' >{ebin}/crypto.app; }}"
    )
}

/// Words of a shell that put a rebar3 at `place`, for mix: that of the root, with what stands in for applications of OTP, which mix keeps from it. What it says
/// lies beside it, because a quiet mix prints nothing of it.
pub fn rebar_words(place: &str, libraries: &str) -> String {
    format!("printf '#!/bin/sh\nERL_LIBS=%s exec /usr/bin/rebar3 \"$@\" >{place}.said 2>&1\n' '{libraries}' >{place} && chmod +x {place}")
}

/// Words of a shell that compile the package, as [`compile_words`], and if that fails tell what rebar3 said.
pub fn compiling(rebar: &str) -> String {
    let compile = compile_words().join(" ");
    format!("{compile} || {{ code=$?; test ! -e {rebar}.said || cat {rebar}.said; exit $code; }}")
}

/// Words that compile the package, in its folder: this is where the library is downloaded or built.
pub fn compile_words() -> Vec<String> {
    ["mix", "compile", "--force"].map(str::to_owned).to_vec()
}

/// Words that load the compiled module and call it, in the package's folder.
pub fn call_words(program: &str, module: &ModuleName, calls: &[String]) -> Vec<String> {
    let words = ["mix", "run", "--no-start", "--no-compile", program, module.as_str()];
    words.into_iter().map(str::to_owned).chain(calls.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_has_its_variable() {
        let places = Places { offline_mix: "/o", libraries: "/l", cache: "/c", dependencies: "/d", rebar: "/r", home: "/h" };
        let last = |source| environment(&places, source, "prod").pop().unwrap();
        assert_eq!(last(Source::Download("http://h/x")).0, "PLIMSOLL_NIF_BASE_URL");
        assert_eq!(last(Source::Build(None)), ("RUSTLER_PRECOMPILED_FORCE_BUILD_ALL".to_owned(), "1".to_owned()));
        assert_eq!(last(Source::Build(Some("X_BUILD"))), ("X_BUILD".to_owned(), "1".to_owned()));
        assert!(!environment(&places, Source::AsWritten, "test").iter().any(|(name, _)| name.contains("BUILD") || name.contains("URL")));
    }

    #[test]
    fn the_programs_and_their_words_agree() {
        assert!(LIBRARY.contains("PLIMSOLL_NIF_BASE_URL") && LIBRARY.contains("RUSTLER_PRECOMPILED_GLOBAL_CACHE_PATH"));
        assert!(MAKE_LIBRARY.contains("PLIMSOLL_NIF_BASE_URL") && MAKE_LIBRARY.contains("ELIXIR_MAKE_CACHE_DIR"));
        assert!(
            LIBRARY.contains(VARIANT) && STEPS.contains(VERSION) && OFFLINE_MIX.contains("MIX_DEPS_PATH") && OFFLINE_MIX.contains(STAND_IN)
        );
        for scheme in NifScheme::ALL {
            assert!(PROGRAMS.iter().any(|(name, _)| *name == format!("{}.ex", stands_in_for(scheme))));
        }
        for text in [STEPS, OFFLINE_MIX, Gateway::SOURCE] {
            assert!(text.contains(super::super::report::MARK));
        }
        let words = call_words("/call.exs", &"A.B".parse().unwrap(), &["f() == 1".to_owned()]);
        assert_eq!(words.join("|"), "mix|run|--no-start|--no-compile|/call.exs|A.B|f() == 1");
    }
}
