//! Makes minimal ELF files for tests: headers, one segment, a dynamic table and what it points at.
//!
//! Only as sound as a loader would insist on; faults are made by the fields, or by changing the bytes afterwards.
#![allow(dead_code, reason = "each test binary uses its own part")]

/// Addresses are not offsets, so that a mix-up shows.
const BASE: u64 = 0x10_0000;

pub const X86_64: u16 = 62;
pub const AARCH64: u16 = 183;
pub const GNU_LOADER: &str = "/lib64/ld-linux-x86-64.so.2";
pub const MUSL_LOADER: &str = "/lib/ld-musl-x86_64.so.1";
pub const EXEC: u16 = 2;
pub const DYN: u16 = 3;
pub const DF_1_PIE: u64 = 0x0800_0000;
pub const READ: u32 = 4;
pub const WRITE: u32 = 2;
pub const RUN: u32 = 1;

/// How a reader can learn the number of dynamic symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Hash,
    EmptyGnuHashAndRelocations,
    Section,
}

#[derive(Debug, Clone)]
pub struct Symbol {
    pub name: String,
    /// Name of a version in `versions`.
    pub version: Option<&'static str>,
    pub defined: bool,
    pub weak: bool,
}

#[derive(Debug, Clone)]
pub struct Elf {
    pub is_64: bool,
    pub is_big: bool,
    pub machine: u16,
    pub kind: u16,
    pub interpreter: Option<&'static str>,
    pub has_dynamic: bool,
    pub needed: Vec<String>,
    pub soname: Option<&'static str>,
    pub rpath: Option<&'static str>,
    pub runpath: Option<&'static str>,
    pub flags: u64,
    pub flags_1: u64,
    pub textrel: bool,
    pub relr: bool,
    /// Library, and the versions demanded of it with VER_FLG_WEAK or not.
    pub versions: Vec<(&'static str, Vec<(String, bool)>)>,
    pub symbols: Vec<Symbol>,
    pub count: Count,
    pub stack: Option<u32>,
    pub segment_flags: u32,
    pub relro: bool,
    pub build_id: Option<Vec<u8>>,
    pub extra: Vec<u8>,
}

pub fn imported(name: &str, version: Option<&'static str>) -> Symbol {
    Symbol { name: name.to_owned(), version, defined: false, weak: false }
}

pub fn exported(name: &str) -> Symbol {
    Symbol { name: name.to_owned(), version: None, defined: true, weak: false }
}

/// A healthy PIE for x86_64 and glibc 2.28 or older.
pub fn healthy() -> Elf {
    Elf {
        is_64: true,
        is_big: false,
        machine: X86_64,
        kind: DYN,
        interpreter: Some(GNU_LOADER),
        has_dynamic: true,
        needed: vec!["libm.so.6".to_owned(), "libc.so.6".to_owned()],
        soname: None,
        rpath: None,
        runpath: None,
        flags: 8,
        flags_1: DF_1_PIE | 1,
        textrel: false,
        relr: false,
        versions: vec![("libc.so.6", vec![("GLIBC_2.2.5".to_owned(), false), ("GLIBC_2.28".to_owned(), false)])],
        symbols: vec![imported("fcntl64", Some("GLIBC_2.28")), imported("write", Some("GLIBC_2.2.5"))],
        count: Count::Hash,
        stack: Some(READ | WRITE),
        segment_flags: READ | RUN,
        relro: true,
        build_id: Some(vec![0xab; 20]),
        extra: Vec::new(),
    }
}

/// The same as a library.
pub fn library() -> Elf {
    Elf { interpreter: None, flags_1: 1, soname: Some("libown.so.1"), ..healthy() }
}

/// A static-pie program.
pub fn static_pie() -> Elf {
    Elf { interpreter: None, needed: Vec::new(), versions: Vec::new(), symbols: Vec::new(), ..healthy() }
}

struct Writer {
    bytes: Vec<u8>,
    is_64: bool,
    is_big: bool,
}

impl Writer {
    fn half(&mut self, value: u16) {
        self.bytes.extend(if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() });
    }
    fn word(&mut self, value: u32) {
        self.bytes.extend(if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() });
    }
    /// An address, offset or size in the width of the class.
    fn wide(&mut self, value: u64) {
        match (self.is_64, self.is_big) {
            (true, true) => self.bytes.extend(value.to_be_bytes()),
            (true, false) => self.bytes.extend(value.to_le_bytes()),
            _ => self.word(value as u32),
        }
    }
    fn align(&mut self) -> u64 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.bytes.len() as u64
    }
}

