//! Reads tables by hand: each remembers which keys were taken, so that what remains is an error with the nearest valid key, and each value
//! of a wrong type says what was found and what is wanted.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::keys;
use super::nearest::suggestion;
use super::written::{Strings, Written};

/// One value with its place.
pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// A table that is being read.
pub(crate) struct Table<'t, 'i> {
    /// Which table it is, in the words of [`keys::Key::path`].
    pattern: &'static str,
    /// How a person would write it: `archive.main`; empty for the top.
    place: String,
    entries: &'t DeTable<'i>,
    taken: BTreeSet<&'static str>,
}

/// What a value is, for people.
pub(crate) fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// Says that `place` wants something else.
pub(crate) fn wrong_type(place: &str, wanted: &str, value: &Value<'_>, out: &mut Diagnostics) {
    mismatch(&format!("`{place}`"), wanted, value, out);
}

fn mismatch(subject: &str, wanted: &str, value: &Value<'_>, out: &mut Diagnostics) {
    let found = type_name(value.get_ref());
    let bare = match value.get_ref() {
        DeValue::Float(float) => Some(float.as_str().to_owned()),
        DeValue::Integer(integer) => Some(integer.as_str().to_owned()),
        _ => None,
    };
    let hint = bare.filter(|_| wanted == "a string").map(|bare| format!("put it in quotes: \"{bare}\""));
    let wrong = Diagnostic::new("wrong-type", &value.span(), format!("{subject} must be {wanted}"));
    out.push(wrong.label(format!("this is {found}")).maybe_hint(hint));
}

