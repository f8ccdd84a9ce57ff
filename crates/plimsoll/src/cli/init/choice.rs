//! The targets of a project's first manifest. What this machine lacks and could be given makes no difference: the manifest is for all who work on the
//! project. What a machine of its kind cannot do is planned, with a reason that holds for everybody.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Failure, Target};

use crate::cli::named_targets;
use crate::doctor::{Examination, TargetReport};
use plimsoll_exec::availability::Availability;

/// What projects ship for, in the order in which people ask for it.
const USUAL: [&str; 7] = [
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-gnu",
    "aarch64-unknown-linux-musl",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-gnu",
];

/// What is shipped for, and why not for the rest.
pub(super) struct Choice {
    pub(super) wanted: Vec<Target>,
    /// Target → reason.
    pub(super) planned: Vec<(Target, String)>,
}

impl Choice {
    /// What was asked for; else what was released for so far, or this machine's own target and the usual ones, as far as a machine of this kind can
    /// build and prove them.
    pub(super) fn make(asked: &[Target], earlier: &[Target], host: &Target, found: &[TargetReport]) -> Self {
        let can = |report: &&TargetReport| {
            !matches!((&report.build, &report.prove), (Availability::Elsewhere { .. }, _) | (_, Availability::Elsewhere { .. }))
        };
        let is_listed = |target: &Target| if earlier.is_empty() { true } else { earlier.contains(target) };
        let listed = found.iter().filter(|report| is_listed(&report.target)).collect::<Vec<_>>();
        let mut wanted = asked.to_vec();
        if wanted.is_empty() {
            wanted.extend(listed.iter().copied().filter(can).map(|report| report.target.clone()));
            // This machine's own first.
            wanted.sort_by_key(|target| target != host);
        }
        if wanted.is_empty() {
            wanted.extend(listed.iter().map(|report| report.target.clone()));
        }
        let is_usual = |target: &Target| if earlier.is_empty() { USUAL.contains(&target.as_str()) } else { earlier.contains(target) };
        let planned = listed.into_iter().filter(|report| is_usual(&report.target) && !wanted.contains(&report.target));
        let planned = planned
            .map(|report| (report.target.clone(), if can(&report) { "not tried yet".to_owned() } else { reason(&report.target, host) }));
        Self { planned: planned.collect(), wanted }
    }

    /// What must be installed here before all that is wanted can be built and proven, each with the targets that need it.
    pub(super) fn lacking(&self, found: &Examination) -> BTreeMap<String, Vec<String>> {
        let mut lacking = BTreeMap::<String, Vec<String>>::new();
        for report in found.targets.iter().filter(|report| self.wanted.contains(&report.target)) {
            let isolation = Some(&found.isolation).filter(|_| report.target.os() == "linux");
            for state in [&report.build, &report.prove].into_iter().chain(isolation) {
                let what = match state {
                    Availability::Missing { what } => Some(what),
                    // A bubblewrap that may do nothing is to be helped as well.
                    Availability::Elsewhere { reason } => Some(reason).filter(|_| std::ptr::eq(state, &found.isolation)),
                    Availability::Ready { .. } => None,
                };
                if let Some(what) = what {
                    let targets = lacking.entry(what.clone()).or_default();
                    if !targets.contains(&report.target.to_string()) {
                        targets.push(report.target.to_string());
                    }
                }
            }
        }
        lacking
    }
}

/// Which machine a target needs that is none of this kind.
fn reason(target: &Target, host: &Target) -> String {
    if target.os() == host.os() { format!("needs {} on {}", target.system(), target.arch()) } else { format!("needs {}", target.runner()) }
}

