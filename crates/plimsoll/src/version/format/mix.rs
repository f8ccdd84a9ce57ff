//! `mix.exs`: `@version "…"`, or `version: "…"` in `project/0`. <https://hexdocs.pm/mix/Mix.Project.html>

use super::super::dialect::Dialect;
use super::super::place::Place;
use super::elixir::{Token, tokens};

pub(super) fn places(text: &str) -> Result<Vec<Place>, String> {
    let tokens = tokens(text);
    let mut places = Vec::new();
    let mut in_project = false;
    for (at, pair) in tokens.windows(2).enumerate() {
        if matches!(&pair[0], Token::Word("def" | "defp")) {
            in_project = matches!(&pair[1], Token::Word("project"));
        }
        let what = match &pair[0] {
            Token::Attribute("version") => "@version",
            Token::Key("version") if in_project => "project version:",
            _ => continue,
        };
        match &pair[1] {
            Token::Text { span, plain: true } => places.push(Place::whole(what, Dialect::Semver, text, span.clone())),
            // `@version` as a value, or another expression; a concatenation shows in the token after the string.
            Token::Text { .. } => return Err(format!("{what} is put together from parts; name its place by a pattern")),
            _ => continue,
        }
        if matches!(tokens.get(at + 2), Some(Token::Other('<'))) {
            return Err(format!("{what} is put together from parts; name its place by a pattern"));
        }
    }
    Ok(places)
}
