//! From tokens to expressions. A reader of settings, and no parser of Elixir: what it does not know it passes over, brackets and blocks balanced.

use super::expression::{Expression, Key, Member, Value};
use super::location::{ElixirError, Location};
use super::tokens::{Kind, Token, plain};

/// How deep lists may be nested.
const MOST_DEPTH: usize = 64;

pub(super) struct Parser<'source> {
    pub file: &'source str,
    pub text: &'source str,
    pub tokens: &'source [Token],
    pub at: usize,
    depth: usize,
}

/// What an expression ends at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The end of the line, `do`, or `end`: a statement.
    Line,
    /// `,` or a closing bracket; lines do not count.
    Bracket,
}

impl<'source> Parser<'source> {
    pub fn new(file: &'source str, text: &'source str, tokens: &'source [Token], at: usize) -> Self {
        Self { file, text, tokens, at, depth: 0 }
    }

    pub fn kind(&self) -> Option<&'source Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |token| token.span.start)
    }

    pub fn take(&mut self, sign: &'static str) -> bool {
        let found = self.kind() == Some(&Kind::Sign(sign));
        self.at += usize::from(found);
        found
    }

    pub fn skip_lines(&mut self) {
        while self.kind() == Some(&Kind::Line) {
            self.at += 1;
        }
    }

    fn ends(&self, until: Until) -> bool {
        match self.kind() {
            None | Some(Kind::Sign("," | ")" | "]" | "}" | ";")) => true,
            Some(Kind::Line) => until == Until::Line,
            Some(Kind::Sign("=>")) => until == Until::Bracket,
            Some(Kind::Name(name)) => until == Until::Line && matches!(name.as_str(), "do" | "end"),
            Some(_) => false,
        }
    }

    /// One expression, to its end.
    pub fn expression(&mut self, until: Until) -> Result<Expression, ElixirError> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(ElixirError::Deep { at: Location::of(self.file, self.text, self.offset()), limit: MOST_DEPTH });
        }
        let read = self.operands(until);
        self.depth -= 1;
        read
    }

    fn operands(&mut self, until: Until) -> Result<Expression, ElixirError> {
        let (start, first_token) = (self.offset(), self.at);
        let mut operands = vec![self.primary()?];
        let mut joined_by = None;
        loop {
            if until == Until::Bracket {
                self.skip_lines();
            }
            let sign = match self.kind() {
                Some(Kind::Sign(sign @ ("<>" | "++"))) if joined_by.is_none_or(|before| before == *sign) => *sign,
                _ => break,
            };
            joined_by = Some(sign);
            self.at += 1;
            self.skip_lines();
            operands.push(self.primary()?);
        }
        if !self.ends(until) {
            return self.opaque(start, until);
        }
        let span = start..self.end_of_last(first_token);
        let value = match joined_by {
            Some("<>") => Value::Joined(operands),
            Some(_) => Value::Concatenated(operands),
            None => operands.pop().map_or(Value::Opaque, |only| only.value),
        };
        Ok(Expression { value, span })
    }

    /// Where the last token before this one ends, lines left out.
    fn end_of_last(&self, first: usize) -> usize {
        let before = self.tokens[first..self.at].iter().rev().find(|token| token.kind != Kind::Line);
        before.map_or(self.offset(), |token| token.span.end)
    }

    /// Passes over whatever it is.
    fn opaque(&mut self, start: usize, until: Until) -> Result<Expression, ElixirError> {
        let first = self.at;
        let mut blocks = 0_usize;
        while let Some(kind) = self.kind() {
            if blocks == 0 && self.ends(until) {
                break;
            }
            match kind {
                Kind::Sign(open @ ("(" | "[" | "{")) => self.balanced(open)?,
                Kind::Name(name) if matches!(name.as_str(), "fn" | "do") => {
                    blocks += 1;
                    self.at += 1;
                }
                Kind::Name(name) if name == "end" && blocks > 0 => {
                    blocks -= 1;
                    self.at += 1;
                }
                // A line goes on after a sign, and so does the expression.
                Kind::Sign(sign) if until == Until::Line && !matches!(*sign, ")" | "]" | "}") => {
                    self.at += 1;
                    self.skip_lines();
                }
                _ => self.at += 1,
            }
        }
        let end = self.end_of_last(first.saturating_sub(1)).max(start);
        Ok(Expression { value: Value::Opaque, span: start..end })
    }

    /// From an opening bracket to behind its closing one.
    pub fn balanced(&mut self, open: &str) -> Result<(), ElixirError> {
        let start = self.offset();
        let what = if open == "[" { "list" } else { "bracket" };
        let mut depth = 0_usize;
        while let Some(kind) = self.kind() {
            self.at += 1;
            match kind {
                Kind::Sign("(" | "[" | "{") => depth += 1,
                Kind::Sign(")" | "]" | "}") => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        Err(ElixirError::Unterminated { at: Location::of(self.file, self.text, start), what })
    }

    fn primary(&mut self) -> Result<Expression, ElixirError> {
        let mut read = self.plain_primary()?;
        let (start, mut keys) = (read.span.start, Vec::new());
        while let Some((key, length)) = self.index() {
            keys.push(key);
            self.at += length;
            read.span.end = self.tokens[self.at - 1].span.end;
        }
        if !keys.is_empty() {
            let span = start..read.span.end;
            read = Expression { value: Value::At(Box::new(read), keys), span };
        }
        Ok(read)
    }

    /// `[:key]` or `["key"]` right behind what was just read, and of how many tokens it is.
    fn index(&self) -> Option<(String, usize)> {
        let before = self.tokens.get(self.at.checked_sub(1)?)?;
        let opening = self.tokens.get(self.at).filter(|token| token.span.start == before.span.end && token.kind == Kind::Sign("["))?;
        let key = match self.tokens.get(self.at + 1).filter(|token| token.span.start >= opening.span.end).map(|token| &token.kind) {
            Some(Kind::Atom(name)) => name.clone(),
            Some(Kind::Text(parts)) => plain(parts)?,
            _ => return None,
        };
        let ends = self.tokens.get(self.at + 2).is_some_and(|token| token.kind == Kind::Sign("]"));
        ends.then_some((key, 3))
    }

    fn plain_primary(&mut self) -> Result<Expression, ElixirError> {
        let start = self.offset();
        let value = match self.kind() {
            Some(Kind::Text(parts)) => self.one(Value::Text(parts.clone())),
            Some(Kind::Atom(name)) => self.one(Value::Atom(name.clone())),
            Some(Kind::Number) => self.one(Value::Number),
            Some(Kind::Words(Some(words))) => self.one(Value::Words(words.clone())),
            Some(Kind::Words(None) | Kind::Other) => self.one(Value::Opaque),
            Some(Kind::Sign("[")) => Value::List(self.members("[", "]")?),
            Some(Kind::Sign("%")) => self.map()?,
            Some(Kind::Sign("@")) => self.attribute(),
            Some(Kind::Alias(_)) => self.alias()?,
            Some(Kind::Sign("{")) => self.tuple()?,
            Some(Kind::Name(name)) => self.name(name),
            _ => Value::Opaque,
        };
        Ok(Expression { value, span: start..self.tokens.get(self.at.saturating_sub(1)).map_or(start, |token| token.span.end.max(start)) })
    }

    fn one(&mut self, value: Value) -> Value {
        self.at += 1;
        value
    }

    fn attribute(&mut self) -> Value {
        self.at += 1;
        match self.kind() {
            Some(Kind::Name(name)) => self.one(Value::Attribute(name.clone())),
            _ => Value::Opaque,
        }
    }

    fn name(&mut self, name: &str) -> Value {
        let word = ["true", "false", "nil"].into_iter().find(|word| *word == name);
        if let Some(word) = word {
            return self.one(Value::Word(word));
        }
        if matches!(name, "do" | "end" | "fn") {
            return Value::Opaque;
        }
        self.at += 1;
        let is_call =
            self.kind() == Some(&Kind::Sign("(")) && self.tokens.get(self.at + 1).map(|token| &token.kind) == Some(&Kind::Sign(")"));
        if is_call {
            self.at += 2;
            Value::Call(name.to_owned())
        } else {
            Value::Variable(name.to_owned())
        }
    }

    /// `A.B`, `Mix.Project.config()` or `System.get_env("NAME", value)`.
    fn alias(&mut self) -> Result<Value, ElixirError> {
        let mut parts = Vec::new();
        while let Some(Kind::Alias(part)) = self.kind() {
            parts.push(part.as_str());
            self.at += 1;
            let goes_on = matches!(self.tokens.get(self.at + 1).map(|token| &token.kind), Some(Kind::Alias(_)));
            if !goes_on || !self.take(".") {
                break;
            }
        }
        let alias = parts.join(".");
        let kinds = self.tokens[self.at..].iter().take(4).map(|token| &token.kind).collect::<Vec<_>>();
        match kinds.as_slice() {
            [Kind::Sign("."), Kind::Name(config), Kind::Sign("("), Kind::Sign(")")] if alias == "Mix.Project" && config == "config" => {
                self.at += 4;
                Ok(Value::MixConfig)
            }
            [Kind::Sign("."), Kind::Name(config), Kind::Sign("["), ..] if alias == "Mix.Project" && config == "config" => {
                self.at += 2;
                Ok(Value::MixConfig)
            }
            [Kind::Sign("."), Kind::Name(name), Kind::Sign("("), _] if alias == "System" && name == "get_env" => {
                self.at += 2;
                let mut arguments = self.list("(", ")", "bracket")?;
                match (arguments.pop(), arguments.pop(), arguments.is_empty()) {
                    (Some(usual), Some(_), true) => Ok(Value::Environment(Box::new(usual))),
                    _ => Ok(Value::Opaque),
                }
            }
            _ => Ok(Value::Alias(alias)),
        }
    }

    fn tuple(&mut self) -> Result<Value, ElixirError> {
        Ok(Value::Tuple(self.list("{", "}", "bracket")?))
    }

    /// Values between brackets; of pairs the values.
    fn list(&mut self, open: &'static str, close: &'static str, what: &'static str) -> Result<Vec<Expression>, ElixirError> {
        let start = self.offset();
        let members = self.members(open, close).map_err(|error| match error {
            ElixirError::Unterminated { .. } => ElixirError::Unterminated { at: Location::of(self.file, self.text, start), what },
            error => error,
        })?;
        Ok(members.into_iter().map(|member| member.value).collect())
    }

    fn map(&mut self) -> Result<Value, ElixirError> {
        self.at += 1;
        if self.kind() != Some(&Kind::Sign("{")) {
            return Ok(Value::Opaque);
        }
        Ok(Value::Map(self.members("{", "}")?))
    }

    /// The members of a list or map; one that has `|` in it is not just its members.
    fn members(&mut self, open: &'static str, close: &'static str) -> Result<Vec<Member>, ElixirError> {
        let start = self.offset();
        self.take(open);
        let mut members = Vec::new();
        loop {
            self.skip_lines();
            if self.take(close) {
                return Ok(members);
            }
            if self.kind().is_none() {
                let what = if open == "[" { "list" } else { "map" };
                return Err(ElixirError::Unterminated { at: Location::of(self.file, self.text, start), what });
            }
            let before = self.at;
            members.push(self.member(Until::Bracket)?);
            self.skip_lines();
            if !self.take(",") && self.kind() != Some(&Kind::Sign(close)) {
                // Something that does not belong here: passed over, so that the list still ends.
                self.at = self.at.max(before + 1);
            }
        }
    }

    pub fn member(&mut self, until: Until) -> Result<Member, ElixirError> {
        if let Some(Kind::Key(name)) = self.kind() {
            self.at += 1;
            self.skip_lines();
            return Ok(Member { key: Some(Key::Atom(name.clone())), value: self.expression(until)? });
        }
        // Read once: reading a nested value a second time would double the work at each level.
        let first = self.expression(until)?;
        if self.take("=>") {
            self.skip_lines();
            let key = match first.value {
                Value::Text(parts) => plain(&parts).map_or(Key::Opaque, Key::Text),
                Value::Atom(name) => Key::Atom(name),
                _ => Key::Opaque,
            };
            return Ok(Member { key: Some(key), value: self.expression(until)? });
        }
        Ok(Member { key: None, value: first })
    }
}
