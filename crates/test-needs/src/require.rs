//! Which needs must be met: a machine that was set up for the tests says so, and what is missing there is a failure.

use std::fmt;
use std::str::FromStr;

use crate::{Need, REQUIRE};

/// The needs that must be met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Require {
    all: bool,
    named: Vec<Need>,
}

/// A need that does not exist: a word that was mistyped would demand nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownNeed(String);

impl fmt::Display for UnknownNeed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Need::ALL.map(Need::name).join(", ");
        write!(formatter, "{REQUIRE}: there is no need `{}`; there are all, {known}", self.0)
    }
}

impl std::error::Error for UnknownNeed {}

impl Require {
    /// What the variable demands; nothing if it is not set.
    ///
    /// # Errors
    /// If it names a need that does not exist.
    pub fn from_environment() -> Result<Self, UnknownNeed> {
        std::env::var(REQUIRE).unwrap_or_default().parse()
    }

    /// Whether a need must be met. One without a name, such as a mirror that answers, is meant by `all` alone.
    #[must_use]
    pub fn covers(&self, need: Option<Need>) -> bool {
        self.all || need.is_some_and(|need| self.named.contains(&need))
    }
}

impl FromStr for Require {
    type Err = UnknownNeed;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let mut require = Self::default();
        for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            if word == "all" {
                require.all = true;
            } else {
                let need = Need::ALL.into_iter().find(|need| need.name() == word);
                require.named.push(need.ok_or_else(|| UnknownNeed(word.to_owned()))?);
            }
        }
        Ok(require)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_needs_are_required() {
        let some = "bubblewrap, llvm,".parse::<Require>().unwrap();
        assert!(some.covers(Some(Need::Bubblewrap)) && some.covers(Some(Need::Llvm)));
        assert!(!some.covers(Some(Need::Elixir)) && !some.covers(None));
        let all = "all".parse::<Require>().unwrap();
        assert!(all.covers(Some(Need::Elixir)) && all.covers(None));
        assert!(!"".parse::<Require>().unwrap().covers(Some(Need::Elixir)));
    }

    #[test]
    fn a_mistyped_need_is_told() {
        let message = "bubblewarp".parse::<Require>().unwrap_err().to_string();
        assert!(message.starts_with("PLIMSOLL_REQUIRE: there is no need `bubblewarp`; there are all, "), "{message}");
    }
}
