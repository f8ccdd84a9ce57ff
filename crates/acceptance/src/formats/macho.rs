//! What `llvm-objdump --macho` and our facts say of Mach-O images.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{Claims, text, texts, version};
use crate::Trouble;
use crate::testbed::expect_well;

/// One a slice, or the file's only one.
pub fn ours(facts: &Value) -> Vec<Claims> {
    let slices = facts["slices"].as_array().cloned().unwrap_or_else(|| vec![facts.clone()]);
    let mut all = slices.iter().map(image).collect::<Vec<_>>();
    if let [one] = all.as_mut_slice() {
        one.insert("flat".to_owned(), texts(&facts["macho"]["flat_imports"]));
        one.insert("entry points".to_owned(), texts(&facts["entry_points"]));
    }
    all
}

fn image(facts: &Value) -> Claims {
    let own = &facts["macho"];
    let library = |library: &Value| {
        let [compatibility, current] = ["compatibility_version", "current_version"].map(|key| version(&text(&library[key])));
        format!("{} {compatibility} {current}", text(&library["name"]))
    };
    let libraries = own["libraries"].as_array().into_iter().flatten().map(library).collect();
    let platforms = own["platforms"].as_array().into_iter().flatten();
    let signed = own["signature"]["directories"][0]["code_limit"].as_u64().map(|offset| offset.to_string());
    let flags = [(facts["pie"] == true, "PIE"), (own["two_level"] == true, "TWOLEVEL")];
    Claims::from([
        ("machine".to_owned(), vec![text(&facts["machine"])]),
        ("kind".to_owned(), vec![text(&own["file_type"])]),
        ("flags".to_owned(), flags.iter().filter(|(is, _)| *is).map(|(_, name)| (*name).to_owned()).collect()),
        ("libraries".to_owned(), libraries),
        ("name".to_owned(), own["install_name"].as_object().map(|_| library(&own["install_name"])).into_iter().collect()),
        ("rpaths".to_owned(), texts(&own["rpaths"])),
        ("loader".to_owned(), facts["interpreter"].as_str().map(str::to_owned).into_iter().collect()),
        ("uuid".to_owned(), vec![text(&facts["build_id"])]),
        (
            "minimum".to_owned(),
            platforms.map(|demand| format!("{} {}", version(&text(&demand["minimum"])), version(&text(&demand["sdk"])))).collect(),
        ),
        ("signature at".to_owned(), signed.into_iter().collect()),
    ])
}

/// The same from the tool.
pub fn theirs(objdump: &Path, file: &Path) -> Result<Vec<Claims>, Trouble> {
    let say = |words: &[&str]| -> Result<String, Trouble> {
        Ok(expect_well(Command::new(objdump).arg("--macho").args(words).arg(file).env("LC_ALL", "C"))?.stdout)
    };
    let mut all = headers(&say(&["--arch=all", "--private-headers"])?);
    if let [one] = all.as_mut_slice() {
        let bound = say(&["--bind", "--lazy-bind"])?;
        let by_opcodes = bound.lines().filter(|line| line.contains("flat-namespace")).filter_map(|line| line.split_whitespace().last());
        let mut flat = by_opcodes.map(plain).chain(chained_flat(&say(&["--chained-fixups"])?)).collect::<Vec<_>>();
        flat.sort();
        flat.dedup();
        one.insert("flat".to_owned(), flat);
        let exports = say(&["--exports-trie"])?;
        let mut entries = exports.lines().filter_map(|line| line.split_whitespace().nth(1)).map(plain).collect::<Vec<_>>();
        entries.retain(|name| name == "nif_init" || name.starts_with("PyInit_"));
        entries.sort();
        one.insert("entry points".to_owned(), entries);
        let (libraries, rpaths) = (say(&["--dylibs-used"])?, say(&["--rpaths"])?);
        let count = libraries.lines().skip(1).count();
        let told = one["libraries"].len() + one["name"].len();
        let paths = rpaths.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
        if count != told || paths != one["rpaths"] {
            return Err(Trouble::Broken(format!(
                "the headers were misread: {told} libraries and {:?}, but\n{libraries}{rpaths}",
                one["rpaths"]
            )));
        }
    }
    Ok(all)
}

/// Imports in chained fixups that no library is named for: `lib_ordinal = -2 (flat-namespace)`, and further down `name_offset = 0 (_name)`.
fn chained_flat(text: &str) -> Vec<String> {
    let mut is_flat = false;
    let mut found = Vec::new();
    for line in text.lines() {
        match line.trim().split_once(" = ") {
            Some(("lib_ordinal", library)) => is_flat = library.contains("flat-namespace"),
            Some(("name_offset", name)) if is_flat => {
                found.extend(name.split_once('(').and_then(|(_, name)| name.strip_suffix(')')).map(plain));
            }
            _ => {}
        }
    }
    found
}

