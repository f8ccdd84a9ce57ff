//! Those who unpack an artifact: what their systems cannot hold is told here, before anything is compiled, and not by the packer.

use std::collections::BTreeMap;
use std::ops::Range;

use plimsoll_model::{Digest, Target, Want};
use plimsoll_pack::{Format, Mode, Naming, Tree, TreeError, TreePath, WindowsNameError};

use super::super::diagnostic::{Diagnostic, Diagnostics};

/// What names in an artifact must bear, and for whom.
pub(super) struct Users {
    naming: Naming,
    /// `x86_64-pc-windows-gnu`, or `a zip`.
    whose: String,
    /// What programs end in where the names are strictest.
    suffix: &'static str,
}

impl Users {
    /// Users of the targets that are wanted, who get them as `format`, or as their system usually does.
    pub(super) fn of(wants: &BTreeMap<Target, Want>, format: Option<Format>) -> Self {
        let wanted = wants.iter().filter(|(_, want)| **want == Want::Wanted).map(|(target, _)| target).collect::<Vec<_>>();
        let naming = wanted.iter().map(|target| Naming::of(target, format)).fold(Naming::default(), Naming::and);
        let strictest = ["windows", "macos"].into_iter().find_map(|os| wanted.iter().find(|target| target.os() == os));
        let whose = match strictest {
            Some(target) if target.os() == "windows" || format != Some(Format::Zip) => target.to_string(),
            _ => "a zip, which may be opened on Windows".to_owned(),
        };
        Self { naming, whose, suffix: strictest.map_or("", |target| target.executable_suffix()) }
    }

    /// Programs lie at the root.
    pub(super) fn check_programs(&self, programs: &[String], span: &Range<usize>, out: &mut Diagnostics) {
        for program in programs {
            let path = format!("{program}{}", self.suffix).parse::<TreePath>();
            if let Ok(Err(error)) = path.map(|path| self.naming.check_path(&path)) {
                out.push(self.cannot_hold(&error, span).hint("give the program another name"));
            }
        }
    }

    /// One file; `from` is its path in the project.
    pub(super) fn check_file(&self, from: &str, to: &str, span: &Range<usize>, out: &mut Diagnostics) {
        match to.parse::<TreePath>() {
            Err(error) => {
                out.push(Diagnostic::new("bad-path", span, error.to_string()).label("not a path in an archive").hint(elsewhere(from)))
            }
            Ok(path) => {
                if let Err(error) = self.naming.check_path(&path) {
                    out.push(self.cannot_hold(&error, span).hint(elsewhere(from)));
                }
            }
        }
    }

    /// Folders whose names differ in case only; files that do have been told. `files` are paths in the archive with their places.
    pub(super) fn check_case<'f>(&self, files: impl Iterator<Item = (&'f String, &'f Range<usize>)> + Clone, out: &mut Diagnostics) {
        let mut tree = Tree::new();
        for path in files.clone().filter_map(|(path, _)| path.parse().ok()) {
            // What lies below a file has been told too.
            let _ = tree.insert_file(path, Digest::of(b""), 0, Mode::Regular);
        }
        if let Err(TreeError::CaseCollision { first, second }) = self.naming.check(&tree) {
            let place = files.clone().find(|(path, _)| path.as_str() == second || path.starts_with(&format!("{second}/")));
            let message = format!("`{first}` and `{second}` are one name where case does not count");
            let same = Diagnostic::new("same-path", place.map_or(&(0..0), |(_, span)| span), message).label(format!("in {}", self.whose));
            out.push(same.hint("spell it the same way, or give one of them another path in the archive"));
        }
    }

    fn cannot_hold(&self, error: &WindowsNameError, span: &Range<usize>) -> Diagnostic {
        Diagnostic::new("windows-name", span, error.to_string()).label(format!("in {}", self.whose))
    }
}

fn elsewhere(from: &str) -> String {
    format!("leave it out, or give it another path in the archive: files = {{ {} = \"…\" }}", toml::Value::from(from))
}
