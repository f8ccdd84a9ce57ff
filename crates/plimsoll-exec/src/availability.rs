//! Whether this machine can do something, and what is missing if it cannot.

use serde::Serialize;

/// Whether something serves on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Availability {
    /// It does.
    Ready {
        /// How: a version, a builder.
        how: String,
    },
    /// It would, with what the remedies bring.
    Missing {
        /// What is missing.
        what: String,
    },
    /// Not on this machine.
    Elsewhere {
        /// Why.
        reason: String,
    },
}
