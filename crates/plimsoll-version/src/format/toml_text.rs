//! TOML with the places of its strings, so that a value is changed in the text and everything else stays.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A parsed file.
pub(super) struct Document<'t> {
    text: &'t str,
    /// Bytes of a byte order mark, which the parser does not count.
    offset: usize,
    top: Spanned<DeTable<'t>>,
}

/// A string as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal<'t> {
    pub value: &'t str,
    /// Without the quotes.
    pub span: Range<usize>,
}

impl<'t> Document<'t> {
    pub(super) fn parse(text: &'t str) -> Result<Self, String> {
        let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
        let top = DeTable::parse(bare).map_err(|error| format!("is no TOML: {}", error.message().lines().next().unwrap_or_default()))?;
        Ok(Self { text, offset: text.len() - bare.len(), top })
    }

    /// The table at `path`.
    pub(super) fn table(&self, path: &[&str]) -> Option<&DeTable<'t>> {
        let mut table = self.top.get_ref();
        for key in path {
            table = as_table(table.get(*key)?)?;
        }
        Some(table)
    }

    /// The value at `path`.
    pub(super) fn value(&self, path: &[&str]) -> Option<&Value<'t>> {
        let (last, front) = path.split_last()?;
        self.table(front)?.get(*last)
    }

    /// The string at `path`; none where there is something else.
    ///
    /// # Errors
    /// As [`Self::literal`].
    pub(super) fn string(&self, path: &[&str]) -> Result<Option<Literal<'t>>, String> {
        match self.value(path) {
            Some(value) if value.get_ref().is_str() => self.literal(value).map(Some),
            _ => Ok(None),
        }
    }

    /// A string's own text, between its quotes.
    ///
    /// # Errors
    /// Where it is written with escapes, so that its text is not its value.
    pub(super) fn literal(&self, value: &Value<'t>) -> Result<Literal<'t>, String> {
        let meant = value.get_ref().as_str().unwrap_or_default();
        let outer = value.span();
        let (start, end) = (outer.start + self.offset, outer.end + self.offset);
        let raw = self.text.get(start..end).unwrap_or_default();
        for quote in ["\"\"\"", "'''", "\"", "'"] {
            if let Some(inner) = raw.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote))
                && inner == meant
            {
                return Ok(Literal { value: inner, span: start + quote.len()..end - quote.len() });
            }
        }
        Err(format!("the string \"{meant}\" is written with escapes; write it plainly"))
    }
}

pub(super) fn as_table<'v, 't>(value: &'v Value<'t>) -> Option<&'v DeTable<'t>> {
    match value.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// The items of an array; none where it is something else.
pub(super) fn items<'v, 't>(value: Option<&'v Value<'t>>) -> impl Iterator<Item = &'v Value<'t>> {
    let array = value.and_then(|value| match value.get_ref() {
        DeValue::Array(array) => Some(array),
        _ => None,
    });
    array.into_iter().flat_map(|array| array.iter())
}

/// The string of a key.
pub(super) fn text<'v>(table: &'v DeTable<'_>, key: &str) -> Option<&'v str> {
    table.get(key)?.get_ref().as_str()
}
