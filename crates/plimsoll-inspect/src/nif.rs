//! What a native library asks of the BEAM, read from its symbols. A Rust library fills its entry when it is loaded, so the version that it will
//! name there is in none of its bytes; which functions it calls is, and that is a lower bound.
//!
//! Libraries that look their functions up while they run show none of them: Rustler since 0.38 does so on macOS, and every one on Windows, where
//! the BEAM hands over a table.

use plimsoll_model::{GlibcVersion, NifVersion, Target};
use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::nif_names::{FIRST, LATER, NARROW};
use crate::policy::{ExpectedLinkage, Policy};

/// What symbols say of the NIF version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NifDemand {
    /// The lowest version whose BEAM has all that is asked for; none: no function of a BEAM is named, so symbols tell nothing.
    pub at_least: Option<NifVersion>,
    /// The functions for which it must be that one, sorted; empty for 2.14, the oldest that is told apart.
    #[serde(default)]
    pub because_of: Vec<String>,
    /// Names like a BEAM's that no BEAM has, sorted.
    #[serde(default)]
    pub unknown: Vec<String>,
}

/// Reads what a library asks of the BEAM.
pub fn nif_demand(facts: &Facts) -> NifDemand {
    let mut demand = NifDemand { at_least: None, because_of: Vec::new(), unknown: Vec::new() };
    for symbol in &facts.host_imports {
        let Some(name) = symbol.strip_prefix("enif_") else { continue };
        let Some(since) = since(name, facts.class) else {
            demand.unknown.push(symbol.clone());
            continue;
        };
        if demand.at_least.is_none_or(|before| before < since) {
            demand.at_least = Some(since);
            demand.because_of.clear();
        }
        if demand.at_least == Some(since) && since > OLDEST {
            demand.because_of.push(symbol.clone());
        }
    }
    demand
}

/// The oldest version that is told apart.
const OLDEST: NifVersion = NifVersion::new(2, 14);

fn since(name: &str, class: u8) -> Option<NifVersion> {
    if FIRST.binary_search(&name).is_ok() || (class == 32 && NARROW.contains(&name)) {
        return Some(OLDEST);
    }
    LATER.iter().find(|(_, names)| names.contains(&name)).map(|(minor, _)| NifVersion::new(2, *minor))
}

/// The functions that a BEAM of 32 or 64 bits offers, by their whole names.
pub fn nif_functions(class: u8) -> impl Iterator<Item = String> {
    let narrow = NARROW.iter().filter(move |_| class == 32);
    FIRST.iter().chain(narrow).chain(LATER.iter().flat_map(|(_, names)| *names)).map(|name| format!("enif_{name}"))
}

impl Policy {
    /// What a NIF may ask of a machine: what any library may, and the functions of the BEAM.
    pub fn for_nif(target: &Target, glibc_floor: Option<GlibcVersion>) -> Self {
        Self { allowed_imports: vec!["enif_".to_owned()], ..Self::for_target(target, ExpectedLinkage::Dynamic, glibc_floor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Endianness;
    use crate::format::Format;

    fn demand(class: u8, imports: &[&str]) -> NifDemand {
        let mut facts = Facts::new(Format::Elf, class, Endianness::Little, "x86_64".to_owned());
        facts.host_imports = imports.iter().map(|name| (*name).to_owned()).collect();
        nif_demand(&facts)
    }

    #[test]
    fn tables_are_sorted_and_name_nothing_twice() {
        assert!(FIRST.is_sorted());
        let all = FIRST.iter().chain(NARROW).chain(LATER.iter().flat_map(|(_, names)| *names)).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(all.len(), 180);
    }

    #[test]
    fn the_newest_function_decides() {
        assert_eq!(demand(64, &[]).at_least, None);
        assert_eq!(demand(64, &["PyLong_AsLong"]).at_least, None);
        let old = demand(64, &["enif_alloc", "enif_make_badarg"]);
        assert_eq!((old.at_least, old.because_of), (Some(NifVersion::new(2, 14)), vec![]));
        for (name, minor) in [("enif_term_type", 15), ("enif_dynamic_resource_call", 16), ("enif_set_option", 17), ("enif_term_size", 18)] {
            let found = demand(64, &["enif_alloc", name, "enif_make_monitor_term"]);
            assert_eq!(found.at_least, Some(NifVersion::new(2, minor)));
            assert!(found.because_of.contains(&name.to_owned()) && !found.because_of.contains(&"enif_alloc".to_owned()));
        }
    }

    #[test]
    fn names_that_no_beam_has_are_told() {
        assert_eq!(demand(64, &["enif_frobnicate"]).unknown, ["enif_frobnicate"]);
        assert_eq!(demand(64, &["enif_get_int64"]).unknown, ["enif_get_int64"]);
        assert!(demand(32, &["enif_get_int64"]).unknown.is_empty());
    }
}
