//! ELF: facts from program headers, the dynamic table and the version need table, read as the loader reads them.
//!
//! Section headers are only used for what is in no segment (symbol table, debug information): a loader ignores them, and so would a
//! file made to deceive.

mod demands;
mod dynamic;
mod image;
mod machine;
mod notes;
mod sections;
mod symbols;

use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endian, Endianness as ByteOrder};

use crate::error::InspectError;
use crate::facts::{Endianness, ExecStack, Facts, Linkage, Relro};
use crate::format::Format;
use dynamic::Dynamic;
use image::Image;

/// Facts about an ELF file of any class and byte order.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Facts, InspectError> {
    match bytes.get(4).map(|class| elf::FileClass(*class)) {
        None => Err(InspectError::Truncated { what: "ELF header", offset: 0, length: bytes.len() as u64 }),
        Some(elf::ELFCLASS32) => inspect_class::<FileHeader32<ByteOrder>>(bytes, 32),
        Some(elf::ELFCLASS64) => inspect_class::<FileHeader64<ByteOrder>>(bytes, 64),
        Some(_) => Err(InspectError::Malformed { what: "ELF header", offset: 4, reason: "the class is neither 32 nor 64 bits" }),
    }
}

fn inspect_class<E: FileHeader<Endian = ByteOrder>>(bytes: &[u8], class: u8) -> Result<Facts, InspectError> {
    let image = Image::<E>::parse(bytes)?;
    let endianness = if image.endian.is_big_endian() { Endianness::Big } else { Endianness::Little };
    let mut facts = Facts::new(Format::Elf, class, endianness, machine::name(image.machine(), class, endianness));
    sections::read(&image, &mut facts);
    facts.build_id = notes::build_id(&image);
    if !image.is_loaded() {
        facts.linkage = match image.kind() {
            elf::ET_REL => Linkage::Relocatable,
            elf::ET_CORE => Linkage::Core,
            _ if image.debug_only => Linkage::DebugOnly,
            _ => Linkage::Unknown,
        };
        return Ok(facts);
    }
    read_segments(&image, &mut facts)?;
    let dynamic = Dynamic::read(&image)?;
    facts.linkage = linkage(image.kind(), facts.interpreter.is_some(), dynamic.as_ref());
    facts.pie = image.kind() == elf::ET_DYN && matches!(facts.linkage, Linkage::Dynamic | Linkage::StaticPie);
    let has_relro = image.segments.iter().any(|segment| segment.p_type(image.endian) == elf::PT_GNU_RELRO);
    // Without a dynamic table there is nothing that could be bound late.
    let is_bound = dynamic.as_ref().is_none_or(|dynamic| dynamic.bind_now);
    facts.relro = match (has_relro, is_bound) {
        (false, _) => Relro::None,
        (true, false) => Relro::Partial,
        (true, true) => Relro::Full,
    };
    if let Some(dynamic) = dynamic {
        let mut needs = demands::read(&image, &dynamic)?;
        let symbols = symbols::read(&image, &dynamic, &mut needs)?;
        facts.unversioned_new_symbols = symbols.unversioned_new;
        facts.entry_points = symbols.entry_points;
        facts.host_imports = symbols.host_imports;
        facts.demands = needs.into_iter().map(|need| need.demand).collect();
        facts.floors = demands::floors(&facts.demands);
        facts.bind_now = dynamic.bind_now;
        facts.textrel = dynamic.textrel;
        facts.relr = dynamic.relr;
        facts.needed = dynamic.needed;
        facts.soname = dynamic.soname;
        facts.rpath = dynamic.rpath;
        facts.runpath = dynamic.runpath;
    }
    Ok(facts)
}

fn read_segments<E: FileHeader<Endian = ByteOrder>>(image: &Image<'_, E>, facts: &mut Facts) -> Result<(), InspectError> {
    facts.exec_stack = ExecStack::Missing;
    for segment in image.segments {
        let flags = segment.p_flags(image.endian);
        match segment.p_type(image.endian) {
            elf::PT_LOAD if flags.contains(elf::PF_W) && flags.contains(elf::PF_X) => facts.writable_executable_segments += 1,
            elf::PT_GNU_STACK if flags.contains(elf::PF_X) => facts.exec_stack = ExecStack::Executable,
            elf::PT_GNU_STACK => facts.exec_stack = ExecStack::NonExecutable,
            // Linux takes the first.
            elf::PT_INTERP if facts.interpreter.is_none() => facts.interpreter = Some(image.interpreter(segment)?),
            _ => {}
        }
    }
    Ok(())
}

/// How a loaded file is linked.
///
/// DF_1_PIE is what tells an executable at any address from a library; linkers before binutils 2.26 did not set it, so an interpreter
/// without a SONAME says "executable" too (libc.so.6 has an interpreter, and a SONAME).
fn linkage(kind: elf::FileType, has_interpreter: bool, dynamic: Option<&Dynamic<'_>>) -> Linkage {
    let needs_libraries = dynamic.is_some_and(|dynamic| !dynamic.needed.is_empty());
    let has_soname = dynamic.is_some_and(|dynamic| dynamic.soname.is_some());
    let is_pie = dynamic.is_some_and(|dynamic| dynamic.pie);
    match kind {
        elf::ET_EXEC if has_interpreter || needs_libraries => Linkage::Dynamic,
        elf::ET_EXEC => Linkage::Static,
        elf::ET_DYN if is_pie && !has_interpreter && !needs_libraries => Linkage::StaticPie,
        elf::ET_DYN if is_pie || (has_interpreter && !has_soname) => Linkage::Dynamic,
        elf::ET_DYN => Linkage::SharedObject,
        _ => Linkage::Unknown,
    }
}
