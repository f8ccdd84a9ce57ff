//! What installers would get wrong and PyPI refuse, found on the bytes that are to be published, whoever wrote them.

use plimsoll_model::{Class, Failure};

/// Audits the bytes of a wheel of that name.
///
/// # Errors
/// One failure with every finding.
pub(crate) fn audited(file_name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let Some(audit) = plimsoll_inspect::audit(file_name, bytes) else {
        return Err(Failure::new(Class::NotProven, "not-a-wheel", format!("`{file_name}` is not named like a wheel")));
    };
    let Some(first) = audit.findings.first() else { return Ok(()) };
    let mut failure = Failure::new(Class::NotProven, first.code.as_str(), format!("`{file_name}` did not pass the audit"));
    for finding in &audit.findings {
        failure = failure.cause(finding.code.as_str(), finding.to_string());
    }
    let mut hints = audit.findings.iter().map(|finding| finding.hint.as_str()).collect::<Vec<_>>();
    hints.dedup();
    Err(failure.hint(hints.join("\n")))
}
