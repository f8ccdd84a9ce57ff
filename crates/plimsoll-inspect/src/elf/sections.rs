//! What only section headers tell: whether symbols and debug information are in the file.
//!
//! Nothing here decides how a file is loaded.

use object::Endianness as ByteOrder;
use object::elf;
use object::read::elf::{FileHeader, SectionHeader};

use super::image::Image;
use crate::facts::{ExecStack, Facts};

/// Reads the section headers; damaged names count as no names.
pub(super) fn read<E: FileHeader<Endian = ByteOrder>>(image: &Image<'_, E>, facts: &mut Facts) {
    let names = image.section_names();
    facts.stripped = true;
    if image.kind() == elf::ET_REL {
        facts.exec_stack = ExecStack::Missing;
    }
    for section in image.sections {
        if section.sh_type(image.endian) == elf::SHT_SYMTAB {
            facts.stripped = false;
        }
        let flags = section.sh_flags(image.endian);
        match section.name(image.endian, names) {
            Ok(b".debug_info" | b".zdebug_info") if section.sh_type(image.endian) != elf::SHT_NOBITS => facts.debug_info = true,
            Ok(b".note.GNU-stack") if image.kind() == elf::ET_REL => {
                let is_executable = flags.contains(elf::SHF_EXECINSTR);
                facts.exec_stack = if is_executable { ExecStack::Executable } else { ExecStack::NonExecutable };
            }
            _ => {}
        }
    }
}
