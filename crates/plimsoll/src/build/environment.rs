//! The environment of a build: what it may see, and which of that its key depends on.
//!
//! Everything not listed is taken away, so that a stray variable cannot change the bytes unseen.

use std::collections::BTreeMap;
use std::ffi::OsString;

use plimsoll_exec::environment::{NETWORK_VARIABLES, WINDOWS_VARIABLES};
use plimsoll_model::Target;
use plimsoll_model::plan::Builder;

/// The variable that names Apple's SDK, for macOS.
pub const SDKROOT: &str = "SDKROOT";

/// Passed through without being part of the key: where things are, wrappers that give the same result. [`NETWORK_VARIABLES`] and [`WINDOWS_VARIABLES`] too.
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
    "SSH_AUTH_SOCK",
    "CROSS_ROOTLESS_CONTAINER_ENGINE",
    "CROSS_CONTAINER_USER_NAMESPACE",
    "CROSS_CONTAINER_UID",
    "CROSS_CONTAINER_GID",
    // For wrappers that count compilers, as the project's own tests do.
    "PLIMSOLL_COUNT",
];

/// Taken away although a prefix below would pass it: the target folder is ours; how many things run at once is for the jobserver; and build
/// scripts have no use for what publishes crates to the default registry.
const TAKEN: &[&str] = &[
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_BUILD_BUILD_DIR",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_JOBS",
    "CARGO_REGISTRY_TOKEN",
    "CARGO_REGISTRY_SECRET_KEY",
];

/// Prefixes of variables that are passed and not part of the key: cargo's access to registries. Of these, `CARGO_REGISTRIES_<NAME>_TOKEN`
/// is a secret that build scripts can read; cargo needs it to download from a private registry.
const PASSED_PREFIXES: &[&str] = &["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTRIES_", "CARGO_REGISTRY_", "SCCACHE_", "CCACHE_"];

/// Passed and part of the key: they change what is compiled.
const KEYED: &[&str] = &[
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTC_BOOTSTRAP",
    "CC",
    "CXX",
    "AR",
    "CFLAGS",
    "CXXFLAGS",
    "LDFLAGS",
    "CPPFLAGS",
    "MACOSX_DEPLOYMENT_TARGET",
    "LIBCLANG_PATH",
    SDKROOT,
    // Which of Microsoft's SDKs and C runtimes cargo-xwin takes.
    "XWIN_VERSION",
    "XWIN_SDK_VERSION",
    "XWIN_CRT_VERSION",
    "CROSS_CONTAINER_OPTS",
];

/// Prefixes of variables that are passed and part of the key.
const KEYED_PREFIXES: &[&str] = &[
    "CC_",
    "CXX_",
    "AR_",
    "CFLAGS_",
    "CXXFLAGS_",
    "PKG_CONFIG",
    "CARGO_PROFILE_",
    "CARGO_BUILD_",
    "CARGO_TARGET_",
    "CARGO_UNSTABLE_",
    "CARGO_FEATURE_",
    // What `Cross.toml` says as well; CROSS_CONFIG is not among them, because it names a file that is no source.
    "CROSS_BUILD_",
    "CROSS_TARGET_",
];

/// Of these, what tells of this machine's compilers and packages. Where something else compiles it would be mixed with other headers and another C
/// library. What is named for one target (`CFLAGS_…`) is meant for it.
const OF_THIS_MACHINE: &[&str] = &["CC", "CXX", "AR", "CFLAGS", "CXXFLAGS", "LDFLAGS", "CPPFLAGS"];

/// The prefix of the variables that choose among this machine's packages.
const PACKAGES_PREFIX: &str = "PKG_CONFIG";

