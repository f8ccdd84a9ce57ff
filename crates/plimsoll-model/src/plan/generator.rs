//! Files that are made while a release is: completions, man pages. They are the same for every target.

use serde::{Deserialize, Serialize};

use crate::names::{PayloadId, ProductId, RootName};

/// What makes files that artifacts are filled with besides programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Generator {
    /// The file, or files, in whose path `*` stands for any part of a name.
    pub output: String,
    /// Who makes them.
    #[serde(flatten)]
    pub by: GeneratedBy,
}

/// Who makes generated files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GeneratedBy {
    /// A program of a payload, run in a clean root.
    Program {
        /// Where the program is.
        payload: PayloadId,
        /// The program and its arguments.
        run: Vec<String>,
        /// The root.
        root: RootName,
    },
    /// A build, which leaves them beside its programs.
    Build(ProductId),
}
