//! What names stand for in a module: attributes, variables of its body and functions without arguments, each with the last value before a place.

use std::collections::BTreeMap;

use super::expression::{Expression, Key, Value};
use super::location::{Location, Read};
use super::parse::{Parser, Until};
use super::tokens::{Part, tokens};

/// Names that lead to names: no real source has more.
const MOST_STEPS: usize = 8;

#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub attributes: BTreeMap<String, Vec<Expression>>,
    pub variables: BTreeMap<String, Vec<Expression>>,
    /// None where the body is more than one expression, or there are several clauses.
    pub functions: BTreeMap<String, Option<Expression>>,
}

/// A source with what is known of its names.
pub(super) struct Resolver<'source> {
    pub file: &'source str,
    pub text: &'source str,
    pub scope: &'source Scope,
    /// The project's own configuration: `version`, `app`.
    pub project: &'source BTreeMap<String, String>,
}

impl Resolver<'_> {
    pub fn place(&self, expression: &Expression) -> Location {
        Location::of(self.file, self.text, expression.span.start)
    }

    /// The expression that one stands for, through attributes, variables and functions.
    pub fn follow<'e>(&'e self, expression: &'e Expression, steps: usize) -> &'e Expression {
        self.follow_before(expression, expression.span.start, steps)
    }

    fn follow_before<'e>(&'e self, expression: &'e Expression, before: usize, steps: usize) -> &'e Expression {
        let last = |named: &'e BTreeMap<String, Vec<Expression>>, name: &str| {
            named.get(name).and_then(|values| values.iter().rev().find(|value| value.span.start < before))
        };
        let next = match &expression.value {
            Value::Attribute(name) => last(&self.scope.attributes, name),
            Value::Variable(name) => last(&self.scope.variables, name).or_else(|| self.scope.functions.get(name)?.as_ref()),
            Value::Call(name) => self.scope.functions.get(name).and_then(Option::as_ref),
            _ => None,
        };
        match next {
            Some(next) if steps > 0 => self.follow(next, steps - 1),
            _ => expression,
        }
    }

    fn string(&self, expression: &Expression, before: usize, steps: usize) -> Option<String> {
        let steps = steps.checked_sub(1)?;
        let found = self.follow_before(expression, before, MOST_STEPS);
        let before = if std::ptr::eq(found, expression) { before } else { found.span.start };
        match &found.value {
            Value::Text(parts) => parts.iter().map(|part| self.part(part, before, steps)).collect(),
            Value::Joined(operands) => operands.iter().map(|operand| self.string(operand, before, steps)).collect(),
            Value::Environment(usual) => self.string(usual, before, steps),
            Value::At(base, keys) => self.looked_up(base, keys, before, steps),
            _ => None,
        }
    }

    /// What lies under the keys of the project's configuration, or of a list or map that is written here.
    fn looked_up(&self, base: &Expression, keys: &[String], before: usize, steps: usize) -> Option<String> {
        let mut found = self.follow_before(base, before, MOST_STEPS);
        let mut keys = keys.to_vec();
        // A part of the configuration that has a name of its own.
        while let Value::At(inner, outer_keys) = &found.value {
            keys.splice(0..0, outer_keys.iter().cloned());
            if keys.len() > MOST_STEPS {
                return None;
            }
            found = self.follow_before(inner, found.span.start, MOST_STEPS);
        }
        if found.value == Value::MixConfig {
            return self.project.get(&keys.join(".")).cloned();
        }
        let mut value = found;
        for key in &keys {
            value = self.follow_before(value.value.named(key)?, before, MOST_STEPS);
        }
        self.string(value, before, steps)
    }

    fn part(&self, part: &Part, before: usize, steps: usize) -> Option<String> {
        match part {
            Part::Plain(text) => Some(text.clone()),
            Part::Code(range) => {
                let code = self.text.get(range.clone())?;
                let tokens = tokens(self.file, code).ok()?;
                let expression = Parser::new(self.file, code, &tokens, 0).expression(Until::Bracket).ok()?;
                self.string(&expression, before, steps)
            }
        }
    }

    /// A setting that is a string; an atom counts as its name, as `otp_app: :name` and `crate: :name` do.
    pub fn read_text(&self, expression: Option<&Expression>) -> Read<String> {
        self.read(expression, |expression| match &self.follow(expression, MOST_STEPS).value {
            Value::Atom(name) => Some(name.clone()),
            _ => self.string(expression, expression.span.start, MOST_STEPS),
        })
    }

    /// A setting that is a URL: of `{url, headers}` the first.
    pub fn read_url(&self, expression: Option<&Expression>) -> Read<String> {
        self.read(expression, |expression| {
            let found = self.follow(expression, MOST_STEPS);
            match &found.value {
                Value::Tuple(parts) => match parts.as_slice() {
                    [url, headers] if !matches!(headers.value, Value::Atom(_)) => self.string(url, found.span.start, MOST_STEPS),
                    _ => None,
                },
                _ => self.string(expression, expression.span.start, MOST_STEPS),
            }
        })
    }

    /// A setting that is a list of strings, each with its place.
    pub fn read_list(&self, expression: Option<&Expression>) -> Read<Vec<String>> {
        self.read(expression, |expression| self.list(expression, MOST_STEPS))
    }

    fn list(&self, expression: &Expression, steps: usize) -> Option<Vec<String>> {
        let steps = steps.checked_sub(1)?;
        let found = self.follow(expression, MOST_STEPS);
        match &found.value {
            Value::Words(words) => Some(words.clone()),
            Value::List(members) if members.iter().all(|member| member.key.is_none()) => {
                members.iter().map(|member| self.string(&member.value, member.value.span.start, steps)).collect()
            }
            Value::Concatenated(operands) => {
                let lists = operands.iter().map(|operand| self.list(operand, steps)).collect::<Option<Vec<_>>>()?;
                Some(lists.concat())
            }
            _ => None,
        }
    }

    /// `%{"target" => [name: …]}`: targets with the names of their variants. What decides between them is code, and not looked at.
    pub fn read_variants(&self, expression: Option<&Expression>) -> Read<BTreeMap<String, Vec<String>>> {
        self.read(expression, |expression| {
            let Value::Map(members) = &self.follow(expression, MOST_STEPS).value else { return None };
            let variants = members.iter().map(|member| {
                let Some(Key::Text(target)) = &member.key else { return None };
                let Value::List(names) = &self.follow(&member.value, MOST_STEPS).value else { return None };
                let names = names.iter().map(|name| if let Some(Key::Atom(name)) = &name.key { Some(name.clone()) } else { None });
                Some((target.clone(), names.collect::<Option<Vec<_>>>()?))
            });
            variants.collect()
        })
    }

    fn read<T>(&self, expression: Option<&Expression>, value: impl Fn(&Expression) -> Option<T>) -> Read<T> {
        let Some(expression) = expression else { return Read::Absent };
        let at = self.place(expression);
        match value(expression) {
            Some(value) => Read::Found { value, at },
            None => Read::NotLiteral { at, written: self.written(expression) },
        }
    }

    /// How an expression is written, on one line.
    pub fn written(&self, expression: &Expression) -> String {
        let text = self.text.get(expression.span.clone()).unwrap_or_default();
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() > 60 { line.chars().take(57).chain("...".chars()).collect() } else { line }
    }
}
