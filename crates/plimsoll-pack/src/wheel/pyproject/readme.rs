//! What an index shows of a project at length.

use toml::Value;

use super::table::{Place, ProjectError, line};
use crate::tree::TreePath;

/// The readme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readme {
    /// The key that says where it is.
    pub(in crate::wheel) key: String,
    /// Where its text is.
    pub source: ReadmeSource,
    /// How it is written: `text/markdown`.
    pub content_type: String,
}

/// Where the text of a readme is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadmeSource {
    /// In a file, relative to the project's folder.
    File(TreePath),
    /// Here.
    Text(String),
}

/// What an index knows to show.
const TYPES: [(&str, &str); 4] = [(".md", "text/markdown"), (".markdown", "text/markdown"), (".rst", "text/x-rst"), (".txt", "text/plain")];

/// The readme of `[project]`.
pub(super) fn readme(project: &Place<'_>) -> Result<Option<Readme>, ProjectError> {
    let Some(value) = project.table.get("readme") else { return Ok(None) };
    let key = project.key_of("readme");
    let Value::Table(table) = value else { return of_path(&key, &line(&key, value)?).map(Some) };
    let place = Place { key: key.clone(), table };
    place.only(&["file", "text", "content-type"])?;
    let (file, text) = (place.line("file")?, place.text("text")?);
    let Some(content_type) = place.line("content-type")? else {
        return Err(place.wrong("content-type", "is missing: text/markdown, text/x-rst or text/plain"));
    };
    if !is_shown(&content_type) {
        let problem = format!(
            "`{}` is nothing that an index shows: text/markdown, text/x-rst or text/plain, perhaps with `; charset=UTF-8`",
            crate::shown::shown(&content_type)
        );
        return Err(place.wrong("content-type", problem));
    }
    let (key, source) = match (file, text) {
        (Some(file), None) => (place.key_of("file"), ReadmeSource::File(path(&place.key_of("file"), &file)?)),
        (None, Some(text)) => (place.key_of("text"), ReadmeSource::Text(text)),
        _ => return Err(ProjectError::new(key, "must have either `file` or `text`")),
    };
    Ok(Some(Readme { key, source, content_type }))
}

/// A readme of which only the path is known.
pub(super) fn of_path(key: &str, text: &str) -> Result<Readme, ProjectError> {
    let lower = text.to_ascii_lowercase();
    let content_type = TYPES.iter().find(|(suffix, _)| lower.ends_with(suffix)).map(|(_, name)| (*name).to_owned());
    let content_type = content_type.ok_or_else(|| {
        ProjectError::new(
            key,
            "is neither .md nor .rst nor .txt: say how it is written, `readme = { file = \"…\", content-type = \"text/plain\" }`",
        )
    })?;
    Ok(Readme { key: key.to_owned(), source: ReadmeSource::File(path(key, text)?), content_type })
}

/// A path relative to the project's folder.
pub(super) fn path(key: &str, text: &str) -> Result<TreePath, ProjectError> {
    let text = text.strip_prefix("./").unwrap_or(text);
    text.parse().map_err(|error| ProjectError::new(key, format!("must be a file in the project's folder: {error}")))
}

/// A type of MIME that is known, and parameters that are.
fn is_shown(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let known = TYPES.iter().any(|(_, name)| *name == kind);
    let fits = |parameter: &str| match parameter.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
        Some(("charset", value)) => value.eq_ignore_ascii_case("utf-8"),
        Some(("variant", value)) => kind == "text/markdown" && ["GFM", "CommonMark"].contains(&value),
        _ => false,
    };
    known && parts.all(fits)
}
