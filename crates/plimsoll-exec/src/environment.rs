//! The caller's environment. The only place that reads it; everything else gets values.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

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
/// would let a project that is only looked at bring a `git` of its own.
pub fn inherited(names: &[&str]) -> Vec<(OsString, OsString)> {
    let value = |name: &str| if name == "PATH" { std::env::var_os(name).map(|path| absolute(&path)) } else { std::env::var_os(name) };
    names.iter().filter_map(|name| Some((OsString::from(name), value(name)?))).collect()
}

/// The absolute folders of a search path.
fn absolute(path: &OsStr) -> OsString {
    // Joining fails on a separator in a part only, and splitting leaves none.
    std::env::join_paths(std::env::split_paths(path).filter(|folder| folder.is_absolute())).unwrap_or_default()
}

/// All of the caller's variables.
pub fn all() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

/// A variable as text; what is not UTF-8 counts as unset.
pub fn text(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Where programs are looked for.
pub fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// The store: `PLIMSOLL_STORE`, or `plimsoll` in the user's cache folder (XDG base directories).
pub fn store_folder() -> Option<PathBuf> {
    let named = std::env::var_os("PLIMSOLL_STORE").filter(|value| !value.is_empty()).map(PathBuf::from);
    named.or_else(|| Some(cache_folder()?.join("plimsoll")))
}

/// The user's cache folder.
pub fn cache_folder() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    named.or_else(|| Some(std::env::home_dir()?.join(".cache")))
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
    fn no_part_of_path_depends_on_the_working_folder() {
        assert_eq!(absolute(OsStr::new(":/usr/bin:.:bin::/bin:")), "/usr/bin:/bin");
        assert_eq!(absolute(OsStr::new("")), "");
    }
}
