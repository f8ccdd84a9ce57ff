//! JSON text written anew with sorted keys, from text and not from values: a document takes about as much memory as it is long, whatever it
//! holds. Values of a hostile one, such as millions of empty objects, would take a hundred times as much.
//!
//! What readers could take for two different things is refused: a key that is given twice.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// How numbers arrive where another crate of a build asks serde_json for its feature `arbitrary_precision`: as objects with this one key.
const NUMBER: &str = "$serde_json::private::Number";

/// How the text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Without white space, as [`canonical_json`](crate::canonical_json) has it.
    Compact,
    /// As [`document_json`](crate::document_json) has it, but for the newline at its end.
    Indented,
}

/// The JSON text `bytes` in this layout, with the keys of every object sorted.
///
/// # Errors
/// Where it is no JSON, or an object has a key twice.
pub fn sorted(bytes: &[u8], layout: Layout) -> Result<Vec<u8>, serde_json::Error> {
    with_member(bytes, layout, None)
}

/// The same in the compact layout, with another text as the value of the outermost object's member `key`, if it has one.
pub(crate) fn canonical_with(bytes: &[u8], key: &str, value: &str) -> Result<Vec<u8>, serde_json::Error> {
    with_member(bytes, Layout::Compact, Some((key, value)))
}

fn with_member(bytes: &[u8], layout: Layout, replaced: Option<(&str, &str)>) -> Result<Vec<u8>, serde_json::Error> {
    let mut output = Output { text: Vec::with_capacity(bytes.len()), layout };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    Writer { output: &mut output, depth: 0, replaced }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(output.text)
}

struct Output {
    text: Vec<u8>,
    layout: Layout,
}

impl Output {
    fn json(&mut self, value: impl Serialize) -> Result<(), serde_json::Error> {
        serde_json::to_writer(&mut self.text, &value)
    }

    /// What stands before a part of a list or object at this depth.
    fn separate(&mut self, is_first: bool, depth: usize) {
        if !is_first {
            self.text.push(b',');
        }
        self.line(depth);
    }

    fn line(&mut self, depth: usize) {
        if self.layout == Layout::Indented {
            self.text.push(b'\n');
            self.text.resize(self.text.len() + 2 * depth, b' ');
        }
    }
}

/// Writes one value.
struct Writer<'w> {
    output: &'w mut Output,
    depth: usize,
    replaced: Option<(&'w str, &'w str)>,
}

impl<'de> DeserializeSeed<'de> for Writer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Writer<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.output.json(()).map_err(E::custom)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.output.json(value).map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.output.json(value).map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.output.json(value).map_err(E::custom)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.output.json(value).map_err(E::custom)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.output.json(value).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { output, depth, .. } = self;
        output.text.push(b'[');
        let start = output.text.len();
        loop {
            let before = output.text.len();
            output.separate(before == start, depth + 1);
            if list.next_element_seed(Writer { output: &mut *output, depth: depth + 1, replaced: None })?.is_none() {
                output.text.truncate(before);
                break;
            }
        }
        if output.text.len() > start {
            output.line(depth);
        }
        output.text.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { output, depth, replaced } = self;
        let start = output.text.len();
        output.text.push(b'{');
        let mut members = Members::default();
        while let Some(key) = object.next_key::<String>()? {
            if key == NUMBER {
                output.text.truncate(start);
                output.text.extend_from_slice(object.next_value::<String>()?.as_bytes());
                return Ok(());
            }
            output.separate(members.list.is_empty(), depth + 1);
            let from = output.text.len();
            output.json(&key).map_err(A::Error::custom)?;
            output.text.extend_from_slice(if output.layout == Layout::Indented { b": " } else { b":" });
            match replaced.filter(|(replaced, _)| *replaced == key) {
                Some((_, value)) => {
                    object.next_value::<IgnoredAny>()?;
                    output.json(value).map_err(A::Error::custom)?;
                }
                None => object.next_value_seed(Writer { output: &mut *output, depth: depth + 1, replaced: None })?,
            }
            members.add(&key, from..output.text.len());
        }
        let first = members.list.first().map(|member| member.text.start);
        members.sort(output, first, depth + 1).map_err(|key| A::Error::custom(format_args!("the key `{key}` is given twice")))?;
        if first.is_some() {
            output.line(depth);
        }
        output.text.push(b'}');
        Ok(())
    }
}

