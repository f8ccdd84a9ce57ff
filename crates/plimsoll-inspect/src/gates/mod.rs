//! Gates: facts against a policy. Each fault has one stable code, a message that names what is at fault, and a hint at what to do.
//!
//! Nothing is read from a file here save in [`judge_bytes`], and nothing is excused: what a policy does not allow is a finding.

mod climb;
mod demands;
mod finding;
mod identity;
mod leaks;
mod loading;
mod macho;
mod macho_libraries;
mod memory;
mod nif;
mod pe;

pub use finding::{Code, Finding};
pub use nif::{judge_nif, judge_nif_bytes};

use crate::error::InspectError;
use crate::facts::Facts;
use crate::format::Format;
use crate::inspect::inspect;
use crate::policy::Policy;

/// Everything about a file that a policy does not allow. Empty: the file may go on.
///
/// A file of another format, processor or class is judged no further: all else about it would differ too. Of many findings of one kind the last
/// one says how many are not told. Leaked paths are not facts: see [`judge_bytes`].
pub fn judge(facts: &Facts, policy: &Policy) -> Vec<Finding> {
    let mut findings = identity::judge(facts, policy);
    if !findings.is_empty() {
        return findings;
    }
    for image in facts.images() {
        let mut found = Vec::new();
        loading::judge(image, policy, &mut found);
        match image.format {
            Format::Elf => {}
            Format::MachO => macho::judge(image, policy, &mut found),
            Format::Pe => pe::judge(image, policy, &mut found),
        }
        demands::judge(image, policy, &mut found);
        memory::judge(image, policy, &mut found);
        let place = if facts.slices.is_empty() { String::new() } else { format!("in its {} slice: ", image.machine) };
        findings.extend(found.into_iter().map(|finding| Finding { message: format!("{place}{}", finding.message), ..finding }));
    }
    finding::capped(findings)
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
