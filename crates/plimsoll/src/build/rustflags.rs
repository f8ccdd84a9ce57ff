//! Rustflags by cargo's own precedence, so that flags of ours come *after* the user's and never in their place.
//!
//! cargo takes the first of these that is not empty: `CARGO_ENCODED_RUSTFLAGS`, `RUSTFLAGS` (each counts once it is set),
//! `target.*.rustflags` with `CARGO_TARGET_<TRIPLE>_RUSTFLAGS` (joined), `build.rustflags` with `CARGO_BUILD_RUSTFLAGS` (joined). Lists of
//! several files are joined, of strings the nearest counts; a list and a string for one key are an error. See
//! <https://doc.rust-lang.org/cargo/reference/config.html#buildrustflags>.

use std::collections::BTreeMap;
use std::ffi::OsString;

use plimsoll_model::{Class, Failure, Target};
use toml::{Table, Value};

/// The setting of a target that this is about, as cargo's variables name it.
const RUSTFLAGS: &str = "RUSTFLAGS";

/// How additional flags reach cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passing {
    /// There are none: the user's flags work as they do without us.
    Nothing,
    /// In the place of a variable that the user set, behind its content.
    Variable(String, OsString),
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
    if let Some(theirs) = by_variable(variables) {
        // A flag of ours may hold a blank, which cannot be said in RUSTFLAGS; cargo prefers the other form where both are set.
        let joined = theirs.into_iter().chain(extra.iter().cloned()).collect::<Vec<_>>().join("\u{1f}");
        return Ok(Passing::Variable("CARGO_ENCODED_RUSTFLAGS".to_owned(), joined.into()));
    }
    let by_target = setting(files, &["target", target.as_str(), "rustflags"]);
    let repeated = repeated(&by_target, variables, target, files)?;
    let all = repeated.into_iter().chain(extra.iter().cloned()).collect::<Vec<_>>();
    let value = if by_target.is_string {
        let what = format!("cargo's configuration has target.{target}.rustflags as a string, to which");
        Value::String(one_string(&all, &what, "write it as a list: rustflags = [\"…\", \"…\"]")?)
    } else {
        all.into()
    };
    Ok(Passing::Config(format!("target.{target}.rustflags={value}")))
}

/// The same for cargo-xwin. It looks for flags in variables and files, adds its own, and hands all of them to cargo in
/// `CARGO_TARGET_<TRIPLE>_RUSTFLAGS`, divided by blanks: what comes by `--config` it does not see, and where `CARGO_ENCODED_RUSTFLAGS` is set
/// as well, cargo drops what it added. Read in cargo-xwin 0.21.5 and 0.23.1 (`compiler/clang_cl.rs`).
///
/// # Errors
/// As [`pass`]; and where a flag holds a blank.
pub fn pass_to_xwin(extra: &[String], variables: &BTreeMap<String, String>, target: &Target, files: &[Table]) -> Result<Passing, Failure> {
    let (name, theirs) = if let Some(theirs) = by_variable(variables) {
        ("RUSTFLAGS".to_owned(), theirs)
    } else {
        let by_target = setting(files, &["target", target.as_str(), "rustflags"]);
        // It joins the variable with the files, also where they hold a string.
        let mut theirs = if by_target.is_string { Vec::new() } else { repeated(&by_target, variables, target, files)? };
        theirs.extend(by_target_variable(variables, target));
        (target_variable(target, RUSTFLAGS), theirs)
    };
    let all = theirs.into_iter().chain(extra.iter().cloned()).collect::<Vec<_>>();
    let hint = "move the project, the store or cargo's home to a folder without a blank, or install bubblewrap";
    Ok(Passing::Variable(name, one_string(&all, "cargo-xwin is given flags divided by blanks, to which", hint)?.into()))
}

/// The user's own flags for a target; those under `cfg(…)` keys all count.
pub fn in_force(variables: &BTreeMap<String, String>, target: &Target, files: &[Table]) -> Vec<String> {
    if let Some(flags) = by_variable(variables) {
        return flags;
    }
    let mut flags = setting(files, &["target", target.as_str(), "rustflags"]).flags;
    flags.extend(by_target_variable(variables, target));
    let targets = files.iter().filter_map(|file| file.get("target")?.as_table()).flatten();
    flags.extend(targets.filter(|(key, _)| key.starts_with("cfg(")).flat_map(|(_, value)| flags_in(value.get("rustflags"))));
    if flags.is_empty() {
        flags = by_build(variables, files);
    }
    flags
}

/// What takes the place of all files.
fn by_variable(variables: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let split = |text: &str, at: char| text.split(at).map(str::trim).filter(|flag| !flag.is_empty()).map(str::to_owned).collect();
    let encoded = variables.get("CARGO_ENCODED_RUSTFLAGS").map(|flags| split(flags, '\u{1f}'));
    encoded.or_else(|| variables.get("RUSTFLAGS").map(|flags| split(flags, ' ')))
}

