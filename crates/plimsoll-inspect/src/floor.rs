//! The oldest glibc, macOS or Windows that can load a file, with every reason for it.
//!
//! Only measures; the floor that was promised is a policy's.

use plimsoll_model::GlibcVersion;

use crate::facts::{Facts, PeFacts, VersionDemand};
use crate::floor_names::Floor;
use crate::format::Format;
use crate::version::{DottedVersion, split_version_name};
use crate::windows_since;

/// First glibc that provides the version `GLIBC_ABI_DT_RELR`, and that understands DT_RELR (NEWS of glibc 2.36).
const DT_RELR_SINCE: GlibcVersion = GlibcVersion::new(2, 36);

/// First glibc with `__isoc23_*` (NEWS of glibc 2.38).
pub(crate) const ISOC23_SINCE: GlibcVersion = GlibcVersion::new(2, 38);

/// The version of glibc's own marker for DT_RELR.
const DT_RELR_MARKER: &str = "GLIBC_ABI_DT_RELR";

/// Why a file needs at least some glibc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloorReason {
    /// The oldest glibc that satisfies it.
    pub version: GlibcVersion,
    /// What is demanded: `GLIBC_2.36`, `GLIBC_ABI_DT_RELR`, `DT_RELR`, `__isoc23_strtol without a version`.
    pub demand: String,
    /// Up to a dozen symbols that demand it; may be empty.
    pub symbols: Vec<String>,
    /// How many symbols demand it.
    pub symbol_count: usize,
    /// The library that must provide it; empty where none is named.
    pub library: String,
}

impl FloorReason {
    /// `GLIBC_2.36 (arc4random from libc.so.6)`: three symbols at most.
    pub fn describe(&self) -> String {
        describe(&self.demand, &self.symbols, self.symbol_count, &self.library)
    }
}

/// The oldest glibc that can load this file; none where it asks for no glibc at all (static, musl).
pub fn measured_floor(facts: &Facts) -> Option<GlibcVersion> {
    floor_reasons(facts).first().map(|reason| reason.version)
}

/// The oldest macOS that can load this file: of a universal one, that for its most demanding slice. None where no minimum is named.
pub fn measured_macos(facts: &Facts) -> Option<DottedVersion> {
    macos_reasons(facts).into_iter().next().map(|(version, _)| version)
}

/// The oldest system that can load this file; none where it asks for none.
pub fn measured_system(facts: &Facts) -> Option<Floor> {
    match facts.format {
        Format::Elf => measured_floor(facts).map(Floor::Glibc),
        Format::MachO => measured_macos(facts).map(Floor::Macos),
        Format::Pe => facts.pe.iter().flat_map(windows_reasons).next().map(|reason| Floor::Windows(reason.version)),
    }
}

/// Why [`measured_system`] says what it says, in words: the demands that are as high as it.
pub fn system_reasons(facts: &Facts) -> Vec<String> {
    match facts.format {
        Format::Elf => {
            let reasons = floor_reasons(facts);
            let highest = reasons.first().map(|reason| reason.version);
            reasons.iter().filter(|reason| Some(reason.version) == highest).map(FloorReason::describe).collect()
        }
        Format::MachO => {
            let reasons = macos_reasons(facts);
            let highest = reasons.first().map(|(version, _)| version.clone());
            reasons.into_iter().filter(|(version, _)| Some(version) == highest.as_ref()).map(|(_, reason)| reason).collect()
        }
        Format::Pe => {
            let reasons = facts.pe.iter().flat_map(windows_reasons).collect::<Vec<_>>();
            let highest = reasons.first().map(|reason| reason.version.clone());
            reasons.into_iter().filter(|reason| Some(&reason.version) == highest.as_ref()).map(|reason| reason.demand).collect()
        }
    }
}

/// Why a file needs at least some Windows.
pub(crate) struct WindowsReason {
    pub version: DottedVersion,
    /// What demands it, in words.
    pub demand: String,
    /// The library that it is about, as it is written; none of the header.
    pub library: Option<String>,
}

