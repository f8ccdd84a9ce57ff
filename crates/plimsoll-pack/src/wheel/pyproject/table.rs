//! Values of `pyproject.toml`, asked for by key; what is of another type is told with the key.

use toml::{Table, Value};

use crate::shown::shown;

/// What is wrong with a project's metadata, and which key says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {problem}")]
pub struct ProjectError {
    /// `project.readme.file`, or `package.license of Cargo.toml`.
    pub key: String,
    /// What is wrong.
    pub problem: String,
}

impl ProjectError {
    pub(in crate::wheel) fn new(key: impl Into<String>, problem: impl ToString) -> Self {
        Self { key: key.into(), problem: problem.to_string() }
    }
}

/// A table and the key by which it is known.
#[derive(Debug, Clone)]
pub(super) struct Place<'t> {
    pub key: String,
    pub table: &'t Table,
}

impl<'t> Place<'t> {
    pub(super) fn key_of(&self, key: &str) -> String {
        let is_bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if is_bare { format!("{}.{key}", self.key) } else { format!("{}.\"{}\"", self.key, shown(key)) }
    }

    pub(super) fn wrong(&self, key: &str, problem: impl ToString) -> ProjectError {
        ProjectError::new(self.key_of(key), problem)
    }

    /// A line of text.
    pub(super) fn line(&self, key: &str) -> Result<Option<String>, ProjectError> {
        self.table.get(key).map(|value| line(&self.key_of(key), value)).transpose()
    }

    /// Text of any number of lines.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, ProjectError> {
        let of = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| self.wrong(key, "must be a text"));
        self.table.get(key).map(of).transpose()
    }

    /// Lines of text, each with its key: `project.keywords[0]`.
    pub(super) fn lines(&self, key: &str) -> Result<Option<Vec<(String, String)>>, ProjectError> {
        let of = |(key, value): (String, &Value)| line(&key, value).map(|text| (key, text));
        self.list(key)?.map(|values| values.into_iter().map(of).collect()).transpose()
    }

    /// Values, each with its key.
    pub(super) fn list(&self, key: &str) -> Result<Option<Vec<(String, &'t Value)>>, ProjectError> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let values = value.as_array().ok_or_else(|| self.wrong(key, "must be a list"))?;
        let key = self.key_of(key);
        Ok(Some(values.iter().enumerate().map(|(index, value)| (format!("{key}[{index}]"), value)).collect()))
    }

    /// A table.
    pub(super) fn table(&self, key: &str) -> Result<Option<Place<'t>>, ProjectError> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let table = value.as_table().ok_or_else(|| self.wrong(key, "must be a table"))?;
        Ok(Some(Place { key: self.key_of(key), table }))
    }

    /// Each key with its line of text, sorted.
    pub(super) fn pairs(&self) -> Result<Vec<(&'t str, String)>, ProjectError> {
        self.table.iter().map(|(key, value)| Ok((key.as_str(), line(&self.key_of(key), value)?))).collect()
    }

    /// Refuses keys that are not listed.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ProjectError> {
        let unknown = self.table.keys().find(|key| !known.contains(&key.as_str()));
        unknown.map_or(Ok(()), |key| Err(self.wrong(key, format!("is no key that is known here: there are {}", known.join(", ")))))
    }
}

/// A line of text at `key`: a break in it would begin another field.
pub(super) fn line(key: &str, value: &Value) -> Result<String, ProjectError> {
    let text = value.as_str().ok_or_else(|| ProjectError::new(key, "must be a text"))?;
    checked_line(key, text)
}

pub(super) fn checked_line(key: &str, text: &str) -> Result<String, ProjectError> {
    let text = text.trim();
    match text {
        "" => Err(ProjectError::new(key, "is empty")),
        _ if text.contains(char::is_control) => Err(ProjectError::new(key, "must be one line, without control characters")),
        _ => Ok(text.to_owned()),
    }
}
