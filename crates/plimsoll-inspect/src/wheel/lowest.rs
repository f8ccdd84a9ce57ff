//! The highest honest tag of a wheel: the oldest system that everything in it runs on, by every program and library, and what sets it.

use std::collections::BTreeSet;

use plimsoll_model::GlibcVersion;

use super::binaries::{Binary, provided};
use super::contents::Contents;
use super::file_name::WheelName;
use super::linux::{self, Demand, manylinux};
use super::{machines, macos};
use crate::facts::Facts;
use crate::format::Format;
use crate::host_macos;
use crate::python::{LowestTag, printable};
use crate::version::DottedVersion;

/// The oldest musl that tags are made for.
const FIRST_MUSL: &str = "musllinux_1_1";

/// The one that understands DT_RELR, from its fifth release on.
const MUSL_WITH_RELR: &str = "musllinux_1_2";

/// The oldest macOS that tags are made for today.
const FIRST_MACOS: [u32; 2] = [10, 9];

/// One for each system and processor; those for which the wheel is tagged, and where it has only others, these.
pub(super) fn tags(name: &WheelName, contents: &Contents) -> Vec<LowestTag> {
    let binaries = contents.facts().map(|(path, facts)| Binary::new(path, facts)).filter(Binary::is_loadable).collect::<Vec<_>>();
    let provided = provided(contents);
    let mut tags = Vec::new();
    let machines_of = |format: Format| {
        let images = binaries.iter().filter(|binary| binary.facts.format == format).flat_map(|binary| binary.facts.images());
        images.map(|image| image.machine.clone()).collect::<BTreeSet<_>>()
    };
    for machine in machines_of(Format::Elf).into_iter().filter(|machine| machines::linux_tag(machine).is_some()) {
        let own =
            binaries.iter().filter(|binary| binary.facts.format == Format::Elf && binary.facts.machine == machine).collect::<Vec<_>>();
        tags.extend(of_linux(&machine, &own, &provided));
    }
    for machine in machines_of(Format::MachO) {
        tags.extend(of_macos(&machine, &binaries));
    }
    tags.extend(machines_of(Format::Pe).iter().filter_map(|machine| machines::windows_tag(machine)).map(|tag| plain(tag.to_owned())));
    let of_claimed_system = |tag: &LowestTag| name.platforms.iter().any(|claimed| system(claimed) == system(&tag.tag));
    let is_claimed = tags.iter().any(of_claimed_system);
    tags.retain(|tag| !is_claimed || of_claimed_system(tag));
    tags
}

fn system(tag: &str) -> &str {
    let first = tag.split('_').next().unwrap_or(tag);
    if first.contains("linux") {
        "linux"
    } else if first.starts_with("win") {
        "win"
    } else {
        first
    }
}

fn plain(tag: String) -> LowestTag {
    LowestTag { tag, because: None }
}

fn of_linux(machine: &str, binaries: &[&Binary<'_>], provided: &BTreeSet<&str>) -> Vec<LowestTag> {
    let Some((arch, first)) = machines::linux_tag(machine) else { return Vec::new() };
    let dynamic = binaries.iter().filter(|binary| binary.facts.linkage.is_dynamic()).collect::<Vec<_>>();
    let because = |binary: &Binary<'_>, what: &str| Some(format!("{} needs {what}", printable(binary.path)));
    let external = dynamic.iter().find_map(|binary| Some((binary, *linux::external(binary.facts, provided).first()?)));
    if let Some((binary, library)) = external {
        return vec![LowestTag { tag: format!("linux_{arch}"), because: because(binary, &printable(library)) }];
    }
    let musl = dynamic.iter().find_map(|binary| Some((binary, linux::needs_musl(binary.facts)?)));
    let demands = dynamic.iter().flat_map(|binary| linux::demands(binary.facts, provided).into_iter().map(move |demand| (binary, demand)));
    let highest = demands.reduce(|one, other| if other.1.glibc > one.1.glibc { other } else { one });
    let is_glibc = highest.is_some() || dynamic.iter().any(|binary| linux::needs_glibc(binary.facts, provided));
    let mut tags = Vec::new();
    if musl.is_none() {
        let first = GlibcVersion::new(first.0, first.1);
        let lowest = plain(manylinux(first, arch));
        tags.push(match highest {
            Some((binary, demand)) if demand.glibc > first => {
                LowestTag { tag: tag_of(&demand, arch), because: because(binary, &demand.text) }
            }
            _ => lowest,
        });
    }
    if !is_glibc {
        let relr = dynamic.iter().find(|binary| linux::musl_with_relr(binary.facts).is_some());
        tags.push(match (relr, musl) {
            (Some(binary), Some(_)) => LowestTag {
                tag: format!("{MUSL_WITH_RELR}_{arch}"),
                because: because(binary, "musl 1.2.4, since it has DT_RELR relocations"),
            },
            (_, Some((binary, library))) => {
                LowestTag { tag: format!("{FIRST_MUSL}_{arch}"), because: because(binary, &printable(library)) }
            }
            (_, None) => plain(format!("{FIRST_MUSL}_{arch}")),
        });
    }
    if tags.is_empty() {
        // Some files need glibc, others musl.
        let because = musl.and_then(|(binary, library)| because(binary, &printable(library)));
        tags.push(LowestTag { tag: format!("linux_{arch}"), because });
    }
    tags
}

fn tag_of(demand: &Demand, arch: &str) -> String {
    demand.tag(arch).unwrap_or_else(|| format!("linux_{arch}"))
}

fn of_macos(machine: &str, binaries: &[Binary<'_>]) -> Option<LowestTag> {
    let arch = match machine {
        "aarch64" => "arm64",
        "x86_64" => "x86_64",
        _ => return None,
    };
    let images = |binary: &Binary<'_>| -> Vec<Facts> {
        binary.facts.images().iter().filter(|image| image.machine == machine && image.format == Format::MachO).cloned().collect()
    };
    let mut highest = (host_macos::first_release(machine).unwrap_or(DottedVersion::of(FIRST_MACOS[0], &FIRST_MACOS[1..])), None);
    for binary in binaries {
        for image in images(binary) {
            if let Some((minimum, command)) = macos::minimum(&image).filter(|(minimum, _)| minimum.compare_padded(&highest.0).is_gt()) {
                highest = (minimum.clone(), Some(format!("{} needs macOS {minimum} ({command})", printable(binary.path))));
            }
        }
    }
    let (version, because) = highest;
    let parts = version.parts();
    let (major, minor) = (parts[0], parts.get(1).copied().unwrap_or(0));
    // From 11 on, tags have the major version alone; the numbers 16 to 25 were left out.
    let (major, minor) = match (major, minor) {
        (10, minor) => (10, minor),
        (major, 0) => (major, 0),
        (15, _) => (26, 0),
        (major, _) => (major + 1, 0),
    };
    Some(LowestTag { tag: format!("macosx_{major}_{minor}_{arch}"), because })
}
