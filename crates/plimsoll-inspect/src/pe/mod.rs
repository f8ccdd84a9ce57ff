//! PE: facts from headers, imports, exports and directories, read as Windows' loader reads them.
//!
//! Layout: "PE Format" of Microsoft's documentation.

mod debug;
mod exports;
mod image;
mod imports;
mod layout;

use object::LittleEndian as LE;
use object::pe::{self, ImageDosHeader, ImageNtHeaders32, ImageNtHeaders64};
use object::read::ReadRef;
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader};

use crate::error::InspectError;
use crate::facts::{Endianness, Facts, Linkage, PeFacts, Subsystem};
use crate::format::Format;
use crate::version::DottedVersion;
use image::Image;

/// Facts about a PE file of any class.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Facts, InspectError> {
    let length = bytes.len() as u64;
    let dos = bytes.read_at::<ImageDosHeader>(0).map_err(|()| InspectError::Truncated { what: "DOS header", offset: 0, length })?;
    let offset = u64::from(dos.e_lfanew.get(LE));
    let cut_off = |()| InspectError::Truncated { what: "PE header", offset, length };
    let malformed = |reason| InspectError::Malformed { what: "PE header", offset, reason };
    if bytes.read_bytes_at(offset, 4).map_err(cut_off)? != b"PE\0\0" {
        return Err(malformed("it does not begin with its signature"));
    }
    let magic = bytes.read_at::<object::U16<LE>>(offset + 24).map_err(cut_off)?.get(LE);
    match magic {
        pe::IMAGE_NT_OPTIONAL_HDR64_MAGIC => inspect_class::<ImageNtHeaders64>(bytes, offset, 64),
        pe::IMAGE_NT_OPTIONAL_HDR32_MAGIC => inspect_class::<ImageNtHeaders32>(bytes, offset, 32),
        _ => Err(malformed("its optional header is neither PE32 nor PE32+")),
    }
}

fn inspect_class<H: ImageNtHeaders>(bytes: &[u8], offset: u64, class: u8) -> Result<Facts, InspectError> {
    let image = Image::<H>::parse(bytes, offset)?;
    let (file, optional) = (image.headers.file_header(), image.headers.optional_header());
    let machine = file.machine.get(LE);
    let mut facts = Facts::new(Format::Pe, class, Endianness::Little, machine_name(machine));
    let characteristics = file.characteristics.get(LE);
    let dll = characteristics.contains(pe::IMAGE_FILE_DLL);
    facts.linkage = match (characteristics.contains(pe::IMAGE_FILE_EXECUTABLE_IMAGE), dll) {
        (false, _) => Linkage::Unknown,
        (true, true) => Linkage::SharedObject,
        (true, false) => Linkage::Dynamic,
    };
    let imports = imports::read(&image)?;
    let exports = exports::read(&image)?;
    let flags = optional.dll_characteristics();
    let is_relocatable = !characteristics.contains(pe::IMAGE_FILE_RELOCS_STRIPPED);
    let aslr = flags.contains(pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE) && is_relocatable;
    let signature = layout::signature(&image)?;
    let debug = debug::read(&image);
    facts.writable_executable_segments = layout::writable_executable(&image);
    facts.pie = aslr && !dll;
    facts.stripped = file.number_of_symbols.get(LE) == 0;
    facts.debug_info = layout::has_dwarf(&image);
    facts.build_id = debug.as_ref().map(|debug| debug.id.clone());
    for import in &imports {
        if !facts.needed.contains(&import.library) {
            facts.needed.push(import.library.clone());
        }
    }
    let is_entry = |name: &&String| *name == "nif_init" || (name.starts_with("PyInit_") && name.len() > "PyInit_".len());
    facts.entry_points = exports.names.iter().filter(is_entry).cloned().collect();
    facts.pe = Some(PeFacts {
        machine: machine.0,
        subsystem: subsystem(optional.subsystem()),
        subsystem_version: version(optional.major_subsystem_version(), optional.minor_subsystem_version()),
        os_version: version(optional.major_operating_system_version(), optional.minor_operating_system_version()),
        dll,
        c_runtimes: imports::c_runtimes(&imports),
        imports,
        exports: exports.names,
        forwards: exports.forwards,
        export_name: exports.own_name,
        aslr,
        high_entropy: flags.contains(pe::IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA),
        nx: flags.contains(pe::IMAGE_DLLCHARACTERISTICS_NX_COMPAT),
        guard_cf: flags.contains(pe::IMAGE_DLLCHARACTERISTICS_GUARD_CF),
        checksum: layout::checksum(&image),
        pdb: debug.map(|debug| debug.path),
        signature_size: signature.map(|(_, size)| size),
        overlay: layout::overlay(&image, signature),
    });
    Ok(facts)
}

fn version(major: u16, minor: u16) -> DottedVersion {
    DottedVersion::of(major.into(), &[minor.into()])
}

fn machine_name(machine: pe::Machine) -> String {
    let name = match machine {
        pe::IMAGE_FILE_MACHINE_AMD64 => "x86_64",
        pe::IMAGE_FILE_MACHINE_ARM64 => "aarch64",
        pe::IMAGE_FILE_MACHINE_ARM64EC => "arm64ec",
        pe::IMAGE_FILE_MACHINE_I386 => "i686",
        pe::IMAGE_FILE_MACHINE_ARMNT => "arm",
        other => return format!("unknown-{}", other.0),
    };
    name.to_owned()
}

fn subsystem(subsystem: pe::Subsystem) -> Subsystem {
    match subsystem {
        pe::IMAGE_SUBSYSTEM_WINDOWS_CUI => Subsystem::Console,
        pe::IMAGE_SUBSYSTEM_WINDOWS_GUI => Subsystem::Gui,
        pe::IMAGE_SUBSYSTEM_NATIVE => Subsystem::Native,
        pe::IMAGE_SUBSYSTEM_EFI_APPLICATION
        | pe::IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER
        | pe::IMAGE_SUBSYSTEM_EFI_RUNTIME_DRIVER
        | pe::IMAGE_SUBSYSTEM_EFI_ROM => Subsystem::Efi,
        _ => Subsystem::Other,
    }
}
