//! Holds JSON against the schemas below docs/reference/schemas, as far as schemars writes them: a keyword that is not known here is a failure,
//! so that none is passed over.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// Everything in `value` that the schema `name` does not allow; nothing where it fits.
pub fn violations(name: &str, value: &Value) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/schemas").join(format!("{name}.json"));
    let root: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let mut found = Vec::new();
    check(&root, &root, value, "", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Value::Object(rules) = schema else {
        if schema == &Value::Bool(false) {
            found.push(format!("{at}: nothing is allowed here"));
        }
        return;
    };
    for (keyword, rule) in rules {
        let holds = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "format" => true,
            "properties" | "additionalProperties" | "items" => {
                members(root, rules, keyword, rule, value, at, found);
                true
            }
            "$ref" => {
                let target = rule.as_str().and_then(|path| root.pointer(path.trim_start_matches('#'))).unwrap();
                check(root, target, value, at, found);
                true
            }
            "type" => match rule {
                Value::Array(names) => names.iter().any(|name| is_of(name, value)),
                name => is_of(name, value),
            },
            "uniqueItems" => value.as_array().is_none_or(|items| items.iter().enumerate().all(|(at, item)| !items[..at].contains(item))),
            "const" => rule == value,
            "enum" => rule.as_array().unwrap().contains(value),
            "required" => {
                rule.as_array().unwrap().iter().all(|name| value.is_null() || value.get(name.as_str().unwrap_or_default()).is_some())
            }
            "pattern" => value.as_str().is_none_or(|text| regex::Regex::new(rule.as_str().unwrap()).unwrap().is_match(text)),
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
            "oneOf" => fitting(root, rule, value) == 1,
            "anyOf" => fitting(root, rule, value) > 0,
            "allOf" => fitting(root, rule, value) == rule.as_array().unwrap().len(),
            other => panic!("{at}: this test does not know the keyword `{other}`"),
        };
        if !holds {
            found.push(format!("{at}: {keyword} {rule} does not hold of {value}"));
        }
    }
}

/// Keywords that speak of the parts of a value.
fn members(root: &Value, rules: &Map<String, Value>, keyword: &str, rule: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    match (keyword, value) {
        ("items", Value::Array(items)) => {
            items.iter().enumerate().for_each(|(index, item)| check(root, rule, item, &format!("{at}/{index}"), found));
        }
        ("properties", Value::Object(map)) => {
            let known = rule.as_object().unwrap().iter().filter_map(|(name, rule)| Some((name, rule, map.get(name)?)));
            known.for_each(|(name, rule, value)| check(root, rule, value, &format!("{at}/{name}"), found));
        }
        ("additionalProperties", Value::Object(map)) => {
            let named = |name: &str| rules.get("properties").is_some_and(|properties| properties.get(name).is_some());
            let others = map.iter().filter(|(name, _)| !named(name));
            others.for_each(|(name, value)| check(root, rule, value, &format!("{at}/{name}"), found));
        }
        _ => {}
    }
}

fn fitting(root: &Value, rule: &Value, value: &Value) -> usize {
    let fits = |schema: &&Value| {
        let mut found = Vec::new();
        check(root, schema, value, "", &mut found);
        found.is_empty()
    };
    rule.as_array().unwrap().iter().filter(fits).count()
}

fn is_of(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap_or_default() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("unknown type {other}"),
    }
}
