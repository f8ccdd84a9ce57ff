//! `mix.exs`: the literal that `version:` in `project/0` leads to. <https://hexdocs.pm/mix/Mix.Project.html>

use super::super::dialect::Dialect;
use super::super::place::Place;
use plimsoll_elixir::{MixVersion, mix_version};

pub(super) fn places(path: &str, text: &str) -> Result<Vec<Place>, String> {
    match mix_version(path, text).map_err(|error| error.to_string())? {
        MixVersion::Literal { what, span } => Ok(vec![Place::whole(what, Dialect::Semver, text, span)]),
        MixVersion::Other { what, written } => Err(format!(
            "{} is `{written}`, which is no literal; name the file that it is read from, or its place by a pattern",
            what.trim_end_matches(':')
        )),
        MixVersion::Absent => Ok(Vec::new()),
    }
}
