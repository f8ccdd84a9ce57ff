//! The audit of an sdist.
use crate::python::{Audit, Findings, PackageForm};
pub(crate) fn audit(_file_name: &str, _bytes: &[u8], _findings: &mut Findings) -> Audit {
    Audit::new(PackageForm::Sdist)
}