#[derive(Default)]
struct Strings(Vec<u8>);

impl Strings {
    fn add(&mut self, text: &str) -> u64 {
        if self.0.is_empty() {
            self.0.push(0);
        }
        let at = self.0.len() as u64;
        self.0.extend(text.as_bytes());
        self.0.push(0);
        at
    }
}

/// Offsets in the file.
#[derive(Default)]
struct Places {
    interpreter: u64,
    note: u64,
    note_size: u64,
    dynamic: u64,
    dynamic_size: u64,
    symbols: u64,
    end: u64,
    sections: u64,
}

impl Elf {
    pub fn build(&self) -> Vec<u8> {
        // The layout does not depend on the places: the first pass finds them, the second writes them.
        let (_, places) = self.write(&Places::default());
        self.write(&places).0
    }

    fn writer(&self) -> Writer {
        Writer { bytes: Vec::new(), is_64: self.is_64, is_big: self.is_big }
    }

    fn write(&self, known: &Places) -> (Vec<u8>, Places) {
        let mut out = self.writer();
        let mut places = Places::default();
        self.headers(&mut out, known);
        places.interpreter = out.align();
        out.bytes.extend(self.interpreter.unwrap_or_default().as_bytes());
        out.bytes.push(0);
        places.note = out.align();
        if let Some(id) = &self.build_id {
            out.word(4);
            out.word(id.len() as u32);
            out.word(3);
            out.bytes.extend(b"GNU\0");
            out.bytes.extend(id);
        }
        places.note_size = out.bytes.len() as u64 - places.note;
        if self.has_dynamic {
            self.dynamic_parts(&mut out, &mut places);
        }
        out.bytes.extend(&self.extra);
        places.end = out.align();
        if self.count == Count::Section {
            places.sections = places.end;
            self.sections(&mut out, &places);
        }
        (out.bytes, places)
    }

    fn headers(&self, out: &mut Writer, places: &Places) {
        let segments = self.segments(places);
        out.bytes.extend([0x7f, b'E', b'L', b'F', if self.is_64 { 2 } else { 1 }, if self.is_big { 2 } else { 1 }, 1]);
        out.bytes.resize(16, 0);
        out.half(self.kind);
        out.half(self.machine);
        out.word(1);
        out.wide(BASE);
        out.wide(if self.is_64 { 64 } else { 52 });
        out.wide(places.sections);
        out.word(0);
        out.half(if self.is_64 { 64 } else { 52 });
        out.half(if self.is_64 { 56 } else { 32 });
        out.half(segments.len() as u16);
        out.half(if self.is_64 { 64 } else { 40 });
        out.half(if self.count == Count::Section { 2 } else { 0 });
        out.half(0);
        for (kind, flags, offset, size) in segments {
            out.word(kind);
            if self.is_64 {
                out.word(flags);
            }
            out.wide(offset);
            out.wide(BASE + offset);
            out.wide(BASE + offset);
            out.wide(size);
            out.wide(size);
            if !self.is_64 {
                out.word(flags);
            }
            out.wide(if kind == 1 { 0x1000 } else { 4 });
        }
    }

    fn segments(&self, places: &Places) -> Vec<(u32, u32, u64, u64)> {
        let mut segments = vec![(1, self.segment_flags, 0, places.end)];
        if let Some(name) = self.interpreter {
            segments.push((3, READ, places.interpreter, name.len() as u64 + 1));
        }
        if self.has_dynamic {
            segments.push((2, READ | WRITE, places.dynamic, places.dynamic_size));
        }
        if self.build_id.is_some() {
            segments.push((4, READ, places.note, places.note_size));
        }
        if let Some(flags) = self.stack {
            segments.push((0x6474_e551, flags, 0, 0));
        }
        if self.relro {
            segments.push((0x6474_e552, READ, places.dynamic, places.dynamic_size));
        }
        segments
    }

