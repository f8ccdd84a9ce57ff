//! What a wheel says of its project: `pyproject.toml`, and the core's Cargo.toml for what that leaves open.

use std::collections::BTreeMap;

use plimsoll_model::python::PythonVersion;
use plimsoll_model::{FileName, KindPlan, Target, WheelPlan, WheelText};
use plimsoll_pack::TreePath;
use plimsoll_pack::wheel::{CargoPackage, Description, Project, ProjectError, ProjectFiles, Version, WheelFileName};

use super::required::Required;
use crate::kinds::wheel::Table;
use crate::kinds::wheel::project::{FILE, PythonProjects, below};
use crate::manifest::check::Context;
use crate::manifest::check::cores::Cores;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::nearest::nearest;
use crate::manifest::{ArtifactTable, CargoFacts, Core, PackageFacts, Shipment, Written};

/// A project of Python's whose metadata is sound.
#[derive(Clone)]
pub(super) struct Described {
    /// Its folder, relative to the project of the manifest.
    pub(super) folder: String,
    /// Its metadata.
    pub(super) project: Project,
    /// The text of its `pyproject.toml`; empty if it has none.
    pub(super) pyproject: String,
    /// Bytes of the readme that it names.
    readme: Option<Vec<u8>>,
    /// Its licences, relative to its folder.
    licenses: Vec<TreePath>,
}

impl Described {
    /// Finds and reads it; what is wrong is told.
    pub(super) fn find(
        (table, own): (&ArtifactTable, &Table),
        core: Option<&Core>,
        context: &Context<'_>,
        cores: &Cores<'_>,
        out: &mut Diagnostics,
    ) -> Option<Self> {
        let projects = &cores.facts().python;
        let cargo = core.and_then(|core| cores.cargo_of(core));
        let package_folder = cargo.and_then(|(facts, package)| folder_of_package(facts, package));
        let folder = folder(table, own, projects, package_folder.as_deref(), out)?;
        let place = own.project.as_ref().unwrap_or(&table.name);
        let wrong = |error: &ProjectError, out: &mut Diagnostics| {
            let file = if folder.is_empty() { FILE.to_owned() } else { format!("{folder}/{FILE}") };
            let bad = Diagnostic::new("bad-pyproject", &place.span, format!("{file}: {error}"));
            let is_version = error.key == "project.version" && core.is_none();
            let hint =
                is_version.then(|| "if its back end has it from elsewhere, such as git: add version = \"1.2.3\" at the top".to_owned());
            out.push(bad.label("what the wheel would say of its project").maybe_hint(hint));
        };
        let of_cargo = cargo.map(|(_, package)| cargo_package(package, package_folder.as_deref() == Some(&folder))).unwrap_or_default();
        // What a back end takes from elsewhere, such as a tag of git, is what the release says; the audit holds the wheel to it.
        let of_release = context.manifest.version.as_ref().and_then(|written| written.value.parse().ok());
        let of_cargo = CargoPackage { version: of_cargo.version.clone().or(of_release), ..of_cargo };
        let (text, own_project) = match projects.at(&folder) {
            Some(found) => (found.text.clone(), Some(found)),
            None => (all_of_cargo(&table.name.value), None),
        };
        let sound = Project::read(&text, &of_cargo).and_then(|project| {
            let files = files_below(context, &folder);
            let licenses = project.licenses_among(&files)?;
            Ok((project, licenses))
        });
        let (project, licenses) = sound.map_err(|error| wrong(&error, out)).ok()?;
        let readme = project.readme_file().and_then(|path| own_project?.readmes.get(path.as_str()).cloned());
        Some(Self { folder, project, pyproject: own_project.map_or_else(String::new, |_| text), readme, licenses })
    }

    /// The commands that installers write for a terminal.
    pub(super) fn commands(&self) -> Vec<String> {
        self.project.entry_points.console_commands().map(str::to_owned).collect()
    }

    /// Which Pythons it is for.
    pub(super) fn requires_python(&self) -> Option<String> {
        self.project.requires_python.as_ref().map(ToString::to_string)
    }

    /// What a plan says of each of its wheels.
    pub(super) fn plan(&self, modules: Vec<String>, required: &Required) -> WheelPlan {
        WheelPlan {
            distribution: self.project.name.to_string(),
            version: self.project.version.to_string(),
            requires_python: self.requires_python(),
            modules,
            compiled: false,
            python: None,
            requires: required.of_others.clone(),
            described: None,
        }
    }

    /// The texts of its wheels.
    pub(super) fn text(&self, name: &Written<String>, out: &mut Diagnostics) -> Option<WheelText> {
        let files = ProjectFiles { readme: self.readme.as_deref(), licenses: self.licenses.clone() };
        match Description::new(&self.project, files) {
            Ok(description) => Some(description.text()),
            Err(error) => {
                let bad = Diagnostic::new("bad-pyproject", &name.span, error.to_string());
                out.push(bad.label("what the wheel would say of its project"));
                None
            }
        }
    }

