//! The faults that the audit of Python packages knows.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which fault it is; the names in kebab-case are stable and documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PackageCode {
    /// No sound zip or tar file: cut off, or at odds with its own tables.
    MalformedArchive,
    /// A zip entry that states its sizes behind its data only.
    DataDescriptor,
    /// A zip entry with a comment.
    EntryComment,
    /// Bytes behind the end of the archive.
    TrailingData,
    /// Bytes before its first file.
    PrependedData,
    /// Bytes between two files that belong to none.
    HiddenData,
    /// Two files that share bytes: a bomb, or a trick.
    OverlappingFiles,
    /// One name twice.
    DuplicateName,
    /// A name with a control character.
    ControlCharacter,
    /// An absolute name, or one that leads out of the folder that it is unpacked into.
    UnsafeName,
    /// A name that is not told to be UTF-8, and is no ASCII.
    NameEncoding,
    /// Neither stored nor deflated.
    CompressionMethod,
    /// What stands before a file's data, and what the table at the end says of it, differ.
    HeaderMismatch,
    /// Contents that cannot be unpacked, or whose size or checksum is not the one that is stated.
    WrongContent,
    /// A link where only files and folders may be, or one that leads out.
    SymbolicLink,
    /// A device, a fifo, a sparse file: nothing that a package may hold.
    SpecialFile,
    /// Larger than PyPI takes by default.
    FileTooLarge,
    /// Unpacks to so much more than it is, that it is taken for a bomb.
    CompressionRatio,
    /// A file name that does not follow the rules.
    FileName,
    /// The name of the project differs between file name, folder and metadata.
    NameMismatch,
    /// The version differs between them.
    VersionMismatch,
    /// A version with a local part, which no index takes.
    LocalVersion,
    /// A platform tag that PyPI does not know.
    PlatformTag,
    /// No `.dist-info` folder, more than one, or one of another name.
    DistInfo,
    /// A file that every such package has is not there.
    MissingFile,
    /// The file WHEEL says something else than the file name, or is malformed.
    WheelFile,
    /// Metadata that cannot be read as headers, or has none that must be there.
    MetadataSyntax,
    /// A version of the metadata that indexes do not take.
    MetadataVersion,
    /// A summary of several lines, or a very long one.
    Summary,
    /// Licence fields that exclude each other.
    License,
    /// A licence file that is named and is not there.
    LicenseFile,
    /// A requirement that names a URL, which PyPI refuses.
    DirectUrl,
    /// A requirement that nobody can read.
    Requirement,
    /// RECORD is no CSV of three columns.
    RecordSyntax,
    /// A file that RECORD does not list, or a listed one that is not there.
    RecordMissing,
    /// A file that RECORD lists twice.
    RecordDuplicate,
    /// A digest or a size that is not that of the file.
    RecordMismatch,
    /// entry_points.txt cannot be read, or names something that cannot be a command.
    EntryPoints,
    /// A command without its executable bit.
    NotExecutable,
    /// A program or library that is cut off or malformed.
    UnreadableBinary,
    /// A program or library for another processor than the tag says.
    WrongMachine,
    /// A program or library for another system than the tag says.
    WrongSystem,
    /// A module that other Pythons load than the tag says.
    WrongPython,
    /// A program that names a loader which systems of the tag do not have.
    ProgramLoader,
    /// A program or library that needs a newer system than the tag promises.
    TagTooLow,
    /// A symbol without a version that systems of the tag do not have.
    UnversionedSymbol,
    /// A library is needed that neither the tag's systems nor the wheel have.
    ExternalLibrary,
    /// A program or library in a wheel that says it has none.
    BinaryInPureWheel,
    /// Symbols of Python that are in no stable ABI, in a wheel that promises it.
    NotStableAbi,
    /// Symbols of a newer Python than the oldest that the wheel is for.
    NewerPython,
    /// A bill of materials with a random number in it, so that no two builds are equal.
    UnreproducibleSbom,
    /// A bill of materials that names folders of the machine that built it.
    LocalPath,
    /// Not everything lies in one folder that is called as the file is.
    TopFolder,
    /// A wheel, or another thing that a build left, in an sdist.
    BuildOutput,
}

