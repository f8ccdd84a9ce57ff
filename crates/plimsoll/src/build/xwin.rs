//! Microsoft's SDK and C runtime, which cargo-xwin downloads. They are brought in a step of its own before the build, so that the key can say
//! which ones they are, and so that a machine that cannot have them is a gap and no failed build.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_model::plan::Builder;
use plimsoll_model::{Class, Digest, Failure};
use plimsoll_store::Guard;

use super::stage::{BuildRequest, BuildStage, launch_failure};
use crate::graph::Stop;
use crate::reason::reason;
use plimsoll_exec::launcher::{Ended, Launch};

/// The variables by which cargo-xwin is asked for other releases than its usual ones.
const VERSIONS: [&str; 3] = ["XWIN_VERSION", "XWIN_SDK_VERSION", "XWIN_CRT_VERSION"];
/// Half a gigabyte, by a slow line.
const PATIENCE: Duration = Duration::from_secs(3600);

/// The SDK as it lies there.
#[derive(Debug)]
pub(super) struct Sdk {
    /// cargo-xwin's cache.
    pub(super) folder: PathBuf,
    /// Of the names of all that was downloaded, which hold the releases.
    pub(super) digest: Digest,
    /// cargo-xwin writes into its cache during each build.
    _guard: Guard,
}

impl BuildStage<'_> {
    /// The SDK that a product is built with; downloaded where it is not there yet.
    pub(super) fn sdk(&self, request: BuildRequest<'_>, say: &mut dyn FnMut(&str)) -> Result<Sdk, Stop> {
        let program = self.builders.program(Builder::Xwin, &self.toolchain.rust()?.cargo)?;
        let mut variables = BTreeMap::from([("XWIN_ARCH", request.product.target.processor().to_owned())]);
        for name in VERSIONS {
            let asked = request.product.env.get(name).or_else(|| self.environment.keyed.get(name));
            variables.extend(asked.map(|value| (name, value.clone())));
        }
        // cargo-xwin looks only at the processor of what is there, so another release lies in another folder.
        let name = Digest::of(&plimsoll_model::canonical_json(&variables)).short();
        let folder = self.store.root().join("xwin-cache").join(&name);
        std::fs::create_dir_all(&folder).map_err(|error| Failure::io(&folder, &error))?;
        let guard = self.store.lock(&format!("xwin-{name}")).map_err(Failure::from)?;
        if downloaded(&folder).is_none() {
            say("Microsoft's SDK, once");
            // To cargo-xwin a list of processors alone says that all is there, so that it would bring nothing.
            let list = list_in(&folder);
            if list.exists() {
                std::fs::remove_file(&list).map_err(|error| Failure::io(&list, &error))?;
            }
            let launch = Launch { env: self.environment.passed.clone(), ..Launch::new(program, &folder) };
            let launch = launch.args(["cache", "xwin"]).deadline(PATIENCE).env(licence(&folder)).env(variables);
            let finished = self.launcher.run(&launch, &mut |_, _| {}).map_err(|error| launch_failure(&error))?;
            if finished.ended == Ended::Cancelled {
                return Err(Failure::interrupted().into());
            }
            if !finished.succeeded() {
                return Err(self.not_brought(&finished.stderr_text()));
            }
        }
        let digest = downloaded(&folder).ok_or_else(|| {
            Failure::new(Class::NotProven, "sdk", "cargo-xwin succeeded but left no list that says which SDK it downloaded")
                .about(list_in(&folder).display().to_string())
                .hint("cargo-xwin 0.23.0 and later write it; `plimsoll doctor` says which one is used")
        })?;
        Ok(Sdk { folder, digest, _guard: guard })
    }

    fn not_brought(&self, said: &str) -> Stop {
        let said = said.split("\nStack backtrace:").next().unwrap_or_default();
        // Of xwin 0.10, `ctx.rs`: what a server did not answer, and what broke off.
        if !["HTTP GET request for ", "failed to retrieve body for "].iter().any(|words| said.contains(words)) {
            let failure = Failure::new(Class::NotProven, "sdk", "cargo-xwin could not unpack Microsoft's SDK").cause("said", said.trim());
            return self.or_full(failure).into();
        }
        let lines =
            said.lines().map(|line| line.trim().trim_start_matches("Error: ")).filter(|line| !line.is_empty() && *line != "Caused by:");
        Stop::NotRun(format!(
            "needs Microsoft's SDK, which cannot be downloaded here: {}; \
             `builder = \"native\"` on a Windows machine needs no download",
            reason(&lines.collect::<Vec<_>>().join(": "))
        ))
    }
}

/// Where the cache lies; and the licence of the SDK is accepted by choosing the builder, as the reference of the manifest says.
pub(super) fn licence(cache: &Path) -> [(&'static str, OsString); 2] {
    [("XWIN_ACCEPT_LICENSE", "1".into()), ("XWIN_CACHE_DIR", cache.into())]
}

/// The list that cargo-xwin writes when all is there: processors in the first line, then files in no order.
fn list_in(folder: &Path) -> PathBuf {
    folder.join("xwin/DONE")
}

/// Digest of the list; none where it names no release of the SDK, as it was before cargo-xwin 0.23.0: then nobody knows what lies there.
fn downloaded(folder: &Path) -> Option<Digest> {
    let list = std::fs::read_to_string(list_in(folder)).ok()?;
    list.lines().skip(1).any(names_release).then(|| {
        let lines = list.lines().collect::<BTreeSet<_>>();
        Digest::of(&plimsoll_model::canonical_json(&lines))
    })
}

/// `Win11SDK_10.0.26100_headers.msi` does (xwin 0.10, `lib.rs`); `ucrt.msi` does not.
fn names_release(file: &str) -> bool {
    file.split_once("SDK").is_some_and(|(_, rest)| rest.trim_start_matches(['_', '.']).starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_processors_says_of_no_sdk_which_one_it_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("xwin")).unwrap();
        let of = |list: &str| {
            std::fs::write(list_in(folder.path()), list).unwrap();
            downloaded(folder.path())
        };
        assert_eq!((of("x86_64"), of("x86_64\nucrt.msi"), of("Win11SDK_10.0.26100_headers.msi")), (None, None, None));
        let one = of("x86_64\nucrt.msi\nWin11SDK_10.0.26100_headers.msi");
        assert!(one.is_some());
        assert_eq!(of("x86_64\nWin11SDK_10.0.26100_headers.msi\nucrt.msi"), one);
        assert_ne!(of("x86_64\nWin11SDK_10.0.22621_headers.msi\nucrt.msi"), one);
    }
}
