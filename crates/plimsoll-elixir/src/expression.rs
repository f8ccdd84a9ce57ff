//! Expressions of Elixir as far as settings go; whatever is none of them is opaque, with its place.

use std::ops::Range;

use super::tokens::Part;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expression {
    pub value: Value,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(Vec<Part>),
    Atom(String),
    /// `true`, `false` and `nil`.
    Word(&'static str),
    Number,
    /// `A.B`.
    Alias(String),
    /// Members in their order; `key: value` members are pairs.
    List(Vec<Member>),
    /// `%{…}`.
    Map(Vec<Member>),
    Words(Vec<String>),
    /// `@name`.
    Attribute(String),
    /// `name` alone.
    Variable(String),
    /// `name()`: a function of the same module.
    Call(String),
    /// `Mix.Project.config()`.
    MixConfig,
    /// `value[:key]["key"]`.
    At(Box<Expression>, Vec<String>),
    /// `{a, b}`.
    Tuple(Vec<Expression>),
    /// `System.get_env("NAME", value)`: on a machine that sets nothing, the value.
    Environment(Box<Expression>),
    /// `a <> b`.
    Joined(Vec<Expression>),
    /// `a ++ b`.
    Concatenated(Vec<Expression>),
    Opaque,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub key: Option<Key>,
    pub value: Expression,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// `name:`, or `:name =>`.
    Atom(String),
    /// `"text" =>`.
    Text(String),
    /// Anything else before `=>`.
    Opaque,
}

impl Value {
    /// The value of a key of either form: what looks into settings of others takes both.
    pub fn named(&self, wanted: &str) -> Option<&Expression> {
        let (Self::List(members) | Self::Map(members)) = self else { return None };
        let is_wanted = |member: &&Member| matches!(&member.key, Some(Key::Atom(name) | Key::Text(name)) if name == wanted);
        members.iter().rev().find(is_wanted).map(|member| &member.value)
    }

    /// The value of a key.
    pub fn get(&self, wanted: &str) -> Option<&Expression> {
        let (Self::List(members) | Self::Map(members)) = self else { return None };
        let is_wanted = |member: &&Member| matches!(&member.key, Some(Key::Atom(name)) if name == wanted);
        members.iter().rev().find(is_wanted).map(|member| &member.value)
    }
}
