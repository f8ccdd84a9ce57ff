//! The gates that binaries must pass, whoever compiled and whoever packed them, and what they ask of a machine together.

use plimsoll_inspect::{DottedVersion, Finding, Policy};
use plimsoll_model::plan::Holds;
use plimsoll_model::{Class, Failure, Measured, Target, TargetPlan};

use super::measured;
use crate::kinds;

/// What binaries of one payload or file are held against.
#[derive(Debug)]
pub(crate) struct Judging<'a> {
    holds: &'a Holds,
    policy: Policy,
}

/// A binary to be judged.
pub(crate) struct Binary<'a> {
    /// Its name, as a person is told of it.
    pub(crate) name: &'a str,
    /// All of it.
    pub(crate) bytes: Vec<u8>,
    /// Folders between it and the top of what users unpack, if that is seen from where it lies.
    pub(crate) folders_above: Option<u32>,
}

impl<'a> Judging<'a> {
    /// The gates for what is held, on a target of the project; no binary may name one of the folders.
    pub(crate) fn new(holds: &'a Holds, target: &Target, plan: &TargetPlan, forbidden_paths: &[String]) -> Self {
        let policy = kinds::policy(holds, target, plan).with_macos_floor(plan.macos.map(DottedVersion::from));
        Self { holds, policy: Policy { forbidden_paths: forbidden_paths.to_vec(), ..policy } }
    }

    /// What results depend on.
    pub(crate) const fn identity(&self) -> (&Holds, &Policy) {
        (self.holds, &self.policy)
    }

    /// What the binaries of `id` ask of a machine together.
    ///
    /// # Errors
    /// One failure with every finding of every binary; the first that cannot be had or read.
    pub(crate) fn judge<'b>(&self, id: &str, binaries: impl IntoIterator<Item = Result<Binary<'b>, Failure>>) -> Result<Measured, Failure> {
        let (mut all, mut findings) = (Vec::new(), Vec::new());
        for binary in binaries {
            let Binary { name, bytes, folders_above } = binary?;
            let folders_above = folders_above.unwrap_or(self.policy.folders_above);
            let policy = Policy { folders_above, ..self.policy.clone() };
            let (facts, found) = kinds::judge(self.holds, &bytes, &policy)
                .map_err(|error| Failure::from_error(Class::NotProven, "unreadable-program", &error).about(format!("{name} of {id}")))?;
            findings.extend(found.into_iter().map(|finding| (name, finding)));
            all.push(facts);
        }
        if findings.is_empty() { Ok(measured(&all)) } else { Err(refused(id, &findings)) }
    }
}

/// One failure for all findings; its code is that of the first.
fn refused(id: &str, findings: &[(&str, Finding)]) -> Failure {
    let code = findings.first().map(|(_, finding)| finding.code.as_str()).unwrap_or_default();
    let mut failure = Failure::new(Class::NotProven, code, "did not pass inspection").about(id);
    for (program, finding) in findings {
        failure = failure.cause(program, format!("{} [{}]", finding.message, finding.code.as_str()));
    }
    let mut hints = findings.iter().map(|(_, finding)| finding.hint.as_str()).filter(|hint| !hint.is_empty()).collect::<Vec<_>>();
    hints.dedup();
    if hints.is_empty() { failure } else { failure.hint(hints.join("\n")) }
}
