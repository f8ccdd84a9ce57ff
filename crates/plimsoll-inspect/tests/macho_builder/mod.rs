//! Makes minimal Mach-O images for tests: header, load commands, one page of code, exports, symbols, and a signature that holds.
//!
//! Only as sound as the kernel and dyld would insist on; faults are made by the fields, or by changing the bytes afterwards.
#![allow(dead_code, reason = "each test binary uses its own part")]

use ring::digest;

pub const ARM64: (u32, u32) = (0x0100_000c, 0);
pub const ARM64E: (u32, u32) = (0x0100_000c, 0x8000_0002);
pub const X86_64: (u32, u32) = (0x0100_0007, 3);
pub const I386: (u32, u32) = (7, 3);
pub const OBJECT: u32 = 1;
pub const EXECUTE: u32 = 2;
pub const DYLIB: u32 = 6;
pub const BUNDLE: u32 = 8;
pub const PIE: u32 = 0x20_0000;
pub const TWO_LEVEL: u32 = 0x80;
pub const STACK_EXECUTION: u32 = 0x2_0000;
pub const LOAD: u32 = 0xc;
pub const WEAK: u32 = 0x8000_0018;
pub const REEXPORT: u32 = 0x8000_001f;
pub const LAZY: u32 = 0x20;

pub const SHA1: u8 = 1;
pub const SHA256: u8 = 2;
pub const SHA256_TRUNCATED: u8 = 3;
pub const SHA384: u8 = 4;
pub const ADHOC: u32 = 2;

/// Where code begins: behind one page of load commands.
pub const CODE: usize = 0x1000;

#[derive(Debug, Clone)]
pub struct Macho {
    pub is_64: bool,
    pub is_big: bool,
    pub cpu: (u32, u32),
    pub kind: u32,
    pub flags: u32,
    pub loader: Option<&'static str>,
    /// LC_BUILD_VERSION: platform, minimum, SDK.
    pub builds: Vec<(u32, u32, u32)>,
    /// LC_VERSION_MIN_MACOSX: minimum, SDK.
    pub version_min: Option<(u32, u32)>,
    pub install_name: Option<&'static str>,
    /// Command, name.
    pub libraries: Vec<(u32, String)>,
    pub rpaths: Vec<&'static str>,
    pub environment: Vec<&'static str>,
    pub protection: u32,
    pub encryption: u32,
    pub exports: Vec<&'static str>,
    /// Undefined symbols, with the ordinal of their library.
    pub imports: Vec<(&'static str, u8)>,
    /// The same, in opcodes.
    pub bound_flat: Vec<&'static str>,
    /// The same, in chained fixups.
    pub chained_flat: Vec<&'static str>,
    pub object_files: Vec<&'static str>,
    pub info_plist: Option<&'static [u8]>,
    /// Kinds of hashes, one directory each; none: no signature.
    pub hashes: Vec<u8>,
    pub signing_flags: u32,
    pub requirements: Option<Vec<u8>>,
    /// A certificate's blob.
    pub certificate: Option<Vec<u8>>,
    pub page_shift: u8,
    pub extra: Vec<u8>,
}

pub const fn version(major: u32, minor: u32) -> u32 {
    major << 16 | minor << 8
}

/// A healthy program for Apple's own processors and macOS 11.0.
pub fn healthy() -> Macho {
    Macho {
        is_64: true,
        is_big: false,
        cpu: ARM64,
        kind: EXECUTE,
        flags: PIE | TWO_LEVEL,
        loader: Some("/usr/lib/dyld"),
        builds: vec![(1, version(11, 0), version(14, 2))],
        version_min: None,
        install_name: None,
        libraries: vec![(LOAD, "/usr/lib/libSystem.B.dylib".to_owned())],
        rpaths: vec!["@executable_path/../lib"],
        environment: Vec::new(),
        protection: 5,
        encryption: 0,
        exports: Vec::new(),
        imports: vec![("_printf", 1)],
        bound_flat: Vec::new(),
        chained_flat: Vec::new(),
        object_files: Vec::new(),
        info_plist: None,
        hashes: vec![SHA256],
        signing_flags: ADHOC,
        requirements: None,
        certificate: None,
        page_shift: 12,
        extra: Vec::new(),
    }
}

/// The same as a library.
pub fn library() -> Macho {
    Macho {
        kind: DYLIB,
        flags: TWO_LEVEL,
        loader: None,
        install_name: Some("@rpath/libown.dylib"),
        rpaths: vec!["@loader_path"],
        ..healthy()
    }
}

/// The same for Intel's processors, without a signature.
pub fn intel() -> Macho {
    Macho { cpu: X86_64, builds: vec![(1, version(10, 12), version(14, 2))], hashes: Vec::new(), ..healthy() }
}

/// A universal file of images, each at a multiple of its alignment.
pub fn universal(images: &[((u32, u32), Vec<u8>)]) -> Vec<u8> {
    let mut bytes = [0xcafe_babe_u32.to_be_bytes(), (images.len() as u32).to_be_bytes()].concat();
    let mut at = 0x4000;
    for (cpu, image) in images {
        for word in [cpu.0, cpu.1, at, image.len() as u32, 14] {
            bytes.extend(word.to_be_bytes());
        }
        at += (image.len() as u32).next_multiple_of(0x4000);
    }
    for (_, image) in images {
        bytes.resize(bytes.len().next_multiple_of(0x4000), 0);
        bytes.extend(image);
    }
    bytes
}

/// Pieces of `__LINKEDIT`, with their offsets in the file.
struct Tail {
    exports: (usize, usize),
    bindings: (usize, usize),
    chains: (usize, usize),
    symbols: (usize, usize),
    strings: (usize, usize),
    bytes: Vec<u8>,
}

impl Macho {
    pub fn build(&self) -> Vec<u8> {
        let tail = self.tail();
        let plist = self.info_plist.unwrap_or_default();
        let code_end = CODE + 0x1000;
        let tail_end = (code_end + tail.bytes.len()).next_multiple_of(16);
        let size = if self.hashes.is_empty() { 0 } else { self.signature(&vec![0; tail_end]).len() };
        let mut bytes = self.header(&tail, tail_end, size);
        assert!(bytes.len() + plist.len() <= CODE);
        bytes.resize(CODE - plist.len(), 0);
        bytes.extend(plist);
        bytes.extend(&self.extra);
        bytes.resize(code_end, 0xd5);
        bytes.extend(&tail.bytes);
        bytes.resize(tail_end, 0);
        if size > 0 {
            let signature = self.signature(&bytes);
            bytes.extend(signature);
        }
        bytes
    }