/// Everything that is known to set a floor of Windows, the highest first; never empty.
pub(crate) fn windows_reasons(own: &PeFacts) -> Vec<WindowsReason> {
    let header =
        WindowsReason { version: own.subsystem_version.clone(), demand: "the subsystem's version in its header".to_owned(), library: None };
    let imports = windows_since::demands(own).into_iter().map(|demand| WindowsReason {
        demand: demand.describe(),
        version: demand.version,
        library: Some(demand.library),
    });
    let mut reasons = std::iter::once(header).chain(imports).collect::<Vec<_>>();
    reasons.sort_by(|a, b| b.version.compare_padded(&a.version));
    reasons
}

/// Minimums of macOS with the command that names them, the highest first.
fn macos_reasons(facts: &Facts) -> Vec<(DottedVersion, String)> {
    let mut reasons = Vec::new();
    for image in facts.images() {
        let place = if facts.slices.is_empty() { String::new() } else { format!(" of its {} slice", image.machine) };
        let demands = image.macho.iter().flat_map(|own| &own.platforms).filter(|demand| demand.platform == "macos");
        reasons.extend(demands.map(|demand| (demand.minimum.clone(), format!("{}{place}, with SDK {}", demand.command, demand.sdk))));
    }
    reasons.sort_by(|(a, _), (b, _)| b.compare_padded(a));
    reasons
}

/// Everything that sets a floor, the highest first. Unversioned `__isoc23_*` symbols and DT_RELR count, although the version need table may
/// be silent about them; `GLIBC_PRIVATE` and unknown markers are no numbers and do not.
pub fn floor_reasons(facts: &Facts) -> Vec<FloorReason> {
    let mut reasons = facts.demands.iter().filter_map(demanded).collect::<Vec<_>>();
    let has_marker = reasons.iter().any(|reason| reason.demand == DT_RELR_MARKER);
    if facts.relr && is_linked_with_glibc(facts) && !has_marker {
        reasons.push(FloorReason {
            version: DT_RELR_SINCE,
            demand: "DT_RELR".to_owned(),
            symbols: Vec::new(),
            symbol_count: 0,
            library: String::new(),
        });
    }
    if let Some(first) = facts.unversioned_new_symbols.first() {
        reasons.push(FloorReason {
            version: ISOC23_SINCE,
            demand: format!("{first} without a version"),
            symbols: facts.unversioned_new_symbols.iter().take(12).cloned().collect(),
            symbol_count: facts.unversioned_new_symbols.len(),
            library: String::new(),
        });
    }
    reasons.sort_by(|a, b| {
        let key = |reason: &FloorReason| (reason.version, reason.symbol_count > 0);
        key(b).cmp(&key(a)).then_with(|| (&a.demand, &a.library).cmp(&(&b.demand, &b.library)))
    });
    reasons
}

/// Whether glibc is what the file is linked with.
pub(crate) fn is_linked_with_glibc(facts: &Facts) -> bool {
    facts.demands.iter().any(|demand| demand.name.starts_with("GLIBC_")) || facts.needed.iter().any(|library| library == "libc.so.6")
}

/// A marker of glibc's interface that has no number and is not known here: nobody can say which glibc has it.
pub(crate) fn is_unknown_marker(demand: &VersionDemand) -> bool {
    demand.name.starts_with("GLIBC_ABI_") && demand.name != DT_RELR_MARKER
}

/// `GLIBC_2.36 (arc4random from libc.so.6)`.
pub(crate) fn describe(demand: &str, symbols: &[String], symbol_count: usize, library: &str) -> String {
    let shown = symbols.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = symbol_count.saturating_sub(symbols.len().min(3));
    let more = if more > 0 && !shown.is_empty() { format!(" and {more} more") } else { String::new() };
    match (shown.is_empty(), library.is_empty()) {
        (true, true) => demand.to_owned(),
        (true, false) => format!("{demand} (from {library})"),
        (false, true) => format!("{demand} ({shown}{more})"),
        (false, false) => format!("{demand} ({shown}{more} from {library})"),
    }
}

