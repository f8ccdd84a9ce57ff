//! What a distribution offers by name: commands written in Python, and plug-ins.
//! <https://packaging.python.org/en/latest/specifications/entry-points/>

use std::collections::BTreeMap;
use std::fmt;

use crate::shown::shown;

/// Group → name → object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryPoints(BTreeMap<String, BTreeMap<String, String>>);

/// The groups for which installers write commands.
const COMMANDS: [&str; 2] = [EntryPoints::CONSOLE, EntryPoints::GUI];

impl EntryPoints {
    /// Commands of a terminal.
    pub(super) const CONSOLE: &str = "console_scripts";
    /// Commands without one.
    pub(super) const GUI: &str = "gui_scripts";

    /// Adds one.
    pub(super) fn insert(&mut self, group: &str, name: &str, object: &str) -> Result<(), String> {
        let of_command = COMMANDS.contains(&group);
        if of_command && !is_command(name) {
            return Err(format!(
                "`{}` is no name of a command: letters, digits, `.`, `_` and `-`, with a letter or digit first",
                shown(name)
            ));
        }
        if !is_group(group) {
            return Err(format!("`{}` is no group of entry points: words of letters, digits and `_` with `.` between", shown(group)));
        }
        if !is_name(name) {
            return Err(format!("`{}` is no name of an entry point: one line without `=`, and no `[`, `#` or `;` first", shown(name)));
        }
        let object = object_reference(object, of_command).ok_or_else(|| {
            format!(
                "`{}` is no {} (such as `htty_core.cli:main`)",
                shown(object),
                if of_command { "function of a module" } else { "object" }
            )
        })?;
        let clash = COMMANDS
            .iter()
            .flat_map(|group| self.0.get(*group))
            .flatten()
            .find(|(other, _)| of_command && other.eq_ignore_ascii_case(name));
        if let Some((other, _)) = clash {
            return Err(format!("`{name}` is a command twice, if case does not count: there is `{other}`"));
        }
        self.0.entry(group.to_owned()).or_default().insert(name.to_owned(), object);
        Ok(())
    }

    /// The commands that installers write beside the programs.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        COMMANDS.iter().filter_map(|group| self.0.get(*group)).flat_map(BTreeMap::keys).map(String::as_str)
    }

    /// Those of them that are for a terminal.
    pub fn console_commands(&self) -> impl Iterator<Item = &str> {
        self.0.get(Self::CONSOLE).into_iter().flat_map(BTreeMap::keys).map(String::as_str)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The text of `entry_points.txt`.
impl fmt::Display for EntryPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (group, entries)) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { "\n" };
            writeln!(f, "{space}[{group}]")?;
            entries.iter().try_for_each(|(name, object)| writeln!(f, "{name} = {object}"))?;
        }
        Ok(())
    }
}

/// It becomes a file's name.
fn is_command(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

fn is_group(group: &str) -> bool {
    group.split('.').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// Python ends lines at more characters than those of control.
fn is_name(name: &str) -> bool {
    let ends = |c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}';
    !name.is_empty() && name == name.trim() && !name.starts_with(['[', '#', ';']) && !name.contains('=') && !name.contains(ends)
}

/// `module.path:object.path`, in one form. What a command is must be something that can be called; a module cannot.
fn object_reference(text: &str, of_command: bool) -> Option<String> {
    let dotted = |path: &str| path.split('.').all(is_identifier);
    let (module, object) = text.split_once(':').map_or((text, None), |(module, object)| (module, Some(object.trim())));
    let module = module.trim();
    match object {
        Some(object) => (dotted(module) && dotted(object)).then(|| format!("{module}:{object}")),
        None => (!of_command && dotted(module)).then(|| module.to_owned()),
    }
}

fn is_identifier(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_') && characters.all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_written_sorted_by_group_and_name() {
        let mut points = EntryPoints::default();
        points.insert(EntryPoints::GUI, "b", "m:f").unwrap();
        points.insert(EntryPoints::CONSOLE, "z-1.x", "m.n : f.g").unwrap();
        points.insert(EntryPoints::CONSOLE, "a", "m:f").unwrap();
        points.insert("pytest11", "plug in", "m.n").unwrap();
        assert_eq!(
            points.to_string(),
            "[console_scripts]\na = m:f\nz-1.x = m.n:f.g\n\n[gui_scripts]\nb = m:f\n\n[pytest11]\nplug in = m.n\n"
        );
        assert_eq!(points.commands().collect::<Vec<_>>(), ["a", "z-1.x", "b"]);
    }

    #[test]
    fn what_no_installer_can_run_is_refused() {
        let refused = |group: &str, name: &str, object: &str| EntryPoints::default().insert(group, name, object).unwrap_err();
        for (name, object) in [
            ("a b", "m:f"),
            ("../a", "m:f"),
            ("-a", "m:f"),
            ("", "m:f"),
            ("a", "m"),
            ("a", "m:"),
            ("a", ":f"),
            ("a", "m-n:f"),
            ("a", "m:f()"),
            ("a", "m:f [x]"),
        ] {
            refused(EntryPoints::CONSOLE, name, object);
        }
        for (group, name) in
            [("a b", "n"), ("a..b", "n"), ("g", "a=b"), ("g", "[x"), ("g", "#x"), ("g", " x"), ("g", "a\nb"), ("g", "a\u{2028}b")]
        {
            refused(group, name, "m");
        }
        assert_eq!(refused("console_scripts", "a", "m"), "`m` is no function of a module (such as `htty_core.cli:main`)");
        let mut points = EntryPoints::default();
        points.insert(EntryPoints::CONSOLE, "A", "m:f").unwrap();
        assert_eq!(
            points.insert(EntryPoints::GUI, "a", "m:f").unwrap_err(),
            "`a` is a command twice, if case does not count: there is `A`"
        );
    }
}
