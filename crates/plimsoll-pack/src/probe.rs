//! Probes that a kind asks for when the manifest names none, as data. Where and how they run is for the plan and the prover.

use crate::archive;
use crate::file;
use crate::kind::Kind;
use crate::nif;
use crate::static_binary;
use crate::wheel;

/// What is run, and what it must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultProbe {
    /// Path of the binary in the tree; for a bare binary, the name of the file.
    pub binary: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The exit status that it must end with.
    pub expect_exit: i32,
    /// Text that its output must contain; placeholders such as `{version}` stand for the plan's values.
    pub expect_output: Option<String>,
}

impl DefaultProbe {
    /// `BINARY --version` ends with status 0 and says the version.
    pub fn version(binary: &str) -> Self {
        Self {
            binary: binary.to_owned(),
            arguments: vec!["--version".to_owned()],
            expect_exit: 0,
            expect_output: Some("{version}".to_owned()),
        }
    }
}

/// The probes of an artifact whose manifest names none: one for each shipped binary. No binaries give no probes, and so no proof.
pub fn default_probes(kind: Kind, binaries: &[String]) -> Vec<DefaultProbe> {
    match kind {
        Kind::Archive => archive::default_probes(binaries),
        Kind::Nif => nif::default_probes(binaries),
        Kind::Static => static_binary::default_probes(binaries),
        Kind::File => file::default_probes(binaries),
        Kind::Wheel => wheel::default_probes(binaries),
    }
}
