//! The gate of NIFs, beside the gates of every file: will the BEAM find the way in, and has it what the library asks for?

use plimsoll_model::NifVersion;

use super::finding::{Code, Finding};
use super::{judge, leaks};
use crate::error::InspectError;
use crate::facts::{Facts, Linkage};
use crate::inspect::inspect;
use crate::nif::nif_demand;
use crate::policy::Policy;

/// Everything that a policy does not allow, and what keeps a BEAM of a NIF version from loading the file. `shipped_for` is the version in the
/// file's name, by which users choose it.
///
/// What the library will say of itself when it is loaded is for a probe to see; this sees what the bytes say.
pub fn judge_nif(facts: &Facts, policy: &Policy, shipped_for: NifVersion) -> Vec<Finding> {
    let mut findings = judge(facts, policy);
    let is_judged_further =
        !findings.iter().any(|finding| matches!(finding.code, Code::WrongFormat | Code::WrongMachine | Code::WrongClass));
    if is_judged_further {
        way_in(facts, &mut findings);
        demands(facts, shipped_for, &mut findings);
    }
    findings
}

/// [`inspect()`], [`judge_nif`], and the search for leaked paths.
///
/// # Errors
/// As [`inspect()`].
pub fn judge_nif_bytes(bytes: &[u8], policy: &Policy, shipped_for: NifVersion) -> Result<(Facts, Vec<Finding>), InspectError> {
    let facts = inspect(bytes)?;
    let mut findings = judge_nif(&facts, policy, shipped_for);
    leaks::judge(bytes, policy, &mut findings);
    Ok((facts, findings))
}

fn way_in(facts: &Facts, findings: &mut Vec<Finding>) {
    if facts.linkage == Linkage::Dynamic {
        findings.push(Finding::new(
            Code::NotLoadable,
            "is an executable, and the BEAM loads libraries",
            "the crate needs `crate-type = [\"cdylib\"]`",
        ));
    }
    if !facts.entry_points.iter().any(|name| name == "nif_init") {
        findings.push(Finding::new(
            Code::NoNifInit,
            "exports no `nif_init`, so the BEAM finds no way in",
            "Rustler exports it where the crate is the one that cargo was asked to build, or RUSTLER_PRIMARY_NIF_INIT is set; an object that was \
             compiled as a dependency lacks it and is taken again from a used target folder",
        ));
    }
}

fn demands(facts: &Facts, shipped_for: NifVersion, findings: &mut Vec<Finding>) {
    let demand = nif_demand(facts);
    if let Some(version) = demand.at_least.filter(|version| *version > shipped_for) {
        let otp = version.first_otp().map(|otp| format!(" (OTP {otp})")).unwrap_or_default();
        findings.push(Finding::new(
            Code::NifVersion,
            format!("calls {}, which the BEAM has since NIF {version}{otp}, and is shipped for {shipped_for}", listed(&demand.because_of)),
            format!("turn on the crate's feature for NIF {shipped_for} and no later one, or ship it for {version}"),
        ));
    }
    if !demand.unknown.is_empty() {
        findings.push(Finding::new(
            Code::UnknownNifFunction,
            format!("calls {}, which no BEAM has", listed(&demand.unknown)),
            "look for a misspelt name, or for headers of a BEAM that plimsoll does not know yet",
        ));
    }
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > 3 { format!("{shown} and {} more", names.len() - 3) } else { shown }
}