    fn words(&self, words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| if self.is_big { word.to_be_bytes() } else { word.to_le_bytes() }).collect()
    }

    /// A number as wide as addresses are.
    fn wide(&self, number: u64) -> Vec<u8> {
        match (self.is_64, self.is_big) {
            (true, true) => number.to_be_bytes().to_vec(),
            (true, false) => number.to_le_bytes().to_vec(),
            (false, _) => self.words(&[number as u32]),
        }
    }

    fn command(&self, command: u32, body: Vec<u8>) -> Vec<u8> {
        let size = (8 + body.len()).next_multiple_of(8);
        let mut bytes = self.words(&[command, size as u32]);
        bytes.extend(body);
        bytes.resize(size, 0);
        bytes
    }

    /// A command with words and one string behind them; the first word is the string's offset.
    fn named(&self, command: u32, words: &[u32], name: &str) -> Vec<u8> {
        let offset = 12 + 4 * words.len() as u32;
        self.command(command, [self.words(&[offset]), self.words(words), name.as_bytes().to_vec(), vec![0]].concat())
    }

    fn segment(&self, name: &str, offset: usize, size: usize, protection: u32, section: Option<(&str, usize, usize)>) -> Vec<u8> {
        let mut body = name.as_bytes().to_vec();
        body.resize(16, 0);
        body.extend(
            [self.wide(0x1_0000 + offset as u64), self.wide(size as u64), self.wide(offset as u64), self.wide(size as u64)].concat(),
        );
        body.extend(self.words(&[protection, protection, u32::from(section.is_some()), 0]));
        if let Some((section, offset, size)) = section {
            for part in [section, name] {
                let mut field = part.as_bytes().to_vec();
                field.resize(16, 0);
                body.extend(field);
            }
            body.extend([self.wide(0x1_0000 + offset as u64), self.wide(size as u64)].concat());
            body.extend(self.words(&[offset as u32, 0, 0, 0, 0, 0, 0]));
            if self.is_64 {
                body.extend(self.words(&[0]));
            }
        }
        self.command(if self.is_64 { 0x19 } else { 1 }, body)
    }