/// Whether a build must not find what this machine has for programs of its own: another compiler than the machine's, or another target.
pub fn keeps_host_out(target: &Target, builder: Builder, host: &Target) -> bool {
    match builder {
        Builder::Zig | Builder::Xwin => true,
        Builder::Native => target != host,
        // It is given zig then.
        Builder::Command => target != host && Builder::zig_links(target),
        Builder::Cross => false,
    }
}

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
            if TAKEN.contains(&text) {
                continue;
            }
            let listed =
                |names: &[&str], prefixes: &[&str]| names.contains(&text) || prefixes.iter().any(|prefix| text.starts_with(prefix));
            if listed(PASSED, PASSED_PREFIXES) || NETWORK_VARIABLES.contains(&text) || WINDOWS_VARIABLES.contains(&text) {
                chosen.passed.insert(name, value);
            } else if listed(KEYED, KEYED_PREFIXES) {
                chosen.keyed.insert(text.to_owned(), value.to_string_lossy().into_owned());
                chosen.passed.insert(name, value);
            }
        }
        chosen
    }

    /// What of it a build for `target` sees on a machine that is a `host`.
    #[must_use]
    pub fn of_build(&self, target: &Target, builder: Builder, host: &Target) -> Self {
        let keeps_out = keeps_host_out(target, builder, host);
        let is_seen = |name: &str| {
            let of_this_machine = OF_THIS_MACHINE.contains(&name) || name.starts_with(PACKAGES_PREFIX);
            !(keeps_out && of_this_machine) && (name != SDKROOT || target.os() == "macos")
        };
        let mut seen = self.clone();
        seen.passed.retain(|name, _| name.to_str().is_some_and(is_seen));
        seen.keyed.retain(|name, _| is_seen(name));
        seen
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

    #[test]
    fn what_publishes_and_what_counts_jobs_is_taken_away() {
        let names = [
            "CARGO_REGISTRY_TOKEN",
            "CARGO_BUILD_JOBS",
            "NUM_JOBS",
            "CARGO_BUILD_BUILD_DIR",
            "CARGO_REGISTRIES_OWN_TOKEN",
            "CARGO_REGISTRY_DEFAULT",
            "https_proxy",
        ];
        let chosen = BuildEnvironment::choose(names.map(|name| (name.into(), "1".into())));
        let passed = chosen.passed.keys().map(|name| name.to_string_lossy().into_owned()).collect::<Vec<_>>();
        assert_eq!(passed, ["CARGO_REGISTRIES_OWN_TOKEN", "CARGO_REGISTRY_DEFAULT", "https_proxy"]);
        assert!(chosen.keyed.is_empty());
    }

    #[test]
    fn only_this_machines_own_compiler_sees_what_the_machine_has() {
        let names =
            ["CC", "CFLAGS", "LDFLAGS", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "CFLAGS_x86_64_unknown_linux_gnu", "RUSTFLAGS", "SDKROOT"];
        let chosen = BuildEnvironment::choose(names.map(|name| (name.into(), "1".into())));
        let host = "x86_64-unknown-linux-gnu".parse().unwrap();
        let seen = |triple: &str, builder| {
            let seen = chosen.of_build(&triple.parse().unwrap(), builder, &host);
            assert_eq!(seen.passed.len(), seen.keyed.len());
            seen.keyed.into_keys().collect::<Vec<_>>().join(" ")
        };
        let of_target = "CFLAGS_x86_64_unknown_linux_gnu RUSTFLAGS";
        assert_eq!(seen("x86_64-unknown-linux-gnu", Builder::Zig), of_target);
        assert_eq!(seen("x86_64-unknown-linux-musl", Builder::Native), of_target);
        assert_eq!(seen("aarch64-unknown-linux-gnu", Builder::Command), of_target);
        assert_eq!(seen("aarch64-apple-darwin", Builder::Zig), format!("{of_target} SDKROOT"));
        let all = "CC CFLAGS CFLAGS_x86_64_unknown_linux_gnu LDFLAGS PKG_CONFIG_LIBDIR PKG_CONFIG_PATH RUSTFLAGS";
        assert_eq!(seen("x86_64-unknown-linux-gnu", Builder::Native), all);
        assert_eq!(seen("x86_64-unknown-linux-gnu", Builder::Command), all);
    }
}
