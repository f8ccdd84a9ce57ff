//! `METADATA`, `WHEEL`: what an index and an installer read of a wheel.
//! <https://packaging.python.org/en/latest/specifications/core-metadata/>

use super::pyproject::{License, Person, Project};
use super::{Tags, WheelFileName};
use crate::tree::TreePath;

/// The text of `METADATA`: fields in the order of their specification, then the readme.
pub(super) fn metadata(project: &Project, readme: Option<&str>, licenses: &[TreePath]) -> String {
    let mut fields = Fields(String::new());
    fields.add("Metadata-Version", "2.4");
    fields.add("Name", project.name.as_str());
    fields.add("Version", &project.version.to_string());
    fields.some("Summary", project.description.as_deref());
    if let (Some(declared), Some(_)) = (&project.readme, readme) {
        fields.add("Description-Content-Type", &declared.content_type);
    }
    if !project.keywords.is_empty() {
        fields.add("Keywords", &project.keywords.join(","));
    }
    fields.people("Author", &project.authors);
    fields.people("Maintainer", &project.maintainers);
    match &project.license {
        Some(License::Expression(expression)) => fields.add("License-Expression", expression.as_str()),
        Some(License::Text(text)) => fields.add("License", text.trim()),
        None => {}
    }
    licenses.iter().for_each(|path| fields.add("License-File", path.as_str()));
    project.classifiers.iter().for_each(|classifier| fields.add("Classifier", classifier));
    project.dependencies.iter().for_each(|requirement| fields.add("Requires-Dist", &requirement.to_string()));
    fields.some("Requires-Python", project.requires_python.as_ref().map(ToString::to_string).as_deref());
    project.urls.iter().for_each(|(label, url)| fields.add("Project-URL", &format!("{label}, {url}")));
    for (extra, requirements) in &project.extras {
        fields.add("Provides-Extra", extra);
        requirements.iter().for_each(|requirement| fields.add("Requires-Dist", &requirement.requires_dist(Some(extra))));
    }
    let Fields(mut text) = fields;
    if let Some(readme) = readme {
        text.push('\n');
        text.push_str(&readme.strip_prefix('\u{feff}').unwrap_or(readme).replace("\r\n", "\n"));
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    text
}

struct Fields(String);

impl Fields {
    /// Lines after the first are set in by eight spaces, as readers of older versions expect.
    fn add(&mut self, name: &str, value: &str) {
        let value = value.lines().collect::<Vec<_>>().join("\n        ");
        self.0.push_str(&format!("{name}: {value}\n"));
    }

    fn some(&mut self, name: &str, value: Option<&str>) {
        value.into_iter().for_each(|value| self.add(name, value));
    }

    /// Those with an address stand under `-email`, with their names.
    fn people(&mut self, name: &str, people: &[Person]) {
        let names = people.iter().filter(|person| person.email.is_none()).filter_map(|person| person.name.as_deref()).collect::<Vec<_>>();
        let addresses = people.iter().filter_map(Person::address).collect::<Vec<_>>();
        self.some(name, Some(names.join(", ").as_str()).filter(|names| !names.is_empty()));
        self.some(&format!("{name}-email"), Some(addresses.join(", ").as_str()).filter(|addresses| !addresses.is_empty()));
    }
}

/// The text of `WHEEL`. It does not say which version of plimsoll wrote it: the same wheel from two versions is the same bytes.
pub(super) fn wheel(name: &WheelFileName) -> String {
    let tags = name.tags.expanded().map(|tag| format!("Tag: {tag}\n")).collect::<String>();
    format!("Wheel-Version: 1.0\nGenerator: plimsoll\nRoot-Is-Purelib: {}\n{tags}", is_pure(&name.tags))
}

/// Whether modules belong among those for every system: a wheel for one system has its modules beside what only that system can load.
fn is_pure(tags: &Tags) -> bool {
    tags.platform.iter().eq(["any"])
}
