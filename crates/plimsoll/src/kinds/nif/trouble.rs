//! Why a library is not proven to load: each way of failing under a name of its own, with what to do about it.

use plimsoll_model::{Class, Failure, NifVersion};

use super::compile_error;
use super::report::{End, Report};

/// A library that was not loaded, or not as the project wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The archive's bytes are not those of its digest.
    Checksum(String),
    /// The archive cannot be unpacked.
    Archive(String),
    /// The archive holds something else than the one file that is looked for.
    Member(String),
    /// The library is for another processor or system.
    Machine(String),
    /// The loader cannot load it.
    Library(String),
    /// It needs a symbol that is nowhere.
    Symbol(String),
    /// It has no `nif_init`.
    NoWayIn(String),
    /// Its entry makes no sense.
    Entry(String),
    /// Its entry names another module.
    Module {
        /// The module in the entry.
        found: String,
        /// The project's.
        expected: String,
    },
    /// The same, in the BEAM's words.
    ModuleRefused(String),
    /// Its entry asks for another NIF version than its file name says.
    Version {
        /// The entry's.
        found: NifVersion,
        /// The file name's.
        shipped_for: NifVersion,
    },
    /// The BEAM is older than what the entry asks for.
    VersionRefused(String),
    /// It implements a function that the module does not have.
    Function(String),
    /// Its load function said no.
    Load(String),
    /// It panicked, and the panic was caught.
    Panicked(String),
    /// The module's `on_load` ended otherwise.
    OnLoad(String),
    /// There is no such compiled module.
    ModuleMissing(String),
    /// It called a function of the BEAM before it was asked to do anything.
    CalledEarly(String),
    /// The project's own call did not hold.
    Call(String),
    /// The download failed.
    Download(String),
    /// The checksum map cannot be read, or does not have the file.
    Map(String),
    /// This machine's target is not among those offered.
    NoTarget(String),
    /// The build from source failed.
    Build(String),
    /// The package around it does not compile.
    NotCompiled(String),
    /// A dependency of the package does not compile.
    Dependency(String),
    /// It ended the program that loaded it.
    Crashed {
        /// The step that was begun last.
        stage: String,
        /// The signal's name.
        signal: String,
        /// Words of a panic, where there was one.
        said: Option<String>,
    },
    /// It did not come back in time.
    Hung {
        /// The step that was begun last.
        stage: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The program ended without a word about how it went.
    Silent {
        /// Its exit status.
        status: i32,
        /// The last line of its standard error.
        said: String,
    },
}

/// What a run amounts to. A report that says `passed` counts only if the program also ended well.
///
/// # Errors
/// The one thing that went wrong, the most telling where several did.
pub fn judge(report: &Report, end: &End, stderr: &str) -> Result<(), Trouble> {
    let panic = panic_of(stderr);
    match (end, &report.failed) {
        (End::TimedOut(seconds), _) => Err(Trouble::Hung { stage: report.stage().to_owned(), seconds: *seconds }),
        (End::Signal(signal), _) => Err(Trouble::Crashed { stage: report.stage().to_owned(), signal: signal.clone(), said: panic }),
        (End::Exited(_), Some((code, said))) => Err(told(code, said, panic, stderr)),
        (End::Exited(0), None) if report.passed => Ok(()),
        (End::Exited(status), None) => Err(match compile_error::told(stderr) {
            Some(said) => Trouble::NotCompiled(said),
            None => Trouble::Silent { status: *status, said: last_line(stderr) },
        }),
    }
}

