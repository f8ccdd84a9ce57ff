//! wine, in a root that holds it and what it needs and nothing else, with a fresh prefix for each probe.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Start, prefix};
use crate::distribution::{self, DistributionRoot};
use crate::recipe::Recipe;
use crate::verdict::missing_libraries;
use crate::{Roots, Unavailable};
use plimsoll_exec::launcher::Launch;
use plimsoll_exec::tool::{at_least, version_in};

/// Programs of Rust 1.78 and later load this one, which wine has from here on.
const NEEDED_LIBRARY: &str = "bcryptprimitives.dll";
const NEEDED: &[u32] = &[8, 13];

pub(super) const WINE: &str = "/usr/lib/wine/wine64";
/// Debian keeps a library that wine's own need where only its launcher script looks; as Linux and as Windows name it.
const LIBRARIES: &str = "/usr/x86_64-w64-mingw32/lib";
const LIBRARIES_OF_WINDOWS: &str = "Z:\\usr\\x86_64-w64-mingw32\\lib";

/// The prefix, in the scratch folder that is `/tmp` in the root.
pub(crate) const PREFIX: &str = "/tmp/prefix";

/// A wine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wine {
    /// `10.0`.
    pub version: String,
    /// What it runs in.
    pub(crate) system: DistributionRoot,
    /// A prefix that was made for it.
    pub(crate) prefix: PathBuf,
}

impl Wine {
    /// Debian's newest, unpacked once into the store.
    pub(crate) fn find(roots: &Roots<'_>, on_line: &mut dyn FnMut(&str)) -> Result<Self, Unavailable> {
        let recipe = Recipe::wine().ok_or_else(|| Unavailable::Elsewhere("needs a Windows runner".to_owned()))?;
        let system = distribution::obtain(roots, &recipe, on_line).map_err(|reason| cannot_be_had(&reason))?;
        let version = version(roots, &system)?;
        let prefix = prefix::kept(roots, &system, on_line)?;
        Ok(Self { version, system, prefix })
    }

    /// The version of the one that was unpacked before, or why it does not start; none where there is none yet. Nothing is made.
    pub(crate) fn here(roots: &Roots<'_>) -> Option<Result<String, Unavailable>> {
        let system = distribution::kept(&roots.folder, &Recipe::wine()?)?;
        Some(version(roots, &system))
    }

    pub(super) fn start(&self) -> Start {
        Start { words: vec![WINE.into()], shell: Some("/bin/sh".into()), env: environment(), ..Start::default() }
    }

    pub(super) fn doubt(&self, said: &str) -> Option<String> {
        (!at_least(&self.version, NEEDED) && lacks_only(said, NEEDED_LIBRARY)).then(|| {
            format!(
                "wine {} is too old for programs of Rust 1.78 and later: wine 8.13 has the {NEEDED_LIBRARY} that they load",
                self.version
            )
        })
    }
}

/// Whether a library is missing, and no other is. wine says "not found" of a library that is there and could not be loaded for want of
/// another, too; that one is told as the needer of what it lacks.
fn lacks_only(said: &str, library: &str) -> bool {
    let needs = |line: &str| {
        let (_, needer) = line.split_once("err:module:import_dll Library ")?.1.split_once(" (which is needed by L\"")?;
        let path = needer.split_once("\")")?.0;
        path.rsplit(['\\', '/']).next().map(str::to_lowercase)
    };
    let needers = said.lines().filter_map(needs).collect::<Vec<_>>();
    let mut missing = missing_libraries(said).map(str::to_lowercase).filter(|name| !needers.contains(name)).peekable();
    missing.peek().is_some() && missing.all(|name| name == library)
}

/// Without a network, or without mmdebstrap, there is no wine here; a Windows machine does without either.
fn cannot_be_had(reason: &Unavailable) -> Unavailable {
    Unavailable::Elsewhere(format!("needs a Windows runner, or wine, which cannot be had here: {reason}"))
}

