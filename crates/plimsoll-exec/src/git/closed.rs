//! Calls of git that start no program which the repository names.
//!
//! A repository's own configuration lies in the tree that somebody made, and names programs: for events (`core.fsmonitor`, hooks), for looking
//! at files (`filter.NAME.clean` and `process`), for signatures, for a transport that fetches a missing object. What a call could come to is
//! turned off here, one by one; `status` would run a filter, so each that is configured is taken away by name. Calls do not go into
//! submodules, whose configuration is their own: whoever wants to know of one asks there.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};

use crate::environment;
use crate::launcher::{Launch, Launcher};

/// Options of every call. Optional locks would let a read write into the repository, and run a hook; a folder of the tree that looks like a
/// repository is none.
const OPTIONS: [&str; 16] = [
    "--no-optional-locks",
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "log.showSignature=false",
    "-c",
    "safe.bareRepository=explicit",
    "-c",
    "submodule.recurse=false",
    "-c",
    "status.submoduleSummary=false",
    "-c",
    "core.sshCommand=false",
];

/// Variables that decide which configuration git reads, and whom it takes for the owner of a repository (`SUDO_UID`).
const INHERITED: &[&str] = &["PATH", "HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "SUDO_UID"];

/// Failures are told apart by git's words, so these must not be translated. A missing object must not start a transport: older gits know only
/// the second way to say so.
const VARIABLES: [(&str, &str); 4] =
    [("LC_ALL", "C"), ("GIT_NO_LAZY_FETCH", "1"), ("GIT_ALLOW_PROTOCOL", "none"), ("GIT_TERMINAL_PROMPT", "0")];

/// A call of git in `folder`.
pub(super) fn git(folder: &Path, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Launch {
    let launch = Launch::new("git", folder).args(OPTIONS).args(arguments);
    Launch { capture_limit: 256 << 20, ..launch.env(environment::inherited(INHERITED)).env(VARIABLES) }
}

/// The filters that the configuration in force in `folder` has programs for.
///
/// # Errors
/// Where git fails, or one has a name that cannot be taken away.
pub(super) fn filters(folder: &Path, launcher: &Launcher) -> Result<Vec<OsString>, Failure> {
    let launch = git(folder, ["config", "--null", "--name-only", "--get-regexp", "^filter\\."]);
    let Some(finished) = super::run(&launch, launcher)? else { return Ok(Vec::new()) };
    match finished.status {
        Some(0) => {}
        // None is configured.
        Some(1) => return Ok(Vec::new()),
        _ => return Err(super::refused(&launch, &finished)),
    }
    let found = finished.stdout.split(|byte| *byte == 0).filter_map(driver);
    let mut names = found.map(|name| super::path_of(name).map(PathBuf::into_os_string)).collect::<Result<Vec<_>, Failure>>()?;
    names.sort();
    names.dedup();
    match names.iter().find(|name| name.as_encoded_bytes().contains(&b'=')) {
        None => Ok(names),
        Some(name) => {
            let message = format!("the filter `{}` has a name by which it cannot be turned off", name.display());
            let failure = Failure::new(Class::NotProven, "git", message).about(folder.display().to_string());
            Err(failure.hint("take it out of git's configuration, or give it a name without `=`"))
        }
    }
}

/// The driver's name in a key: `o.d d` of `filter.o.d d.clean`.
fn driver(key: &[u8]) -> Option<&[u8]> {
    let rest = key.strip_prefix(b"filter.")?;
    let end = rest.iter().rposition(|byte| *byte == b'.')?;
    rest.get(..end)
}

/// Options by which these filters leave every file as it is.
pub(super) fn without(filters: &[OsString]) -> Vec<OsString> {
    let settings = filters.iter().flat_map(|name| ["clean=", "smudge=", "process=", "required=false"].map(|setting| (name, setting)));
    let option =
        |(name, setting): (&OsString, &str)| [OsStr::new("filter."), name, OsStr::new("."), OsStr::new(setting)].into_iter().collect();
    settings.flat_map(|setting| [OsString::from("-c"), option(setting)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_are_named_by_all_between_section_and_variable() {
        let of = |key: &[u8]| driver(key).map(|name| String::from_utf8(name.to_vec()).unwrap());
        assert_eq!(of(b"filter.lfs.clean").as_deref(), Some("lfs"));
        assert_eq!(of(b"filter.O.d d.process").as_deref(), Some("O.d d"));
        assert_eq!(of(b"filter..clean").as_deref(), Some(""));
        assert_eq!((of(b"filter.clean"), of(b"")), (None, None));
    }

    #[test]
    fn a_filter_is_turned_off_in_all_that_it_does() {
        let words = without(&["a b".into()]).into_iter().map(|word| word.into_string().unwrap()).collect::<Vec<_>>();
        assert_eq!(words.concat(), "-cfilter.a b.clean=-cfilter.a b.smudge=-cfilter.a b.process=-cfilter.a b.required=false");
    }
}
