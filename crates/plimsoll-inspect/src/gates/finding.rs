//! What a gate says.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What can be done about a library that users lack.
pub(super) const STATICALLY: &str = "link it statically: this version ships no libraries beside a program";

/// Findings of one kind that are told of one file: whoever makes the file decides how many there are.
const MOST: usize = 64;

/// Which fault it is; the names in kebab-case are stable and documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// Another container format than the target's system loads.
    WrongFormat,
    /// Another platform of the same vendor: iOS for macOS. Or none is named.
    WrongPlatform,
    /// Another processor.
    WrongMachine,
    /// 32 bits for 64, or the reverse.
    WrongClass,
    /// Promised static, and it is not.
    NotStatic,
    /// Expected to be handled by the dynamic loader, and it is static.
    NotDynamic,
    /// Nothing that a system loads: an object file, a core dump, separate debug information.
    NotLoadable,
    /// Runs in another subsystem of Windows than it should.
    WrongSubsystem,
    /// Names a program loader that the target's systems do not have, or names none and needs one.
    UnexpectedInterpreter,
    /// Needs a library that neither the host nor the artifact provides.
    MissingLibrary,
    /// Demands a version of the system, or of a host's library, that is above the floor.
    FloorTooHigh,
    /// Uses a symbol without a version that hosts at the floor do not have.
    UnversionedSymbol,
    /// Uses symbols that glibc keeps for itself, which change with every build of it.
    PrivateSymbol,
    /// Uses symbols of a program that loads it (`enif_*`, `Py*`), where no such program is expected.
    UnexpectedImport,
    /// RPATH, RUNPATH or LC_RPATH with an entry that does not begin at the file's own folder, or that of the program, or leads from there out of
    /// the artifact.
    AbsoluteSearchPath,
    /// Programs that link this library will look for it at a place of the machine that built it.
    AbsoluteInstallName,
    /// Has no code signature, without which the target's kernels do not run it.
    Unsigned,
    /// Has a code signature that is not that of its bytes.
    InvalidSignature,
    /// Parts are encrypted, so that nothing can be said of them.
    Encrypted,
    /// Is always loaded at the same address.
    FixedAddress,
    /// Has its data executed, if an attacker gets it there: no NX_COMPAT.
    ExecutableData,
    /// Has a checksum that is not that of its bytes.
    WrongChecksum,
    /// Asks for an executable stack, or does not say that it needs none.
    ExecStack,
    /// Loads a segment that is writable and executable.
    WritableExecutable,
    /// Relocations write into code.
    TextRelocations,
    /// Names a folder of the machine that built it.
    LeakedPath,
    /// A NIF that exports no `nif_init`.
    NoNifInit,
    /// A NIF that asks more of the BEAM than the NIF version it is shipped for.
    NifVersion,
    /// A NIF that asks for an `enif_*` function which no BEAM has.
    UnknownNifFunction,
}

impl Code {
    /// The stable name: `floor-too-high`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongFormat => "wrong-format",
            Self::WrongPlatform => "wrong-platform",
            Self::WrongMachine => "wrong-machine",
            Self::WrongClass => "wrong-class",
            Self::NotStatic => "not-static",
            Self::NotDynamic => "not-dynamic",
            Self::NotLoadable => "not-loadable",
            Self::WrongSubsystem => "wrong-subsystem",
            Self::UnexpectedInterpreter => "unexpected-interpreter",
            Self::MissingLibrary => "missing-library",
            Self::FloorTooHigh => "floor-too-high",
            Self::UnversionedSymbol => "unversioned-symbol",
            Self::PrivateSymbol => "private-symbol",
            Self::UnexpectedImport => "unexpected-import",
            Self::AbsoluteSearchPath => "absolute-search-path",
            Self::AbsoluteInstallName => "absolute-install-name",
            Self::Unsigned => "unsigned",
            Self::InvalidSignature => "invalid-signature",
            Self::Encrypted => "encrypted",
            Self::FixedAddress => "fixed-address",
            Self::ExecutableData => "executable-data",
            Self::WrongChecksum => "wrong-checksum",
            Self::ExecStack => "exec-stack",
            Self::WritableExecutable => "writable-executable",
            Self::TextRelocations => "text-relocations",
            Self::LeakedPath => "leaked-path",
            Self::NoNifInit => "no-nif-init",
            Self::NifVersion => "nif-version",
            Self::UnknownNifFunction => "unknown-nif-function",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One fault of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// Which fault.
    pub code: Code,
    /// What is wrong, as a lowercase fragment that goes on after the file's name: `needs GLIBC_2.36 (…), above the floor 2.28`.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Finding {
    pub(super) fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into() }
    }
}

/// The first of each kind, in their order, and last how many more there are.
pub(super) fn capped(findings: Vec<Finding>) -> Vec<Finding> {
    let mut counts = BTreeMap::<Code, usize>::new();
    let mut is_told = |code: Code| {
        let count = counts.entry(code).or_default();
        *count += 1;
        *count <= MOST
    };
    let mut told = findings.into_iter().filter(|finding| is_told(finding.code)).collect::<Vec<_>>();
    let more = counts.into_iter().filter(|(_, count)| *count > MOST).map(|(code, count)| {
        let message = format!("has still more faults of this kind ({code}): {}", count - MOST);
        Finding::new(code, message, "mend those that are told before it; the rest may have the same cause")
    });
    told.extend(more);
    told
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_json_and_in_text_are_the_same() {
        for code in [
            Code::WrongFormat,
            Code::FloorTooHigh,
            Code::AbsoluteSearchPath,
            Code::LeakedPath,
            Code::WritableExecutable,
            Code::UnknownNifFunction,
        ] {
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{code}\""));
        }
    }
}
