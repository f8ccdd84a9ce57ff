//! ELF files against `manylinux` and `musllinux`: what systems with the promised C library must have, and what they need not.

use std::collections::BTreeSet;

use plimsoll_model::GlibcVersion;

use super::binaries::Binary;
use super::machines;
use super::platform::Platform;
use crate::distributions::{GCC_PREFIXES, glibc_with};
use crate::facts::{Facts, Linkage};
use crate::floor::{describe_demand, floor_reasons, is_unknown_marker};
use crate::host;
use crate::python::{Findings, PackageCode, printable};
use crate::version::{DottedVersion, split_version_name};

/// Above everything that is known.
const NEVER: GlibcVersion = GlibcVersion::new(u16::MAX, 0);

/// Something that only systems with a certain glibc have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Demand {
    pub glibc: GlibcVersion,
    /// `GLIBC_2.34 (pthread_create from libc.so.6)`.
    pub text: String,
    is_unversioned: bool,
}

impl Demand {
    /// The oldest `manylinux` tag whose systems have it; none where nobody can tell.
    pub fn tag(&self, arch: &str) -> Option<String> {
        (self.glibc != NEVER).then(|| manylinux(self.glibc, arch))
    }
}

pub(super) fn manylinux(glibc: GlibcVersion, arch: &str) -> String {
    format!("manylinux_{}_{arch}", glibc.to_string().replace('.', "_"))
}

/// Whether glibc is what the file is linked with. musl's libgcc_s has a version `GLIBC_2.0` of its own, so that musl's name decides.
pub(super) fn needs_glibc(facts: &Facts, provided: &BTreeSet<&str>) -> bool {
    let is_demanded = facts.demands.iter().any(|demand| demand.name.starts_with("GLIBC_") && !provided.contains(demand.library.as_str()));
    needs_musl(facts).is_none() && (is_demanded || facts.needed.iter().any(|library| library == "libc.so.6"))
}

/// Highest first. What the wheel's own libraries provide does not count; weak symbols do, since the loader looks at the table of versions.
pub(super) fn demands(facts: &Facts, provided: &BTreeSet<&str>) -> Vec<Demand> {
    if needs_musl(facts).is_some() {
        return Vec::new();
    }
    let mut demands = floor_reasons(facts)
        .into_iter()
        .filter(|reason| !provided.contains(reason.library.as_str()))
        .map(|reason| Demand { glibc: reason.version, text: reason.describe(), is_unversioned: reason.demand.starts_with("__") })
        .collect::<Vec<_>>();
    for demand in facts.demands.iter().filter(|demand| !provided.contains(demand.library.as_str())) {
        let of_gcc = split_version_name(&demand.name).filter(|(prefix, _)| GCC_PREFIXES.contains(prefix));
        let glibc = match of_gcc {
            Some((prefix, version)) => glibc_with(prefix, &version).unwrap_or(NEVER),
            None if demand.name == "GLIBC_PRIVATE" || is_unknown_marker(demand) => NEVER,
            None => continue,
        };
        demands.push(Demand { glibc, text: describe_demand(demand), is_unversioned: false });
    }
    // aarch64 came with glibc 2.17, whose first symbols there are those of 2.17; 2.18 is what the policy of manylinux2014 grants it.
    if facts.machine == "aarch64" {
        for demand in demands.iter_mut().filter(|demand| demand.glibc == GlibcVersion::new(2, 18)) {
            demand.glibc = GlibcVersion::new(2, 17);
        }
    }
    demands.sort_by_key(|demand| std::cmp::Reverse(demand.glibc));
    demands
}

/// Libraries that neither the tag's systems nor the wheel have.
pub(super) fn external<'a>(facts: &'a Facts, provided: &BTreeSet<&str>) -> Vec<&'a str> {
    let is_loader = |library: &str| library.starts_with("ld-linux") || library.starts_with("ld64.so") || library == "ld.so.1";
    let is_host = |library: &str| {
        let own = if needs_musl(facts).is_some() { host::MUSL_LIBRARIES } else { host::GNU_LIBRARIES };
        own.contains(&library) || is_loader(library) || is_musl(library)
    };
    facts.needed.iter().map(String::as_str).filter(|library| !is_host(library) && !provided.contains(library)).collect()
}

fn is_musl(library: &str) -> bool {
    library == "libc.so" || library.starts_with("libc.musl-") || library.starts_with("ld-musl-")
}

/// By what a file says that it needs musl.
pub(super) fn needs_musl(facts: &Facts) -> Option<&str> {
    let loader = facts.interpreter.as_deref().filter(|path| path.contains("/ld-musl-"));
    loader.or_else(|| facts.needed.iter().map(String::as_str).find(|library| is_musl(library)))
}