/// What every program under wine is given.
pub(super) fn environment() -> Vec<(&'static str, String)> {
    let env = [
        ("WINEPREFIX", PREFIX),
        ("WINEDLLPATH", LIBRARIES),
        ("WINEPATH", LIBRARIES_OF_WINDOWS),
        // A missing library is named by wine's loader alone.
        ("WINEDEBUG", "-all,err+module"),
        // Neither .NET nor a browser is offered for download.
        ("WINEDLLOVERRIDES", "mscoree=;mshtml="),
    ];
    env.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

/// What wine says of itself, inside of its root.
fn version(roots: &Roots<'_>, system: &DistributionRoot) -> Result<String, Unavailable> {
    let isolation = roots.isolation()?;
    let failed = |reason: String| Unavailable::Failed(format!("the wine that was unpacked does not start: {reason}"));
    let mut layout = crate::enter::Layout::of_distribution(system).map_err(|error| failed(error.to_string()))?;
    // Without a home it crashes before it says anything.
    layout.set_env([(&"HOME".to_owned(), &"/tmp".to_owned())]);
    let mut words: Vec<OsString> = isolation.unsharing();
    words.extend(layout.words());
    words.extend(["--".into(), WINE.into(), "--version".into()]);
    let launch = Launch::new(&isolation.program, Path::new("/")).args(words).deadline(Duration::from_secs(60));
    let finished = roots.toolbox.launcher().output(&launch).map_err(|error| failed(error.to_string()))?;
    if !finished.succeeded() {
        return Err(failed(finished.stderr_text()));
    }
    version_in(&finished.stdout_text()).ok_or_else(|| failed(finished.stdout_text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_network_a_windows_program_is_a_gap() {
        let reason = cannot_be_had(&Unavailable::Failed("mmdebstrap 1.3 failed: E: no answer".to_owned()));
        assert!(
            matches!(reason, Unavailable::Elsewhere(text) if text.starts_with("needs a Windows runner") && text.ends_with("E: no answer"))
        );
    }

    fn wine(version: &str) -> Wine {
        Wine {
            version: version.to_owned(),
            system: DistributionRoot::new(plimsoll_model::Digest::of(b""), None, "mmdebstrap 1".to_owned(), 0, "/r".into()),
            prefix: "/p".into(),
        }
    }

    fn lacks(library: &str, needer: &str) -> String {
        format!("0024:err:module:import_dll Library {library} (which is needed by L\"Z:\\\\opt\\\\{needer}\") not found\n")
    }

    const END: &str = "0024:err:module:LdrInitializeThunk Importing dlls for L\"Z:\\\\opt\\\\x.exe\" failed, status c0000135\n";

    #[test]
    fn only_an_old_wine_is_doubted() {
        let said = lacks("bcryptprimitives.dll", "x.exe") + END;
        assert!(wine("8.0").doubt(&said).unwrap().starts_with("wine 8.0 is too old"));
        assert_eq!(wine("10.0").doubt(&said), None);
        assert_eq!(wine("8.0").doubt("exit status 3"), None);
    }

    #[test]
    fn an_old_wine_does_not_excuse_another_library() {
        let own = lacks("foo.dll", "x.exe");
        assert_eq!(wine("8.0").doubt(&(own.clone() + END)), None);
        assert_eq!(wine("8.0").doubt(&(lacks("bcryptprimitives.dll", "x.exe") + &own + END)), None);
        assert_eq!(wine("8.0").doubt(END), None, "nobody knows which one");
        assert_eq!(wine("8.0").doubt("cannot find bcryptprimitives.dll"), None, "the program's own words");
        let through_another = lacks("bcryptprimitives.dll", "Foo.dll") + &own + END;
        assert!(wine("8.0").doubt(&through_another).is_some(), "foo.dll is there, and lacks what wine lacks");
    }
}