/// cargo's variable for a setting of one target: `CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS`.
pub fn target_variable(target: &Target, setting: &str) -> String {
    format!("CARGO_TARGET_{}_{setting}", target.as_str().to_uppercase().replace(['-', '.'], "_"))
}

fn by_target_variable(variables: &BTreeMap<String, String>, target: &Target) -> Vec<String> {
    variables.get(&target_variable(target, RUSTFLAGS)).map(|flags| words(flags)).unwrap_or_default()
}

fn by_build(variables: &BTreeMap<String, String>, files: &[Table]) -> Vec<String> {
    let mut flags = setting(files, &["build", "rustflags"]).flags;
    flags.extend(variables.get("CARGO_BUILD_RUSTFLAGS").map(|flags| words(flags)).unwrap_or_default());
    flags
}

/// The user's flags that have to be said again beside ours, because cargo would drop them.
fn repeated(by_target: &Setting, variables: &BTreeMap<String, String>, target: &Target, files: &[Table]) -> Result<Vec<String>, Failure> {
    let has_target = !by_target.flags.is_empty() || !by_target_variable(variables, target).is_empty();
    let by_build = by_build(variables, files);
    match (has_target, by_build.is_empty()) {
        // cargo joins what is passed with these, except that a string takes the place of a string.
        (true, _) if by_target.is_string => Ok(by_target.flags.clone()),
        (true, _) | (_, true) => Ok(Vec::new()),
        (false, false) if files.iter().any(has_cfg_flags) => {
            Err(Failure::new(Class::Usage, "rustflags", "cargo's configuration has both build.rustflags and rustflags under a cfg key")
                .hint("move build.rustflags under the cfg key or under the target, so that flags can be added to them"))
        }
        (false, false) => Ok(by_build),
    }
}

/// What files say of one key.
struct Setting {
    flags: Vec<String>,
    /// cargo merges a string with strings only.
    is_string: bool,
}

fn setting(files: &[Table], path: &[&str]) -> Setting {
    let mut values = files.iter().filter_map(|file| get(file, path)).peekable();
    if let Some(Value::String(nearest)) = values.peek() {
        return Setting { flags: words(nearest), is_string: true };
    }
    let lists = values.filter_map(Value::as_array).collect::<Vec<_>>();
    let flags = lists.into_iter().rev().flatten().filter_map(|flag| flag.as_str().map(str::to_owned)).collect();
    Setting { flags, is_string: false }
}

