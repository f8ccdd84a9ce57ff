//! Those who unpack an artifact: what their systems cannot hold is told here, before anything is compiled, and not by the packer.

use std::collections::BTreeMap;
use std::ops::Range;

use plimsoll_model::{Digest, Target, Want};
use plimsoll_pack::{Format, Mode, Naming, Tree, TreeError, TreePath, WindowsNameError};

use super::super::diagnostic::{Diagnostic, Diagnostics};

/// Rules that names in an artifact must bear, and for whom.
struct Rules {
    naming: Naming,
    /// `x86_64-pc-windows-gnu`, or `a zip`.
    whose: String,
    /// What programs end in where the names are strictest.
    suffix: &'static str,
}

/// Those who get an artifact.
pub(crate) struct Users {
    all: Rules,
    /// The same by the endings of their programs, which decide whether a program and a file have one name.
    by_suffix: Vec<Rules>,
}

impl Rules {
    fn of(wanted: &[&Target], format: &dyn Fn(&Target) -> Option<Format>) -> Self {
        let naming = wanted.iter().map(|target| Naming::of(target, format(target))).fold(Naming::default(), Naming::and);
        let strictest = ["windows", "macos"].into_iter().find_map(|os| wanted.iter().find(|target| target.os() == os));
        let whose = match strictest {
            Some(target) if target.os() == "windows" || wanted.iter().all(|target| format(target) != Some(Format::Zip)) => {
                target.to_string()
            }
            _ => "a zip, which may be opened on Windows".to_owned(),
        };
        Self { naming, whose, suffix: strictest.map_or("", |target| target.executable_suffix()) }
    }

    /// The first file that has another's name, or a program's.
    fn collision<'f>(&self, programs: &[String], files: impl Iterator<Item = &'f String>) -> Option<TreeError> {
        let mut tree = Tree::new();
        let insert = |tree: &mut Tree, path: &str| match path.parse::<TreePath>() {
            Ok(path) => tree.insert_file(path, Digest::of(b""), 0, Mode::Regular),
            // Has been told.
            Err(_) => Ok(()),
        };
        for program in programs {
            // A program that is named twice has been told too.
            let _ = insert(&mut tree, &format!("{program}{}", self.suffix));
        }
        for path in files {
            // And what lies below a file.
            if let Err(error @ TreeError::Duplicate(_)) = insert(&mut tree, path) {
                return Some(error);
            }
        }
        self.naming.check(&tree).err().filter(|error| matches!(error, TreeError::CaseCollision { .. }))
    }
}

impl Users {
    /// Users of the targets that are wanted, who get them in the container that `format` says, if it is one.
    pub(crate) fn of(wants: &BTreeMap<Target, Want>, format: impl Fn(&Target) -> Option<Format>) -> Self {
        let wanted = wants.iter().filter(|(_, want)| **want == Want::Wanted).map(|(target, _)| target).collect::<Vec<_>>();
        let mut by_suffix = BTreeMap::<&str, Vec<&Target>>::new();
        for target in &wanted {
            by_suffix.entry(target.executable_suffix()).or_default().push(target);
        }
        Self { all: Rules::of(&wanted, &format), by_suffix: by_suffix.values().map(|wanted| Rules::of(wanted, &format)).collect() }
    }

    /// Programs lie at the root.
    pub(crate) fn check_programs(&self, programs: &[String], span: &Range<usize>, out: &mut Diagnostics) {
        for program in programs {
            let path = format!("{program}{}", self.all.suffix).parse::<TreePath>();
            if let Ok(Err(error)) = path.map(|path| self.all.naming.check_path(&path)) {
                out.push(self.cannot_hold(&error, span).hint("give the program another name"));
            }
        }
    }

    /// One file; `from` is its path in the project.
    pub(crate) fn check_file(&self, from: &str, to: &str, span: &Range<usize>, out: &mut Diagnostics) {
        match to.parse::<TreePath>() {
            Err(error) => {
                out.push(Diagnostic::new("bad-path", span, error.to_string()).label("not a path in an archive").hint(elsewhere(from)))
            }
            Ok(path) => {
                if let Err(error) = self.all.naming.check_path(&path) {
                    out.push(self.cannot_hold(&error, span).hint(elsewhere(from)));
                }
            }
        }
    }

    /// Names, of folders too, that differ in case only, and files that have a program's name; declared files that do have been told. `files` are
    /// paths in the archive with their places, and `artifact` is the place of what has none.
    pub(crate) fn check_case<'f>(
        &self,
        programs: &[String],
        files: impl Iterator<Item = (&'f String, &'f Range<usize>)> + Clone,
        artifact: &Range<usize>,
        out: &mut Diagnostics,
    ) {
        let paths = || files.clone().map(|(path, _)| path);
        let found = self.by_suffix.iter().find_map(|rules| Some((rules, rules.collision(programs, paths())?)));
        let place = |name: &str| {
            let is_it = |path: &String| path == name || path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
            files.clone().find(|(path, _)| is_it(path)).map_or(artifact, |(_, span)| span)
        };
        match found {
            Some((rules, TreeError::CaseCollision { first, second })) => {
                let message = format!("`{first}` and `{second}` are one name if case does not count");
                let same = Diagnostic::new("same-path", place(&second), message).label(format!("in {}", rules.whose));
                out.push(same.hint("spell it the same way, or give one of them another path in the archive with `files`"));
            }
            Some((_, TreeError::Duplicate(path))) => {
                let message = format!("a program and a file would both be `{path}` in the archive");
                let same = Diagnostic::new("same-path", place(path.as_str()), message).label("taken already");
                out.push(same.hint(elsewhere(path.as_str())));
            }
            _ => {}
        }
    }

    fn cannot_hold(&self, error: &WindowsNameError, span: &Range<usize>) -> Diagnostic {
        Diagnostic::new("windows-name", span, error.to_string()).label(format!("in {}", self.all.whose))
    }
}

fn elsewhere(from: &str) -> String {
    format!("leave it out, or give it another path in the archive: files = {{ {} = \"…\" }}", toml::Value::from(from))
}
