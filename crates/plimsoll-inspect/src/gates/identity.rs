//! Format, processor and class: is this a file of the target at all?

use super::finding::{Code, Finding};
use crate::facts::Facts;
use crate::format::Format;
use crate::host;
use crate::policy::Policy;

/// At most one finding: the first that differs explains the rest.
pub(super) fn judge(facts: &Facts, policy: &Policy) -> Vec<Finding> {
    let target = &policy.target;
    let format = match target.os() {
        "macos" => Format::MachO,
        "windows" => Format::Pe,
        _ => Format::Elf,
    };
    let hint = format!("was it built for another target, or taken from another target's folder? Build it for {target}");
    if facts.format != format {
        let message = format!("is {}, and {target} loads {}", facts.format.as_str(), format.as_str());
        return vec![Finding::new(Code::WrongFormat, message, hint)];
    }
    let (machine, class) = host::machine(target);
    // What a universal file holds is not read yet.
    if facts.machine != machine && !(facts.format == Format::MachO && facts.machine == "universal") {
        return vec![Finding::new(Code::WrongMachine, format!("is for {}, not for {machine}", facts.machine), hint)];
    }
    if facts.class != class {
        return vec![Finding::new(Code::WrongClass, format!("has {} bits, not {class}", facts.class), hint)];
    }
    Vec::new()
}
