//! The environment of a build: what it may see, and which of that its key depends on.
//!
//! Everything not listed is taken away, so that a stray variable cannot change the bytes unseen.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// Passed through without being part of the key: where things are, how the network is reached, wrappers that give the same result.
const PASSED: &[&str] = &[
    "HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "TMPDIR",
    "USER",
    "LOGNAME",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSH_AUTH_SOCK",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "PLIMSOLL_COUNT",
];

/// Prefixes of variables that are passed and not part of the key: cargo's access to registries.
const PASSED_PREFIXES: &[&str] = &["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTRIES_", "CARGO_REGISTRY_", "SCCACHE_", "CCACHE_"];

/// Passed and part of the key: they change what is compiled.
const KEYED: &[&str] = &[
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTC_BOOTSTRAP",
    "PKG_CONFIG_PATH",
    "PKG_CONFIG_ALLOW_CROSS",
    "PKG_CONFIG_SYSROOT_DIR",
    "CC",
    "CXX",
    "AR",
    "CFLAGS",
    "CXXFLAGS",
    "LDFLAGS",
    "CPPFLAGS",
    "MACOSX_DEPLOYMENT_TARGET",
    "LIBCLANG_PATH",
];

/// Prefixes of variables that are passed and part of the key.
const KEYED_PREFIXES: &[&str] =
    &["CC_", "CXX_", "AR_", "CFLAGS_", "CXXFLAGS_", "CARGO_PROFILE_", "CARGO_BUILD_", "CARGO_TARGET_", "CARGO_UNSTABLE_", "CARGO_FEATURE_"];

/// The part of the caller's environment that a build sees.
#[derive(Debug, Clone, Default)]
pub struct BuildEnvironment {
    /// All that is passed.
    pub passed: BTreeMap<OsString, OsString>,
    /// What the key depends on.
    pub keyed: BTreeMap<String, String>,
}

impl BuildEnvironment {
    /// Chooses from the variables of the caller, which come in as values.
    pub fn choose(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut chosen = Self::default();
        for (name, value) in variables {
            let Some(text) = name.to_str() else { continue };
            // The target folder is ours.
            if text == "CARGO_TARGET_DIR" || text == "CARGO_BUILD_TARGET_DIR" || text == "CARGO_BUILD_TARGET" {
                continue;
            }
            let listed =
                |names: &[&str], prefixes: &[&str]| names.contains(&text) || prefixes.iter().any(|prefix| text.starts_with(prefix));
            if listed(PASSED, PASSED_PREFIXES) {
                chosen.passed.insert(name, value);
            } else if listed(KEYED, KEYED_PREFIXES) {
                chosen.keyed.insert(text.to_owned(), value.to_string_lossy().into_owned());
                chosen.passed.insert(name, value);
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_keyed_wrappers_are_passed_and_the_rest_is_taken_away() {
        let variables = [("RUSTFLAGS", "-Ca"), ("RUSTC_WRAPPER", "w"), ("EDITOR", "vi"), ("CC_x86_64", "gcc"), ("CARGO_TARGET_DIR", "/x")];
        let chosen = BuildEnvironment::choose(variables.map(|(name, value)| (name.into(), value.into())));
        let names = |map: &BTreeMap<OsString, OsString>| map.keys().map(|name| name.to_string_lossy().into_owned()).collect::<Vec<_>>();
        assert_eq!(names(&chosen.passed), ["CC_x86_64", "RUSTC_WRAPPER", "RUSTFLAGS"]);
        assert_eq!(chosen.keyed.keys().collect::<Vec<_>>(), ["CC_x86_64", "RUSTFLAGS"]);
    }
}