pub(super) fn judge(binary: &Binary<'_>, tag: &str, platform: &Platform, provided: &BTreeSet<&str>, findings: &mut Findings) {
    let facts = binary.facts;
    if !facts.linkage.is_dynamic() {
        return;
    }
    match platform {
        Platform::Manylinux(limit, arch) => {
            if let Some(musl) = needs_musl(facts) {
                let message = format!("needs musl ({}), and {tag} promises glibc", printable(musl));
                findings.tell_of(binary.path, PackageCode::WrongSystem, message, "build it for glibc, or tag the wheel as musllinux");
                return;
            }
            glibc_floor(binary, tag, *limit, arch, provided, findings);
            loader(binary, tag, arch, false, findings);
        }
        Platform::Musllinux(version, arch) => {
            if needs_glibc(facts, provided) {
                let by = demands(facts, provided).into_iter().next().map_or("libc.so.6".to_owned(), |demand| demand.text);
                let message = format!("needs glibc, by {by}, and {tag} promises musl");
                findings.tell_of(binary.path, PackageCode::WrongSystem, message, "build it for musl, or tag the wheel as manylinux");
                return;
            }
            musl_floor(binary, tag, version, findings);
            loader(binary, tag, arch, true, findings);
        }
        // PyPI takes these tags for a few ARM systems, and nothing says what those have.
        _ => return,
    }
    for library in external(facts, provided) {
        let message = format!("needs {}, which neither systems of {tag} nor the wheel have", printable(library));
        let hint = "link it statically, or put it into the wheel (`auditwheel repair`)";
        findings.tell_of(binary.path, PackageCode::ExternalLibrary, message, hint);
    }
}

fn glibc_floor(binary: &Binary<'_>, tag: &str, limit: GlibcVersion, arch: &str, provided: &BTreeSet<&str>, findings: &mut Findings) {
    let demands = demands(binary.facts, provided);
    let above = demands.iter().filter(|demand| demand.glibc > limit).collect::<Vec<_>>();
    for demand in above.iter().filter(|demand| demand.is_unversioned) {
        let message = format!(
            "uses {}, which glibc has since 2.38 only: nothing tells the loader so, and on an older system of {tag} it fails when it is called",
            demand.text
        );
        let hint = "an object compiled against newer headers came in: compile it against the headers of the floor, or for C17";
        findings.tell_of(binary.path, PackageCode::UnversionedSymbol, message, hint);
    }
    let versioned = above.iter().filter(|demand| !demand.is_unversioned).collect::<Vec<_>>();
    let Some((highest, others)) = versioned.split_first() else { return };
    let honest = highest.tag(arch).map_or("no manylinux tag has it".to_owned(), |honest| format!("the highest honest tag is {honest}"));
    let others = others.iter().take(3).map(|demand| demand.text.as_str()).collect::<Vec<_>>().join(", ");
    let others = if others.is_empty() { String::new() } else { format!("; also above it: {others}") };
    findings.tell_of(
        binary.path,
        PackageCode::TagTooLow,
        format!("needs {}, above {tag}: {honest}{others}", highest.text),
        "tag the wheel so, or build against an older system (zig, or the image of the tag)",
    );
}

/// First musl that understands DT_RELR (its release notes), as far as a tag can say it: it has two numbers, and the release has 1.2.4.
const RELR_SINCE: [u32; 2] = [1, 2];

/// What musl a file needs is told by nothing else: its symbols have no versions.
pub(super) fn musl_with_relr(facts: &Facts) -> Option<DottedVersion> {
    facts.relr.then(|| DottedVersion::of(RELR_SINCE[0], &RELR_SINCE[1..]))
}

fn musl_floor(binary: &Binary<'_>, tag: &str, version: &DottedVersion, findings: &mut Findings) {
    if let Some(first) = binary.facts.unversioned_new_symbols.first() {
        let message = format!("uses {first}, which musl does not have");
        let hint = "an object compiled against glibc's headers came in: compile it against musl's";
        findings.tell_of(binary.path, PackageCode::UnversionedSymbol, message, hint);
    }
    if musl_with_relr(binary.facts).is_some_and(|since| *version < since) {
        let message = format!("has DT_RELR relocations, which musl understands since 1.2.4, above {tag}");
        findings.tell_of(binary.path, PackageCode::TagTooLow, message, "link it with `-z nopack-relative-relocs`");
    }
}

fn loader(binary: &Binary<'_>, tag: &str, arch: &str, is_musl: bool, findings: &mut Findings) {
    let Some(own) = binary.facts.interpreter.as_deref().filter(|_| binary.facts.linkage == Linkage::Dynamic) else { return };
    let expected = machines::target(arch, is_musl).and_then(|target| host::loader(&target));
    if let Some(expected) = expected.filter(|expected| *expected != own) {
        let message = format!("is loaded by {}, and systems of {tag} have {expected}", printable(own));
        findings.tell_of(binary.path, PackageCode::ProgramLoader, message, "set it with `patchelf --set-interpreter`");
    }
}