    /// Where its licences lie: path in the project → path in the wheel.
    pub(super) fn license_files(&self, targets: &BTreeMap<Option<Target>, Shipment>) -> BTreeMap<String, String> {
        let named = |shipment: &Shipment| match &shipment.kind {
            KindPlan::Wheel { .. } => name_of(&shipment.file_name),
            _ => None,
        };
        let Some(file) = targets.values().find_map(named) else { return BTreeMap::new() };
        self.licenses.iter().map(|path| (within(&self.folder, path.as_str()), file.license_path(path))).collect()
    }

    /// A release has one version: its programs tell the one, and installers the other.
    pub(super) fn has_the_version_of(&self, core: &Core, name: &Written<String>, out: &mut Diagnostics) {
        let of_core = core.version.to_string().parse::<Version>();
        // `1.2` is 1.2.0.
        let read = |version: &Version| PythonVersion::parse(&version.to_string());
        if of_core.as_ref().is_ok_and(|version| read(version).cmp(&read(&self.project.version)).is_eq()) {
            return;
        }
        let message = match of_core {
            Ok(version) => {
                format!("the programs of `{}` are version {version} and its project says {}", core.declared(), self.project.version)
            }
            Err(error) => error.to_string(),
        };
        let differs = Diagnostic::new("wheel-version", &name.span, message).label("one release has one version");
        out.push(differs.hint(
            "leave the version to Cargo.toml (dynamic = [\"version\"]), or carry it there: [version] copies = [\"…/pyproject.toml\"]",
        ));
    }
}

/// The name of a wheel by its file.
fn name_of(file_name: &FileName) -> Option<WheelFileName> {
    file_name.as_str().parse().ok()
}

/// The folder of the project of Python's that a table is about.
fn folder(table: &ArtifactTable, own: &Table, projects: &PythonProjects, package: Option<&str>, out: &mut Diagnostics) -> Option<String> {
    if let Some(written) = &own.project {
        let folder = written.value.trim_end_matches('/').trim_start_matches("./");
        let folder = if folder == "." { "" } else { folder };
        if projects.at(folder).is_some() {
            return Some(folder.to_owned());
        }
        let shown = written.value.chars().take(120).collect::<String>();
        let missing = Diagnostic::new("no-pyproject", &written.span, format!("there is no {FILE} in `{shown}` among the sources"));
        let near = nearest(folder, projects.folders());
        out.push(missing.label("no project of Python's").maybe_hint(near.map(|near| format!("did you mean `{near}`?"))));
        return None;
    }
    let named = projects.of_distribution(&table.name.value);
    let depth = |folder: &str| folder.split('/').filter(|part| !part.is_empty()).count();
    // One that lies higher than all others is the project, and they are other ways to make it.
    let highest = named.iter().map(|folder| depth(folder)).min();
    match named.iter().filter(|folder| Some(depth(folder)) == highest).copied().collect::<Vec<_>>().as_slice() {
        [one] => return Some((*one).to_owned()),
        [] => {}
        several => {
            let message = format!("`{}` is the name of several projects: {}", table.name.value, several.join(", "));
            let unclear = Diagnostic::new("no-pyproject", &table.name.span, message).label("which of them?");
            out.push_absence(unclear.hint("set `project` to its folder"));
            return None;
        }
    }
    if let Some(package) = package {
        return Some(package.to_owned());
    }
    let message = format!("no {FILE} among the sources is of the distribution `{}`", table.name.value);
    let missing = Diagnostic::new("no-pyproject", &table.name.span, message).label("what does it say of itself?");
    out.push_absence(missing.hint(format!("name the table as `project.name` of the {FILE} has it, or set `project` to its folder")));
    None
}

/// The folder of a cargo package, relative to the project; none if it lies outside.
fn folder_of_package(facts: &CargoFacts, package: &PackageFacts) -> Option<String> {
    let mut parts = Vec::new();
    for part in facts.path.split('/').chain(facts.root.split('/')).chain(package.folder.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What Cargo.toml says. Its paths are of use only if both files lie in one folder.
fn cargo_package(package: &PackageFacts, is_here: bool) -> CargoPackage {
    let about = &package.about;
    CargoPackage {
        version: package.version.to_string().parse().ok(),
        description: about.description.clone(),
        readme: about.readme.clone().filter(|_| is_here),
        license: package.license.clone(),
        license_file: package.license_file.clone().filter(|_| is_here),
        authors: about.authors.clone(),
        keywords: about.keywords.clone(),
        homepage: about.homepage.clone(),
        repository: package.repository.clone(),
        documentation: about.documentation.clone(),
    }
}

/// A `pyproject.toml` that leaves all to Cargo.toml.
fn all_of_cargo(name: &str) -> String {
    let quoted = toml::Value::String(name.to_owned());
    format!(
        "[project]\nname = {quoted}\ndynamic = [\"version\", \"description\", \"readme\", \"license\", \"authors\", \"keywords\", \"urls\"]\n"
    )
}

/// Source files below a folder, relative to it.
fn files_below(context: &Context<'_>, folder: &str) -> Vec<TreePath> {
    context.sources.iter().filter_map(|path| below(path, folder)?.parse().ok()).collect()
}

/// A path in the project, of one that is relative to a folder.
pub(super) fn within(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}
