//! Leaked paths: does the file name the machine that built it?

use super::finding::{Code, Finding};
use crate::leaks::{generic_leaks, leaked_paths};
use crate::policy::Policy;

/// Paths named in a finding.
const SHOWN: usize = 3;

/// One finding for forbidden folders, and one for a stranger's toolchain folders that no forbidden folder covers.
pub(super) fn judge(bytes: &[u8], policy: &Policy, findings: &mut Vec<Finding>) {
    let forbidden = leaked_paths(bytes, &policy.forbidden_paths);
    let hint =
        "remap it: `--remap-path-prefix` for Rust, `-ffile-prefix-map` for C; `option_env!` and `env!` of a path keep it in spite of that";
    if !forbidden.is_empty() {
        let message = describe("a path of the machine that built it", forbidden.iter().map(|leak| (leak.path.as_str(), leak.offset)));
        findings.push(Finding::new(Code::LeakedPath, message, hint));
    }
    if policy.allow_generic_leaks {
        return;
    }
    let strange = generic_leaks(bytes).into_iter().filter(|leak| leak.is_from_toolchain());
    let strange = strange.filter(|leak| forbidden.iter().all(|known| known.offset != leak.offset && !leak.path.starts_with(&known.path)));
    let strange = strange.collect::<Vec<_>>();
    if !strange.is_empty() {
        let message = describe("a path of somebody's toolchain", strange.iter().map(|leak| (leak.path.as_str(), leak.offset)));
        findings.push(Finding::new(Code::LeakedPath, message, hint));
    }
}

fn describe<'a>(what: &str, leaks: impl ExactSizeIterator<Item = (&'a str, u64)>) -> String {
    let count = leaks.len();
    let shown = leaks.take(SHOWN).map(|(path, offset)| format!("{path} at {offset:#x}")).collect::<Vec<_>>().join(", ");
    let more = if count > SHOWN { format!(" and {} more", count - SHOWN) } else { String::new() };
    format!("contains {what}: {shown}{more}")
}
