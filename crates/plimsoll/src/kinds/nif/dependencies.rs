//! What mix fetches for a package, and what a proof lacks if it did not: nothing is fetched there, so what is missing is told before the compile fails
//! for it.

use std::collections::BTreeSet;

use plimsoll_elixir::MixDependency;
use plimsoll_model::{Failure, NifScheme};

use super::consumer::stands_in_for;
use super::report::Report;
use crate::sources::Sources;

/// What comes with a library that is stood in for, or is only needed by those who compile.
const UNNEEDED: [&str; 2] = ["rustler", "cc_precompiler"];

/// The fact by which `offline_mix.exs` tells of a dependency that is not there.
const ABSENT: &str = "dependency-absent";

/// Whether a package can be compiled in a proof without it.
fn is_needed(app: &str) -> bool {
    !UNNEEDED.contains(&app) && NifScheme::ALL.iter().all(|scheme| stands_in_for(*scheme) != app)
}

/// What to do about dependencies that the package needs and nobody fetched; none if all are there.
pub(super) fn unfetched(deps: &[MixDependency], sources: &Sources) -> Option<String> {
    let fetched = sources.dependencies.keys().filter_map(|path| path.split('/').next()).collect::<BTreeSet<_>>();
    let needed = deps.iter().filter(|dep| !dep.is_optional && !dep.is_partial && !dep.is_local && is_needed(&dep.app));
    let missing = needed.map(|dep| dep.app.as_str()).filter(|app| !fetched.contains(app)).collect::<Vec<_>>();
    if missing.is_empty() {
        return None;
    }
    // Without a lock nothing says what the folder holds.
    let why = if sources.at("mix.lock").is_some() {
        "deps/ does not have it: `mix deps.get` fetches"
    } else {
        "there is no mix.lock, without which nothing of deps/ is taken: `mix deps.get` writes it, and fetches"
    };
    Some(format!("mix.exs depends on {}, and {why} what a proof compiles the package with", missing.join(", ")))
}

/// The same for a compile that failed, from what it told.
pub(super) fn explained(report: &Report, failure: Failure) -> Failure {
    let absent = report.facts.iter().filter(|(name, app)| name == ABSENT && is_needed(app)).map(|(_, app)| app.as_str());
    let absent = absent.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ");
    if absent.is_empty() {
        return failure;
    }
    failure.cause("not in deps/", absent).hint("`mix deps.get` fetches what mix.exs depends on; nothing is fetched in a proof")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use plimsoll_model::{Class, Digest};
    use plimsoll_store::work::SourceFile;

    use super::*;

    fn dep(app: &str) -> MixDependency {
        MixDependency { app: app.to_owned(), requirement: None, is_optional: false, is_partial: false, is_local: false }
    }

    #[test]
    fn what_a_package_needs_and_nobody_fetched_is_told() {
        let deps = [
            dep("jason"),
            dep("decimal"),
            dep("rustler_precompiled"),
            MixDependency { is_optional: true, ..dep("rustler") },
            MixDependency { is_partial: true, ..dep("ex_doc") },
            MixDependency { is_local: true, ..dep("beside") },
        ];
        let mut sources = Sources::none(Path::new("/p"));
        let file = SourceFile { from: "/p/x".into(), digest: Digest::of(b""), executable: false };
        let told = unfetched(&deps, &sources).unwrap();
        assert!(told.contains("depends on jason, decimal") && told.contains("no mix.lock") && told.contains("`mix deps.get`"), "{told}");
        sources.files.insert("mix.lock".to_owned(), file.clone());
        sources.dependencies.insert("jason/mix.exs".to_owned(), file.clone());
        let told = unfetched(&deps, &sources).unwrap();
        assert!(told.contains("depends on decimal, and deps/ does not have it: `mix deps.get`"), "{told}");
        sources.dependencies.insert("decimal/mix.exs".to_owned(), file);
        assert_eq!(unfetched(&deps, &sources), None);
    }

    #[test]
    fn a_compile_that_failed_without_a_dependency_says_so() {
        let fact = |app: &str| format!("plimsoll-nif: {{\"fact\":\"dependency-absent\",\"value\":\"{app}\"}}\n");
        let plain = || Failure::new(Class::NotProven, "x", "x");
        let report = Report::read(&format!("{}{}", fact("rustler"), fact("jason")));
        let told = explained(&report, plain());
        assert!(told.causes.iter().any(|cause| cause.text == "jason") && told.hint.is_some_and(|hint| hint.contains("mix deps.get")));
        assert_eq!(explained(&Report::read(&fact("rustler")), plain()).hint, None);
    }
}
