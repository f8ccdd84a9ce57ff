//! What `init` finds to ship of a package, and how its table is written.

use std::path::Path;

use plimsoll_model::{Failure, Target};
use plimsoll_store::plain_file;

use super::Inquiry;
use super::nif::init::{Module, Modules};
use super::wheel::init::{PythonPackages, WheelTable};
use crate::manifest::PackageFacts;

/// What of a package is shipped.
pub(crate) enum Candidate {
    /// Its programs.
    Programs,
    /// Its library, which a module loads.
    Library(Module),
    /// Its library, which is a module itself of the Python package around it.
    PythonModule,
}

/// Who could use what packages make.
pub(crate) struct Candidates {
    modules: Modules,
    below: Vec<String>,
    python: PythonPackages,
}

impl Candidates {
    /// Names of files that [`Candidates::look`] must know of.
    pub(crate) const FILES: [&str; 2] = ["mix.exs", "pyproject.toml"];

    /// Looks through the sources in `root`; `listed` are those of [`Candidates::FILES`], relative to it.
    ///
    /// # Errors
    /// If git fails in a repository.
    pub(crate) fn look(root: &Path, listed: &[String], inquiry: Inquiry<'_>) -> Result<Self, Failure> {
        let mix = listed.iter().any(|path| path == "mix.exs").then(|| plain_file::read_text(&root.join("mix.exs")).unwrap_or_default());
        let is_package = mix.as_ref().is_some_and(|mix| !Modules::is_umbrella(mix));
        let mixes = listed.iter().map(String::as_str).filter(|path| path.ends_with("/mix.exs")).collect::<Vec<_>>();
        let below = if is_package || mixes.is_empty() { Vec::new() } else { Modules::folders(root, &mixes, inquiry.launcher)? };
        let python = PythonPackages::look(root, listed);
        Ok(Self { modules: if is_package { Modules::look(root, inquiry)? } else { Modules::default() }, below, python })
    }

    /// Folders below with a package that has a manifest of its own: what uses a library there finds no other.
    pub(crate) fn below(&self) -> &[String] {
        &self.below
    }

    /// Targets that users are promised by what uses a library; none if they are promised none.
    pub(crate) fn promised(&self) -> Option<&[Target]> {
        self.modules.promised()
    }

    /// The version of the package whose users get the libraries, if it is known.
    pub(crate) fn version(&self) -> Option<&str> {
        self.modules.version()
    }

    /// What is still to be done so that users get what is released.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        self.modules.advice()
    }

    /// What is shipped of a package in a folder, which is relative to the project; nothing if nobody could use it.
    pub(crate) fn of(&self, package: &PackageFacts, folder: Option<&str>) -> Option<Candidate> {
        if !package.binaries.is_empty() {
            return Some(Candidate::Programs);
        }
        let of_python = || folder.is_some_and(|folder| self.python.is_in(folder)).then_some(Candidate::PythonModule);
        self.modules.of(package).map(Candidate::Library).or_else(of_python)
    }

    /// Tables of what else is shipped: of cores by name and folder, and of what has none; `has_cargo` says whether a folder has a package of cargo's.
    pub(crate) fn packages(&self, cores: &[(&str, Option<&str>)], has_cargo: &dyn Fn(&str) -> bool) -> Vec<(&'static str, WheelTable)> {
        self.python.tables(cores, has_cargo).into_iter().map(|table| ("wheel", table)).collect()
    }
}

impl Candidate {
    /// Whether it is programs.
    pub(crate) const fn is_programs(&self) -> bool {
        matches!(self, Self::Programs)
    }

    /// Its table, for the core of that name; nothing if that is found without. `needed`: whether there are other cores, or more to say.
    pub(crate) fn table(&self, core: &str, needed: bool) -> Option<(String, Vec<(&'static str, String)>)> {
        let own_core = needed.then(|| ("core", core.to_owned()));
        match self {
            Self::Programs => needed.then(|| ("archive".to_owned(), Vec::new())),
            // Its package is a table by itself.
            Self::PythonModule => None,
            Self::Library(module) => {
                let module = module.to_say().map(|module| ("module", module.to_owned()));
                Some(("nif".to_owned(), own_core.into_iter().chain(module).collect()))
            }
        }
    }

    /// The file in which a person writes the version of what ships it, if that is not the core's own.
    pub(crate) const fn version_file(&self) -> Option<&'static str> {
        match self {
            Self::Programs | Self::PythonModule => None,
            Self::Library(_) => Some("mix.exs"),
        }
    }
}
