//! The audit of a Python package as a person reads it.

use plimsoll_inspect::{Audit, Facts, PackageBinary};

use super::{Paint, Text, bytes};

/// Programs and libraries that are shown.
const SHOWN: usize = 12;

/// What it is, which tags it has and could have, and what is in it. Findings are told as failures.
pub fn render(file: &str, audit: &Audit, paint: Paint) -> Text {
    let mut text = Text::new(paint);
    text.strong(file).end();
    let project = match (&audit.name, &audit.version) {
        (Some(name), Some(version)) => format!(" of {name} {version}"),
        _ => String::new(),
    };
    let files = if audit.files == 1 { "1 file".to_owned() } else { format!("{} files", audit.files) };
    line(&mut text, "is", &format!("{}{project}, {files}, {} unpacked", audit.form.as_str(), bytes(audit.unpacked)));
    for (index, tag) in audit.tags.iter().enumerate() {
        line(&mut text, if index == 0 { "tagged" } else { "" }, tag);
    }
    for (index, lowest) in audit.lowest_tags.iter().enumerate() {
        line(&mut text, if index == 0 { "honest" } else { "" }, &lowest.tag);
        if let Some(because) = &lowest.because {
            line(&mut text, "because", because);
        }
    }
    for (index, binary) in audit.binaries.iter().take(SHOWN).enumerate() {
        line(&mut text, if index == 0 { "holds" } else { "" }, &described(binary));
    }
    if audit.binaries.len() > SHOWN {
        line(&mut text, "", &format!("and {} more", audit.binaries.len() - SHOWN));
    }
    let faults = match audit.findings.len() {
        0 => "none".to_owned(),
        count => count.to_string(),
    };
    line(&mut text, "faults", &faults);
    text
}

fn line(text: &mut Text, label: &str, value: &str) {
    text.put("  ").label(format!("{label:<9}")).put(" ").put(value).end();
}

fn described(binary: &PackageBinary) -> String {
    let machine = |facts: &Facts| facts.machine.clone();
    let machines = binary.facts.images().iter().map(machine).collect::<Vec<_>>().join(" and ");
    format!("{} ({} {machines}, {})", binary.path, binary.facts.format.as_str(), binary.facts.images()[0].linkage)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wheel_is_told_by_its_tags_and_the_honest_one() {
        let audit = serde_json::from_value::<Audit>(json!({
            "form": "wheel", "name": "htty-core", "version": "0.2.30", "files": 7, "unpacked": 3_100_000,
            "tags": ["py3-none-manylinux2014_x86_64", "py3-none-manylinux_2_17_x86_64"],
            "lowest_tags": [{ "tag": "manylinux_2_34_x86_64", "because": "ht needs GLIBC_2.34 (pthread_create from libc.so.6)" }],
            "binaries": [{
                "path": "ht", "facts": { "format": "elf", "class": 64, "endianness": "little", "machine": "x86_64", "linkage": "dynamic" },
            }],
            "findings": [{ "code": "tag-too-low", "member": "ht", "message": "needs more", "hint": "less" }],
        }));
        let told = render("htty_core.whl", &audit.unwrap(), Paint::PLAIN).to_string();
        let expected = [
            "htty_core.whl",
            "  is        wheel of htty-core 0.2.30, 7 files, 3.1 MB unpacked",
            "  tagged    py3-none-manylinux2014_x86_64",
            "            py3-none-manylinux_2_17_x86_64",
            "  honest    manylinux_2_34_x86_64",
            "  because   ht needs GLIBC_2.34 (pthread_create from libc.so.6)",
            "  holds     ht (ELF x86_64, dynamic)",
            "  faults    1",
        ];
        assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_sdist_of_which_nothing_is_known_is_told_all_the_same() {
        let audit = serde_json::from_value::<Audit>(json!({ "form": "sdist", "files": 1, "unpacked": 134_400 }));
        let told = render("a.tar.gz", &audit.unwrap(), Paint::PLAIN).to_string();
        assert_eq!(told.lines().collect::<Vec<_>>(), ["a.tar.gz", "  is        sdist, 1 file, 134.4 kB unpacked", "  faults    none"]);
    }
}
