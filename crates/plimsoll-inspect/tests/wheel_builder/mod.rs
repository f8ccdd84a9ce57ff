//! Makes wheels for tests, right in everything unless a field says otherwise. Faults of the container are made by fields of [`Zip`].
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::Write as _;

/// One file of an archive, and how its headers lie.
#[derive(Debug, Clone)]
pub struct File {
    pub name: String,
    /// The name in the header before the data, if it is another.
    pub local_name: Option<String>,
    pub bytes: Vec<u8>,
    pub mode: u32,
    /// 0 or 8; another is written as it is, with data as they are.
    pub method: u16,
    pub flags: u16,
    pub comment: &'static str,
    /// Added to the stated checksum.
    pub crc_error: u32,
    /// The size that both headers state, if it is another.
    pub size: Option<u32>,
    /// Bytes between its data and what follows.
    pub gap: usize,
}

pub fn file(name: &str, bytes: impl Into<Vec<u8>>) -> File {
    File {
        name: name.to_owned(),
        local_name: None,
        bytes: bytes.into(),
        mode: 0o100_644,
        method: 8,
        flags: 0,
        comment: "",
        crc_error: 0,
        size: None,
        gap: 0,
    }
}

pub fn program(name: &str, bytes: impl Into<Vec<u8>>) -> File {
    File { mode: 0o100_755, ..file(name, bytes) }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn halves(out: &mut Vec<u8>, values: &[u16]) {
    values.iter().for_each(|value| out.extend(value.to_le_bytes()));
}

fn words(out: &mut Vec<u8>, values: &[u32]) {
    values.iter().for_each(|value| out.extend(value.to_le_bytes()));
}

/// An archive of these files; `zip64` writes the records and fields of 64 bits where they are not needed.
pub fn zip(files: &[File], zip64: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut table = Vec::new();
    for file in files {
        let offset = out.len() as u32;
        let packed = if file.method == 8 { deflated(&file.bytes) } else { file.bytes.clone() };
        let mut crc = flate2::Crc::new();
        crc.update(&file.bytes);
        let crc = crc.sum().wrapping_add(file.crc_error);
        let size = file.size.unwrap_or(file.bytes.len() as u32);
        let flags = file.flags | if file.name.is_ascii() { 0 } else { 1 << 11 };
        let has_descriptor = file.flags & 8 != 0;
        let local = file.local_name.as_ref().unwrap_or(&file.name);
        out.extend(b"PK\x03\x04");
        halves(&mut out, &[20, flags, file.method, 0, 0x21]);
        words(&mut out, &if has_descriptor { [0, 0, 0] } else { [crc, packed.len() as u32, size] });
        halves(&mut out, &[local.len() as u16, 0]);
        out.extend(local.as_bytes());
        out.extend(&packed);
        if has_descriptor {
            out.extend(b"PK\x07\x08");
            words(&mut out, &[crc, packed.len() as u32, size]);
        }
        out.resize(out.len() + file.gap, 0x55);
        table.extend(b"PK\x01\x02");
        halves(&mut table, &[3 << 8 | 20, 20, flags, file.method, 0, 0x21]);
        words(&mut table, &[crc, if zip64 { u32::MAX } else { packed.len() as u32 }, if zip64 { u32::MAX } else { size }]);
        halves(&mut table, &[file.name.len() as u16, if zip64 { 20 } else { 0 }, file.comment.len() as u16, 0, 0]);
        words(&mut table, &[file.mode << 16, offset]);
        table.extend(file.name.as_bytes());
        if zip64 {
            halves(&mut table, &[1, 16]);
            table.extend(u64::from(size).to_le_bytes());
            table.extend((packed.len() as u64).to_le_bytes());
        }
        table.extend(file.comment.as_bytes());
    }
    let (start, count) = (out.len(), files.len() as u16);
    out.extend(&table);
    if zip64 {
        let at = out.len() as u64;
        out.extend(b"PK\x06\x06");
        out.extend(44_u64.to_le_bytes());
        halves(&mut out, &[45, 45]);
        words(&mut out, &[0, 0]);
        for value in [count.into(), count.into(), table.len() as u64, start as u64] {
            out.extend(value.to_le_bytes());
        }
        out.extend(b"PK\x06\x07");
        words(&mut out, &[0]);
        out.extend(at.to_le_bytes());
        words(&mut out, &[1]);
    }
    out.extend(b"PK\x05\x06");
    let (count, size, offset) = if zip64 { (u16::MAX, u32::MAX, u32::MAX) } else { (count, table.len() as u32, start as u32) };
    halves(&mut out, &[0, 0, count, count]);
    words(&mut out, &[size, offset]);
    halves(&mut out, &[0]);
    out
}

/// A wheel, whose tables are made from its fields.
#[derive(Debug, Clone)]
pub struct Wheel {
    pub name: &'static str,
    pub version: &'static str,
    pub python: &'static str,
    pub abi: &'static str,
    pub platform: &'static str,
    pub is_pure: bool,
    /// Lines of METADATA behind name and version.
    pub metadata: String,
    pub files: Vec<File>,
    /// RECORD, if it is not made from the files.
    pub record: Option<String>,
    /// WHEEL, if it is not made from the tags.
    pub description: Option<String>,
}

/// A sound one for any system, with a module of Python and a command.
pub fn pure() -> Wheel {
    Wheel {
        name: "htty",
        version: "0.2.30",
        python: "py3",
        abi: "none",
        platform: "any",
        is_pure: true,
        metadata:
            "Summary: Headless terminals\nLicense-Expression: MIT\nLicense-File: LICENSE\nRequires-Dist: htty-core==0.2.30\n\nText.\n"
                .to_owned(),
        files: vec![
            file("htty/__init__.py", "VERSION = 1\n"),
            file("htty-0.2.30.dist-info/licenses/LICENSE", "MIT\n"),
            file("htty-0.2.30.dist-info/entry_points.txt", "[console_scripts]\nhtty = htty:main\n"),
        ],
        record: None,
        description: None,
    }
}

/// A sound one with this program or library.
pub fn with(platform: &'static str, path: &str, bytes: Vec<u8>) -> Wheel {
    let mut wheel = Wheel { platform, is_pure: false, ..pure() };
    wheel.files.push(program(path, bytes));
    wheel
}

impl Wheel {
    pub fn file_name(&self) -> String {
        format!("{}-{}-{}-{}-{}.whl", self.name, self.version, self.python, self.abi, self.platform)
    }

    fn dist_info(&self, file: &str) -> String {
        format!("{}-{}.dist-info/{file}", self.name, self.version)
    }

    fn described(&self) -> String {
        let mut text = format!("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: {}\n", self.is_pure);
        for python in self.python.split('.') {
            for abi in self.abi.split('.') {
                for platform in self.platform.split('.') {
                    text.push_str(&format!("Tag: {python}-{abi}-{platform}\n"));
                }
            }
        }
        text
    }

    /// All files, RECORD last.
    pub fn all(&self) -> Vec<File> {
        let mut files = self.files.clone();
        let metadata = format!("Metadata-Version: 2.4\nName: {}\nVersion: {}\n{}", self.name, self.version, self.metadata);
        files.push(file(&self.dist_info("METADATA"), metadata));
        files.push(file(&self.dist_info("WHEEL"), self.description.clone().unwrap_or_else(|| self.described())));
        let own = self.dist_info("RECORD");
        let record = self.record.clone().unwrap_or_else(|| record(&files, &own));
        files.push(file(&own, record));
        files
    }

    pub fn build(&self) -> Vec<u8> {
        zip(&self.all(), false)
    }
}

/// What RECORD should say.
pub fn record(files: &[File], own: &str) -> String {
    let mut text = String::new();
    for file in files.iter().filter(|file| !file.name.ends_with('/')) {
        let name = if file.name.contains([',', '"', '\n']) { format!("\"{}\"", file.name.replace('"', "\"\"")) } else { file.name.clone() };
        text.push_str(&format!("{name},sha256={},{}\n", digest(&file.bytes), file.bytes.len()));
    }
    text + own + ",,\n"
}

/// SHA-256 in base64 for URLs.
pub fn digest(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let bits = digest.as_ref().iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect::<Vec<_>>();
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let letter = |six: &[u8]| letters[(0..6).fold(0, |number, bit| number << 1 | usize::from(*six.get(bit).unwrap_or(&0)))];
    bits.chunks(6).map(|six| char::from(letter(six))).collect()
}