/// The codes that the programs use.
fn told(code: &str, said: &str, panic: Option<String>, stderr: &str) -> Trouble {
    let said = said.to_owned();
    match (code, panic) {
        ("load" | "on-load", Some(panic)) => Trouble::Panicked(panic),
        ("checksum", _) => Trouble::Checksum(said),
        ("archive", _) => Trouble::Archive(said),
        ("member", _) => Trouble::Member(said),
        ("machine", _) => Trouble::Machine(said),
        ("library" | "bad-library", _) => Trouble::Library(said),
        ("symbol", _) => Trouble::Symbol(said),
        ("no-way-in", _) => Trouble::NoWayIn(said),
        ("entry", _) => Trouble::Entry(said),
        ("module", _) => Trouble::ModuleRefused(said),
        ("version", _) => Trouble::VersionRefused(said),
        ("function", _) => Trouble::Function(said),
        ("load", _) => Trouble::Load(said),
        ("on-load", _) => Trouble::OnLoad(said),
        ("module-missing", _) => Trouble::ModuleMissing(said),
        ("called-early", _) => Trouble::CalledEarly(said),
        ("call", _) => Trouble::Call(said),
        ("download", _) => Trouble::Download(said),
        ("map", _) => Trouble::Map(said),
        ("no-target", _) => Trouble::NoTarget(said),
        ("build", _) => Trouble::Build(said),
        ("dependency", _) => Trouble::Dependency(said),
        (other, _) => Trouble::Silent { status: 1, said: format!("{other}: {said} {}", last_line(stderr)) },
    }
}

/// Rust's words about a panic: where it was, and its message on the line below.
fn panic_of(stderr: &str) -> Option<String> {
    let mut lines = stderr.lines().skip_while(|line| !line.contains("panicked at"));
    let place = lines.next()?;
    let message = lines.next().filter(|line| !line.starts_with("note:")).unwrap_or_default();
    Some(format!("{} {}", place.trim(), message.trim()).trim().chars().take(400).collect())
}

fn last_line(text: &str) -> String {
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().chars().take(400).collect()
}

