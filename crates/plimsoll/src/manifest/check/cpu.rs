//! The level of the x86-64 processor that a core asks for.

use plimsoll_model::CpuLevel;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::suggestion;
use super::super::written::Written;

/// The declared level.
pub(crate) fn read(written: Option<&Written<String>>, out: &mut Diagnostics) -> Option<CpuLevel> {
    let written = written?;
    let found = CpuLevel::ALL.into_iter().find(|level| level.as_str() == written.value);
    if found.is_none() {
        let shown = written.value.chars().take(80).collect::<String>();
        let unknown = Diagnostic::new("bad-cpu", &written.span, format!("there is no processor level `{shown}`"));
        let hint = suggestion(&written.value, "levels", CpuLevel::ALL.map(CpuLevel::as_str));
        out.push(unknown.label("not a level of x86-64").maybe_hint(hint));
    }
    found
}
