//! entry_points.txt: commands that an installer makes, and what else a package offers by name.
//!
//! Source: <https://packaging.python.org/en/latest/specifications/entry-points/>; what cannot be read, PyPI refuses.

use std::collections::HashSet;

use crate::python::{Findings, PackageCode, printable};

const COMMANDS: [&str; 2] = ["console_scripts", "gui_scripts"];

pub(super) fn judge(bytes: &[u8], place: &str, findings: &mut Findings) {
    let mut tell = |message: String| {
        let hint = "write sections as `[console_scripts]`, and in them lines as `command = package.module:function`";
        findings.tell_of(place, PackageCode::EntryPoints, message, hint);
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        tell("is not UTF-8".to_owned());
        return;
    };
    let (mut section, mut seen) = (None, HashSet::new());
    let mut has_entry = false;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        // As Python's configparser does: a deeper line goes on with the value of the one before.
        if line.starts_with([' ', '\t']) && has_entry {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name) {
            if !seen.insert((name, None)) {
                tell(format!("has the section [{}] twice", printable(name)));
            }
            (section, has_entry) = (Some(name), false);
            continue;
        }
        has_entry = true;
        let (Some(section), Some((name, value))) = (section, trimmed.split_once('=')) else {
            tell(format!("has on line {} neither a section nor `name = value`", index + 1));
            continue;
        };
        let (name, value) = (name.trim(), value.trim());
        if !seen.insert((section, Some(name))) {
            tell(format!("has {} twice in [{}]", printable(name), printable(section)));
        }
        if let Some(reason) = fault(section, name, value) {
            tell(format!("has the entry `{} = {}` in [{}], {reason}", printable(name), printable(value), printable(section)));
        }
    }
}

fn fault(section: &str, name: &str, value: &str) -> Option<&'static str> {
    let is_command = COMMANDS.contains(&section);
    let is_file_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    if is_command && (name.is_empty() || !name.chars().all(is_file_name) || name.chars().all(|c| c == '.')) {
        return Some("whose name cannot be that of a command");
    }
    if !is_command {
        // Others say by themselves what their values mean.
        return value.is_empty().then_some("which names nothing");
    }
    let reference = value.split_once('[').map_or(value, |(reference, _)| reference).trim();
    let is_dotted = |text: &str| text.split('.').all(is_identifier);
    match reference.split_once(':') {
        Some((module, function)) if is_dotted(module.trim()) && is_dotted(function.trim()) => None,
        _ => Some("which is no `package.module:function`"),
    }
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        judge(text.as_bytes(), "e", &mut findings);
        findings.finish().into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn commands_and_other_groups_are_read() {
        let text = "# comment\n[console_scripts]\nht = htty.cli:main\nf2py = numpy.f2py:main [extra]\n\n[pygments.lexers]\nx=a.b\n  c.d\n\
                    [array_api]\nnumpy = numpy\n[distutils.commands]\n alpha = a:b\n";
        assert_eq!(told(text), [""; 0]);
    }

    #[test]
    fn what_an_installer_would_choke_on_is_told() {
        for (text, message) in [
            ("ht = a:b\n", "has on line 1 neither a section nor `name = value`"),
            ("[console_scripts]\nnonsense\n", "has on line 2 neither a section nor `name = value`"),
            (
                "[console_scripts]\n../ht = a:b\n",
                "has the entry `../ht = a:b` in [console_scripts], whose name cannot be that of a command",
            ),
            ("[console_scripts]\nht = a.b\n", "has the entry `ht = a.b` in [console_scripts], which is no `package.module:function`"),
            ("[gui_scripts]\nht = 1a:b\n", "has the entry `ht = 1a:b` in [gui_scripts], which is no `package.module:function`"),
            ("[a]\nx = y\nx = z\n", "has x twice in [a]"),
            ("[a]\n[a]\n", "has the section [a] twice"),
        ] {
            assert_eq!(told(text), [message], "{text}");
        }
    }
}
