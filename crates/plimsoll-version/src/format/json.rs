//! JSON with the places of its strings, so that a value is changed in the text and everything else stays. Every text is held against
//! `serde_json` first; what is left here is finding the places. <https://www.rfc-editor.org/rfc/rfc8259>

use std::ops::Range;

/// Nesting that is followed; real files have a tenth of it.
const DEEPEST: usize = 100;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    /// A string: its value, and its place without the quotes.
    Text(String, Range<usize>),
    Object(Vec<(String, Self)>),
    Array(Vec<Self>),
    /// A number or a word.
    Other,
}

impl Json {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
        serde_json::from_str::<serde::de::IgnoredAny>(bare).map_err(|error| format!("is no JSON: {error}"))?;
        let mut scan = Scan { text, at: text.len() - bare.len() };
        scan.value(0).ok_or_else(|| "is JSON that is nested too deeply".to_owned())
    }

    /// The member `key` of an object; the last one, as every reader takes it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(value, _) => Some(value),
            _ => None,
        }
    }

    /// Value and place of a string that is written plainly.
    ///
    /// # Errors
    /// Where it is written with escapes.
    pub(super) fn literal(&self) -> Result<Option<(&str, Range<usize>)>, String> {
        match self {
            Self::Text(value, span) if value.len() == span.len() => Ok(Some((value, span.clone()))),
            Self::Text(value, _) => Err(format!("the string \"{value}\" is written with escapes; write it plainly")),
            _ => Ok(None),
        }
    }
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl Scan<'_> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > DEEPEST {
            return None;
        }
        match self.peek()? {
            b'"' => self.string().map(|(value, span)| Json::Text(value, span)),
            b'{' => {
                let mut members = Vec::new();
                self.at += 1;
                while self.peek()? != b'}' {
                    let (key, _) = self.string()?;
                    self.peek().filter(|byte| *byte == b':')?;
                    self.at += 1;
                    members.push((key, self.value(depth + 1)?));
                    self.comma()?;
                }
                self.at += 1;
                Some(Json::Object(members))
            }
            b'[' => {
                let mut items = Vec::new();
                self.at += 1;
                while self.peek()? != b']' {
                    items.push(self.value(depth + 1)?);
                    self.comma()?;
                }
                self.at += 1;
                Some(Json::Array(items))
            }
            _ => {
                let rest = &self.text[self.at..];
                let length = rest.find([',', '}', ']', ' ', '\t', '\n', '\r']).unwrap_or(rest.len());
                self.at += length;
                (length > 0).then_some(Json::Other)
            }
        }
    }

    fn comma(&mut self) -> Option<()> {
        if self.peek()? == b',' {
            self.at += 1;
        }
        Some(())
    }

    fn string(&mut self) -> Option<(String, Range<usize>)> {
        self.peek().filter(|byte| *byte == b'"')?;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        while *bytes.get(end)? != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        self.at = end + 1;
        let value = serde_json::from_str(self.text.get(start..=end)?).ok()?;
        Some((value, start + 1..end))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(json: &Json) -> serde_json::Value {
        match json {
            Json::Text(value, _) => value.clone().into(),
            Json::Object(members) => {
                members.iter().map(|(key, value)| (key.clone(), plain(value))).collect::<serde_json::Map<_, _>>().into()
            }
            Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().into(),
            Json::Other => serde_json::Value::Null,
        }
    }

    fn values() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![Just(serde_json::Value::Null), ".{0,8}".prop_map(serde_json::Value::from)];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
                prop::collection::hash_map(".{0,6}", inner, 0..5).prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_serde_reads(value in values(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            prop_assert_eq!(plain(&Json::parse(&text).unwrap()), value);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\]{}\":, a-z\\\\0-9ü]{0,40}") {
            let _ = Json::parse(&text);
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let text = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::parse(&text(90)).is_ok());
        assert!(Json::parse(&text(110)).is_err() && Json::parse(&text(100_000)).is_err());
    }
}
