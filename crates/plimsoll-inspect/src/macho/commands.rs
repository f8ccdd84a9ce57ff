//! Load commands: what the kernel and dyld are told, with every place that they point at checked against the image.
//!
//! Layout: `mach-o/loader.h`. A command that is there twice where one is expected is refused, since readers differ in which they take.

use object::Endianness as ByteOrder;
use object::macho::{self, DylibCommand, LcStr, LoadCommandType, Version};
use object::read::macho::{LoadCommandData, MachHeader, Section, Segment};

use super::machine;
use crate::error::InspectError;
use crate::facts::{LibraryUse, MachoLibrary, PlatformDemand};
use crate::strings::{MAX_STRING, fixed, lossy};
use crate::version::DottedVersion;

/// More libraries, or search paths, than any file has.
const MAX_NAMES: usize = 4096;

/// A range of the image's bytes, which lies within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByteRange {
    pub offset: u64,
    pub size: u64,
}

/// The symbol table, as LC_SYMTAB tells of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct SymbolTable {
    pub offset: u64,
    pub count: usize,
    pub strings: ByteRange,
}

/// What facts are drawn from.
#[derive(Default)]
pub(super) struct Commands<'data> {
    pub loader: Option<String>,
    pub uuid: Option<String>,
    pub platforms: Vec<PlatformDemand>,
    pub install_name: Option<MachoLibrary>,
    pub libraries: Vec<MachoLibrary>,
    pub rpaths: Vec<String>,
    pub loader_environment: Vec<String>,
    pub encrypted: bool,
    /// Segments that begin writable and executable.
    pub writable_executable: u32,
    pub has_dwarf: bool,
    pub symbols: Option<SymbolTable>,
    pub signature: Option<ByteRange>,
    /// The section `__TEXT,__info_plist`.
    pub info_plist: Option<&'data [u8]>,
    /// Bindings by opcodes.
    pub dyld_info: Option<&'data macho::DyldInfoCommand<ByteOrder>>,
    /// Bindings by chains.
    pub chains: Option<ByteRange>,
    exports: Option<ByteRange>,
}

/// One image while its commands are read.
struct Reader<'data> {
    bytes: &'data [u8],
    endian: ByteOrder,
}

type Command<'data> = LoadCommandData<'data, ByteOrder>;

impl<'data> Commands<'data> {
    pub fn read<H: MachHeader<Endian = ByteOrder>>(header: &H, endian: ByteOrder, bytes: &'data [u8]) -> Result<Self, InspectError> {
        let reader = Reader { bytes, endian };
        let offset = size_of::<H>() as u64;
        let cut_off = |_| InspectError::Truncated { what: "table of load commands", offset, length: bytes.len() as u64 };
        let table = header.load_commands(endian, bytes, 0).map_err(cut_off)?;
        let mut commands = Self::default();
        for command in table {
            let malformed =
                |_| InspectError::Malformed { what: "table of load commands", offset, reason: "a command does not fit into it" };
            commands.take::<H>(&reader, command.map_err(malformed)?)?;
        }
        Ok(commands)
    }

