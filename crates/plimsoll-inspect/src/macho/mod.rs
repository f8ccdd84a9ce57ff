//! Mach-O: facts from load commands, the symbol table, the exports and the code signature, read as the kernel and dyld read them.
//!
//! A universal file is a list of images; each is read by itself, from a slice of the file that it cannot look out of.

mod bindings;
mod commands;
mod directory;
mod exports;
mod hashes;
mod machine;
mod signature;
mod symbols;
mod universal;

use object::macho::{self, MachHeader32, MachHeader64};
use object::read::macho::MachHeader;
use object::{Endian, Endianness as ByteOrder};

use crate::error::InspectError;
use crate::facts::{Endianness, ExecStack, Facts, Linkage, MachoFacts};
use crate::format::Format;
use commands::Commands;

/// Facts about a Mach-O file of any class and byte order, or about all that a universal one holds.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Facts, InspectError> {
    match bytes {
        [0xca, 0xfe, 0xba, 0xbe, ..] => universal::inspect::<macho::FatArch32>(bytes),
        [0xca, 0xfe, 0xba, 0xbf, ..] => universal::inspect::<macho::FatArch64>(bytes),
        _ => thin(bytes),
    }
}

/// One image, which is no universal file.
fn thin(bytes: &[u8]) -> Result<Facts, InspectError> {
    match bytes {
        [0xfe, 0xed, 0xfa, 0xcf, ..] | [0xcf, 0xfa, 0xed, 0xfe, ..] => inspect_class::<MachHeader64<ByteOrder>>(bytes, 64),
        [0xfe, 0xed, 0xfa, 0xce, ..] | [0xce, 0xfa, 0xed, 0xfe, ..] => inspect_class::<MachHeader32<ByteOrder>>(bytes, 32),
        _ => Err(InspectError::Malformed { what: "Mach-O header", offset: 0, reason: "it does not begin with its magic number" }),
    }
}

fn inspect_class<H: MachHeader<Endian = ByteOrder>>(bytes: &[u8], class: u8) -> Result<Facts, InspectError> {
    let cut_off = || InspectError::Truncated { what: "Mach-O header", offset: 0, length: bytes.len() as u64 };
    let header = H::parse(bytes, 0).map_err(|_| cut_off())?;
    let endian = header.endian().map_err(|_| cut_off())?;
    let endianness = if endian.is_big_endian() { Endianness::Big } else { Endianness::Little };
    let (cpu_type, cpu_subtype, flags) = (header.cputype(endian), header.cpusubtype(endian), header.flags(endian));
    let kind = header.filetype(endian);
    let mut facts = Facts::new(Format::MachO, class, endianness, machine::name(cpu_type, cpu_subtype));
    let mut own = MachoFacts {
        cpu_type: cpu_type.0,
        cpu_subtype: cpu_subtype.0,
        file_type: machine::file_type(kind),
        two_level: flags.contains(macho::MH_TWOLEVEL),
        ..MachoFacts::default()
    };
    let commands = Commands::read(header, endian, bytes)?;
    facts.linkage = match kind {
        macho::MH_EXECUTE if commands.loader.is_some() => Linkage::Dynamic,
        macho::MH_EXECUTE => Linkage::Static,
        macho::MH_DYLIB | macho::MH_BUNDLE => Linkage::SharedObject,
        macho::MH_OBJECT => Linkage::Relocatable,
        macho::MH_CORE => Linkage::Core,
        macho::MH_DSYM => Linkage::DebugOnly,
        _ => Linkage::Unknown,
    };
    let is_loaded = facts.linkage.is_dynamic() || facts.linkage.is_static();
    facts.pie = kind == macho::MH_EXECUTE && flags.contains(macho::MH_PIE);
    if is_loaded {
        let is_executable = flags.contains(macho::MH_ALLOW_STACK_EXECUTION);
        facts.exec_stack = if is_executable { ExecStack::Executable } else { ExecStack::NonExecutable };
        facts.entry_points = exports::entry_points(commands.exports(bytes)?, commands.export_offset())?;
    }
    facts.writable_executable_segments = commands.writable_executable;
    let symbols = symbols::read::<H>(&commands, endian, bytes, own.two_level)?;
    facts.stripped = !symbols.has_locals;
    facts.debug_info = commands.has_dwarf || symbols.has_stabs;
    facts.host_imports = symbols.host_imports;
    own.flat_imports = symbols.flat_imports;
    own.object_files = symbols.object_files;
    own.signature = commands.signature.map(|place| signature::read(bytes, place, commands.info_plist)).transpose()?;
    facts.interpreter = commands.loader;
    facts.build_id = commands.uuid;
    facts.needed = commands.libraries.iter().map(|library| library.name.clone()).collect();
    own.platforms = commands.platforms;
    own.install_name = commands.install_name;
    own.libraries = commands.libraries;
    own.rpaths = commands.rpaths;
    own.loader_environment = commands.loader_environment;
    own.encrypted = commands.encrypted;
    facts.macho = Some(own);
    Ok(facts)
}
