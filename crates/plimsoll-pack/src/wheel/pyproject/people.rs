//! Authors and maintainers: a name, an address, or both.

use super::table::{Place, ProjectError, checked_line};
use crate::shown::shown;

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Without a comma, which stands between people.
    pub name: Option<String>,
    /// Where to write to.
    pub email: Option<String>,
}

impl Person {
    /// As an address of mail has it: `"J. Doe" <j@example.org>`; only for somebody with an address.
    pub(in crate::wheel) fn address(&self) -> Option<String> {
        let email = self.email.as_deref()?;
        Some(match self.name.as_deref() {
            None => email.to_owned(),
            Some(name) if name.contains(['(', ')', '<', '>', '@', ':', ';', '.', '\\', '"', '[', ']']) => {
                format!("\"{}\" <{email}>", name.replace('\\', "\\\\").replace('"', "\\\""))
            }
            Some(name) => format!("{name} <{email}>"),
        })
    }

    fn checked(key: &str, name: Option<String>, email: Option<String>) -> Result<Self, ProjectError> {
        if name.is_none() && email.is_none() {
            return Err(ProjectError::new(key, "must have a `name`, an `email`, or both"));
        }
        if let Some(name) = name.as_ref().filter(|name| name.contains(',')) {
            return Err(ProjectError::new(key, format!("the name `{}` has a comma, which stands between people", shown(name))));
        }
        if let Some(email) = email.as_ref().filter(|email| !is_address(email)) {
            return Err(ProjectError::new(key, format!("`{}` is no address of mail", shown(email))));
        }
        Ok(Self { name, email })
    }

    /// `Name <address>` of a `Cargo.toml`.
    pub(super) fn of_cargo(key: &str, text: &str) -> Result<Self, ProjectError> {
        let text = checked_line(key, text)?;
        let parts = text.strip_suffix('>').and_then(|text| text.split_once('<'));
        let (name, email) = parts.map_or((text.as_str(), None), |(name, email)| (name.trim(), Some(email.trim().to_owned())));
        Self::checked(key, Some(name.to_owned()).filter(|name| !name.is_empty()), email.filter(|email| !email.is_empty()))
    }
}

fn is_address(text: &str) -> bool {
    let sound = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;()@\"".contains(c));
    text.split_once('@').is_some_and(|(user, host)| sound(user) && sound(host))
}

/// The people of a key.
pub(super) fn people(project: &Place<'_>, key: &str) -> Result<Option<Vec<Person>>, ProjectError> {
    let Some(values) = project.list(key)? else { return Ok(None) };
    let of = |(key, value): (String, &toml::Value)| {
        let table = value.as_table().ok_or_else(|| ProjectError::new(&key, "must be a table with `name`, `email`, or both"))?;
        let place = Place { key: key.clone(), table };
        place.only(&["name", "email"])?;
        Person::checked(&key, place.line("name")?, place.line("email")?)
    };
    values.into_iter().map(of).collect::<Result<_, _>>().map(Some)
}