fn plain(name: &str) -> String {
    name.strip_prefix('_').unwrap_or(name).to_owned()
}

/// The values of one load command, by their labels.
type LoadCommand<'a> = Vec<(&'a str, &'a str)>;

fn headers(text: &str) -> Vec<Claims> {
    let mut images = Vec::new();
    let mut command = LoadCommand::new();
    for line in text.lines().chain(["Load command end"]) {
        let line = line.trim();
        if line.starts_with("Load command") || line.starts_with("Mach header") {
            if let Some(image) = images.last_mut() {
                take(image, &command);
            }
            command.clear();
        } else if line.starts_with("MH_MAGIC") {
            images.push(header(line));
        } else if let Some((label, value)) = line.split_once(' ') {
            // Labels of two words.
            let (label, value) =
                value.strip_prefix("version ").filter(|_| label != "version").map_or((label, value), |value| (label, value));
            command.push((label, value.trim()));
        }
    }
    images
}

fn header(line: &str) -> Claims {
    let words = line.split_whitespace().collect::<Vec<_>>();
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    let machine = if word(1) == "ARM64" { "aarch64".to_owned() } else { word(1).to_lowercase() };
    let flags = ["PIE", "TWOLEVEL"].iter().filter(|flag| words.contains(flag)).map(|flag| (*flag).to_owned()).collect();
    let mut claims = Claims::from([
        ("machine".to_owned(), vec![machine]),
        ("kind".to_owned(), vec![word(4).to_lowercase()]),
        ("flags".to_owned(), flags),
    ]);
    for subject in ["libraries", "name", "rpaths", "loader", "uuid", "minimum", "signature at"] {
        claims.insert(subject.to_owned(), Vec::new());
    }
    claims
}

fn take(image: &mut Claims, command: &LoadCommand<'_>) {
    let value = |label: &str| command.iter().find(|(known, _)| *known == label).map(|(_, value)| *value).unwrap_or_default();
    let named = |label: &str| value(label).split(" (offset").next().unwrap_or_default().to_owned();
    let library = || format!("{} {} {}", named("name"), version(value("compatibility")), version(value("current")));
    let (subject, told) = match value("cmd") {
        "LC_LOAD_DYLIB" | "LC_LOAD_WEAK_DYLIB" | "LC_REEXPORT_DYLIB" => ("libraries", library()),
        "LC_ID_DYLIB" => ("name", library()),
        "LC_RPATH" => ("rpaths", named("path")),
        "LC_LOAD_DYLINKER" => ("loader", named("name")),
        "LC_UUID" => ("uuid", value("uuid").replace('-', "").to_lowercase()),
        "LC_BUILD_VERSION" => ("minimum", format!("{} {}", version(value("minos")), version(value("sdk")))),
        "LC_VERSION_MIN_MACOSX" => ("minimum", format!("{} {}", version(value("version")), version(value("sdk")))),
        "LC_CODE_SIGNATURE" => ("signature at", value("dataoff").to_owned()),
        _ => return,
    };
    image.entry(subject.to_owned()).or_default().push(told);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chained_imports_without_a_library_are_told_by_their_names() {
        let text = "dyld chained import[0]\n  lib_ordinal = 1 (libSystem)\n  weak_import = 0\n  name_offset = 0 (_puts)\n\
                    dyld chained import[1]\n  lib_ordinal = -2 (flat-namespace)\n  weak_import = 0\n  name_offset = 6 (_outside)\n";
        assert_eq!(chained_flat(text), ["outside"]);
    }

    #[test]
    fn load_commands_are_read_by_image() {
        let text = "x:\nMach header\n      magic cputype cpusubtype  caps    filetype ncmds sizeofcmds      flags\nMH_MAGIC_64   ARM64        ALL  0x00       DYLIB    17       1504   NOUNDEFS TWOLEVEL\n\
                    Load command 1\n          cmd LC_ID_DYLIB\n      cmdsize 48\n         name @rpath/x (offset 24)\n   time stamp 1 Thu\n      current version 1.2.0\ncompatibility version 1.0.0\n\
                    Load command 2\n      cmd LC_BUILD_VERSION\n  cmdsize 32\n platform macos\n      sdk 27.0\n    minos 11.0\n   ntools 1\n     tool 0x000005\n  version 0.0\n";
        let images = headers(text);
        assert_eq!(images.len(), 1);
        assert_eq!((images[0]["machine"][0].as_str(), images[0]["kind"][0].as_str()), ("aarch64", "dylib"));
        assert_eq!((images[0]["name"][0].as_str(), images[0]["minimum"][0].as_str()), ("@rpath/x 1 1.2", "11 27"));
        assert_eq!(images[0]["flags"], ["TWOLEVEL"]);
    }
}
