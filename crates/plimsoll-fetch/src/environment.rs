//! The process environment as a value: the one place that reads it, so that everything else can be tried with another one.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Environment variables at one moment.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

/// Why the network must not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Offline {
    /// `CARGO_NET_OFFLINE` is set to `true` or `1`.
    #[error("CARGO_NET_OFFLINE is set")]
    Cargo,
    /// docs.rs builds documentation, without a network.
    #[error("DOCS_RS is set")]
    DocsRs,
    /// The caller said so.
    #[error("offline was asked for")]
    Asked,
}

impl Environment {
    /// The variables of this process.
    pub fn from_process() -> Self {
        Self::from_variables(std::env::vars_os())
    }

    /// Variables from anywhere else.
    pub fn from_variables<K: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        Self { variables: variables.into_iter().map(|(key, value)| (key.into(), value.into())).collect() }
    }

    /// A variable that is set to something.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// A variable that is set to something that is UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.variable(name).and_then(OsStr::to_str)
    }

    /// Whether a switch is on: `1`, `true` or `yes`.
    pub fn is_on(&self, name: &str) -> bool {
        matches!(self.text(name), Some("1" | "true" | "yes"))
    }

    /// Why the network must not be used, if so.
    pub fn offline(&self) -> Option<Offline> {
        if self.variable("DOCS_RS").is_some() { Some(Offline::DocsRs) } else { self.is_on("CARGO_NET_OFFLINE").then_some(Offline::Cargo) }
    }

    /// Where downloads are kept: `PLIMSOLL_FETCH_CACHE`, else below the user's cache folder; none where there is no home.
    pub fn cache_folder(&self) -> Option<PathBuf> {
        if let Some(folder) = self.variable("PLIMSOLL_FETCH_CACHE") {
            return Some(PathBuf::from(folder));
        }
        let home = |below: &str| self.variable("HOME").map(|home| PathBuf::from(home).join(below));
        // The XDG specification has relative paths ignored.
        let xdg = self.variable("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
        let base = if cfg!(windows) {
            self.variable("LOCALAPPDATA").map(PathBuf::from)
        } else if cfg!(target_os = "macos") {
            xdg.or_else(|| home("Library/Caches"))
        } else {
            xdg.or_else(|| home(".cache"))
        };
        base.filter(|folder| folder.is_absolute()).map(|folder| folder.join("plimsoll-fetch"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offline_is_read_from_cargo_and_docs_rs() {
        let of = |name, value| Environment::from_variables([(name, value)]).offline();
        assert_eq!(of("CARGO_NET_OFFLINE", "true"), Some(Offline::Cargo));
        assert_eq!(of("CARGO_NET_OFFLINE", "false"), None);
        assert_eq!(of("DOCS_RS", "1"), Some(Offline::DocsRs));
        assert_eq!(of("DOCS_RS", ""), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_cache_folder_follows_xdg() {
        let of = |variables: &[(&str, &str)]| Environment::from_variables(variables.iter().copied()).cache_folder();
        assert_eq!(of(&[("PLIMSOLL_FETCH_CACHE", "/c"), ("HOME", "/h")]), Some(PathBuf::from("/c")));
        assert_eq!(of(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")]), Some(PathBuf::from("/x/plimsoll-fetch")));
        assert_eq!(of(&[("XDG_CACHE_HOME", "x"), ("HOME", "/h")]), Some(PathBuf::from("/h/.cache/plimsoll-fetch")));
        assert_eq!(of(&[]), None);
    }
}