fn flags_in(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => words(text),
        Some(Value::Array(list)) => list.iter().filter_map(|flag| flag.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

fn one_string(flags: &[String], what: &str, hint: &str) -> Result<String, Failure> {
    match flags.iter().find(|flag| flag.contains(char::is_whitespace)) {
        None => Ok(flags.join(" ")),
        Some(flag) => Err(Failure::new(Class::Usage, "rustflags", format!("{what} a flag with a blank cannot be added"))
            .cause("flag", flag)
            .hint(hint)),
    }
}

fn get<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (last, parents) = path.split_last()?;
    parents.iter().try_fold(table, |table, key| table.get(*key)?.as_table())?.get(*last)
}

fn has_cfg_flags(file: &Table) -> bool {
    let targets = file.get("target").and_then(Value::as_table);
    targets.is_some_and(|targets| targets.iter().any(|(key, value)| key.starts_with("cfg(") && value.get("rustflags").is_some()))
}

/// The flags of one string, which are divided by blanks.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
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
        let plain = passing(&[("RUSTFLAGS", " -Ca  -Cb")], "").unwrap();
        assert_eq!(plain, Passing::Variable("CARGO_ENCODED_RUSTFLAGS".to_owned(), "-Ca\u{1f}-Cb\u{1f}-Cours".into()));
        let encoded = passing(&[("CARGO_ENCODED_RUSTFLAGS", "-Ca\u{1f}-Cb"), ("RUSTFLAGS", "no")], "").unwrap();
        assert_eq!(encoded, Passing::Variable("CARGO_ENCODED_RUSTFLAGS".to_owned(), "-Ca\u{1f}-Cb\u{1f}-Cours".into()));
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

    const TARGET_VARIABLE: &str = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS";

    fn config(variables: &[(&str, &str)], file: &str) -> String {
        match passing(variables, file).unwrap() {
            Passing::Config(text) => text.strip_prefix("target.x86_64-unknown-linux-gnu.rustflags=").unwrap().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn variables_for_a_key_of_the_configuration_count_as_the_key() {
        let build = "[build]\nrustflags = [\"-Ca\"]";
        assert_eq!(config(&[("CARGO_BUILD_RUSTFLAGS", "-Cb -Cc")], ""), "[\"-Cb\", \"-Cc\", \"-Cours\"]");
        assert_eq!(config(&[("CARGO_BUILD_RUSTFLAGS", "-Cb")], build), "[\"-Ca\", \"-Cb\", \"-Cours\"]");
        assert_eq!(config(&[(TARGET_VARIABLE, "-Ct")], build), "[\"-Cours\"]");
        // cargo skips what is empty.
        assert_eq!(config(&[(TARGET_VARIABLE, " ")], build), "[\"-Ca\", \"-Cours\"]");
        let empty = format!("{build}\n[target.x86_64-unknown-linux-gnu]\nrustflags = []");
        assert_eq!(config(&[], &empty), "[\"-Ca\", \"-Cours\"]");
    }

    #[test]
    fn a_string_is_extended_by_a_string() {
        let string = "[target.x86_64-unknown-linux-gnu]\nrustflags = \"-Ca -Cb\"";
        assert_eq!(config(&[], string), "\"-Ca -Cb -Cours\"");
        assert_eq!(config(&[(TARGET_VARIABLE, "-Ct")], string), "\"-Ca -Cb -Cours\"");
        let extra = ["--remap-path-prefix=/a b=/c".to_owned()];
        let target = "x86_64-unknown-linux-gnu".parse().unwrap();
        assert_eq!(pass(&extra, &BTreeMap::new(), &target, &[string.parse().unwrap()]).unwrap_err().class, Class::Usage);
    }

    #[test]
    fn of_strings_the_nearest_counts() {
        let file = |flag: &str| format!("[build]\nrustflags = \"{flag}\"").parse().unwrap();
        let target = "x86_64-unknown-linux-gnu".parse().unwrap();
        let passed = pass(&["-Cours".to_owned()], &BTreeMap::new(), &target, &[file("-Cnear"), file("-Cfar")]).unwrap();
        assert_eq!(passed, Passing::Config("target.x86_64-unknown-linux-gnu.rustflags=[\"-Cnear\", \"-Cours\"]".to_owned()));
    }

    #[test]
    fn flags_with_blanks_stay_whole() {
        let variables = BTreeMap::from([("RUSTFLAGS".to_owned(), "-Ca -Cb".to_owned())]);
        let extra = ["--remap-path-prefix=/a b=/c".to_owned()];
        let passed = pass(&extra, &variables, &"x86_64-unknown-linux-gnu".parse().unwrap(), &[]).unwrap();
        assert_eq!(passed, Passing::Variable("CARGO_ENCODED_RUSTFLAGS".to_owned(), "-Ca\u{1f}-Cb\u{1f}--remap-path-prefix=/a b=/c".into()));
    }

    #[test]
    fn cargo_xwin_is_given_flags_where_it_looks_for_them() {
        let target: Target = "x86_64-pc-windows-msvc".parse().unwrap();
        let name = "CARGO_TARGET_X86_64_PC_WINDOWS_MSVC_RUSTFLAGS";
        let passed = |variables: &[(&str, &str)], file: &str| {
            let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            match pass_to_xwin(&["-Cours".to_owned()], &variables, &target, &[file.parse().unwrap()]).unwrap() {
                Passing::Variable(name, value) => (name, value.into_string().unwrap()),
                other => panic!("{other:?}"),
            }
        };
        let expect = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(passed(&[], ""), expect(name, "-Cours"));
        assert_eq!(passed(&[(name, "-Ct")], "[build]\nrustflags = [\"-Ca\"]"), expect(name, "-Ct -Cours"));
        assert_eq!(passed(&[], "[build]\nrustflags = [\"-Ca\"]"), expect(name, "-Ca -Cours"));
        for kind in ["[\"-Ca\"]", "\"-Ca\""] {
            assert_eq!(passed(&[], &format!("[target.x86_64-pc-windows-msvc]\nrustflags = {kind}")), expect(name, "-Cours"));
        }
        assert_eq!(passed(&[("RUSTFLAGS", "-Ca -Cb")], ""), expect("RUSTFLAGS", "-Ca -Cb -Cours"));
        assert_eq!(passed(&[("CARGO_ENCODED_RUSTFLAGS", "-Ca\u{1f}-Cb"), ("RUSTFLAGS", "no")], ""), expect("RUSTFLAGS", "-Ca -Cb -Cours"));
        let blank = pass_to_xwin(&["--remap-path-prefix=/a b=/c".to_owned()], &BTreeMap::new(), &target, &[]);
        assert_eq!(blank.unwrap_err().class, Class::Usage);
    }

    #[test]
    fn the_flags_in_force_are_those_that_cargo_takes() {
        let target: Target = "x86_64-pc-windows-msvc".parse().unwrap();
        let flags = |variables: &[(&str, &str)], file: &str| {
            let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            in_force(&variables, &target, &[file.parse().unwrap()]).join(" ")
        };
        let build = "[build]\nrustflags = [\"-Cb\"]\n";
        assert_eq!(flags(&[], build), "-Cb");
        assert_eq!(flags(&[], &format!("{build}[target.'cfg(windows)']\nrustflags = \"-Cw\"")), "-Cw");
        assert_eq!(flags(&[], &format!("{build}[target.x86_64-unknown-linux-gnu]\nrustflags = [\"-Cl\"]")), "-Cb");
        assert_eq!(flags(&[("RUSTFLAGS", "-Cv")], build), "-Cv");
    }
}
