//! YAML of strangers as a value. Nothing is repeated by its alias, and nothing nests without end, so that a small file stays small.

use serde_json::{Map, Value};
use yaml_rust2::Event;
use yaml_rust2::parser::Parser;
use yaml_rust2::scanner::TScalarStyle;

/// Levels beyond which a file is none that a person wrote.
const DEEPEST: usize = 64;

/// Something that has begun and not ended.
enum Open {
    List(Vec<Value>),
    /// With the key whose value comes next.
    Table(Map<String, Value>, Option<String>),
}

/// The first document of a text; an alias becomes null.
///
/// # Errors
/// What is wrong with it, in a line.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut parser = Parser::new_from_str(text);
    let mut open = Vec::<Open>::new();
    loop {
        let (event, _) = parser.next_token().map_err(|error| error.to_string())?;
        let value = match event {
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() == DEEPEST => {
                return Err(format!("it nests deeper than {DEEPEST} levels"));
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Table(Map::new(), None));
                continue;
            }
            Event::Scalar(text, style, ..) => scalar(text, style),
            Event::Alias(_) => Value::Null,
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(list)) => Value::Array(list),
                Some(Open::Table(table, _)) => Value::Object(table),
                None => Value::Null,
            },
            Event::StreamEnd | Event::DocumentEnd => return Ok(Value::Null),
            Event::Nothing | Event::StreamStart | Event::DocumentStart => continue,
        };
        match open.last_mut() {
            None => return Ok(value),
            Some(Open::List(list)) => list.push(value),
            Some(Open::Table(table, key)) => match key.take() {
                Some(key) => drop(table.insert(key, value)),
                // What is no word cannot be a key that anybody looks for.
                None => *key = Some(word(&value)),
            },
        }
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What is not quoted may be a boolean or nothing; numbers are kept as they are written, since versions look like them.
fn scalar(text: String, style: TScalarStyle) -> Value {
    match text.as_str() {
        "true" if style == TScalarStyle::Plain => Value::Bool(true),
        "false" if style == TScalarStyle::Plain => Value::Bool(false),
        "" | "~" | "null" if style == TScalarStyle::Plain => Value::Null,
        _ => Value::String(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_tables_and_folded_text_are_read() {
        let text = "# x\nversion: 2\nbuilds:\n  - id: 'a'\n    targets: [x, y]\n    on: true\nname: >-\n  one\n  two\nnothing:\n";
        let read = parse(text).unwrap();
        let wanted = serde_json::json!({
            "version": "2", "builds": [{ "id": "a", "targets": ["x", "y"], "on": true }], "name": "one two", "nothing": null
        });
        assert_eq!(read, wanted);
        assert_eq!(parse("").unwrap(), Value::Null);
    }

    #[test]
    fn what_is_made_to_grow_stays_small_or_is_refused() {
        assert!(parse(&"[".repeat(100_000)).is_err() && parse(&"{".repeat(100_000)).is_err());
        assert!(parse(&"- ".repeat(50_000)).unwrap_err().contains("deeper"));
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
        assert_eq!(parse(bomb).unwrap()["c"], serde_json::json!([null, null]));
        assert!(parse("a: [\n").is_err() && parse("\t: {").is_err());
    }
}
