//! wine, in a root that holds it and what it needs and nothing else, with a fresh prefix for each probe.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Start, prefix};
use crate::roots::distribution::{self, DistributionRoot};
use crate::roots::recipe::Recipe;
use crate::roots::{Roots, Unavailable};
use crate::tools::launcher::Launch;
use crate::tools::tool::{at_least, version_in};

/// Programs of Rust 1.78 and later load `bcryptprimitives.dll`, which wine has from here on.
const NEEDED: &[u32] = &[8, 13];

pub(super) const WINE: &str = "/usr/lib/wine/wine64";
/// Debian keeps a library that wine's own need where only its launcher script looks; as Linux and as Windows name it.
const LIBRARIES: &str = "/usr/x86_64-w64-mingw32/lib";
const LIBRARIES_OF_WINDOWS: &str = "Z:\\usr\\x86_64-w64-mingw32\\lib";

/// The prefix, in the scratch folder that is `/tmp` in the root.
pub(in crate::roots) const PREFIX: &str = "/tmp/prefix";

/// A wine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wine {
    /// `10.0`.
    pub version: String,
    /// What it runs in.
    pub(in crate::roots) system: DistributionRoot,
    /// A prefix that was made for it.
    pub(in crate::roots) prefix: PathBuf,
}

impl Wine {
    /// Debian's newest, unpacked once into the store.
    pub(in crate::roots) fn find(roots: &Roots<'_>, on_line: &mut dyn FnMut(&str)) -> Result<Self, Unavailable> {
        let recipe = Recipe::wine().ok_or_else(|| Unavailable::Elsewhere("needs a Windows runner".to_owned()))?;
        let system = distribution::obtain(roots, &recipe, on_line).map_err(|reason| cannot_be_had(&reason))?;
        let version = version(roots, &system)?;
        let prefix = prefix::kept(roots, &system, on_line)?;
        Ok(Self { version, system, prefix })
    }

    /// The version of the one that was unpacked before, or why it does not start; none where there is none yet. Nothing is made.
    pub(in crate::roots) fn here(roots: &Roots<'_>) -> Option<Result<String, Unavailable>> {
        let system = distribution::kept(&roots.folder, &Recipe::wine()?)?;
        Some(version(roots, &system))
    }

    pub(super) fn start(&self) -> Start {
        Start { words: vec![WINE.into()], shell: Some("/bin/sh".into()), env: environment(), ..Start::default() }
    }

    pub(super) fn doubt(&self, said: &str) -> Option<String> {
        let lacks = said.contains("bcryptprimitives.dll") || said.contains("c0000135");
        (!at_least(&self.version, NEEDED) && lacks).then(|| {
            format!(
                "wine {} is too old for programs of Rust 1.78 and later: wine 8.13 has the bcryptprimitives.dll that they load",
                self.version
            )
        })
    }
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
    let mut layout = crate::roots::enter::Layout::of_distribution(system).map_err(|error| failed(error.to_string()))?;
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

    #[test]
    fn only_an_old_wine_is_doubted() {
        let wine = |version: &str| Wine {
            version: version.to_owned(),
            system: DistributionRoot::new(plimsoll_model::Digest::of(b""), None, "mmdebstrap 1".to_owned(), 0, "/r".into()),
            prefix: "/p".into(),
        };
        let said = "err:module:import_dll Library bcryptprimitives.dll (which is needed by L\"x.exe\") not found";
        assert!(wine("8.0").doubt(said).unwrap().starts_with("wine 8.0 is too old"));
        assert_eq!(wine("10.0").doubt(said), None);
        assert_eq!(wine("8.0").doubt("exit status 3"), None);
    }
}
