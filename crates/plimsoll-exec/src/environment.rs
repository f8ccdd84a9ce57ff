//! The caller's environment. The only place that reads it; everything else gets values.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// How the network is reached: proxies, and the certificates that are trusted. They change no result.
pub const NETWORK_VARIABLES: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// What programs of Windows find the user's folders and the system's by, where others have `HOME` and `TMPDIR`. They change no result.
pub const WINDOWS_VARIABLES: &[&str] =
    &["APPDATA", "ComSpec", "LOCALAPPDATA", "PATHEXT", "ProgramData", "ProgramFiles", "ProgramFiles(x86)", "TEMP", "TMP", "USERPROFILE"];

/// How container engines find their settings, their storage and their daemon. They change no result.
pub const ENGINE_VARIABLES: &[&str] = &[
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
    "CONTAINERS_CONF",
    "CONTAINERS_REGISTRIES_CONF",
    "CONTAINERS_STORAGE_CONF",
    "CONTAINER_HOST",
    "REGISTRY_AUTH_FILE",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
];

/// The caller's variables of these names, those that are set. Of `PATH`, what does not depend on the working folder: an empty part, or `.`,
/// would let a project that is only looked at bring a `git` of its own. Who gets `HOME` gets [`WINDOWS_VARIABLES`] on Windows.
pub fn inherited(names: &[&str]) -> Vec<(OsString, OsString)> {
    let names = with_those_of_windows(std::env::consts::OS, names);
    let value = |name: &str| if name == "PATH" { std::env::var_os(name).map(|path| absolute(&path)) } else { std::env::var_os(name) };
    names.iter().filter_map(|name| Some((OsString::from(name), value(name)?))).collect()
}

fn with_those_of_windows<'a>(system: &str, names: &[&'a str]) -> Vec<&'a str> {
    let others = if system == "windows" && names.contains(&"HOME") { WINDOWS_VARIABLES } else { &[] };
    [names, others].concat()
}

/// The absolute folders of a search path.
fn absolute(path: &OsStr) -> OsString {
    // Joining fails on a separator in a part only, and splitting leaves none.
    std::env::join_paths(std::env::split_paths(path).filter(|folder| folder.is_absolute())).unwrap_or_default()
}

/// A search path with one more folder, before all others; as it was if the folder's own name holds what parts folders.
pub fn before(folder: &Path, path: &OsStr) -> OsString {
    let folders = std::env::split_paths(path).filter(|folder| !folder.as_os_str().is_empty());
    std::env::join_paths([folder.to_owned()].into_iter().chain(folders)).unwrap_or_else(|_| path.to_owned())
}

/// All of the caller's variables.
pub fn all() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

/// A variable as text; what is not UTF-8 counts as unset.
pub fn text(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A variable as a path; an empty one counts as unset.
pub fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Where programs are looked for.
pub fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// The store: `PLIMSOLL_STORE`, or `plimsoll` in the user's cache folder.
pub fn store_folder() -> Option<PathBuf> {
    path("PLIMSOLL_STORE").or_else(|| Some(cache_folder()?.join("plimsoll")))
}

/// The user's cache folder, as the system has it.
pub fn cache_folder() -> Option<PathBuf> {
    cache_folder_on(std::env::consts::OS, std::env::home_dir(), &|name| std::env::var_os(name).map(PathBuf::from))
}

/// `LOCALAPPDATA` on Windows; elsewhere what the XDG base directories say, and without a word of theirs `Library/Caches` on macOS.
fn cache_folder_on(system: &str, home: Option<PathBuf>, variable: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let named = |name: &str| variable(name).filter(|path| path.is_absolute());
    let home = |below: &str| home.as_ref().map(|home| home.join(below));
    match system {
        "windows" => named("LOCALAPPDATA").or_else(|| home("AppData/Local")),
        "macos" => named("XDG_CACHE_HOME").or_else(|| home("Library/Caches")),
        _ => named("XDG_CACHE_HOME").or_else(|| home(".cache")),
    }
}

/// cargo's home: `CARGO_HOME`, or `.cargo` in the user's home.
pub fn cargo_home() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    named.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_lies_where_the_system_has_it() {
        let on = |system, set: &str| {
            let variable = |name: &str| (name == set).then(|| PathBuf::from("/set"));
            cache_folder_on(system, Some("/home".into()), &variable).map(|path| path.display().to_string()).unwrap_or_default()
        };
        for (system, variable, folder) in [
            ("linux", "", "/home/.cache"),
            ("linux", "XDG_CACHE_HOME", "/set"),
            ("linux", "LOCALAPPDATA", "/home/.cache"),
            ("macos", "", "/home/Library/Caches"),
            ("macos", "XDG_CACHE_HOME", "/set"),
            ("windows", "", "/home/AppData/Local"),
            ("windows", "LOCALAPPDATA", "/set"),
            ("windows", "XDG_CACHE_HOME", "/home/AppData/Local"),
        ] {
            assert_eq!(on(system, variable), folder, "{system} with {variable}");
        }
        assert_eq!(cache_folder_on("linux", None, &|_| Some("relative".into())), None);
    }

    #[test]
    fn only_windows_has_other_names_for_a_home() {
        assert_eq!(with_those_of_windows("linux", &["PATH", "HOME"]), ["PATH", "HOME"]);
        assert_eq!(with_those_of_windows("windows", &["PATH"]), ["PATH"]);
        assert!(with_those_of_windows("windows", &["PATH", "HOME"]).contains(&"USERPROFILE"));
    }

    #[test]
    fn a_folder_comes_before_all_others() {
        assert_eq!(before(Path::new("/new"), OsStr::new("/a::/b")), "/new:/a:/b");
        assert_eq!(before(Path::new("/new"), OsStr::new("")), "/new");
        assert_eq!(before(Path::new("/ne:w"), OsStr::new("/a")), "/a");
    }

    #[test]
    fn no_part_of_path_depends_on_the_working_folder() {
        assert_eq!(absolute(OsStr::new(":/usr/bin:.:bin::/bin:")), "/usr/bin:/bin");
        assert_eq!(absolute(OsStr::new("")), "");
    }
}
