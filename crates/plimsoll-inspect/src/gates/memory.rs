//! Stack, segments and relocations: does the file ask for memory that is writable and executable?

use plimsoll_model::Libc;

use super::finding::{Code, Finding};
use crate::facts::{ExecStack, Facts, Linkage};
use crate::format::Format;
use crate::policy::Policy;

pub(super) fn judge(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    let hint = "an assembly file lacks `.section .note.GNU-stack,\"\",@progbits`: add it, or link with `-z noexecstack`";
    let is_dynamic_gnu = facts.linkage.is_dynamic() && policy.target.libc() == Some(Libc::Gnu);
    match facts.exec_stack {
        ExecStack::Executable if facts.format == Format::MachO => {
            let message = "asks for an executable stack (MH_ALLOW_STACK_EXECUTION)";
            findings.push(Finding::new(Code::ExecStack, message, "drop `-allow_stack_execute` from the linker's flags"));
        }
        ExecStack::Executable if facts.linkage != Linkage::Relocatable => {
            findings.push(Finding::new(
                Code::ExecStack,
                "asks for an executable stack (PT_GNU_STACK), which glibc 2.41 refuses to dlopen",
                hint,
            ));
        }
        ExecStack::Missing if is_dynamic_gnu => {
            let message =
                "does not say whether its stack is executable (no PT_GNU_STACK), which glibc 2.41 takes for yes and refuses to dlopen";
            findings.push(Finding::new(Code::ExecStack, message, hint));
        }
        _ => {}
    }
    if facts.writable_executable_segments > 0 {
        let what = if facts.format == Format::Pe { "section" } else { "segment" };
        let message = format!("loads {} that can be written and executed at once", counted(facts.writable_executable_segments, what));
        let hint = match facts.format {
            Format::Elf => "drop `-N`, `--omagic` and linker scripts that merge code and data",
            Format::MachO => "drop `-segprot` from the linker's flags",
            Format::Pe => "drop `/SECTION:…,RWE` and `/MERGE` from the linker's flags",
        };
        findings.push(Finding::new(Code::WritableExecutable, message, hint));
    }
    if facts.textrel {
        let hint = "compile every object with -fPIC, and link with `-z text` to find the one at fault";
        findings.push(Finding::new(Code::TextRelocations, "has relocations that write into its code (DT_TEXTREL)", hint));
    }
}

fn counted(count: u32, what: &str) -> String {
    if count == 1 { format!("a {what}") } else { format!("{count} {what}s") }
}
