//! Makes minimal PE files for tests: headers, one section of code, and one with imports, exports and the record of debug information.
//!
//! Only as sound as Windows' loader would insist on; faults are made by the fields, or by changing the bytes afterwards.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub const AMD64: u16 = 0x8664;
pub const ARM64: u16 = 0xaa64;
pub const I386: u16 = 0x14c;
pub const EXECUTABLE: u16 = 2;
pub const DLL: u16 = 0x2000;
pub const RELOCS_STRIPPED: u16 = 1;
pub const HIGH_ENTROPY: u16 = 0x20;
pub const DYNAMIC_BASE: u16 = 0x40;
pub const NX: u16 = 0x100;
pub const GUARD_CF: u16 = 0x4000;
pub const NATIVE: u16 = 1;
pub const GUI: u16 = 2;
pub const CONSOLE: u16 = 3;

/// Where the PE header begins, and where sections do in the file and in memory.
pub const HEADER: usize = 0x80;
const TEXT: usize = 0x400;
const DATA: usize = 0x600;
const DATA_ADDRESS: u32 = 0x2000;

#[derive(Debug, Clone)]
pub struct Pe {
    pub is_64: bool,
    pub machine: u16,
    pub characteristics: u16,
    pub subsystem: u16,
    pub subsystem_version: (u16, u16),
    pub flags: u16,
    /// Flags of the section with code.
    pub code_flags: u32,
    /// Library, and symbols; `#7` is one by number.
    pub imports: Vec<(&'static str, Vec<&'static str>)>,
    pub delayed: Vec<(&'static str, Vec<&'static str>)>,
    /// Names, and where they lead if it is to another library.
    pub exports: Vec<(&'static str, Option<&'static str>)>,
    pub pdb: Option<&'static str>,
    pub checksum: bool,
    pub signature: usize,
    pub extra: Vec<u8>,
    pub overlay: Vec<u8>,
}

/// A healthy console program for x86_64 and Windows 10.
pub fn healthy() -> Pe {
    Pe {
        is_64: true,
        machine: AMD64,
        characteristics: EXECUTABLE | 0x20,
        subsystem: CONSOLE,
        subsystem_version: (6, 0),
        flags: HIGH_ENTROPY | DYNAMIC_BASE | NX,
        code_flags: 0x6000_0020,
        imports: vec![("KERNEL32.dll", vec!["ExitProcess", "#7"]), ("api-ms-win-crt-heap-l1-1-0.dll", vec!["free"])],
        delayed: Vec::new(),
        exports: Vec::new(),
        pdb: Some("program.pdb"),
        checksum: false,
        signature: 0,
        extra: Vec::new(),
        overlay: Vec::new(),
    }
}

/// The same as a library.
pub fn library() -> Pe {
    Pe { characteristics: EXECUTABLE | 0x20 | DLL, exports: vec![("nif_init", None), ("other", None)], ..healthy() }
}

/// The section of data while it grows, and what is written into it later.
struct Data {
    bytes: Vec<u8>,
    is_64: bool,
}

impl Data {
    fn here(&self) -> u32 {
        DATA_ADDRESS + self.bytes.len() as u32
    }

    fn words(&mut self, words: &[u32]) -> u32 {
        let at = self.here();
        self.bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        at
    }

    fn text(&mut self, before: &[u8], text: &str) -> u32 {
        let at = self.here();
        self.bytes.extend([before, text.as_bytes(), &[0]].concat());
        at
    }

    fn thunks(&mut self, symbols: &[&str]) -> u32 {
        let by_number = if self.is_64 { 1 << 63 } else { 1 << 31 };
        let mut thunks = Vec::new();
        for symbol in symbols {
            thunks.push(match symbol.strip_prefix('#') {
                Some(number) => by_number | number.parse::<u64>().unwrap(),
                None => self.text(&[0, 0], symbol).into(),
            });
        }
        thunks.push(0);
        let at = self.here();
        for thunk in thunks {
            if self.is_64 {
                self.bytes.extend(thunk.to_le_bytes());
            } else {
                self.bytes.extend((thunk as u32).to_le_bytes());
            }
        }
        at
    }
}

