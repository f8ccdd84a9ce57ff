//! The wheelhouse: packages that others publish, which tests and what is tried ask for. One set of files for each Python and processor, resolved by
//! `plimsoll lock update tests` and by nothing else.

mod index;
pub(super) mod locked;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Class, Digest, Failure, FileName, Plan, RootName, Target, Trial};
use plimsoll_roots::python::versions::PythonRoot;

use super::lock::GivenLock;

/// The processors on which what fits any machine may be tried.
const ANY: [&str; 2] = ["x86_64", "aarch64"];

/// File name → digest.
pub type Wheelhouse = BTreeMap<FileName, Digest>;

/// What a wheelhouse is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WheelhouseKey {
    /// What is asked for, each in its normal form.
    pub requirements: BTreeSet<String>,
    /// The Python that installs it: `3.9`.
    pub python: String,
    /// The newest platform tag that the root takes: `manylinux_2_31_x86_64`.
    pub platform: String,
}

impl WheelhouseKey {
    /// Those of a root. What fits any machine has one for each processor; a root whose Python is not known has none, and neither has a system that no
    /// root is of.
    pub fn of(requirements: &BTreeSet<String>, root: &RootName, target: Option<&Target>) -> Vec<Self> {
        let Some(python_root) = PythonRoot::of(root).filter(|_| !requirements.is_empty()) else { return Vec::new() };
        let processors = match target {
            Some(target) if target.os() == "linux" => vec![target.arch()],
            Some(_) => Vec::new(),
            None => ANY.to_vec(),
        };
        let python = python_root.python.rsplit_once('.').map_or(python_root.python, |(minor, _)| minor);
        let key = |processor| Self {
            requirements: requirements.clone(),
            python: python.to_owned(),
            platform: format!("manylinux_{}_{}_{processor}", python_root.glibc.major, python_root.glibc.minor),
        };
        processors.into_iter().map(key).collect()
    }

    fn of_trial(trial: &Trial) -> Vec<Self> {
        Self::of(&trial.given.requirements, &trial.root, trial.target.as_ref())
    }

    /// Glibc's second number and the processor.
    ///
    /// # Errors
    /// The platform, if it is none that we write.
    pub(super) fn parts(&self) -> Result<(u16, &str), &str> {
        let rest = self.platform.strip_prefix("manylinux_2_").and_then(|rest| rest.split_once('_'));
        rest.and_then(|(minor, processor)| Some((minor.parse().ok()?, processor))).ok_or(&self.platform)
    }

    /// For people.
    pub(super) fn told(&self) -> String {
        let requirements = self.requirements.iter().map(|requirement| format!("`{requirement}`")).collect::<Vec<_>>().join(", ");
        format!("{requirements} for Python {} and {}", self.python, self.platform)
    }
}

/// Every wheelhouse that trials of a plan need.
pub(super) fn wanted(plan: &Plan) -> BTreeSet<WheelhouseKey> {
    plan.trials.values().flat_map(WheelhouseKey::of_trial).collect()
}

/// Whether everything that trials of a plan ask for is locked.
///
/// # Errors
/// Class usage with the first trial whose packages are not.
pub fn is_locked(plan: &Plan, lock: &GivenLock) -> Result<(), Failure> {
    for (id, trial) in &plan.trials {
        if let Some(key) = WheelhouseKey::of_trial(trial).into_iter().find(|key| !lock.wheelhouses.contains_key(key)) {
            let failure = Failure::new(Class::Usage, "not-locked", format!("plimsoll.lock has no packages for {}", key.told()));
            return Err(failure.about(id.to_string()).hint("run `plimsoll lock update tests`, and commit plimsoll.lock"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_python_and_processor_has_its_own() {
        let requirements = BTreeSet::from(["pytest>=8".to_owned()]);
        let told = |root: &str, target: Option<&str>| {
            let target = target.map(|target| target.parse().unwrap());
            let keys = WheelhouseKey::of(&requirements, &root.parse().unwrap(), target.as_ref());
            keys.into_iter().map(|key| format!("{} {}", key.python, key.platform)).collect::<Vec<_>>()
        };
        assert_eq!(told("debian:11", Some("x86_64-unknown-linux-gnu")), ["3.9 manylinux_2_31_x86_64"]);
        // The Python there is glibc's, whatever is installed beside it.
        assert_eq!(told("debian:13", Some("aarch64-unknown-linux-musl")), ["3.13 manylinux_2_41_aarch64"]);
        assert_eq!(told("debian:12", None), ["3.11 manylinux_2_36_x86_64", "3.11 manylinux_2_36_aarch64"]);
        assert!(told("sandbox", None).is_empty() && told("debian:12", Some("aarch64-apple-darwin")).is_empty());
        let nothing = WheelhouseKey::of(&BTreeSet::new(), &"debian:12".parse().unwrap(), None);
        assert!(nothing.is_empty());
    }
}
