//! The check that a rehearsal gives to the index: plimsoll's audit of wheels and sdists.

use plimsoll_harbor::Upload;
use plimsoll_inspect::audit;

use crate::index::TestIndex;
use crate::wheels::Form;

fn audited(upload: &Upload<'_>) -> Result<(), String> {
    let bytes = std::fs::read(upload.path).map_err(|error| error.to_string())?;
    let audit = audit(upload.file_name, &bytes).ok_or("is no wheel or sdist")?;
    let findings = audit.findings.iter().map(|finding| format!("{}: {}", finding.code.as_str(), finding));
    let findings = findings.collect::<Vec<_>>();
    if findings.is_empty() { Ok(()) } else { Err(findings.join("; ")) }
}

#[test]
fn what_the_audit_finds_is_refused_in_its_words() {
    let index = TestIndex::with(|options| options.check = Box::new(audited));
    let fine = Form::of_wheel("htty_core", "1.0", "a");
    let plain = index.upload(&fine.clone().named("htty_core-1.0-py3-none-linux_x86_64.whl"));
    assert!(plain.status == 400 && plain.text().contains("platform-tag: "), "{}", plain.text());
    let mut trailing = fine.clone();
    trailing.bytes.extend(b"more");
    let trailing = index.upload(&trailing.hashed());
    assert!(trailing.status == 400 && trailing.text().contains("trailing-data: "), "{}", trailing.text());
    assert_eq!(index.files(), 0);
    let answer = index.upload(&fine);
    assert_eq!(answer.status, 200, "{}", answer.text());
}
