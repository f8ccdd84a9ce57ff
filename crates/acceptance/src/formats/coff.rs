//! What `llvm-readobj` and our facts say of PE files.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{Claims, text, texts};
use crate::Trouble;
use crate::testbed::expect_well;

/// Flags by their name in LLVM's output and in our facts.
const FLAGS: [(&str, &str); 4] =
    [("DYNAMIC_BASE", "aslr"), ("HIGH_ENTROPY_VA", "high_entropy"), ("NX_COMPAT", "nx"), ("GUARD_CF", "guard_cf")];

pub fn ours(facts: &Value) -> Claims {
    let own = &facts["pe"];
    let imports = own["imports"].as_array().into_iter().flatten().map(|import| {
        let symbols = texts(&import["symbols"]);
        let delayed = if import["delayed"] == true { "delayed " } else { "" };
        format!("{delayed}{} {}", text(&import["library"]), symbols.join(" "))
    });
    Claims::from([
        ("machine".to_owned(), vec![text(&facts["machine"])]),
        ("magic".to_owned(), vec![facts["class"].to_string()]),
        ("subsystem".to_owned(), vec![text(&own["subsystem"])]),
        ("minimum".to_owned(), vec![text(&own["subsystem_version"])]),
        ("system".to_owned(), vec![text(&own["os_version"])]),
        ("dll".to_owned(), vec![own["dll"].to_string()]),
        ("flags".to_owned(), FLAGS.iter().filter(|(_, key)| own[*key] == true).map(|(name, _)| (*name).to_owned()).collect()),
        ("imports".to_owned(), imports.collect()),
        ("exports".to_owned(), texts(&own["exports"])),
        ("forwards".to_owned(), texts(&own["forwards"])),
        ("pdb".to_owned(), own["pdb"].as_str().map(str::to_owned).into_iter().collect()),
    ])
}

pub fn theirs(readobj: &Path, file: &Path) -> Result<Claims, Trouble> {
    let words = ["--file-headers", "--coff-imports", "--coff-exports", "--coff-debug-directory"];
    let said = expect_well(Command::new(readobj).args(words).arg(file).env("LC_ALL", "C"))?;
    Ok(parse(&said.stdout))
}

fn parse(text: &str) -> Claims {
    let value = |label: &str| text.lines().find_map(|line| line.trim().strip_prefix(label)?.strip_prefix(": ")).unwrap_or_default();
    let machine = match value("Machine").split_whitespace().next().unwrap_or_default() {
        "IMAGE_FILE_MACHINE_AMD64" => "x86_64",
        "IMAGE_FILE_MACHINE_ARM64" => "aarch64",
        "IMAGE_FILE_MACHINE_I386" => "i686",
        other => other,
    };
    let subsystem = match value("Subsystem").split_whitespace().next().unwrap_or_default() {
        "IMAGE_SUBSYSTEM_WINDOWS_CUI" => "console",
        "IMAGE_SUBSYSTEM_WINDOWS_GUI" => "gui",
        other => other,
    };
    let has = |name: &str| text.lines().any(|line| line.trim().starts_with(name));
    let numbered = |what: &str| format!("{}.{}", value(&format!("Major{what}Version")), value(&format!("Minor{what}Version")));
    let flags = FLAGS.iter().filter(|(name, _)| has(&format!("IMAGE_DLL_CHARACTERISTICS_{name}"))).map(|(name, _)| (*name).to_owned());
    // The DOS header has a "Magic" too, further down.
    let class = if value("Magic") == "0x20B" { "64" } else { "32" };
    let Tables { imports, mut exports, mut forwards } = tables(text);
    exports.sort();
    forwards.sort();
    let pdb = Some(value("PDBFileName")).filter(|name| !name.is_empty());
    Claims::from([
        ("machine".to_owned(), vec![machine.to_owned()]),
        ("magic".to_owned(), vec![class.to_owned()]),
        ("subsystem".to_owned(), vec![subsystem.to_owned()]),
        ("minimum".to_owned(), vec![numbered("Subsystem")]),
        ("system".to_owned(), vec![numbered("OperatingSystem")]),
        ("dll".to_owned(), vec![has("IMAGE_FILE_DLL").to_string()]),
        ("flags".to_owned(), flags.collect()),
        ("imports".to_owned(), imports),
        ("exports".to_owned(), exports),
        ("forwards".to_owned(), forwards),
        ("pdb".to_owned(), pdb.map(str::to_owned).into_iter().collect()),
    ])
}

/// Imports with their symbols, names of exports, and where forwards lead.
#[derive(Default)]
struct Tables {
    imports: Vec<String>,
    exports: Vec<String>,
    forwards: Vec<String>,
}

fn tables(text: &str) -> Tables {
    let (mut found, mut block) = (Tables::default(), "");
    for line in text.lines() {
        if let Some(name) = line.strip_suffix(" {").filter(|name| !name.starts_with(' ')) {
            block = name;
        }
        let line = line.trim();
        match (block, line.split_once(": ")) {
            ("Import", Some(("Name", name))) => found.imports.push(format!("{name} ")),
            ("DelayImport", Some(("Name", name))) => found.imports.push(format!("delayed {name} ")),
            ("Import" | "DelayImport", Some(("Symbol", symbol))) => {
                let (name, number) = symbol.rsplit_once(" (").unwrap_or((symbol, ""));
                let symbol = if name.is_empty() { format!("#{}", number.trim_end_matches(')')) } else { name.to_owned() };
                if let Some(import) = found.imports.last_mut() {
                    let gap = if import.ends_with(' ') { "" } else { " " };
                    import.push_str(&format!("{gap}{symbol}"));
                }
            }
            ("Export", Some(("Name", name))) => found.exports.push(name.to_owned()),
            ("Export", Some(("ForwardedTo", to))) => found.forwards.push(to.to_owned()),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_and_exports_are_read_by_block() {
        let text = "ImageOptionalHeader {\n  Name: x\n}\nImport {\n  Name: a.dll\n  Symbol: f (0)\n  Symbol: g (7)\n}\nDelayImport {\n  Name: b.dll\n  Symbol:  (9)\n}\nExport {\n  Ordinal: 1\n  Name: nif_init\n  RVA: 0x1\n}\nExport {\n  Ordinal: 2\n  Name: there\n  ForwardedTo: other.f\n}\n";
        let found = tables(text);
        assert_eq!(found.imports, ["a.dll f g", "delayed b.dll #9"]);
        assert_eq!(found.exports, ["nif_init", "there"]);
        assert_eq!(found.forwards, ["other.f"]);
    }
}
