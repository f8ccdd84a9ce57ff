//! Rustflags by cargo's own precedence, so that flags of ours come *after* the user's and never in their place.
//!
//! cargo takes the first of: `CARGO_ENCODED_RUSTFLAGS`, `RUSTFLAGS`, `target.*.rustflags` (joined), `build.rustflags`. See
//! <https://doc.rust-lang.org/cargo/reference/config.html#buildrustflags>.

use std::collections::BTreeMap;
use std::ffi::OsString;

use plimsoll_model::{Class, Failure, Target};
use toml::{Table, Value};

/// How additional flags reach cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passing {
    /// There are none: the user's flags work as they do without us.
    Nothing,
    /// In the place of a variable that the user set, behind its content.
    Variable(&'static str, OsString),
    /// As `--config`, which cargo joins with what the files say for the target.
    Config(String),
}

/// Decides how `extra` is passed, given the caller's variables and the configuration files that apply, nearest first.
///
/// # Errors
/// Where cargo could not join ours with the user's: `build.rustflags` beside flags under a `cfg(…)` key.
pub fn pass(extra: &[String], variables: &BTreeMap<String, String>, target: &Target, files: &[Table]) -> Result<Passing, Failure> {
    if extra.is_empty() {
        return Ok(Passing::Nothing);
    }
    if let Some(encoded) = variables.get("CARGO_ENCODED_RUSTFLAGS") {
        let joined = [encoded.as_str()].into_iter().chain(extra.iter().map(String::as_str)).filter(|flag| !flag.is_empty());
        return Ok(Passing::Variable("CARGO_ENCODED_RUSTFLAGS", joined.collect::<Vec<_>>().join("\u{1f}").into()));
    }
    if let Some(flags) = variables.get("RUSTFLAGS") {
        return Ok(Passing::Variable("RUSTFLAGS", format!("{flags} {}", extra.join(" ")).trim().into()));
    }
    let by_target = files.iter().any(|file| get(file, &["target", target.as_str(), "rustflags"]).is_some());
    let by_cfg = files.iter().any(has_cfg_flags);
    let by_build = files.iter().rev().filter_map(|file| get(file, &["build", "rustflags"])).flat_map(words).collect::<Vec<_>>();
    let all = match (by_target, by_build.is_empty()) {
        (true, _) | (_, true) => extra.to_vec(),
        (false, false) if by_cfg => {
            return Err(Failure::new(
                Class::Usage,
                "rustflags",
                "cargo's configuration has both build.rustflags and rustflags under a cfg key",
            )
            .hint("move build.rustflags under the cfg key or under the target, so that flags can be added to them"));
        }
        (false, false) => by_build.into_iter().chain(extra.iter().cloned()).collect(),
    };
    let list = Value::Array(all.into_iter().map(Value::String).collect());
    Ok(Passing::Config(format!("target.{target}.rustflags={list}")))
}

fn get<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (last, parents) = path.split_last()?;
    parents.iter().try_fold(table, |table, key| table.get(*key)?.as_table())?.get(*last)
}

fn has_cfg_flags(file: &Table) -> bool {
    let targets = file.get("target").and_then(Value::as_table);
    targets.is_some_and(|targets| targets.iter().any(|(key, value)| key.starts_with("cfg(") && value.get("rustflags").is_some()))
}

/// Flags are a list, or one string with blanks between.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing(variables: &[(&str, &str)], file: &str) -> Result<Passing, Failure> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        pass(&["-Cours".to_owned()], &variables, &"x86_64-unknown-linux-gnu".parse().unwrap(), &[file.parse().unwrap()])
    }

    #[test]
    fn a_variable_of_the_user_is_kept_and_extended() {
        assert_eq!(passing(&[("RUSTFLAGS", "-Ctheirs")], "").unwrap(), Passing::Variable("RUSTFLAGS", "-Ctheirs -Cours".into()));
        let encoded = passing(&[("CARGO_ENCODED_RUSTFLAGS", "-Ca\u{1f}-Cb"), ("RUSTFLAGS", "no")], "").unwrap();
        assert_eq!(encoded, Passing::Variable("CARGO_ENCODED_RUSTFLAGS", "-Ca\u{1f}-Cb\u{1f}-Cours".into()));
    }

    #[test]
    fn flags_for_all_builds_are_repeated_because_cargo_would_drop_them() {
        let config = |file| passing(&[], file).unwrap();
        assert_eq!(config(""), Passing::Config("target.x86_64-unknown-linux-gnu.rustflags=[\"-Cours\"]".to_owned()));
        let build = config("[build]\nrustflags = \"-Ca -Cb\"");
        assert_eq!(build, Passing::Config("target.x86_64-unknown-linux-gnu.rustflags=[\"-Ca\", \"-Cb\", \"-Cours\"]".to_owned()));
        let target = config("[target.x86_64-unknown-linux-gnu]\nrustflags = [\"-Ct\"]\n[build]\nrustflags = [\"-Ca\"]");
        assert_eq!(target, Passing::Config("target.x86_64-unknown-linux-gnu.rustflags=[\"-Cours\"]".to_owned()));
    }

    #[test]
    fn what_cargo_cannot_join_is_refused() {
        let file = "[build]\nrustflags = [\"-Ca\"]\n[target.'cfg(unix)']\nrustflags = [\"-Cb\"]";
        assert_eq!(passing(&[], file).unwrap_err().class, Class::Usage);
    }
}