    fn header(&self, tail: &Tail, tail_end: usize, signature: usize) -> Vec<u8> {
        let plist = self.info_plist.unwrap_or_default();
        let mut commands = vec![
            self.segment(
                "__TEXT",
                0,
                CODE + 0x1000,
                self.protection,
                Some(("__info_plist", CODE - plist.len(), plist.len())).filter(|_| !plist.is_empty()),
            ),
            self.segment("__LINKEDIT", CODE + 0x1000, tail_end + signature - CODE - 0x1000, 1, None),
            self.command(0x1b, vec![0xab; 16]),
            self.command(2, self.words(&[tail.symbols.0 as u32, tail.symbols.1 as u32, tail.strings.0 as u32, tail.strings.1 as u32])),
        ];
        let mut info = vec![0; 10];
        (info[2], info[3]) = (tail.bindings.0 as u32, tail.bindings.1 as u32);
        (info[8], info[9]) = (tail.exports.0 as u32, tail.exports.1 as u32);
        commands.push(self.command(0x8000_0022, self.words(&info)));
        if tail.chains.1 > 0 {
            commands.push(self.command(0x8000_0034, self.words(&[tail.chains.0 as u32, tail.chains.1 as u32])));
        }
        commands.extend(self.loader.map(|loader| self.named(0xe, &[], loader)));
        commands.extend(self.builds.iter().map(|(platform, minimum, sdk)| self.command(0x32, self.words(&[*platform, *minimum, *sdk, 0]))));
        commands.extend(self.version_min.map(|(minimum, sdk)| self.command(0x24, self.words(&[minimum, sdk]))));
        commands.extend(self.install_name.map(|name| self.named(0xd, &[2, version(1, 2), version(1, 0)], name)));
        commands.extend(self.libraries.iter().map(|(command, name)| self.named(*command, &[2, version(1359, 0), version(1, 0)], name)));
        commands.extend(self.rpaths.iter().map(|path| self.named(0x8000_001c, &[], path)));
        commands.extend(self.environment.iter().map(|variable| self.named(0x27, &[], variable)));
        if self.encryption > 0 {
            commands.push(self.command(0x2c, self.words(&[CODE as u32, 0x1000, self.encryption, 0])));
        }
        if signature > 0 {
            commands.push(self.command(0x1d, self.words(&[tail_end as u32, signature as u32])));
        }
        let count = commands.len() as u32;
        let commands = commands.concat();
        let magic = if self.is_64 { 0xfeed_facf } else { 0xfeed_face };
        let mut bytes = self.words(&[magic, self.cpu.0, self.cpu.1, self.kind, count, commands.len() as u32, self.flags]);
        if self.is_64 {
            bytes.extend(self.words(&[0]));
        }
        [bytes, commands].concat()
    }

    fn tail(&self) -> Tail {
        let base = CODE + 0x1000;
        let mut bytes = trie(&self.exports);
        let exports = (base, bytes.len());
        let from = bytes.len();
        for name in &self.bound_flat {
            // Special library -2, symbol, bind, done.
            bytes.extend([[0x3e, 0x40].as_slice(), name.as_bytes(), &[0, 0x90, 0]].concat());
        }
        let bindings = (base + from, bytes.len() - from);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let from = bytes.len();
        if !self.chained_flat.is_empty() {
            let count = self.chained_flat.len() as u32;
            bytes.extend(self.words(&[0, 28, 28, 28 + 4 * count, count, 1, 0]));
            let mut names = Vec::new();
            for name in &self.chained_flat {
                bytes.extend(self.words(&[0xfe | (names.len() as u32) << 9]));
                names.extend([name.as_bytes(), &[0]].concat());
            }
            bytes.extend(names);
        }
        let chains = (base + from, bytes.len() - from);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let mut strings = vec![0];
        let from = bytes.len();
        let mut count = 0;
        // N_OSO is 0x66, an undefined external symbol 1.
        let stabs = self.object_files.iter().map(|path| (*path, 0x66, 0));
        for (name, kind, library) in stabs.chain(self.imports.iter().map(|(name, library)| (*name, 1, *library))) {
            bytes.extend(self.words(&[strings.len() as u32]));
            let description = u16::from(library) << 8;
            bytes.extend([kind, 0]);
            bytes.extend(if self.is_big { description.to_be_bytes() } else { description.to_le_bytes() });
            bytes.extend(self.wide(0));
            strings.extend([name.as_bytes(), &[0]].concat());
            count += 1;
        }
        let symbols = (base + from, count);
        let place = (base + bytes.len(), strings.len());
        bytes.extend(strings);
        Tail { exports, bindings, chains, symbols, strings: place, bytes }
    }