impl PackageCode {
    /// Every fault, in the order of their documentation.
    pub const ALL: &[Self] = &[
        Self::MalformedArchive,
        Self::DataDescriptor,
        Self::EntryComment,
        Self::TrailingData,
        Self::PrependedData,
        Self::HiddenData,
        Self::OverlappingFiles,
        Self::DuplicateName,
        Self::ControlCharacter,
        Self::UnsafeName,
        Self::NameEncoding,
        Self::CompressionMethod,
        Self::HeaderMismatch,
        Self::WrongContent,
        Self::SymbolicLink,
        Self::SpecialFile,
        Self::FileTooLarge,
        Self::CompressionRatio,
        Self::FileName,
        Self::NameMismatch,
        Self::VersionMismatch,
        Self::LocalVersion,
        Self::PlatformTag,
        Self::DistInfo,
        Self::MissingFile,
        Self::WheelFile,
        Self::MetadataSyntax,
        Self::MetadataVersion,
        Self::Summary,
        Self::License,
        Self::LicenseFile,
        Self::DirectUrl,
        Self::Requirement,
        Self::RecordSyntax,
        Self::RecordMissing,
        Self::RecordDuplicate,
        Self::RecordMismatch,
        Self::EntryPoints,
        Self::NotExecutable,
        Self::UnreadableBinary,
        Self::WrongMachine,
        Self::WrongSystem,
        Self::WrongPython,
        Self::ProgramLoader,
        Self::TagTooLow,
        Self::UnversionedSymbol,
        Self::ExternalLibrary,
        Self::BinaryInPureWheel,
        Self::NotStableAbi,
        Self::NewerPython,
        Self::UnreproducibleSbom,
        Self::LocalPath,
        Self::TopFolder,
        Self::BuildOutput,
    ];

    /// The stable name: `tag-too-low`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MalformedArchive => "malformed-archive",
            Self::DataDescriptor => "data-descriptor",
            Self::EntryComment => "entry-comment",
            Self::TrailingData => "trailing-data",
            Self::PrependedData => "prepended-data",
            Self::HiddenData => "hidden-data",
            Self::OverlappingFiles => "overlapping-files",
            Self::DuplicateName => "duplicate-name",
            Self::ControlCharacter => "control-character",
            Self::UnsafeName => "unsafe-name",
            Self::NameEncoding => "name-encoding",
            Self::CompressionMethod => "compression-method",
            Self::HeaderMismatch => "header-mismatch",
            Self::WrongContent => "wrong-content",
            Self::SymbolicLink => "symbolic-link",
            Self::SpecialFile => "special-file",
            Self::FileTooLarge => "file-too-large",
            Self::CompressionRatio => "compression-ratio",
            Self::FileName => "file-name",
            Self::NameMismatch => "name-mismatch",
            Self::VersionMismatch => "version-mismatch",
            Self::LocalVersion => "local-version",
            Self::PlatformTag => "platform-tag",
            Self::DistInfo => "dist-info",
            Self::MissingFile => "missing-file",
            Self::WheelFile => "wheel-file",
            Self::MetadataSyntax => "metadata-syntax",
            Self::MetadataVersion => "metadata-version",
            Self::Summary => "summary",
            Self::License => "license",
            Self::LicenseFile => "license-file",
            Self::DirectUrl => "direct-url",
            Self::Requirement => "requirement",
            Self::RecordSyntax => "record-syntax",
            Self::RecordMissing => "record-missing",
            Self::RecordDuplicate => "record-duplicate",
            Self::RecordMismatch => "record-mismatch",
            Self::EntryPoints => "entry-points",
            Self::NotExecutable => "not-executable",
            Self::UnreadableBinary => "unreadable-binary",
            Self::WrongMachine => "wrong-machine",
            Self::WrongSystem => "wrong-system",
            Self::WrongPython => "wrong-python",
            Self::ProgramLoader => "program-loader",
            Self::TagTooLow => "tag-too-low",
            Self::UnversionedSymbol => "unversioned-symbol",
            Self::ExternalLibrary => "external-library",
            Self::BinaryInPureWheel => "binary-in-pure-wheel",
            Self::NotStableAbi => "not-stable-abi",
            Self::NewerPython => "newer-python",
            Self::UnreproducibleSbom => "unreproducible-sbom",
            Self::LocalPath => "local-path",
            Self::TopFolder => "top-folder",
            Self::BuildOutput => "build-output",
        }
    }
}

impl fmt::Display for PackageCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_json_and_in_text_are_the_same() {
        for code in PackageCode::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{code}\""));
        }
    }
}