/// A string.
pub(crate) fn string(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<Written<String>> {
    match value.get_ref() {
        DeValue::String(text) => Some(Written { value: text.to_string(), span: value.span() }),
        _ => {
            wrong_type(place, "a string", value, out);
            None
        }
    }
}

/// An integer that fits 64 bits.
pub(crate) fn integer(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<Written<i64>> {
    let DeValue::Integer(integer) = value.get_ref() else {
        wrong_type(place, "an integer", value, out);
        return None;
    };
    match i64::from_str_radix(integer.as_str(), integer.radix()) {
        Ok(number) => Some(Written { value: number, span: value.span() }),
        Err(_) => {
            out.push(Diagnostic::new("bad-integer", &value.span(), format!("`{place}` is out of range")));
            None
        }
    }
}

/// Strings in an array; none when one of them is something else.
pub(crate) fn strings(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<Strings> {
    let DeValue::Array(array) = value.get_ref() else {
        wrong_type(place, "an array of strings", value, out);
        return None;
    };
    let before = out.count();
    let mut items = Vec::new();
    for item in array.iter() {
        match item.get_ref() {
            DeValue::String(text) => items.push(Written { value: text.to_string(), span: item.span() }),
            _ => mismatch(&format!("every item of `{place}`"), "a string", item, out),
        }
    }
    (out.count() == before).then(|| Written { value: items, span: value.span() })
}

/// Names and strings of a table whose names the project chooses.
pub(crate) fn string_table(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Vec<(Written<String>, Written<String>)> {
    let DeValue::Table(table) = value.get_ref() else {
        wrong_type(place, "a table of strings", value, out);
        return Vec::new();
    };
    let read = table.iter().filter_map(|(name, value)| {
        let value = string(&format!("{place}.{}", name.get_ref()), value, out)?;
        Some((Written { value: name.get_ref().to_string(), span: name.span() }, value))
    });
    read.collect()
}

impl<'t, 'i> Table<'t, 'i> {
    /// The file's own table.
    pub(crate) fn top(entries: &'t DeTable<'i>) -> Self {
        Self { pattern: "", place: String::new(), entries, taken: BTreeSet::new() }
    }

    /// `value` as a table.
    pub(crate) fn of(pattern: &'static str, place: String, value: &'t Value<'i>, out: &mut Diagnostics) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(entries) => Some(Self { pattern, place, entries, taken: BTreeSet::new() }),
            _ => {
                wrong_type(&place, "a table", value, out);
                None
            }
        }
    }

    /// How a person would write `key` of this table.
    pub(crate) fn place(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }

    /// The value of `key`; from here on the key is known.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<&'t Value<'i>> {
        debug_assert!(keys::children(self.pattern).contains(&key), "{key} is not in the list of keys of {}", self.pattern);
        self.taken.insert(key);
        self.entries.get(key)
    }

    pub(crate) fn string(&mut self, key: &'static str, out: &mut Diagnostics) -> Option<Written<String>> {
        self.take(key).and_then(|value| string(&self.place(key), value, out))
    }

    pub(crate) fn strings(&mut self, key: &'static str, out: &mut Diagnostics) -> Option<Strings> {
        self.take(key).and_then(|value| strings(&self.place(key), value, out))
    }

    pub(crate) fn integer(&mut self, key: &'static str, out: &mut Diagnostics) -> Option<Written<i64>> {
        self.take(key).and_then(|value| integer(&self.place(key), value, out))
    }

    pub(crate) fn boolean(&mut self, key: &'static str, out: &mut Diagnostics) -> Option<Written<bool>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Boolean(boolean) => Some(Written { value: *boolean, span: value.span() }),
            _ => {
                wrong_type(&self.place(key), "a boolean", value, out);
                None
            }
        }
    }

    pub(crate) fn string_table(&mut self, key: &'static str, out: &mut Diagnostics) -> Vec<(Written<String>, Written<String>)> {
        self.take(key).map(|value| string_table(&self.place(key), value, out)).unwrap_or_default()
    }

    /// The table at `key`.
    pub(crate) fn table(&mut self, key: &'static str, pattern: &'static str, out: &mut Diagnostics) -> Option<Self> {
        self.take(key).and_then(|value| Table::of(pattern, self.place(key), value, out))
    }

    /// The tables in the table at `key`, whose names the project chooses.
    pub(crate) fn tables(&mut self, key: &'static str, pattern: &'static str, out: &mut Diagnostics) -> Vec<(Written<String>, Self)> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let DeValue::Table(named) = value.get_ref() else {
            let wrong = Diagnostic::new("wrong-type", &value.span(), format!("`{}` must be a table of named tables", self.place(key)));
            out.push(wrong.label(format!("this is {}", type_name(value.get_ref()))).hint(format!("write [{}.NAME]", self.place(key))));
            return Vec::new();
        };
        let read = named.iter().filter_map(|(name, value)| {
            let table = Table::of(pattern, format!("{}.{}", self.place(key), name.get_ref()), value, out)?;
            Some((Written { value: name.get_ref().to_string(), span: name.span() }, table))
        });
        read.collect()
    }

    /// Reports every key that was not taken.
    pub(crate) fn finish(self, out: &mut Diagnostics) {
        for (key, _) in self.entries.iter().filter(|(key, _)| !self.taken.contains(key.get_ref().as_ref())) {
            out.push(self.unknown(key.get_ref(), &key.span()));
        }
    }

    fn unknown(&self, key: &str, span: &Range<usize>) -> Diagnostic {
        let place = self.place(key);
        if let Some(subject) = keys::later_subject(self.pattern, key) {
            return Diagnostic::new("not-yet", span, format!("this version of plimsoll does not know `{place}` yet"))
                .label(format!("{subject}: in a later version"))
                .hint("leave it out for now; other kinds of artifact are not affected");
        }
        let inside = if self.place.is_empty() { "the manifest".to_owned() } else { format!("`{}`", self.place) };
        Diagnostic::new("unknown-key", span, format!("there is no key `{key}` in {inside}")).label("unknown key").maybe_hint(suggestion(
            key,
            "valid here",
            keys::children(self.pattern),
        ))
    }
}
