//! The pages of the Simple API, version 1.1: as HTML (PEP 503) and as JSON (PEP 691), with sizes and times of upload (PEP 700) and with what
//! installers may ask for instead of the file (PEP 658 and PEP 714).

use std::time::{SystemTime, UNIX_EPOCH};

use plimsoll_model::calendar::civil;
use serde_json::{Value, json};

use super::accept::PageForm;
use super::index::HeldFile;

/// Where files are served; their metadata has the same name and [`METADATA_SUFFIX`] behind it.
pub(super) const FILES: &str = "/files/";
/// What is behind the name of a file whose metadata is meant.
pub(super) const METADATA_SUFFIX: &str = ".metadata";

/// The list of all projects.
pub(super) fn projects_page(form: PageForm, projects: &[&str]) -> String {
    if form == PageForm::Json {
        let projects = projects.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>();
        return json!({ "meta": { "api-version": "1.1" }, "projects": projects }).to_string();
    }
    let links = projects.iter().map(|name| format!("<a href=\"/simple/{0}/\">{0}</a><br>\n", escaped(name)));
    html("Simple index", &links.collect::<String>())
}

/// The files of one project.
pub(super) fn project_page(form: PageForm, project: &str, files: &[&HeldFile]) -> String {
    if form != PageForm::Json {
        return html(&format!("Links for {project}"), &files.iter().map(|file| link(file)).collect::<String>());
    }
    let mut versions: Vec<&HeldFile> = Vec::new();
    for file in files {
        if !versions.iter().any(|known| known.version == file.version) {
            versions.push(file);
        }
    }
    let versions = versions.iter().map(|file| file.version.to_string()).collect::<Vec<_>>();
    let files = files.iter().map(|file| entry(file)).collect::<Vec<_>>();
    json!({ "meta": { "api-version": "1.1" }, "name": project, "versions": versions, "files": files }).to_string()
}

fn entry(file: &HeldFile) -> Value {
    let mut entry = json!({
        "filename": file.file_name,
        "url": format!("{FILES}{}", file.file_name),
        "hashes": { "sha256": file.sha256 },
        "size": file.size,
        "yanked": false,
    });
    if let Some(requires) = &file.requires_python {
        entry["requires-python"] = json!(requires);
    }
    if let Some(uploaded) = file.uploaded {
        entry["upload-time"] = json!(utc(uploaded));
    }
    if let Some(metadata) = &file.metadata {
        entry["core-metadata"] = json!({ "sha256": metadata.sha256 });
    }
    entry
}

fn link(file: &HeldFile) -> String {
    let requires = file.requires_python.as_ref().map(|requires| format!(" data-requires-python=\"{}\"", escaped(requires)));
    let metadata = file.metadata.as_ref().map(|metadata| format!(" data-core-metadata=\"sha256={}\"", metadata.sha256));
    let name = escaped(&file.file_name);
    format!(
        "<a href=\"{FILES}{name}#sha256={}\"{}{}>{name}</a><br>\n",
        file.sha256,
        requires.unwrap_or_default(),
        metadata.unwrap_or_default()
    )
}

fn html(title: &str, links: &str) -> String {
    let title = escaped(title);
    format!(
        "<!DOCTYPE html>\n<html>\n<head><meta name=\"pypi:repository-version\" content=\"1.1\"><title>{title}</title></head>\n\
         <body>\n<h1>{title}</h1>\n{links}</body>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '"' => made.push_str("&quot;"),
            '\'' => made.push_str("&#39;"),
            other => made.push(other),
        }
    }
    made
}

/// `2026-11-30T19:46:16.000000Z` (PEP 700). What is before 1970 is its beginning.
fn utc(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, of_day) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:06}Z", since.subsec_micros())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_as_the_pep_has_them() {
        let time = UNIX_EPOCH + Duration::new(1_796_067_976, 1_234_999);
        assert_eq!(utc(time), "2026-11-30T19:46:16.001234Z");
        assert_eq!(utc(UNIX_EPOCH - Duration::from_secs(1)), "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn nothing_ends_an_attribute() {
        assert_eq!(escaped(">=3.8,<4 & \"'"), "&gt;=3.8,&lt;4 &amp; &quot;&#39;");
    }
}
