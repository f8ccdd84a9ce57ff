//! Each field of `[project]`, from the table or, if it is dynamic, from Cargo.toml.

use std::collections::{BTreeMap, BTreeSet};

use super::cargo::CargoPackage;
use super::people::{Person, people};
use super::readme::{self, Readme};
use super::table::{Place, ProjectError, line};
use super::{KEYS, License, OF_CARGO};
use crate::shown::shown;
use crate::wheel::license_files::LicensePattern;
use crate::wheel::{DistributionName, EntryPoints, LicenseFiles, Requirement, Specifiers, Version};

/// The longest summary that PyPI takes, in characters.
const LONGEST_SUMMARY: usize = 512;
/// The longest label of an address that PyPI takes, in characters.
const LONGEST_LABEL: usize = 32;

/// The table, what it leaves to Cargo.toml, and that.
pub(super) struct Fields<'t> {
    project: Place<'t>,
    dynamic: BTreeSet<String>,
    cargo: &'t CargoPackage,
}

impl<'t> Fields<'t> {
    pub(super) fn new(project: Place<'t>, cargo: &'t CargoPackage) -> Result<Self, ProjectError> {
        let mut dynamic = BTreeSet::new();
        for (key, name) in project.lines("dynamic")?.unwrap_or_default() {
            if name == "name" {
                return Err(ProjectError::new(key, "the name alone must stand in the table"));
            }
            if !KEYS.contains(&name.as_str()) {
                return Err(ProjectError::new(
                    key,
                    format!("`{}` is nothing that can be dynamic: there are {}", shown(&name), KEYS.join(", ")),
                ));
            }
            if project.table.contains_key(&name) {
                return Err(project.wrong(&name, "stands in the table and in `project.dynamic`: take it out of one of them"));
            }
            if !OF_CARGO.contains(&name.as_str()) {
                return Err(ProjectError::new(
                    key,
                    format!("Cargo.toml has nothing for `{name}`: write it in the table, or take it out of `dynamic`"),
                ));
            }
            dynamic.insert(name);
        }
        Ok(Self { project, dynamic, cargo })
    }

    fn is_dynamic(&self, key: &str) -> bool {
        self.dynamic.contains(key)
    }

    pub(super) fn name(&self) -> Result<DistributionName, ProjectError> {
        let name = self.project.line("name")?.ok_or_else(|| self.project.wrong("name", "is missing"))?;
        name.parse().map_err(|error| self.project.wrong("name", error))
    }

    /// Without one in the table it is Cargo.toml's, dynamic or not: no other could be meant, and there are projects that maturin builds so.
    pub(super) fn version(&self) -> Result<Version, ProjectError> {
        if let Some(version) = self.project.line("version")? {
            return version.parse().map_err(|error| self.project.wrong("version", error));
        }
        let missing = if self.is_dynamic("version") { "is dynamic" } else { "is missing" };
        let problem = || format!("{missing}, and neither Cargo.toml nor the release has a version that PEP 440 can say");
        self.cargo.version.clone().ok_or_else(|| self.project.wrong("version", problem()))
    }

    pub(super) fn description(&self) -> Result<Option<String>, ProjectError> {
        let summary = if self.is_dynamic("description") { self.cargo.summary() } else { self.project.line("description")? };
        match summary.as_ref().map_or(0, |text| text.chars().count()) {
            long if long > LONGEST_SUMMARY => {
                Err(self.project.wrong("description", format!("has {long} characters, and PyPI takes {LONGEST_SUMMARY}")))
            }
            _ => Ok(summary),
        }
    }

    pub(super) fn readme(&self) -> Result<Option<Readme>, ProjectError> {
        if self.is_dynamic("readme") { self.cargo.readme() } else { readme::readme(&self.project) }
    }

    pub(super) fn requires_python(&self) -> Result<Option<Specifiers>, ProjectError> {
        let of = |text: String| text.parse().map_err(|error| self.project.wrong("requires-python", error));
        self.project.line("requires-python")?.map(of).transpose()
    }

