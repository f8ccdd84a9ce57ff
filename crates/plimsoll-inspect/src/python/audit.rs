//! The audit of a package that is published on an index of Python's: a wheel or an sdist, whoever built it.

use serde::{Deserialize, Serialize};

use super::code::PackageCode;
use super::finding::{Findings, PackageFinding};
use crate::facts::Facts;
use crate::{sdist, wheel};

/// Largest file that PyPI takes by default, in bytes.
const LARGEST: usize = 100 << 20;

/// Unpacked sizes up to this are not held against the packed one, in bytes.
const UNSUSPICIOUS: u64 = 64 << 20;

/// More than so many times its own size no file may unpack to.
const HIGHEST_RATIO: u64 = 50;

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PackageForm {
    /// Installed as it is.
    Wheel,
    /// Built first.
    Sdist,
}

impl PackageForm {
    /// As people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wheel => "wheel",
            Self::Sdist => "sdist",
        }
    }
}

/// A program or library in a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackageBinary {
    /// Its name in the package.
    pub path: String,
    /// What is known of it.
    pub facts: Facts,
}

/// The platform tag with the oldest system that every program and library in a wheel runs on: the highest that is honest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LowestTag {
    /// `manylinux_2_28_x86_64`, `macosx_11_0_arm64`; `linux_x86_64` where no such tag is honest.
    pub tag: String,
    /// Which file demands so much, and by what; none where nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Audit {
    /// Which sort of package it is.
    pub form: PackageForm,
    /// The project, as its metadata has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The version, as its metadata has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Tags of a wheel's file name, each alone: `cp39-abi3-win_amd64`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The honest tags of a wheel with programs or libraries, one for each system and processor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lowest_tags: Vec<LowestTag>,
    /// How many files it has.
    pub files: usize,
    /// Bytes of all of them.
    pub unpacked: u64,
    /// Programs and libraries in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binaries: Vec<PackageBinary>,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<PackageFinding>,
}

impl Audit {
    pub(crate) fn new(form: PackageForm) -> Self {
        Self {
            form,
            name: None,
            version: None,
            tags: Vec::new(),
            lowest_tags: Vec::new(),
            files: 0,
            unpacked: 0,
            binaries: Vec::new(),
            findings: Vec::new(),
        }
    }
}

/// Audits a package by its file name, without folders, and its bytes; none where the name ends as no package's does.
pub fn audit(file_name: &str, bytes: &[u8]) -> Option<Audit> {
    let mut findings = Findings::default();
    let mut audit = if file_name.ends_with(".whl") {
        wheel::audit(file_name, bytes, &mut findings)
    } else if file_name.ends_with(".tar.gz") {
        sdist::audit(file_name, bytes, &mut findings)
    } else {
        return None;
    };
    if bytes.len() > LARGEST {
        let message = format!("is {} bytes long, and PyPI takes {LARGEST} by default", bytes.len());
        findings.tell(PackageCode::FileTooLarge, message, "leave out what users do not need, or ask PyPI for a higher limit");
    }
    audit.findings = findings.finish();
    Some(audit)
}

/// So many bytes a file of this size may unpack to.
pub(crate) fn largest_bearable(packed: usize) -> u64 {
    UNSUSPICIOUS.max((packed as u64).saturating_mul(HIGHEST_RATIO))
}

/// Whether contents may be unpacked: the sizes are those that the package states, so this is asked first.
pub(crate) fn is_bearable(packed: usize, unpacked: u64, findings: &mut Findings) -> bool {
    let is_bomb = unpacked > largest_bearable(packed);
    if is_bomb {
        let message = format!("unpacks from {packed} bytes to more than {HIGHEST_RATIO} times as many, which PyPI refuses above 64 MiB");
        findings.tell(PackageCode::CompressionRatio, message, "leave the large, empty files out; its contents were not looked at");
    }
    !is_bomb
}