/// The targets that were named, those of families among them, each once.
pub(super) fn asked(words: &[String]) -> Result<Vec<Target>, Failure> {
    let mut targets = Vec::new();
    for word in words {
        for target in named_targets(word)? {
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
    }
    Ok(targets)
}

/// The targets that are asked about: those that the project was released for so far, or this machine's own, the one with musl beside it and the usual ones;
/// and those that were asked for.
pub(super) fn candidates(host: &Target, earlier: &[Target], asked: &[Target]) -> Vec<Target> {
    let musl = format!("{}-unknown-linux-musl", host.arch());
    let own = std::iter::once(host.as_str()).chain(Some(musl.as_str()).filter(|_| host.os() == "linux"));
    let mut targets = earlier.to_vec();
    if earlier.is_empty() {
        targets.extend(own.chain(USUAL).filter_map(|target| target.parse::<Target>().ok()));
    }
    targets.extend_from_slice(asked);
    let mut seen = BTreeSet::new();
    targets.retain(|target| seen.insert(target.clone()));
    targets
}

#[cfg(test)]
mod tests {
    use super::super::draft::target_list;
    use super::*;

    fn report(target: &str, build: Availability, prove: Availability) -> TargetReport {
        TargetReport { target: target.parse().unwrap(), build, emulator: None, prove }
    }

    fn host() -> Target {
        "x86_64-unknown-linux-gnu".parse().unwrap()
    }

    fn found() -> Vec<TargetReport> {
        let ready = || Availability::Ready { how: "zig".to_owned() };
        let mac = || Availability::Elsewhere { reason: "needs a macOS runner".to_owned() };
        vec![
            report("x86_64-unknown-linux-gnu", Availability::Missing { what: "zig and cargo-zigbuild".to_owned() }, ready()),
            report("x86_64-unknown-linux-musl", ready(), ready()),
            report(
                "aarch64-unknown-linux-gnu",
                ready(),
                Availability::Elsewhere { reason: "needs a bubblewrap: see isolation".to_owned() },
            ),
            report("aarch64-unknown-linux-musl", ready(), Availability::Missing { what: "mmdebstrap".to_owned() }),
            report("aarch64-apple-darwin", ready(), mac()),
        ]
    }

    #[test]
    fn what_this_machine_lacks_is_wanted_and_what_only_others_can_has_a_reason_for_everybody() {
        let choice = Choice::make(&[], &[], &host(), &found());
        let wanted = ["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];
        assert_eq!(choice.wanted.iter().map(Target::as_str).collect::<Vec<_>>(), wanted);
        let reasons = choice.planned.iter().map(|(target, reason)| format!("{target}: {reason}")).collect::<Vec<_>>();
        assert_eq!(reasons, ["aarch64-unknown-linux-gnu: needs Linux on aarch64", "aarch64-apple-darwin: needs a macOS runner"]);
        let asked = asked(&["x86_64-unknown-linux-musl".to_owned(), "x86_64-unknown-linux-musl".to_owned()]).unwrap();
        let choice = Choice::make(&asked, &[], &host(), &found());
        assert_eq!(choice.wanted, asked);
        assert_eq!(choice.planned[0], (host(), "not tried yet".to_owned()));
    }

    #[test]
    fn targets_that_were_released_for_stay_those_and_no_others() {
        let earlier = ["aarch64-apple-darwin", "x86_64-unknown-linux-musl"].map(|target| target.parse::<Target>().unwrap());
        assert_eq!(candidates(&host(), &earlier, &[]), earlier);
        let choice = Choice::make(&[], &earlier, &host(), &found());
        assert_eq!((&choice.wanted[..], choice.planned.len()), (&earlier[1..], 1));
        // Without a machine for any of them they are wanted all the same.
        let choice = Choice::make(&[], &earlier[..1], &host(), &found());
        assert_eq!((&choice.wanted[..], choice.planned.len()), (&earlier[..1], 0));
    }

    #[test]
    fn a_target_that_is_none_is_told_with_the_nearest() {
        let failure = asked(&["x86_64-unknown-linux-gun".to_owned()]).unwrap_err();
        assert_eq!(failure.message, "there is no target `x86_64-unknown-linux-gun`");
        assert!(failure.hint.unwrap().contains("x86_64-unknown-linux-gnu"));
        assert_eq!(asked(&["mcaos".to_owned()]).unwrap_err().hint.as_deref(), Some("did you mean `macos`?"));
    }

    #[test]
    fn a_family_stands_for_its_targets_each_once() {
        let asked = asked(&["aarch64-unknown-linux-gnu".to_owned(), "linux-gnu".to_owned()]).unwrap();
        assert_eq!(asked.iter().map(Target::as_str).collect::<Vec<_>>(), ["aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"]);
    }

    #[test]
    fn the_usual_targets_are_asked_about_once_each_and_listed_readably() {
        assert_eq!(candidates(&host(), &[], &[]).len(), USUAL.len());
        let host = "riscv64gc-unknown-linux-gnu".parse().unwrap();
        assert_eq!(candidates(&host, &[], &[]).len(), USUAL.len() + 2);
        assert_eq!(target_list(&candidates(&host, &[], &[])[..1]), "targets = [\"riscv64gc-unknown-linux-gnu\"]");
        assert!(target_list(&candidates(&host, &[], &[])).starts_with("targets = [\n    \"riscv64gc-unknown-linux-gnu\",\n"));
    }
}
