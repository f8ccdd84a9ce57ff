//! The facts of a binary as a person reads them.

use plimsoll_inspect::{
    Audit, Checksum, CodeSignature, Facts, Finding, Floor, Format, LibraryUse, MachoFacts, MachoLibrary, PeFacts, PeImport, system_reasons,
};
use serde::Serialize;

use super::{Paint, Text, bytes};

/// Symbols of one library that are shown.
const SHOWN: usize = 6;

/// What is known of one file.
#[derive(Debug, Serialize)]
pub struct Inspected {
    /// As it was named.
    pub file: String,
    /// Its facts; none where it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
    /// What the audit of a package found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<Audit>,
    /// The oldest system that loads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<Floor>,
    /// What the gates of the given target refuse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Lines of a label and a value.
struct Block {
    text: Text,
}

impl Block {
    /// Nothing where the value is empty.
    fn line(&mut self, label: &str, value: impl AsRef<str>) {
        let value = value.as_ref();
        if !value.is_empty() {
            self.text.put("  ").label(format!("{label:<9}")).put(" ").put(value).end();
        }
    }

    fn lines<T: AsRef<str>>(&mut self, label: &str, values: impl IntoIterator<Item = T>) {
        for (index, value) in values.into_iter().enumerate() {
            self.line(if index == 0 { label } else { "" }, value);
        }
    }
}

/// One block a file: what it is, what it needs, and what sets its floor. Of a universal file one block a slice follows.
pub fn render(inspected: &Inspected, paint: Paint) -> Text {
    let mut block = Block { text: Text::new(paint) };
    block.text.strong(&inspected.file).end();
    let Some(facts) = &inspected.facts else { return block.text };
    if facts.slices.is_empty() {
        image(&mut block, facts, inspected.floor.as_ref());
        return block.text;
    }
    let machines = facts.slices.iter().map(|slice| slice.machine.as_str()).collect::<Vec<_>>().join(", ");
    block.line("is", format!("{} universal, of {machines}", facts.format.as_str()));
    floor(&mut block, facts, inspected.floor.as_ref());
    for slice in &facts.slices {
        block.text.put("  ").strong(&slice.machine).end();
        image(&mut block, slice, None);
    }
    block.text
}

fn image(block: &mut Block, facts: &Facts, measured: Option<&Floor>) {
    block.line("is", format!("{} {} {}-bit, {}", facts.format.as_str(), facts.machine, facts.class, facts.linkage));
    block.line("loader", facts.interpreter.as_deref().unwrap_or_default());
    block.line("soname", facts.soname.as_deref().unwrap_or_default());
    match (&facts.macho, &facts.pe) {
        (Some(own), _) => macho(block, own),
        (_, Some(own)) => block.lines("needs", own.imports.iter().map(pe_import)),
        (None, None) => block.line("needs", facts.needed.join(", ")),
    }
    floor(block, facts, measured);
    for (prefix, demand) in facts.floors.iter().filter(|(prefix, _)| *prefix != "GLIBC") {
        block.line("also", format!("{prefix} {} from {}", demand.version, demand.library));
    }
    block.line("rpath", facts.rpath.join(":"));
    block.line("runpath", facts.runpath.join(":"));
    if let Some(own) = &facts.pe {
        pe(block, own);
    }
    let flags = [
        (facts.pie, "pie"),
        (facts.bind_now, "bind-now"),
        (facts.stripped, "stripped"),
        (facts.debug_info, "debug info"),
        (facts.textrel, "text relocations"),
        (facts.writable_executable_segments > 0, "writable and executable segments"),
        (facts.exec_stack == plimsoll_inspect::ExecStack::Executable, "executable stack"),
        (facts.macho.as_ref().is_some_and(|own| own.encrypted), "encrypted parts"),
    ];
    let protections = facts.pe.iter().flat_map(|own| {
        let flags = [(own.aslr, "aslr"), (own.high_entropy, "high-entropy"), (own.nx, "nx"), (own.guard_cf, "guard-cf")];
        flags.into_iter().filter(|(is, _)| *is).map(|(_, name)| name)
    });
    let flags = flags.iter().filter(|(is, _)| *is).map(|(_, name)| *name).chain(protections);
    block.line("has", flags.collect::<Vec<_>>().join(", "));
    block.line("exports", facts.entry_points.join(", "));
    if facts.format != Format::Elf {
        block.line("id", facts.build_id.as_deref().unwrap_or_default());
    }
}

fn floor(block: &mut Block, facts: &Facts, measured: Option<&Floor>) {
    if let Some(floor) = measured {
        block.line("floor", floor.to_string());
        for reason in system_reasons(facts) {
            block.line("because", reason);
        }
    }
}

fn macho(block: &mut Block, own: &MachoFacts) {
    let platform =
        |demand: &plimsoll_inspect::PlatformDemand| format!("{} {} or later, SDK {}", demand.platform, demand.minimum, demand.sdk);
    block.lines("for", own.platforms.iter().map(platform));
    block.line("named", own.install_name.as_ref().map(versions).unwrap_or_default());
    block.lines("needs", own.libraries.iter().map(versions));
    block.lines("rpath", &own.rpaths);
    block.lines("sets", &own.loader_environment);
    let lookup = if own.two_level { "" } else { "in all that is loaded (flat namespace)" };
    block.line("looks up", lookup);
    block.line("wants", shortened(&own.flat_imports, own.flat_imports.len()));
    block.lines("objects", own.object_files.iter().take(SHOWN));
    match &own.signature {
        None => block.line("signed", "no"),
        Some(signature) => signed(block, signature),
    }
}

fn versions(library: &MachoLibrary) -> String {
    let usage = match library.usage {
        LibraryUse::Required | LibraryUse::Own => "",
        LibraryUse::Weak => ", may be missing",
        LibraryUse::Reexported => ", reexported",
        LibraryUse::Lazy => ", loaded when first used",
        LibraryUse::Upward => ", upward",
    };
    format!("{} ({} or later, is {}{usage})", library.name, library.compatibility_version, library.current_version)
}

fn signed(block: &mut Block, signature: &CodeSignature) {
    let by = match (signature.adhoc, &signature.team) {
        (true, _) if signature.linker_signed => "ad hoc, by the linker".to_owned(),
        (true, _) => "ad hoc".to_owned(),
        (false, Some(team)) => format!("with a certificate of {team}"),
        (false, None) => "with a certificate".to_owned(),
    };
    let valid = if signature.faults.is_empty() { "valid" } else { "NOT VALID" };
    block.line("signed", format!("{by}, {valid}: {} {}", signature.identifier, signature.cdhash));
    block.lines("", &signature.faults);
    for directory in &signature.directories {
        let pages = format!("{} of {} pages", directory.pages_verified, directory.pages);
        block.line("", format!("{} of {pages}, {} other parts ({})", directory.hash, directory.parts_verified, directory.version));
    }
    block.lines("unchecked", &signature.unchecked);
}

fn pe(block: &mut Block, own: &PeFacts) {
    block.line("runs in", own.subsystem.as_str());
    block.line("runtime", own.c_runtimes.join(", "));
    block.line("named", own.export_name.as_deref().unwrap_or_default());
    block.line("offers", shortened(&own.exports, own.exports.len()));
    block.line("forwards", shortened(&own.forwards, own.forwards.len()));
    block.line("debug in", own.pdb.as_deref().unwrap_or_default());
    block.line("signed", own.signature_size.map(|size| format!("{}, not checked", bytes(size.into()))).unwrap_or_default());
    block.line(
        "checksum",
        match own.checksum {
            Checksum::Absent => "",
            Checksum::Valid => "valid",
            Checksum::Wrong => "WRONG",
        },
    );
    block.line("behind it", if own.overlay > 0 { bytes(own.overlay) } else { String::new() });
}

fn pe_import(import: &PeImport) -> String {
    let delayed = if import.delayed { ", when first used" } else { "" };
    format!("{}{delayed}: {}", import.library, shortened(&import.symbols, import.symbol_count as usize))
}

fn shortened(names: &[String], count: usize) -> String {
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>();
    let more = count.saturating_sub(shown.len());
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rendered(facts: serde_json::Value) -> String {
        let facts: Facts = serde_json::from_value(facts).unwrap();
        let floor = plimsoll_inspect::measured_system(&facts);
        render(
            &Inspected { file: "file".to_owned(), facts: Some(facts), package: None, floor, findings: Vec::new(), error: None },
            Paint::PLAIN,
        )
        .to_string()
    }

    fn slice(machine: &str, signature: &serde_json::Value) -> serde_json::Value {
        let library =
            |name: &str, usage: &str| json!({ "name": name, "usage": usage, "current_version": "1359.0", "compatibility_version": "1.0" });
        json!({
            "format": "macho", "class": 64, "endianness": "little", "machine": machine, "linkage": "shared_object",
            "entry_points": ["nif_init"], "stripped": true, "build_id": "abcd",
            "macho": {
                "cpu_type": 1, "cpu_subtype": 0, "file_type": "dylib", "two_level": true, "flat_imports": ["enif_make_int"],
                "platforms": [{ "platform": "macos", "minimum": "11.0", "sdk": "14.2", "command": "LC_BUILD_VERSION" }],
                "install_name": library("@rpath/libown.dylib", "own"),
                "libraries": [library("/usr/lib/libSystem.B.dylib", "required"), library("@rpath/libweak.dylib", "weak")],
                "rpaths": ["@loader_path"], "signature": signature,
            },
        })
    }

    #[test]
    fn a_universal_library_is_told_slice_by_slice() {
        let signature = json!({
            "adhoc": true, "linker_signed": true, "identifier": "libown", "cdhash": "00ff", "faults": ["16 bytes follow the signature"],
            "directories": [{
                "version": "0x20400", "hash": "sha256", "page_size": 4096, "code_limit": 8192, "pages_verified": 1, "pages": 2,
                "parts_verified": 0, "cdhash": "00ff",
            }],
        });
        let slices = [slice("x86_64", &json!(null)), slice("aarch64", &signature)];
        let facts = json!({ "format": "macho", "class": 64, "endianness": "little", "machine": "universal", "slices": slices });
        insta::assert_snapshot!(rendered(facts));
    }

    #[test]
    fn a_windows_program_is_told_by_its_libraries() {
        let facts = json!({
            "format": "pe", "class": 64, "endianness": "little", "machine": "x86_64", "linkage": "dynamic", "pie": true,
            "pe": {
                "machine": 0x8664, "subsystem": "console", "subsystem_version": "6.0", "os_version": "6.0", "dll": false,
                "imports": [
                    { "library": "KERNEL32.dll", "symbols": ["A", "B", "C", "D", "E", "F", "G"], "symbol_count": 9 },
                    { "library": "USER32.dll", "delayed": true, "symbols": ["#7"], "symbol_count": 1 },
                ],
                "c_runtimes": ["ucrt"], "aslr": true, "high_entropy": false, "nx": true, "guard_cf": false, "checksum": "wrong",
                "pdb": "program.pdb", "signature_size": 6000, "overlay": 12,
            },
        });
        insta::assert_snapshot!(rendered(facts));
    }
}
