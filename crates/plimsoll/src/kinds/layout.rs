//! Where the binaries of a payload lie in what users get, and how.

use plimsoll_model::{KindPlan, Target};
use plimsoll_pack::Mode;

/// What a generated file is, by its name.
enum Generated {
    /// A page of the manual, of this section: `app.1`, `app.1.gz`.
    ManPage(char),
    /// Completions for a shell: `_app`, `app.bash`.
    Completions,
    /// Something else.
    Other,
}

impl Generated {
    fn of(file: &str) -> Self {
        let name = file.rsplit('/').next().unwrap_or(file);
        let plain = name.strip_suffix(".gz").unwrap_or(name);
        let mut suffix = plain.rsplit_once('.').map(|(_, suffix)| suffix.chars()).into_iter().flatten();
        if let (Some(section @ '1'..='9'), None) = (suffix.next(), suffix.next()) {
            return Self::ManPage(section);
        }
        let of_shell = ["bash", "zsh", "fish", "ps1", "elv", "nu"]
            .iter()
            .any(|shell| plain.rsplit_once('.').is_some_and(|(_, suffix)| suffix == *shell));
        if of_shell || name.starts_with('_') { Self::Completions } else { Self::Other }
    }
}

/// The layout of a kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout<'a> {
    kind: &'a KindPlan,
}

impl<'a> Layout<'a> {
    pub(crate) const fn of(kind: &'a KindPlan) -> Self {
        Self { kind }
    }

    /// The path of a program or library for `target`.
    pub(crate) fn path(self, name: &str, target: &Target) -> String {
        match self.kind {
            KindPlan::Archive { .. } | KindPlan::Static | KindPlan::File => format!("{name}{}", target.executable_suffix()),
            KindPlan::Nif { nif } => nif.member.clone(),
            KindPlan::Wheel { wheel } => super::wheel::program_path(wheel, &format!("{name}{}", target.executable_suffix())),
        }
    }

    /// The path of a generated file where users of the kind look for it.
    pub(crate) fn generated(self, file: &str) -> String {
        match self.kind {
            KindPlan::Archive { .. } | KindPlan::Static | KindPlan::File | KindPlan::Nif { .. } | KindPlan::Wheel { .. } => {
                match Generated::of(file) {
                    Generated::ManPage(section) => format!("man/man{section}/{file}"),
                    Generated::Completions => format!("completions/{file}"),
                    Generated::Other => file.to_owned(),
                }
            }
        }
    }

    /// Whether it is a program.
    pub(crate) const fn mode(self) -> Mode {
        match self.kind {
            KindPlan::Archive { .. } | KindPlan::Static | KindPlan::Wheel { .. } => Mode::Executable,
            KindPlan::Nif { .. } | KindPlan::File => Mode::Regular,
        }
    }
}