    fn dynamic_parts(&self, out: &mut Writer, places: &mut Places) {
        let mut strings = Strings::default();
        let mut entries = Vec::<(u64, u64)>::new();
        entries.extend(self.needed.iter().map(|name| (1, strings.add(name))));
        entries.extend(self.soname.map(|name| (14, strings.add(name))));
        entries.extend(self.rpath.map(|path| (15, strings.add(path))));
        entries.extend(self.runpath.map(|path| (29, strings.add(path))));
        places.symbols = out.align();
        self.symbols(out, &mut strings);
        entries.push((6, places.symbols + BASE));
        entries.push((11, if self.is_64 { 24 } else { 16 }));
        let versym = out.align();
        self.symbol_versions(out);
        let verneed = out.align();
        self.version_needs(out, &mut strings);
        if !self.versions.is_empty() {
            entries.extend([(0x6fff_fff0, versym + BASE), (0x6fff_fffe, verneed + BASE), (0x6fff_ffff, self.versions.len() as u64)]);
        }
        let count = self.symbols.len() as u32 + 1;
        let table = out.align();
        match self.count {
            Count::Hash => {
                [1, count, 0].into_iter().chain((0..count).map(|_| 0)).for_each(|value| out.word(value));
                entries.push((4, table + BASE));
            }
            Count::EmptyGnuHashAndRelocations => {
                [1, 1, 1, 0].into_iter().for_each(|value| out.word(value));
                out.wide(0);
                out.word(0);
                let relocations = out.align();
                for symbol in 1..count {
                    out.wide(BASE);
                    out.wide(if self.is_64 { (u64::from(symbol) << 32) | 7 } else { (u64::from(symbol) << 8) | 7 });
                    out.wide(0);
                }
                let size = out.bytes.len() as u64 - relocations;
                entries.extend([(0x6fff_fef5, table + BASE), (23, relocations + BASE), (2, size), (20, 7)]);
            }
            Count::Section => {}
        }
        let string_table = out.align();
        entries.extend([(5, string_table + BASE), (10, strings.0.len() as u64), (30, self.flags), (0x6fff_fffb, self.flags_1)]);
        entries.extend(self.textrel.then_some((22, 0)));
        entries.extend(self.relr.then_some((36, BASE)));
        entries.push((0, 0));
        out.bytes.extend(&strings.0);
        places.dynamic = out.align();
        entries.iter().for_each(|(tag, value)| {
            out.wide(*tag);
            out.wide(*value);
        });
        places.dynamic_size = out.bytes.len() as u64 - places.dynamic;
    }

    fn symbols(&self, out: &mut Writer, strings: &mut Strings) {
        out.bytes.extend(vec![0; if self.is_64 { 24 } else { 16 }]);
        for symbol in &self.symbols {
            let name = strings.add(&symbol.name) as u32;
            let info = if symbol.weak { 0x22 } else { 0x12 };
            let section = u16::from(symbol.defined);
            out.word(name);
            if self.is_64 {
                out.bytes.extend([info, 0]);
                out.half(section);
                out.wide(0);
                out.wide(0);
            } else {
                out.word(0);
                out.word(0);
                out.bytes.extend([info, 0]);
                out.half(section);
            }
        }
    }

    fn version_names(&self) -> impl Iterator<Item = &str> {
        self.versions.iter().flat_map(|(_, versions)| versions.iter().map(|(name, _)| name.as_str()))
    }

    fn symbol_versions(&self, out: &mut Writer) {
        out.half(0);
        for symbol in &self.symbols {
            let index = symbol.version.and_then(|version| self.version_names().position(|name| name == version));
            out.half(index.map_or(1, |index| index as u16 + 2));
        }
    }

    fn version_needs(&self, out: &mut Writer, strings: &mut Strings) {
        let mut index = 2;
        for (position, (library, versions)) in self.versions.iter().enumerate() {
            let is_last = position + 1 == self.versions.len();
            out.half(1);
            out.half(versions.len() as u16);
            out.word(strings.add(library) as u32);
            out.word(16);
            out.word(if is_last { 0 } else { 16 + 16 * versions.len() as u32 });
            for (position, (name, weak)) in versions.iter().enumerate() {
                out.word(0);
                out.half(if *weak { 2 } else { 0 });
                out.half(index);
                out.word(strings.add(name) as u32);
                out.word(if position + 1 == versions.len() { 0 } else { 16 });
                index += 1;
            }
        }
    }

    /// The null section and .dynsym, without names.
    fn sections(&self, out: &mut Writer, places: &Places) {
        let entry = if self.is_64 { 24 } else { 16 };
        for (kind, offset, size) in [(0, 0, 0), (11, places.symbols, entry * (self.symbols.len() as u64 + 1))] {
            out.word(0);
            out.word(kind);
            out.wide(0);
            out.wide(if kind == 0 { 0 } else { offset + BASE });
            out.wide(offset);
            out.wide(size);
            out.word(0);
            out.word(0);
            out.wide(8);
            out.wide(entry);
        }
    }
}
