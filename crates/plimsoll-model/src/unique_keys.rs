//! JSON in which no object names a key twice. Of two values under one key some readers take the first and others the last, so that a document
//! with both says one thing to whoever checks it and another to whoever acts on it (RFC 8259, section 4).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Keys of one object; no document has as many.
const MOST_KEYS: usize = 65_536;

/// Reads to the end, and keeps nothing but the keys of the objects around the place that it is at.
///
/// # Errors
/// For what is no JSON, and for the first key that an object has twice, with its line.
pub fn demand(bytes: &[u8]) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Sound::deserialize(&mut reader)?;
    reader.end()
}

/// A value without a doubled key in it.
struct Sound;

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = Sound;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_unit<E: Error>(self) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Sound, A::Error> {
        while values.next_element::<Sound>()?.is_some() {}
        Ok(Sound)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Sound, A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(Key(key)) = entries.next_key()? {
            if seen.contains(&key) {
                let shown = key.chars().take(40).collect::<String>();
                return Err(Error::custom(format_args!("the key `{shown}` stands twice in one object")));
            }
            if seen.len() == MOST_KEYS {
                return Err(Error::custom(format_args!("an object has more than {MOST_KEYS} keys")));
            }
            seen.insert(key);
            entries.next_value::<Sound>()?;
        }
        Ok(Sound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_twice_is_refused_wherever_it_stands() {
        for sound in ["{}", "[1, -1, 1.5, null, true, \"a\"]", r#"{"a": {"a": [{"a": 1}, {"a": 2}]}, "b": {"a": 1}}"#] {
            assert!(demand(sound.as_bytes()).is_ok(), "{sound}");
        }
        for (text, said) in [
            (r#"{"a": 1, "a": 1}"#, "the key `a` stands twice in one object at line 1"),
            ("{\"x\": [{\"a\": 1,\n\"b\": 2, \"a\": 3}]}", "the key `a` stands twice in one object at line 2"),
            // The same key in other letters.
            (r#"{"sha256": 1, "sha\u0032\u0035\u0036": 2}"#, "the key `sha256` stands twice"),
            (r#"{"a": 1} {"#, "trailing characters"),
            ("", "EOF"),
        ] {
            let error = demand(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn depth_and_breadth_are_bounded() {
        let deep = "[".repeat(100_000);
        assert!(demand(deep.as_bytes()).is_err());
        let broad = (0..=MOST_KEYS).map(|key| format!("\"{key}\":0")).collect::<Vec<_>>().join(",");
        let error = demand(format!("{{{broad}}}").as_bytes()).unwrap_err().to_string();
        assert!(error.contains("more than 65536 keys"), "{error}");
    }
}
