//! Gates: facts against a policy. Each fault has one stable code, a message that names what is at fault, and a hint at what to do.
//!
//! Nothing is read from a file here save in [`judge_bytes`], and nothing is excused: what a policy does not allow is a finding.

mod demands;
mod finding;
mod identity;
mod leaks;
mod loading;
mod memory;

pub use finding::{Code, Finding};

use crate::facts::Facts;
use crate::inspect::{InspectError, inspect};
use crate::policy::Policy;

/// Everything about a file that a policy does not allow. Empty: the file may go on.
///
/// A file of another format, processor or class is judged no further: all else about it would differ too. Leaked paths are not facts:
/// see [`judge_bytes`].
pub fn judge(facts: &Facts, policy: &Policy) -> Vec<Finding> {
    let mut findings = identity::judge(facts, policy);
    if findings.is_empty() {
        loading::judge(facts, policy, &mut findings);
        demands::judge(facts, policy, &mut findings);
        memory::judge(facts, policy, &mut findings);
    }
    findings
}

/// [`inspect()`], [`judge`], and the search for leaked paths, which is in no facts.
///
/// # Errors
/// As [`inspect()`].
pub fn judge_bytes(bytes: &[u8], policy: &Policy) -> Result<(Facts, Vec<Finding>), InspectError> {
    let facts = inspect(bytes)?;
    let mut findings = judge(&facts, policy);
    leaks::judge(bytes, policy, &mut findings);
    Ok((facts, findings))
}