/// The same of an entry of the version need table.
pub(crate) fn describe_demand(demand: &VersionDemand) -> String {
    describe(&demand.name, &demand.symbols, demand.symbol_count as usize, &demand.library)
}

fn demanded(demand: &VersionDemand) -> Option<FloorReason> {
    let version = match split_version_name(&demand.name) {
        Some(("GLIBC", version)) => glibc_version(&version),
        _ if demand.name == DT_RELR_MARKER => DT_RELR_SINCE,
        _ => return None,
    };
    Some(FloorReason {
        version,
        demand: demand.name.clone(),
        symbols: demand.symbols.clone(),
        symbol_count: demand.symbol_count as usize,
        library: demand.library.clone(),
    })
}

/// A third number (`GLIBC_2.2.5`) is dropped: releases that serve as floors have two. Numbers beyond all sense stay beyond all floors.
fn glibc_version(version: &DottedVersion) -> GlibcVersion {
    let part = |index: usize| version.parts().get(index).map_or(0, |part| u16::try_from(*part).unwrap_or(u16::MAX));
    GlibcVersion::new(part(0), part(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Endianness;

    fn facts(names: &[&str]) -> Facts {
        let mut facts = Facts::new(Format::Elf, 64, Endianness::Little, "x86_64".to_owned());
        let demand = |name: &&str| VersionDemand {
            name: (*name).to_owned(),
            library: "libc.so.6".to_owned(),
            weak: false,
            symbols: Vec::new(),
            symbol_count: 0,
        };
        facts.demands = names.iter().map(demand).collect();
        facts
    }

    #[test]
    fn the_floor_is_the_highest_number() {
        assert_eq!(measured_floor(&facts(&["GLIBC_2.9", "GLIBC_2.28", "GLIBC_2.2.5", "GLIBC_PRIVATE"])), Some(GlibcVersion::new(2, 28)));
        assert_eq!(measured_floor(&facts(&["GLIBC_2.2.5"])), Some(GlibcVersion::new(2, 2)));
        assert_eq!(measured_floor(&facts(&["GLIBCXX_3.4.29"])), None);
        assert_eq!(measured_floor(&facts(&["GLIBC_99999999.1"])), Some(GlibcVersion::new(u16::MAX, 1)));
    }

    #[test]
    fn relr_and_unversioned_symbols_count() {
        assert_eq!(measured_floor(&facts(&["GLIBC_2.17", "GLIBC_ABI_DT_RELR"])), Some(GlibcVersion::new(2, 36)));
        let mut relr = facts(&["GLIBC_2.17"]);
        relr.relr = true;
        assert_eq!(floor_reasons(&relr)[0].describe(), "DT_RELR");
        relr.demands.clear();
        assert_eq!(measured_floor(&relr), None, "no glibc: a musl or static file");
        let mut new = facts(&["GLIBC_2.17"]);
        new.unversioned_new_symbols = vec!["__isoc23_strtol".to_owned()];
        assert_eq!(measured_floor(&new), Some(GlibcVersion::new(2, 38)));
    }

    #[test]
    fn descriptions_name_three_symbols_and_count_the_rest() {
        let symbols = ["a", "b", "c", "d"].map(str::to_owned);
        assert_eq!(describe("GLIBC_2.36", &symbols, 20, "libc.so.6"), "GLIBC_2.36 (a, b, c and 17 more from libc.so.6)");
        assert_eq!(describe("GLIBC_2.36", &symbols[..1], 1, "libc.so.6"), "GLIBC_2.36 (a from libc.so.6)");
        assert_eq!(describe("GLIBC_2.36", &[], 0, "libc.so.6"), "GLIBC_2.36 (from libc.so.6)");
    }
}
