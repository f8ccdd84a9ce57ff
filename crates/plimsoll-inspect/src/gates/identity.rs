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
    if !facts.slices.is_empty() {
        // Every slice is judged by itself, and one of them must be the target's.
        let has = facts.slices.iter().map(|slice| slice.machine.as_str()).collect::<Vec<_>>();
        let message = || format!("holds slices for {}, and none for {machine}", has.join(", "));
        return if has.contains(&machine.as_str()) { Vec::new() } else { vec![Finding::new(Code::WrongMachine, message(), hint)] };
    }
    if facts.machine != machine {
        return vec![Finding::new(Code::WrongMachine, format!("is for {}, not for {machine}", facts.machine), hint)];
    }
    if facts.class != class {
        return vec![Finding::new(Code::WrongClass, format!("has {} bits, not {class}", facts.class), hint)];
    }
    Vec::new()
}