impl Trouble {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Checksum(_) => "nif-checksum",
            Self::Archive(_) => "nif-archive",
            Self::Member(_) => "nif-member",
            Self::Machine(_) => "nif-machine",
            Self::Library(_) => "nif-library",
            Self::Symbol(_) => "nif-symbol",
            Self::NoWayIn(_) => "no-nif-init",
            Self::Entry(_) => "nif-entry",
            Self::Module { .. } | Self::ModuleRefused(_) => "nif-module",
            Self::Version { .. } | Self::VersionRefused(_) => "nif-version",
            Self::Function(_) => "nif-function",
            Self::Load(_) => "nif-load",
            Self::Panicked(_) => "nif-panicked",
            Self::OnLoad(_) => "nif-on-load",
            Self::ModuleMissing(_) => "nif-module-missing",
            Self::CalledEarly(_) => "nif-called-early",
            Self::Call(_) => "nif-call",
            Self::Download(_) => "nif-download",
            Self::Map(_) => "nif-checksum-map",
            Self::NoTarget(_) => "nif-no-target",
            Self::Build(_) => "nif-source-build",
            Self::NotCompiled(_) => "nif-not-compiled",
            Self::Dependency(_) => "nif-dependency",
            Self::Crashed { .. } => "nif-crashed",
            Self::Hung { .. } => "nif-hung",
            Self::Silent { .. } => "nif-silent",
        }
    }

    /// What happened, as a fragment, and the words of others about it.
    fn told(&self) -> (String, Option<&str>) {
        let plain = |text: &str| text.to_owned();
        match self {
            Self::Checksum(said) => (plain("the bytes are not those of the checksum"), Some(said)),
            Self::Archive(said) => (plain("the archive cannot be unpacked"), Some(said)),
            Self::Member(said) => (plain("the archive does not hold the library where it is looked for"), Some(said)),
            Self::Machine(said) => (plain("the library is for another machine than its file name says"), Some(said)),
            Self::Library(said) => (plain("the loader does not take the library"), Some(said)),
            Self::Symbol(said) => (plain("the library needs a symbol that nobody has"), Some(said)),
            Self::NoWayIn(said) => (plain("the library exports no `nif_init`"), Some(said)),
            Self::Entry(said) => (plain("the library's entry makes no sense"), Some(said)),
            Self::Module { found, expected } => (format!("the library is for the module {found}, and the project's is {expected}"), None),
            Self::ModuleRefused(said) => (plain("the library is for another module"), Some(said)),
            Self::Version { found, shipped_for } => {
                (format!("the library asks for NIF {found}, and its file name says {shipped_for}"), None)
            }
            Self::VersionRefused(said) => (plain("the BEAM is older than the library asks for"), Some(said)),
            Self::Function(said) => (plain("the library implements a function that the module does not have"), Some(said)),
            Self::Load(said) => (plain("the library's load function refused"), Some(said)),
            Self::Panicked(said) => (plain("the library panicked while it was loaded"), Some(said)),
            Self::OnLoad(said) => (plain("the module's on_load function failed"), Some(said)),
            Self::ModuleMissing(said) => (plain("there is no such compiled module"), Some(said)),
            Self::CalledEarly(said) => (format!("the library called {said} before it was asked to do anything"), None),
            Self::Call(said) => (plain("the project's own call did not hold"), Some(said)),
            Self::Download(said) => (plain("the archive could not be downloaded"), Some(said)),
            Self::Map(said) => (plain("the checksum map does not vouch for the archive"), Some(said)),
            Self::NoTarget(said) => (plain("nothing is offered for this machine"), Some(said)),
            Self::Build(said) => (plain("the library could not be built from the package's sources"), Some(said)),
            Self::NotCompiled(said) => (plain("the package does not compile"), Some(said)),
            Self::Dependency(said) => (plain("a dependency of the package could not be compiled"), Some(said)),
            Self::Crashed { stage, signal, said } => {
                (format!("ended the program that loaded it by {signal}, {}", while_at(stage)), said.as_deref())
            }
            Self::Hung { stage, seconds } => (format!("did not come back within {seconds} s, {}", while_at(stage)), None),
            Self::Silent { status, said } => {
                (format!("the program that loads it ended with status {status} and did not say how it went"), Some(said))
            }
        }
    }

    /// What to do about it; empty where the words of others say it all.
    fn hint(&self) -> &'static str {
        match self {
            Self::Module { found, expected } if found.eq_ignore_ascii_case(expected) => {
                "case counts: write the module alike in `rustler::init!` and in Elixir"
            }
            Self::Module { .. } | Self::ModuleRefused(_) => "name the module that loads it in `rustler::init!(\"Elixir.…\")`",
            Self::Version { .. } => "turn on the crate's feature for that NIF version alone; default features may turn on another",
            Self::VersionRefused(_) => "build for an older NIF version, or list the newer one in `nif_versions`",
            Self::Function(_) => "give the module a function of that name and arity, or take it out of the crate",
            Self::Panicked(_) | Self::Load(_) => "look at the function given to `rustler::init!` as `load`",
            Self::NoWayIn(_) => "clean the target folder: an object compiled as a dependency lacks it",
            Self::Archive(_) | Self::Checksum(_) => "the file is damaged: make it again, under a new version if it was published",
            Self::Machine(_) => "it was built for another target: see the build's target folder",
            Self::Crashed { stage, .. } if stage == "call" => {
                "a function of the library ended the VM; it must not abort, and must not be cut off"
            }
            Self::Crashed { .. } => "a library that is cut off ends by SIGBUS; one that aborts must return an error instead",
            Self::Hung { .. } => "look for a lock or a wait in `nif_init`, in constructors and in the load function",
            Self::Download(_) => "see `base_url`, and that the release is public",
            Self::Map(_) => "run `plimsoll nif checksum` and commit what it writes",
            Self::NoTarget(_) => "add the target to `targets:`, or let users build from source",
            Self::Build(_) => "see that the package's `files:` has the crate, its Cargo.lock and its .cargo/config.toml",
            Self::Dependency(_) => "see what `mix deps.compile` says of it on this machine",
            Self::CalledEarly(_) => "call the BEAM in the load function, not in constructors and not in `nif_init`",
            Self::Member(_) | Self::Library(_) | Self::Symbol(_) | Self::Entry(_) | Self::OnLoad(_) => "",
            Self::ModuleMissing(_) | Self::NotCompiled(_) | Self::Call(_) | Self::Silent { .. } => "",
        }
    }

    /// As a failure, about whatever the caller says.
    pub fn failure(&self) -> Failure {
        let (message, said) = self.told();
        let failure = Failure::new(Class::NotProven, self.code(), message);
        let failure = match said.filter(|said| !said.is_empty()) {
            Some(said) => failure.cause("said", said),
            None => failure,
        };
        if self.hint().is_empty() { failure } else { failure.hint(self.hint()) }
    }
}

