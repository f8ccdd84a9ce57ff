//! A file that is not known: a regular expression with one group says where the version stands, or three do for major, minor and patch.

use regex::{Regex, RegexBuilder};

use super::super::dialect::Dialect;
use super::super::place::Place;

/// Bytes that a compiled expression may take.
const SIZE: usize = 1 << 20;

/// Where the version stands in a file of any kind.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// One expression; its group is the version.
    Whole(Regex),
    /// Three; their groups are the numbers.
    Parts([Regex; 3]),
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => one.as_str() == other.as_str(),
            (Self::Parts(one), Self::Parts(other)) => one.iter().zip(other).all(|(one, other)| one.as_str() == other.as_str()),
            _ => false,
        }
    }
}

impl Eq for Pattern {}

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// It is none.
    #[error("is no regular expression: {0}")]
    Syntax(String),
    /// The version must be told from what is around it.
    #[error("has {0} groups, and must have one: the version, in parentheses")]
    Groups(usize),
    /// Neither one nor three.
    #[error("has {0} expressions, and must have three: for major, minor and patch")]
    Count(usize),
}

fn expression(text: &str) -> Result<Regex, InvalidPattern> {
    let built = RegexBuilder::new(text).multi_line(true).crlf(true).size_limit(SIZE).build();
    let regex = built.map_err(|error| {
        InvalidPattern::Syntax(error.to_string().lines().last().unwrap_or_default().trim_start_matches("error:").trim().to_owned())
    })?;
    match regex.captures_len() {
        2 => Ok(regex),
        groups => Err(InvalidPattern::Groups(groups.saturating_sub(1))),
    }
}

impl Pattern {
    /// One expression.
    ///
    /// # Errors
    /// [`InvalidPattern`].
    pub fn whole(text: &str) -> Result<Self, InvalidPattern> {
        expression(text).map(Self::Whole)
    }

    /// Expressions for major, minor and patch.
    ///
    /// # Errors
    /// [`InvalidPattern`].
    pub fn parts(texts: &[&str]) -> Result<Self, InvalidPattern> {
        match texts {
            [major, minor, patch] => Ok(Self::Parts([expression(major)?, expression(minor)?, expression(patch)?])),
            other => Err(InvalidPattern::Count(other.len())),
        }
    }

    /// Every place in `text`.
    ///
    /// # Errors
    /// Where one of three expressions does not match exactly once.
    pub fn places(&self, text: &str, dialect: Dialect) -> Result<Vec<Place>, String> {
        match self {
            Self::Whole(regex) => {
                let groups = regex.captures_iter(text).filter_map(|captures| captures.get(1));
                Ok(groups.map(|group| Place::whole("pattern", dialect, text, group.range())).collect())
            }
            Self::Parts(regexes) => {
                let mut spans = [0..0, 0..0, 0..0];
                for (span, regex) in spans.iter_mut().zip(regexes) {
                    let mut groups = regex.captures_iter(text).filter_map(|captures| captures.get(1));
                    let only = groups.next().filter(|_| groups.next().is_none());
                    let only = only.ok_or_else(|| {
                        format!("the pattern `{regex}` matches {} times, and must match once", regex.captures_iter(text).count())
                    })?;
                    *span = only.range();
                }
                Ok(vec![Place::parts("three patterns", dialect, text, spans)])
            }
        }
    }
}