    pub(super) fn license(&self) -> Result<Option<License>, ProjectError> {
        if self.is_dynamic("license") {
            return Ok(self.cargo.license()?.map(License::Expression));
        }
        let Some(value) = self.project.table.get("license") else { return Ok(None) };
        if value.is_str() {
            let text = line(&self.project.key_of("license"), value)?;
            let expression = text.parse().map_err(|error| self.project.wrong("license", error))?;
            return Ok(Some(License::Expression(expression)));
        }
        let Some(table) = self.license_table()? else { return Err(self.project.wrong("license", "must be an SPDX expression")) };
        match (table.text("text")?, table.line("file")?) {
            (Some(text), None) if text.trim().is_empty() => Err(table.wrong("text", "is empty")),
            (Some(text), None) => Ok(Some(License::Text(paragraphs(&text).ok_or_else(|| table.wrong("text", "has a control character"))?))),
            // The file itself is shipped: `license_files`.
            (None, Some(_)) => Ok(None),
            _ => Err(self.project.wrong("license", "must have either `file` or `text`; an SPDX expression says more: `license = \"MIT\"`")),
        }
    }

    /// `license` in its older form.
    fn license_table(&self) -> Result<Option<Place<'t>>, ProjectError> {
        let is_table = self.project.table.get("license").is_some_and(toml::Value::is_table);
        let table = if is_table { self.project.table("license")? } else { None };
        table.as_ref().map_or(Ok(()), |table| table.only(&["file", "text"]))?;
        Ok(table)
    }

    pub(super) fn license_files(&self) -> Result<LicenseFiles, ProjectError> {
        let listed = if self.is_dynamic("license-files") { None } else { self.project.lines("license-files")? };
        let table = self.license_table()?;
        if let Some(patterns) = listed {
            if table.is_some() {
                return Err(self.project.wrong("license-files", "goes with a `license` that is an SPDX expression, not with a table"));
            }
            let of = |(key, text): (String, String)| match LicensePattern::parse(&text) {
                Ok(pattern) => Ok((key, pattern)),
                Err(error) => Err(ProjectError::new(key, error)),
            };
            return patterns.into_iter().map(of).collect::<Result<_, _>>().map(LicenseFiles::Named);
        }
        if let Some(table) = table {
            let key = table.key_of("file");
            let named = table.line("file")?.map(|path| readme::path(&key, &path)).transpose()?;
            return Ok(named.map_or(LicenseFiles::Usual, |path| LicenseFiles::Named(vec![(key, LicensePattern::of_path(&path))])));
        }
        let of_cargo = if self.is_dynamic("license-files") { self.cargo.license_pattern()? } else { None };
        Ok(of_cargo.map_or(LicenseFiles::Usual, |pattern| LicenseFiles::Named(vec![pattern])))
    }

    pub(super) fn authors(&self) -> Result<Vec<Person>, ProjectError> {
        if self.is_dynamic("authors") { self.cargo.people() } else { Ok(people(&self.project, "authors")?.unwrap_or_default()) }
    }

    pub(super) fn maintainers(&self) -> Result<Vec<Person>, ProjectError> {
        Ok(people(&self.project, "maintainers")?.unwrap_or_default())
    }

    pub(super) fn keywords(&self) -> Result<Vec<String>, ProjectError> {
        let words = if self.is_dynamic("keywords") { self.cargo.keywords()? } else { self.project.lines("keywords")?.unwrap_or_default() };
        let of = |(key, word): (String, String)| {
            if word.contains(',') { Err(ProjectError::new(key, "has a comma, which stands between keywords")) } else { Ok(word) }
        };
        words.into_iter().map(of).collect()
    }

    /// Those of licences are left out beside an SPDX expression, which has superseded them: real projects keep both, and maturin and PyPI let them.
    pub(super) fn classifiers(&self) -> Result<Vec<String>, ProjectError> {
        let has_expression = self.is_dynamic("license") || self.project.table.get("license").is_some_and(toml::Value::is_str);
        let kept = self.project.lines("classifiers")?.unwrap_or_default().into_iter().map(|(_, classifier)| classifier);
        Ok(kept.filter(|classifier| !(has_expression && classifier.starts_with("License ::"))).collect())
    }

    pub(super) fn urls(&self) -> Result<Vec<(String, String)>, ProjectError> {
        let urls = if self.is_dynamic("urls") {
            self.cargo.urls()
        } else {
            let Some(table) = self.project.table("urls")? else { return Ok(vec![]) };
            table.pairs()?.into_iter().map(|(label, url)| (label.to_owned(), table.key_of(label), url)).collect()
        };
        let mut checked = urls.into_iter().map(checked_url).collect::<Result<Vec<_>, _>>()?;
        checked.sort();
        Ok(checked)
    }

    pub(super) fn entry_points(&self) -> Result<EntryPoints, ProjectError> {
        let mut points = EntryPoints::default();
        for (key, group) in [("scripts", EntryPoints::CONSOLE), ("gui-scripts", EntryPoints::GUI)] {
            let Some(table) = self.project.table(key)? else { continue };
            for (name, object) in table.pairs()? {
                points.insert(group, name, &object).map_err(|problem| table.wrong(name, problem))?;
            }
        }
        let Some(groups) = self.project.table("entry-points")? else { return Ok(points) };
        for group in groups.table.keys() {
            let proper = [(EntryPoints::CONSOLE, "scripts"), (EntryPoints::GUI, "gui-scripts")].into_iter().find(|(own, _)| own == group);
            if let Some((_, key)) = proper {
                return Err(groups.wrong(group, format!("belongs into `project.{key}`")));
            }
            let Some(table) = groups.table(group)? else { continue };
            for (name, object) in table.pairs()? {
                points.insert(group, name, &object).map_err(|problem| table.wrong(name, problem))?;
            }
        }
        Ok(points)
    }

    pub(super) fn dependencies(&self) -> Result<Vec<Requirement>, ProjectError> {
        requirements(&self.project, "dependencies")
    }

    pub(super) fn extras(&self) -> Result<BTreeMap<String, Vec<Requirement>>, ProjectError> {
        let mut extras = BTreeMap::new();
        let Some(table) = self.project.table("optional-dependencies")? else { return Ok(extras) };
        for extra in table.table.keys() {
            let name = extra
                .parse::<DistributionName>()
                .map_err(|_| table.wrong(extra, "is no name of an extra: letters, digits, `.`, `_` and `-`"))?;
            if extras.insert(name.normalized(), requirements(&table, extra)?).is_some() {
                return Err(table.wrong(extra, format!("is the extra `{}` once more", name.normalized())));
            }
        }
        Ok(extras)
    }
}

/// Text of several lines; none if it has what could end a line in another way and so begin another field.
fn paragraphs(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    (!text.contains(|c: char| c.is_control() && c != '\n' && c != '\t')).then_some(text)
}

fn requirements(place: &Place<'_>, key: &str) -> Result<Vec<Requirement>, ProjectError> {
    let of = |(key, text): (String, String)| text.parse().map_err(|error| ProjectError::new(key, error));
    place.lines(key)?.unwrap_or_default().into_iter().map(of).collect()
}

fn checked_url((label, key, url): (String, String, String)) -> Result<(String, String), ProjectError> {
    let trimmed = label.trim();
    if trimmed.is_empty() || trimmed.chars().count() > LONGEST_LABEL || trimmed.contains(|c: char| c == ',' || c.is_control()) {
        return Err(ProjectError::new(key, format!("a label has at most {LONGEST_LABEL} characters and no comma")));
    }
    let is_address = ["https://", "http://"]
        .iter()
        .any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')));
    if !is_address || url.contains(char::is_whitespace) {
        return Err(ProjectError::new(key, format!("`{}` is no address that PyPI takes: it begins with https:// or http://", shown(&url))));
    }
    Ok((trimmed.to_owned(), url))
}