/// Steps of the programs, in words.
fn while_at(stage: &str) -> String {
    let doing = match stage {
        "start" => "before its first step",
        "checksum" => "while its checksum was taken",
        "unpack" => "while it was unpacked",
        "machine" => "while its header was read",
        "open" => "while the loader opened it",
        "init" => "in `nif_init`",
        "entry" => "while its entry was read",
        "load" => "while the BEAM loaded it",
        "call" => "in the project's own call",
        "download" => "while it was downloaded",
        "build" => "while it was built from source",
        other => return format!("in the step `{other}`"),
    };
    doing.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_as(stdout: &str, end: End, stderr: &str) -> String {
        let failure = judge(&Report::read(stdout), &end, stderr).unwrap_err().failure();
        let said = failure.causes.iter().map(|cause| format!(" | {}: {}", cause.label, cause.text)).collect::<String>();
        format!("[{}] {}{said}", failure.code, failure.message)
    }

    #[test]
    fn passing_needs_the_word_and_the_end() {
        let passed = Report::read("plimsoll-nif: {\"passed\":true}");
        assert_eq!(judge(&passed, &End::Exited(0), ""), Ok(()));
        assert!(judge(&passed, &End::Exited(1), "").is_err());
        assert!(judge(&passed, &End::Signal("SIGSEGV".to_owned()), "").is_err());
        assert!(judge(&Report::default(), &End::Exited(0), "").is_err());
        let both = Report::read("plimsoll-nif: {\"failed\":\"call\",\"said\":\"no\"}\nplimsoll-nif: {\"passed\":true}");
        assert!(judge(&both, &End::Exited(0), "").is_err());
    }

    #[test]
    fn each_way_of_failing_is_told_apart() {
        let load = "plimsoll-nif: {\"stage\":\"load\"}\n";
        let failed = |code: &str| format!("{load}plimsoll-nif: {{\"failed\":\"{code}\",\"said\":\"words\"}}");
        let panic = "thread '<unnamed>' panicked at src/lib.rs:3:5:\nno counters today\nnote: run with\n";
        insta::assert_snapshot!([
            told_as(load, End::TimedOut(10), ""),
            told_as(load, End::Signal("SIGABRT".to_owned()), panic),
            told_as("plimsoll-nif: {\"stage\":\"open\"}", End::Signal("SIGBUS".to_owned()), ""),
            told_as(&failed("load"), End::Exited(1), panic),
            told_as(&failed("load"), End::Exited(1), ""),
            told_as("", End::Exited(127), "sh: escript: not found\n"),
            told_as(&failed("strange"), End::Exited(1), ""),
        ]
        .join("\n"), @r"
        [nif-hung] did not come back within 10 s, while the BEAM loaded it
        [nif-crashed] ended the program that loaded it by SIGABRT, while the BEAM loaded it | said: thread '<unnamed>' panicked at src/lib.rs:3:5: no counters today
        [nif-crashed] ended the program that loaded it by SIGBUS, while the loader opened it
        [nif-panicked] the library panicked while it was loaded | said: thread '<unnamed>' panicked at src/lib.rs:3:5: no counters today
        [nif-load] the library's load function refused | said: words
        [nif-silent] the program that loads it ended with status 127 and did not say how it went | said: sh: escript: not found
        [nif-silent] the program that loads it ended with status 1 and did not say how it went | said: strange: words 
        ");
    }

    #[test]
    fn every_code_of_the_programs_is_known() {
        let consumers = super::super::consumer::PROGRAMS.map(|(_, text)| text);
        let sources = consumers.into_iter().chain([super::super::probe::SOURCE]).collect::<Vec<_>>();
        let codes = [
            "checksum",
            "archive",
            "member",
            "machine",
            "library",
            "symbol",
            "no-way-in",
            "module",
            "version",
            "function",
            "load",
            "on-load",
            "module-missing",
            "call",
            "download",
            "map",
            "no-target",
            "build",
            "bad-library",
        ];
        for code in codes {
            let is_used = |text: &&str| {
                [format!("fail({code}"), format!("fail('{code}'"), format!("\"{code}\""), format!(" {code};"), format!(" '{code}'")]
                    .iter()
                    .any(|form| text.contains(form.as_str()))
            };
            assert!(sources.iter().any(is_used), "{code} is used by no program");
            let trouble = told(code, "words", None, "");
            assert!(!matches!(trouble, Trouble::Silent { .. }), "{code}");
        }
    }
}