    /// The bytes of the exports trie.
    pub fn exports(&self, bytes: &'data [u8]) -> Result<&'data [u8], InspectError> {
        self.exports.map_or(Ok(&[][..]), |place| place.of(bytes, "exports"))
    }

    /// Where the exports trie begins.
    pub fn export_offset(&self) -> u64 {
        self.exports.map_or(0, |place| place.offset)
    }

    fn take<H: MachHeader<Endian = ByteOrder>>(&mut self, reader: &Reader<'data>, command: Command<'data>) -> Result<(), InspectError> {
        let malformed = |reason| InspectError::Malformed { what: "load command", offset: command.offset(), reason };
        if let Some((segment, sections)) = H::Segment::from_command(command).map_err(|_| malformed(SHORT))? {
            return self.segment::<H>(reader, command, segment, sections);
        }
        match command.cmd() {
            macho::LC_ID_DYLIB => set(&mut self.install_name, reader.library(command, LibraryUse::Own)?, command),
            macho::LC_LOAD_DYLIB
            | macho::LC_LOAD_WEAK_DYLIB
            | macho::LC_REEXPORT_DYLIB
            | macho::LC_LAZY_LOAD_DYLIB
            | macho::LC_LOAD_UPWARD_DYLIB => push(&mut self.libraries, reader.library(command, usage(command.cmd()))?),
            macho::LC_RPATH => push(&mut self.rpaths, reader.text(command)?),
            macho::LC_DYLD_ENVIRONMENT => push(&mut self.loader_environment, reader.text(command)?),
            macho::LC_LOAD_DYLINKER => set(&mut self.loader, reader.text(command)?, command),
            macho::LC_UUID => {
                let uuid = command.data::<macho::UuidCommand<ByteOrder>>().map_err(|_| malformed(SHORT))?.uuid;
                set(&mut self.uuid, uuid.iter().map(|byte| format!("{byte:02x}")).collect(), command)
            }
            macho::LC_BUILD_VERSION
            | macho::LC_VERSION_MIN_MACOSX
            | macho::LC_VERSION_MIN_IPHONEOS
            | macho::LC_VERSION_MIN_TVOS
            | macho::LC_VERSION_MIN_WATCHOS => push(&mut self.platforms, reader.platform(command)?),
            macho::LC_SYMTAB => set(&mut self.symbols, reader.symbols::<H>(command)?, command),
            macho::LC_CODE_SIGNATURE => set(&mut self.signature, reader.linkedit(command, "code signature")?, command),
            macho::LC_DYLD_EXPORTS_TRIE => set(&mut self.exports, reader.linkedit(command, "exports")?, command),
            macho::LC_DYLD_CHAINED_FIXUPS => set(&mut self.chains, reader.linkedit(command, "chained fixups")?, command),
            macho::LC_DYLD_INFO | macho::LC_DYLD_INFO_ONLY => {
                let info = command.data::<macho::DyldInfoCommand<ByteOrder>>().map_err(|_| malformed(SHORT))?;
                let place =
                    reader.place(info.export_off.get(reader.endian).into(), info.export_size.get(reader.endian).into(), "exports")?;
                set(&mut self.dyld_info, info, command)?;
                // An empty one says nothing, and the trie may have a command of its own.
                if place.size == 0 { Ok(()) } else { set(&mut self.exports, place, command) }
            }
            macho::LC_ENCRYPTION_INFO | macho::LC_ENCRYPTION_INFO_64 => {
                let info = command.data::<macho::EncryptionInfoCommand32<ByteOrder>>().map_err(|_| malformed(SHORT))?;
                self.encrypted |= info.cryptid.get(reader.endian) != 0;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn segment<H: MachHeader<Endian = ByteOrder>>(
        &mut self,
        reader: &Reader<'data>,
        command: Command<'data>,
        segment: &H::Segment,
        sections: &'data [u8],
    ) -> Result<(), InspectError> {
        let protection = segment.initprot(reader.endian);
        if protection.contains(macho::VM_PROT_WRITE) && protection.contains(macho::VM_PROT_EXECUTE) {
            self.writable_executable += u32::from(segment.vmsize(reader.endian).into() > 0);
        }
        self.has_dwarf |= segment.name() == b"__DWARF";
        let (offset, size) = segment.file_range(reader.endian);
        reader.place(offset, size, "segment")?;
        let sections = segment.sections(reader.endian, sections);
        let sections = sections.map_err(|_| InspectError::Malformed {
            what: "load command",
            offset: command.offset(),
            reason: "it has room for fewer sections than it tells of",
        })?;
        for section in sections {
            self.has_dwarf |= fixed(section.segname()) == b"__DWARF";
            if fixed(section.segname()) == b"__TEXT" && fixed(section.sectname()) == b"__info_plist" {
                let place = reader.place(section.offset(reader.endian).into(), section.size(reader.endian).into(), "section")?;
                self.info_plist = Some(place.of(reader.bytes, "section")?);
            }
        }
        Ok(())
    }
}

impl ByteRange {
    /// The bytes.
    pub fn of<'data>(&self, bytes: &'data [u8], what: &'static str) -> Result<&'data [u8], InspectError> {
        let from = usize::try_from(self.offset).ok();
        let to = self.offset.checked_add(self.size).and_then(|end| usize::try_from(end).ok());
        let found = from.zip(to).and_then(|(from, to)| bytes.get(from..to));
        found.ok_or(InspectError::Truncated { what, offset: self.offset, length: bytes.len() as u64 })
    }
}

impl<'data> Reader<'data> {
    fn place(&self, offset: u64, size: u64, what: &'static str) -> Result<ByteRange, InspectError> {
        let place = ByteRange { offset, size };
        if size > 0 {
            place.of(self.bytes, what)?;
        }
        Ok(place)
    }

    fn linkedit(&self, command: Command<'data>, what: &'static str) -> Result<ByteRange, InspectError> {
        let data = command.data::<macho::LinkeditDataCommand<ByteOrder>>().map_err(|_| short(command))?;
        self.place(data.dataoff.get(self.endian).into(), data.datasize.get(self.endian).into(), what)
    }

    fn symbols<H: MachHeader>(&self, command: Command<'data>) -> Result<SymbolTable, InspectError> {
        let table = command.data::<macho::SymtabCommand<ByteOrder>>().map_err(|_| short(command))?;
        let count = table.nsyms.get(self.endian);
        let size = u64::from(count) * size_of::<H::Nlist>() as u64;
        let offset = self.place(table.symoff.get(self.endian).into(), size, "symbol table")?.offset;
        let strings = self.place(table.stroff.get(self.endian).into(), table.strsize.get(self.endian).into(), "string table")?;
        Ok(SymbolTable { offset, count: count as usize, strings })
    }

    fn platform(&self, command: Command<'data>) -> Result<PlatformDemand, InspectError> {
        let min = |platform: &str, name: &str| {
            let data = command.data::<macho::VersionMinCommand<ByteOrder>>().map_err(|_| short(command))?;
            Ok(demand(platform.to_owned(), name, data.version.get(self.endian), data.sdk.get(self.endian)))
        };
        match command.cmd() {
            macho::LC_VERSION_MIN_MACOSX => min("macos", "LC_VERSION_MIN_MACOSX"),
            macho::LC_VERSION_MIN_IPHONEOS => min("ios", "LC_VERSION_MIN_IPHONEOS"),
            macho::LC_VERSION_MIN_TVOS => min("tvos", "LC_VERSION_MIN_TVOS"),
            macho::LC_VERSION_MIN_WATCHOS => min("watchos", "LC_VERSION_MIN_WATCHOS"),
            _ => {
                let data = command.data::<macho::BuildVersionCommand<ByteOrder>>().map_err(|_| short(command))?;
                let platform = machine::platform(data.platform.get(self.endian));
                Ok(demand(platform, "LC_BUILD_VERSION", data.minos.get(self.endian), data.sdk.get(self.endian)))
            }
        }
    }

    fn library(&self, command: Command<'data>, usage: LibraryUse) -> Result<MachoLibrary, InspectError> {
        let data = command.data::<DylibCommand<ByteOrder>>().map_err(|_| short(command))?;
        let flags = command.dylib_use_flags(self.endian, data).map_err(|_| short(command))?;
        // Since macOS 15 flags may say what kinds of commands said before.
        let usage = match flags {
            Some(flags) if flags.contains(macho::DYLIB_USE_WEAK_LINK) => LibraryUse::Weak,
            Some(flags) if flags.contains(macho::DYLIB_USE_REEXPORT) => LibraryUse::Reexported,
            Some(flags) if flags.contains(macho::DYLIB_USE_UPWARD) => LibraryUse::Upward,
            Some(flags) if flags.contains(macho::DYLIB_USE_DELAYED_INIT) => LibraryUse::Lazy,
            _ => usage,
        };
        Ok(MachoLibrary {
            name: self.string(command, data.dylib.name)?,
            usage,
            current_version: version(data.dylib.current_version.get(self.endian)),
            compatibility_version: version(data.dylib.compatibility_version.get(self.endian)),
        })
    }

    /// The string of a command that has only one.
    fn text(&self, command: Command<'data>) -> Result<String, InspectError> {
        let data = command.data::<macho::RpathCommand<ByteOrder>>().map_err(|_| short(command))?;
        self.string(command, data.path)
    }

    fn string(&self, command: Command<'data>, at: LcStr<ByteOrder>) -> Result<String, InspectError> {
        let found = command.string(self.endian, at).ok().filter(|text| text.len() <= MAX_STRING);
        found.map(lossy).ok_or(InspectError::Malformed {
            what: "load command",
            offset: command.offset(),
            reason: "its string is too long, has no end, or lies outside of it",
        })
    }
}

const SHORT: &str = "it is shorter than commands of its kind are";

fn short(command: Command<'_>) -> InspectError {
    InspectError::Malformed { what: "load command", offset: command.offset(), reason: SHORT }
}

fn usage(kind: LoadCommandType) -> LibraryUse {
    match kind {
        macho::LC_LOAD_WEAK_DYLIB => LibraryUse::Weak,
        macho::LC_REEXPORT_DYLIB => LibraryUse::Reexported,
        macho::LC_LAZY_LOAD_DYLIB => LibraryUse::Lazy,
        macho::LC_LOAD_UPWARD_DYLIB => LibraryUse::Upward,
        _ => LibraryUse::Required,
    }
}

fn demand(platform: String, command: &str, minimum: Version, sdk: Version) -> PlatformDemand {
    PlatformDemand { platform, minimum: version(minimum), sdk: version(sdk), command: command.to_owned() }
}

/// `11.0`; a third number only where it is not nought.
fn version(version: Version) -> DottedVersion {
    match version.update() {
        0 => DottedVersion::of(version.major().into(), &[version.minor().into()]),
        update => DottedVersion::of(version.major().into(), &[version.minor().into(), update.into()]),
    }
}

fn push<T>(list: &mut Vec<T>, value: T) -> Result<(), InspectError> {
    if list.len() == MAX_NAMES {
        return Err(InspectError::TooMany { what: "load commands of one kind", limit: MAX_NAMES });
    }
    list.push(value);
    Ok(())
}

fn set<T>(slot: &mut Option<T>, value: T, command: Command<'_>) -> Result<(), InspectError> {
    if slot.is_some() {
        return Err(InspectError::Malformed { what: "load command", offset: command.offset(), reason: "there is another of its kind" });
    }
    *slot = Some(value);
    Ok(())
}
