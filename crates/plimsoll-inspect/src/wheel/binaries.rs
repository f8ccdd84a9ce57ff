//! Programs and libraries in a wheel against what its tags promise. What no loader would load there is data, and not judged.

use std::collections::BTreeSet;

use super::contents::Contents;
use super::file_name::WheelName;
use super::module_names::{self, Suffix};
use super::platform::Platform;
use super::{linux, machines, macos};
use crate::facts::Facts;
use crate::format::Format;
use crate::python::{Findings, PackageCode};

/// A program or library with what the judges ask of it.
pub(super) struct Binary<'a> {
    pub path: &'a str,
    pub facts: &'a Facts,
    /// Imported by Python, by its name or by its entry point.
    pub is_module: bool,
    /// Installed as a command.
    pub is_command: bool,
}

impl<'a> Binary<'a> {
    pub fn new(path: &'a str, facts: &'a Facts) -> Self {
        let has_entry = facts.images().iter().any(|image| image.entry_points.iter().any(|name| name.starts_with("PyInit_")));
        Self {
            path,
            facts,
            is_module: has_entry || module_names::read(path).is_some(),
            is_command: path.split('/').next().is_some_and(|top| top.ends_with(".data")) && path.contains(".data/scripts/"),
        }
    }

    /// Whether a loader takes it at all: no object file, no separate debug information.
    pub fn is_loadable(&self) -> bool {
        self.facts.images().iter().all(|image| image.linkage.is_static() || image.linkage.is_dynamic())
    }
}

/// Names by which the wheel's own libraries may be needed.
pub(super) fn provided(contents: &Contents) -> BTreeSet<&str> {
    let names = contents.facts().flat_map(|(path, facts)| [path.rsplit('/').next(), facts.soname.as_deref()]);
    names.flatten().collect()
}

pub(super) fn judge(name: &WheelName, is_pure: Option<bool>, contents: &Contents, findings: &mut Findings) {
    let platforms = name.platforms.iter().map(|tag| (tag.as_str(), Platform::read(tag))).collect::<Vec<_>>();
    let provided = provided(contents);
    let is_any = platforms.iter().any(|(_, platform)| *platform == Platform::Any);
    let of_windows = contents.facts().filter(|(_, facts)| facts.format == Format::Pe);
    let of_windows = of_windows.map(|(_, facts)| facts.machine.as_str()).collect::<BTreeSet<_>>();
    for (path, facts) in contents.facts() {
        let binary = Binary::new(path, facts);
        if !binary.is_loadable() {
            continue;
        }
        if is_any {
            in_pure_wheel(&binary, findings);
            continue;
        }
        module_suffix(name, &binary, findings);
        if is_pure == Some(true) && binary.is_module && !path.contains(".data/platlib/") {
            let message = "is an extension module, and WHEEL says `Root-Is-Purelib: true`";
            findings.tell_of(path, PackageCode::BinaryInPureWheel, message, "say `Root-Is-Purelib: false`");
        }
        for (tag, platform) in &platforms {
            if !is_for_others(&binary, platform, &of_windows) {
                against(&binary, tag, platform, &provided, findings);
            }
        }
        wrong_system(&binary, &platforms, findings);
    }
}

/// Installers that copy files for launchers carry Windows programs in wheels for every system; nothing else may.
fn in_pure_wheel(binary: &Binary<'_>, findings: &mut Findings) {
    let is_carried = binary.facts.format == Format::Pe && !binary.is_module && !binary.is_command;
    if !is_carried {
        let message = format!("is {} for {}, in a wheel that is tagged for any system", binary.facts.format.as_str(), binary.facts.machine);
        findings.tell_of(binary.path, PackageCode::BinaryInPureWheel, message, "tag the wheel with the platform, or leave the file out");
    }
}