impl Pe {
    pub fn build(&self) -> Vec<u8> {
        let mut data = Data { bytes: self.extra.clone(), is_64: self.is_64 };
        let mut directories = vec![(0_u32, 0_u32); 16];
        self.imports(&mut data, &mut directories);
        self.exports(&mut data, &mut directories);
        if let Some(pdb) = self.pdb {
            let record = data.here();
            data.bytes.extend([b"RSDS".as_slice(), &[0xcd; 16], &1_u32.to_le_bytes(), pdb.as_bytes(), &[0]].concat());
            let size = data.here() - record;
            let at = data.words(&[0, 0, 0, 2, size, record, record - DATA_ADDRESS + DATA as u32]);
            directories[6] = (at, 28);
        }
        let size = data.bytes.len().next_multiple_of(0x200);
        if self.signature > 0 {
            directories[4] = ((DATA + size) as u32, self.signature as u32);
        }
        let mut bytes = self.headers(&directories, size as u32);
        bytes.resize(TEXT, 0);
        bytes.resize(DATA, 0xcc);
        bytes.extend(data.bytes);
        bytes.resize(DATA + size, 0);
        bytes.resize(DATA + size + self.signature, 0x30);
        bytes.extend(&self.overlay);
        if self.checksum {
            let sum =
                bytes.chunks(2).map(|pair| u32::from(pair[0]) | u32::from(pair.get(1).copied().unwrap_or(0)) << 8).fold(0, |sum, word| {
                    let sum = sum + word;
                    (sum & 0xffff) + (sum >> 16)
                });
            let sum = sum + bytes.len() as u32;
            bytes[HEADER + 88..HEADER + 92].copy_from_slice(&sum.to_le_bytes());
        }
        bytes
    }

    fn imports(&self, data: &mut Data, directories: &mut [(u32, u32)]) {
        let mut now = Vec::new();
        for (library, symbols) in &self.imports {
            let (name, thunks) = (data.text(&[], library), data.thunks(symbols));
            now.extend([thunks, 0, 0, name, thunks]);
        }
        if !now.is_empty() {
            now.extend([0; 5]);
            directories[1] = (data.words(&now), 4 * now.len() as u32);
        }
        let mut later = Vec::new();
        for (library, symbols) in &self.delayed {
            let (name, thunks) = (data.text(&[], library), data.thunks(symbols));
            later.extend([1, name, 0, thunks, thunks, 0, 0, 0]);
        }
        if !later.is_empty() {
            later.extend([0; 8]);
            directories[13] = (data.words(&later), 4 * later.len() as u32);
        }
    }

    fn exports(&self, data: &mut Data, directories: &mut [(u32, u32)]) {
        if self.exports.is_empty() {
            return;
        }
        let from = data.here();
        let count = self.exports.len() as u32;
        // The directory is written last, in the room that is left for it: forwards must lie within its range.
        data.words(&[0; 10]);
        let own = data.text(&[], "own.dll");
        let names = self.exports.iter().map(|(name, _)| data.text(&[], name)).collect::<Vec<_>>();
        let functions = self.exports.iter().map(|(_, to)| to.map_or(0x1000, |to| data.text(&[], to))).collect::<Vec<_>>();
        let (functions, names) = (data.words(&functions), data.words(&names));
        let ordinals = data.here();
        data.bytes.extend((0..count as u16).flat_map(u16::to_le_bytes));
        let directory = [0, 0, 0, own, 1, count, count, functions, names, ordinals];
        let at = (from - DATA_ADDRESS) as usize;
        data.bytes[at..at + 40].copy_from_slice(&directory.map(u32::to_le_bytes).concat());
        directories[0] = (from, data.here() - from);
    }

    fn headers(&self, directories: &[(u32, u32)], data: u32) -> Vec<u8> {
        let mut bytes = vec![0; HEADER];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[60] = HEADER as u8;
        let half = |halves: &[u16]| halves.iter().flat_map(|half| half.to_le_bytes()).collect::<Vec<_>>();
        let word = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
        let wide = |number: u64| if self.is_64 { number.to_le_bytes().to_vec() } else { (number as u32).to_le_bytes().to_vec() };
        let optional: u16 = if self.is_64 { 240 } else { 224 };
        bytes.extend([b"PE\0\0".to_vec(), half(&[self.machine, 2]), word(&[0, 0, 0]), half(&[optional, self.characteristics])].concat());
        bytes.extend([half(&[if self.is_64 { 0x20b } else { 0x10b }, 14]), word(&[0x200, data, 0, 0x1000, 0x1000])].concat());
        if !self.is_64 {
            bytes.extend(word(&[DATA_ADDRESS]));
        }
        bytes.extend(
            [wide(0x40_0000), word(&[0x1000, 0x200]), half(&[6, 0, 0, 0, self.subsystem_version.0, self.subsystem_version.1])].concat(),
        );
        bytes.extend(
            [word(&[0, DATA_ADDRESS + data.next_multiple_of(0x1000), TEXT as u32, 0]), half(&[self.subsystem, self.flags])].concat(),
        );
        bytes.extend([wide(0x10_0000), wide(0x1000), wide(0x10_0000), wide(0x1000), word(&[0, 16])].concat());
        bytes.extend(directories.iter().flat_map(|(address, size)| word(&[*address, *size])));
        for (name, address, size, offset, flags) in
            [(b".text\0\0\0", 0x1000, 0x200, TEXT, self.code_flags), (b".rdata\0\0", DATA_ADDRESS, data, DATA, 0x4000_0040)]
        {
            bytes.extend([name.to_vec(), word(&[size, address, size, offset as u32, 0, 0, 0, flags])].concat());
        }
        bytes
    }
}
