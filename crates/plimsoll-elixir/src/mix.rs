//! Reads a project's mix.exs: application, version, and what its package holds.

use std::collections::BTreeMap;

use super::expression::{Expression, Key, Value};
use super::files::USUAL;
use super::location::{ElixirError, Location, Read};
use super::module::scan;
use super::scope::{Resolver, Scope};

/// What mix.exs says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MixProject {
    /// Where it says `use Mix.Project`.
    pub at: Location,
    /// `app:`.
    pub app: Read<String>,
    /// `version:`.
    pub version: Read<String>,
    /// `elixir:`: which versions of Elixir it asks for.
    pub elixir: Option<String>,
    /// `apps_path:` of an umbrella.
    pub apps_path: Option<String>,
    /// `files:` of the package; absent means what Hex takes by itself.
    pub files: Read<Vec<String>>,
    /// Where `package:` stands, if it does.
    pub package: Option<Location>,
    /// What it says of `elixir_make`.
    pub make: MakeSettings,
    /// Where the project is shown: `source_url:`, or the attribute of that name.
    pub source_url: Option<String>,
    /// `links:` of the package.
    pub links: BTreeMap<String, String>,
    /// Pages of the documentation that are files of the project; none unless evaluated.
    pub extras: Vec<String>,
    /// What it depends on; none unless evaluated.
    pub deps: Option<Vec<MixDependency>>,
    /// Every setting that is a plain text, by its key: what `Mix.Project.config()[:key]` gives elsewhere;
    /// links as `package.links.NAME`.
    pub texts: BTreeMap<String, String>,
}

impl MixProject {
    /// What users get of the project's files, as patterns; none of what is no package, or if `files:` could not be read.
    pub fn packs(&self) -> Option<Vec<String>> {
        self.package.as_ref()?;
        match &self.files {
            Read::Found { value, .. } => Some(value.clone()),
            Read::Absent => Some(USUAL.map(str::to_owned).to_vec()),
            Read::NotLiteral { .. } | Read::Unfit { .. } => None,
        }
    }
}

/// An entry of `deps`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MixDependency {
    /// The application.
    pub app: String,
    /// Which versions, if it says so.
    pub requirement: Option<String>,
    /// `optional: true`.
    pub is_optional: bool,
    /// Whether it is for some environments only.
    pub is_partial: bool,
    /// Whether it lies in the project: by its path, or in the same umbrella.
    pub is_local: bool,
}

/// Settings of `elixir_make`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MakeSettings {
    /// Where `make_precompiler:` stands, if it does.
    pub precompiler: Option<Location>,
    /// `make_precompiler_url:`.
    pub url: Read<String>,
    /// `make_precompiler_filename:`; where absent, it is called like the application.
    pub filename: Read<String>,
    /// `versions:` of `make_precompiler_nif_versions:`.
    pub nif_versions: Read<Vec<String>>,
}

/// Reads the first module that says `use Mix.Project`; none where there is none.
///
/// # Errors
/// The source ends in the middle of something.
pub fn read_mix(file: &str, text: &str) -> Result<Option<MixProject>, ElixirError> {
    let modules = scan(file, text)?;
    let Some(used) = modules.uses.iter().find(|used| used.used == "Mix.Project") else { return Ok(None) };
    let scope: &Scope = &modules.scopes[used.scope];
    let nothing = BTreeMap::new();
    let resolver = Resolver { file, text, scope, project: &nothing };
    let project = scope.functions.get("project").and_then(Option::as_ref);
    let get = |key: &str| project.and_then(|project| resolver.follow(project, 8).value.get(key));
    let package: Option<&Expression> = get("package");
    let files = match package.map(|package| resolver.follow(package, 8)) {
        Some(list @ Expression { value: Value::List(_), .. }) => resolver.read_list(list.value.get("files")),
        Some(other) => Read::NotLiteral { at: resolver.place(other), written: resolver.written(other) },
        None => Read::Absent,
    };
    let mut texts = BTreeMap::new();
    for key in ["app", "version", "source_url", "homepage_url", "name"] {
        texts.extend(resolver.read_text(get(key)).value().map(|value| (key.to_owned(), value.clone())));
    }
    let mut links = BTreeMap::new();
    let written_links = package.and_then(|package| resolver.follow(package, 8).value.get("links")).map(|links| resolver.follow(links, 8));
    if let Some(Value::Map(members) | Value::List(members)) = written_links.map(|links| &links.value) {
        for member in members {
            let (Some(Key::Text(name) | Key::Atom(name)), read) = (&member.key, resolver.read_text(Some(&member.value))) else { continue };
            links.extend(read.value().map(|value| (name.clone(), value.clone())));
        }
    }
    texts.extend(links.iter().map(|(name, url): (&String, &String)| (format!("package.links.{name}"), url.clone())));
    let nif_versions = get("make_precompiler_nif_versions").map(|versions| resolver.follow(versions, 8));
    let make = MakeSettings {
        precompiler: get("make_precompiler").map(|precompiler| resolver.place(precompiler)),
        url: resolver.read_text(get("make_precompiler_url")),
        filename: resolver.read_text(get("make_precompiler_filename")),
        nif_versions: match nif_versions {
            Some(list @ Expression { value: Value::List(_), .. }) => resolver.read_list(list.value.get("versions")),
            Some(other) => Read::NotLiteral { at: resolver.place(other), written: resolver.written(other) },
            None => Read::Absent,
        },
    };
    let attribute = scope.attributes.get("source_url").and_then(|values| values.last());
    let source_url = resolver.read_text(get("source_url").or(attribute)).value().cloned();
    Ok(Some(MixProject {
        at: used.at.clone(),
        app: resolver.read_text(get("app")),
        version: resolver.read_text(get("version")),
        elixir: resolver.read_text(get("elixir")).value().cloned(),
        apps_path: resolver.read_text(get("apps_path")).value().cloned(),
        files,
        package: package.map(|package| resolver.place(package)),
        make,
        source_url,
        links,
        extras: Vec::new(),
        deps: None,
        texts,
    }))
}