/// The members of an object that is being written.
#[derive(Default)]
struct Members {
    /// All keys, one after another.
    keys: String,
    list: Vec<Member>,
    is_unsorted: bool,
}

struct Member {
    /// In the keys.
    key: Range<usize>,
    /// In the output, key included.
    text: Range<usize>,
}

impl Members {
    fn add(&mut self, key: &str, text: Range<usize>) {
        self.is_unsorted |= self.list.last().is_some_and(|last| self.keys[last.key.clone()] >= *key);
        let from = self.keys.len();
        self.keys.push_str(key);
        self.list.push(Member { key: from..self.keys.len(), text });
    }

    /// Brings the members, the first of which stands at `first`, into order; a key that is there twice is the error.
    fn sort(mut self, output: &mut Output, first: Option<usize>, depth: usize) -> Result<(), String> {
        let Some(first) = first.filter(|_| self.is_unsorted) else { return Ok(()) };
        self.list.sort_by(|a, b| self.keys[a.key.clone()].cmp(&self.keys[b.key.clone()]));
        let twice = self.list.windows(2).find(|pair| self.keys[pair[0].key.clone()] == self.keys[pair[1].key.clone()]);
        if let Some([member, ..]) = twice {
            return Err(self.keys[member.key.clone()].chars().take(80).collect());
        }
        let before = output.text.split_off(first);
        for (index, member) in self.list.iter().enumerate() {
            if index > 0 {
                output.separate(false, depth);
            }
            output.text.extend_from_slice(&before[member.text.start - first..member.text.end - first]);
        }
        Ok(())
    }
}

/// Reads a list of at most so many entries: `#[serde(deserialize_with = "bounded_list::<_, _, 10>")]`.
///
/// # Errors
/// Where it is no such list, or a longer one.
pub fn bounded_list<'de, D, T, const MOST: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct List<T, const MOST: usize>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for List<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "a list of at most {MOST} entries")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(entry) = entries.next_element()? {
                if list.len() == MOST {
                    return Err(A::Error::invalid_length(MOST + 1, &self));
                }
                list.push(entry);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_seq(List::<T, MOST>(std::marker::PhantomData))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            any::<u64>().prop_map(serde_json::Value::from),
            any::<f64>().prop_map(serde_json::Value::from),
            any::<String>().prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(5, 60, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
                prop::collection::vec((any::<String>(), inner), 0..6).prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_text_is_the_one_that_values_have(value in values()) {
            let text = serde_json::to_vec(&value).unwrap();
            // Reading rounds some numbers.
            let value = serde_json::from_slice::<serde_json::Value>(&text).unwrap();
            prop_assert_eq!(sorted(&text, Layout::Compact).unwrap(), crate::canonical_json(&value));
            let indented = [sorted(&text, Layout::Indented).unwrap(), b"\n".to_vec()].concat();
            prop_assert_eq!(indented, crate::document_json(&value));
        }
    }

    #[test]
    fn white_space_order_and_spelling_make_no_difference() {
        let compact = |text: &str| String::from_utf8(sorted(text.as_bytes(), Layout::Compact).unwrap()).unwrap();
        assert_eq!(
            compact(r#" { "b" : [ ] , "\u0061" : { } , "c" : [ 1 , -2 , 1e2 , "\u00e9\n" ] } "#),
            r#"{"a":{},"b":[],"c":[1,-2,100.0,"é\n"]}"#
        );
        // By key and not by how the key is spelled: `"` is before `#`, and its spelling `\"` is behind.
        assert_eq!(compact(r##"{"#":1,"\"":2}"##), r##"{"\"":2,"#":1}"##);
        assert_eq!(canonical_with(br#"{"b":{"id":1},"id":[2]}"#, "id", "x").unwrap(), br#"{"b":{"id":1},"id":"x"}"#);
    }

    #[test]
    fn what_is_no_json_or_has_two_meanings_is_refused() {
        for text in ["", "{", "[1,]", "{} x", "nul", r#"{"a":1,"a":1}"#, r#"{"b":{"a":1,"b":0,"\u0061":2}}"#, "1e999", "{1:2}"] {
            assert!(sorted(text.as_bytes(), Layout::Compact).is_err(), "{text}");
        }
        assert!(sorted("[".repeat(100_000).as_bytes(), Layout::Compact).is_err());
        let said = sorted(br#"{"a":1,"b":2,"a":3}"#, Layout::Compact).unwrap_err().to_string();
        assert!(said.contains("the key `a` is given twice"), "{said}");
    }
}
