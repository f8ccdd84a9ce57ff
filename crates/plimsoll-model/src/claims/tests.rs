//! Claims that are shown, and each way in which one is not.

use super::*;
use crate::trial::tests::{BYTES, evidence, plan};
use crate::{Hashed, Means, Measured, Outcome, Proven, Release, Statement};

fn release() -> (ReleaseDocument, BTreeMap<FileName, Evidence>) {
    let plan = plan(None);
    let id = plan.artifacts.keys().next().unwrap().clone();
    let evidence = evidence(&plan, &[(None, Outcome::Passed)]);
    let proven = Proven::new(&plan, id, Hashed::read(&mut { BYTES }).unwrap(), &[evidence]).unwrap();
    let release = Release::seal(&plan, vec![(proven, Measured::default())], BTreeMap::new(), &BTreeMap::new(), None).unwrap();
    let statements = release.statements().iter().map(|(file, bytes)| (file.clone(), Statement::read(bytes).unwrap())).collect();
    (release.document().clone(), statements)
}

/// What is said of the only artifact after a change of the document or of its statement.
fn refused(change: impl FnOnce(&mut ReleasedArtifact, &mut Evidence)) -> String {
    let (mut document, mut statements) = release();
    change(&mut document.artifacts[0], statements.values_mut().next().unwrap());
    document.artifacts[0].is_shown_by(&statements).unwrap_err().to_string()
}

#[test]
fn what_was_sealed_is_shown_by_its_statements() {
    let (document, statements) = release();
    assert_eq!(document.is_consistent(), Ok(()));
    assert_eq!(document.artifacts[0].is_shown_by(&statements), Ok(()));
    assert_eq!((document.unclaimed().count(), document.is_older()), (0, false));
    assert!(ReleaseDocument::parse(&document.to_bytes()).is_ok());
}

#[test]
fn a_claim_that_is_not_shown_is_refused() {
    let other = || "archive.a/x86_64-unknown-linux-gnu/debian:12".parse::<TrialId>().unwrap();
    let another = refused(|artifact, _| artifact.proven[0].trial = Some(other()));
    assert!(another.ends_with("debian:12 is claimed, and not required, or claimed twice"), "{another}");
    assert!(refused(|artifact, _| artifact.proven[0].trial = None).starts_with("sandbox is claimed, and not required"));
    assert!(refused(|artifact, _| artifact.proven[0].root = "debian:12".parse().unwrap()).contains("another root"));
    assert!(refused(|artifact, _| artifact.proven.push(artifact.proven[0].clone())).contains("sandbox is claimed"));
    assert!(refused(|artifact, _| artifact.proven.clear()).contains("sandbox is required, and nothing is claimed"));
    assert!(refused(|artifact, _| artifact.required.clear()).contains("an older plimsoll"));
    let third = refused(|artifact, _| {
        artifact.required.insert(other(), Digest::of(b""));
    });
    assert!(third.contains("debian:12 is required"), "{third}");
    assert!(refused(|artifact, _| artifact.sha256 = Digest::of(b"other")).contains("about something else"));
    assert!(refused(|artifact, _| artifact.file_name = "b.tar.xz".parse().unwrap()).contains("about something else"));
    let renamed = refused(|_, evidence| {
        let subject = evidence.trial.subjects.pop_first().unwrap().1;
        evidence.trial.subjects.insert("archive.b/x86_64-unknown-linux-gnu".parse().unwrap(), subject);
    });
    assert!(renamed.contains("something else"), "{renamed}");
    assert!(refused(|artifact, _| artifact.proven[0].libc = Some("glibc 2.17".to_owned())).contains("another C library"));
    assert!(refused(|artifact, _| artifact.cpu = Some(crate::CpuLevel::V3)).contains("another level of the processor"));
    assert!(refused(|_, evidence| evidence.means = Means::Inspected).contains("only looked at"));
    let tried_elsewhere = refused(|artifact, evidence| {
        evidence.trial.target = "x86_64-unknown-linux-musl".parse().ok();
        evidence.required = evidence.trial.digest();
        artifact.required.values_mut().for_each(|required| *required = evidence.required);
    });
    assert!(tried_elsewhere.contains("another target"), "{tried_elsewhere}");
    let untried = refused(|artifact, _| {
        artifact.targets.extend(artifact.target.clone());
        artifact.targets.extend("aarch64-apple-darwin".parse());
    });
    assert_eq!(untried, "it is claimed for aarch64-apple-darwin, and no trial was for that");
    let of_another_plan = refused(|artifact, _| {
        artifact.required.values_mut().for_each(|required| *required = Digest::of(b"another plan"));
    });
    assert!(of_another_plan.contains("of another trial"), "{of_another_plan}");
    let (document, _) = release();
    assert!(matches!(document.artifacts[0].is_shown_by(&BTreeMap::new()), Err(NotClaimable::NoStatement(_))));
}

#[test]
fn a_document_that_contradicts_itself_is_refused() {
    let said = |change: &dyn Fn(&mut ReleaseDocument)| {
        let (mut document, _) = release();
        change(&mut document);
        document.is_consistent().unwrap_err().to_string()
    };
    assert_eq!(said(&|document| document.artifacts.clear()), "holds no artifact");
    let twice = said(&|document| {
        let second = ReleasedArtifact { file_name: "b.tar.xz".parse().unwrap(), ..document.artifacts[0].clone() };
        document.artifacts.push(second);
    });
    assert_eq!(twice, "names archive.a/x86_64-unknown-linux-gnu twice");
    assert!(said(&|document| document.artifacts[0].name = "b".parse().unwrap()).ends_with("is archive.b/x86_64-unknown-linux-gnu"));
    assert!(said(&|document| document.artifacts[0].kind = "static".parse().unwrap()).ends_with("is static.a/x86_64-unknown-linux-gnu"));
    assert!(said(&|document| document.artifacts[0].target = None).ends_with("is archive.a"));
    for reserved in RESERVED {
        assert!(said(&|document| document.artifacts[0].file_name = reserved.parse().unwrap()).contains("of another file"));
    }
    let gap = said(&|document| {
        let artifact = document.artifacts[0].id.clone();
        document.gaps.push(crate::Gap { artifact, kind: crate::GapKind::Planned("later".to_owned()) });
    });
    assert!(gap.ends_with("twice"), "{gap}");
}

#[test]
fn a_doubled_key_is_refused_in_documents_and_statements() {
    let (document, statements) = release();
    let text = String::from_utf8(document.to_bytes()).unwrap();
    let doubled = text.replacen("\"epoch\"", "\"plan\": \"x\",\n  \"epoch\"", 1);
    assert!(ReleaseDocument::parse(doubled.as_bytes()).unwrap_err().to_string().contains("the key `plan` stands twice"));
    let evidence = statements.values().next().unwrap();
    let text = String::from_utf8(crate::document_json(&Statement::of(evidence))).unwrap();
    let doubled = text.replacen("\"started\"", "\"later\": 1,\n\"later\": 2,\n\"started\"", 1);
    assert!(Statement::read(doubled.as_bytes()).unwrap_err().to_string().contains("the key `later` stands twice"));
}