/// On Windows debuggers and launchers carry libraries for programs of another processor, beside those for Python's own.
fn is_for_others(binary: &Binary<'_>, platform: &Platform, of_windows: &BTreeSet<&str>) -> bool {
    let Platform::Windows(tag) = platform else { return false };
    let machine = machines::of_windows(tag);
    !binary.is_module && binary.facts.format == Format::Pe && binary.facts.machine != machine && of_windows.contains(machine)
}

fn against(binary: &Binary<'_>, tag: &str, platform: &Platform, provided: &BTreeSet<&str>, findings: &mut Findings) {
    let format = binary.facts.format;
    match (platform, format) {
        (Platform::Manylinux(_, arch) | Platform::Musllinux(_, arch) | Platform::Linux(arch), Format::Elf) => {
            if !is_for(binary, tag, &machines::of_linux(arch).map_or(Vec::new(), |machine| vec![machine]), findings) {
                return;
            }
            linux::judge(binary, tag, platform, provided, findings);
        }
        (Platform::Macos(limit, arch), Format::MachO) if is_for(binary, tag, machines::of_macos(arch), findings) => {
            macos::judge(binary, tag, limit, findings);
        }
        // A program of another processor may be started there; a library of one is never loaded.
        (Platform::Windows(own), Format::Pe) if binary.is_module || binary.facts.pe.as_ref().is_some_and(|own| own.dll) => {
            is_for(binary, tag, &[machines::of_windows(own)], findings);
        }
        _ => {}
    }
}

/// Whether it has code for each of these processors. Those of accelerators, which have no tag, are data.
fn is_for(binary: &Binary<'_>, tag: &str, wanted: &[&str], findings: &mut Findings) -> bool {
    let has = binary.facts.images().iter().map(|image| image.machine.as_str()).collect::<Vec<_>>();
    let is_same = |has: &str, wanted: &str| has == wanted || (has == "x86_64h" && wanted == "x86_64");
    let missing = wanted.iter().copied().filter(|wanted| !has.iter().any(|has| is_same(has, wanted))).collect::<Vec<_>>();
    if missing.is_empty() {
        return true;
    }
    if binary.facts.format != Format::Elf || machines::linux_tag(&binary.facts.machine).is_some() {
        let message =
            format!("is for {}, in a wheel that is tagged {tag}: code for {} is missing", has.join(" and "), missing.join(" and "));
        findings.tell_of(binary.path, PackageCode::WrongMachine, message, "put in the file that was built for the tag, or mend the tag");
    }
    false
}

/// A module or a command that no system of the tags can load.
fn wrong_system(binary: &Binary<'_>, platforms: &[(&str, Platform)], findings: &mut Findings) {
    let format = binary.facts.format;
    let takes = |platform: &Platform| match platform {
        Platform::Manylinux(..) | Platform::Musllinux(..) | Platform::Linux(_) => format == Format::Elf,
        Platform::Macos(..) => format == Format::MachO,
        Platform::Windows(_) => format == Format::Pe,
        Platform::Any | Platform::Other => true,
    };
    if (binary.is_module || binary.is_command) && !platforms.iter().any(|(_, platform)| takes(platform)) {
        let tags = platforms.iter().map(|(tag, _)| *tag).collect::<Vec<_>>().join(", ");
        let message = format!("is {}, which no system of {tags} loads", format.as_str());
        findings.tell_of(binary.path, PackageCode::WrongSystem, message, "put in the file that was built for the tag, or mend the tag");
    }
}

fn module_suffix(name: &WheelName, binary: &Binary<'_>, findings: &mut Findings) {
    let Some(Suffix::Cpython(own)) = module_names::read(binary.path) else { return };
    let is_by_python = name.abis.iter().any(|abi| abi == "none") && name.pythons.contains(&own);
    if !name.abis.contains(&own) && !is_by_python {
        let message =
            format!("is a module that {own} alone finds, in a wheel that is tagged {}-{}", name.pythons.join("."), name.abis.join("."));
        findings.tell_of(binary.path, PackageCode::WrongPython, message, "tag the wheel with that Python, or build the module for the tag");
    }
}