    /// An embedded signature of `code`.
    fn signature(&self, code: &[u8]) -> Vec<u8> {
        let mut blobs = Vec::new();
        for (index, kind) in self.hashes.iter().enumerate() {
            let slot = if index == 0 { 0 } else { 0x1000 + index as u32 - 1 };
            blobs.push((slot, self.directory(*kind, code)));
        }
        blobs.extend(self.requirements.clone().map(|requirements| (2, blob(0xfade_0c01, &requirements))));
        blobs.extend(self.certificate.clone().map(|certificate| (0x1_0000, blob(0xfade_0b01, &certificate))));
        let mut at = 12 + 8 * blobs.len();
        let mut index = Vec::new();
        for (slot, blob) in &blobs {
            index.extend([slot.to_be_bytes(), (at as u32).to_be_bytes()].concat());
            at += blob.len();
        }
        let words = [0xfade_0cc0_u32, at as u32, blobs.len() as u32].map(u32::to_be_bytes).concat();
        [words, index, blobs.into_iter().map(|(_, blob)| blob).collect::<Vec<_>>().concat()].concat()
    }

    fn directory(&self, kind: u8, code: &[u8]) -> Vec<u8> {
        let identifier = b"org.plimsoll.test\0";
        let mut hashes = match &self.requirements {
            Some(requirements) => hash(kind, &blob(0xfade_0c01, requirements)),
            None => vec![0; hash(kind, b"").len()],
        };
        hashes.extend(self.info_plist.map_or_else(|| vec![0; hashes.len()], |plist| hash(kind, plist)));
        let size = hashes.len() / 2;
        let page = if self.page_shift == 0 { code.len() } else { 1 << self.page_shift };
        let pages = code.chunks(page).map(|page| hash(kind, page)).collect::<Vec<_>>();
        let head = 88;
        let hash_offset = head + identifier.len() + hashes.len();
        let length = hash_offset + pages.len() * size;
        let words = [
            0xfade_0c02,
            length as u32,
            0x20400,
            self.signing_flags,
            hash_offset as u32,
            head as u32,
            2,
            pages.len() as u32,
            code.len() as u32,
        ];
        let mut bytes = words.map(u32::to_be_bytes).concat();
        bytes.extend([size as u8, kind, 0, self.page_shift]);
        bytes.resize(head, 0);
        [bytes, identifier.to_vec(), hashes, pages.concat()].concat()
    }
}

fn blob(magic: u32, contents: &[u8]) -> Vec<u8> {
    [&magic.to_be_bytes(), &(8 + contents.len() as u32).to_be_bytes(), contents].concat()
}

pub fn hash(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let (algorithm, size) = match kind {
        SHA1 => (&digest::SHA1_FOR_LEGACY_USE_ONLY, 20),
        SHA256 => (&digest::SHA256, 32),
        SHA256_TRUNCATED => (&digest::SHA256, 20),
        _ => (&digest::SHA384, 48),
    };
    digest::digest(algorithm, bytes).as_ref()[..size].to_vec()
}

/// One edge a name, from the root to a leaf of four bytes.
fn trie(names: &[&str]) -> Vec<u8> {
    if names.is_empty() {
        return Vec::new();
    }
    let edges = names.iter().map(|name| name.len() + 3).sum::<usize>() + 2;
    let mut bytes = vec![0, names.len() as u8];
    for (index, name) in names.iter().enumerate() {
        let at = edges + 4 * index;
        bytes.extend(name.as_bytes());
        bytes.extend([0, (at & 0x7f) as u8 | 0x80, (at >> 7) as u8]);
    }
    bytes.extend([2, 0, 0, 0].repeat(names.len()));
    bytes
}
