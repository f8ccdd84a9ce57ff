//! The steps of a virtual environment as scripts of the root's own shell. Pure: what lies at these paths is put there by the prover.

use plimsoll_model::{Libc, Target};

use std::collections::BTreeSet;

use plimsoll_roots::python::PIP;

use crate::kinds::shell_words::quoted;

/// Names of the steps.
pub(super) const INSTALL: &str = "install";
/// Whether all that is installed has what it needs.
pub(super) const CHECK: &str = "pip-check";
/// Whether modules are found.
pub(super) const IMPORT: &str = "import";
/// A command line, as a shell reads it.
pub(super) const RUN: &str = "run";

/// Where the prover lays wheels out, as the root sees it.
const HERE: &str = "/opt/plimsoll probe";
/// Where it lays packages that others publish out.
const WHEELHOUSE: &str = "/opt/plimsoll given/wheelhouse";
/// The virtual environment.
const VENV: &str = "/tmp/venv";
/// Where pip installs what is for another system than the Python that runs it.
const APART: &str = "/tmp/apart";
/// Where packages of others are installed beside that: pip takes no folder for a target that holds commands already.
const OTHERS: &str = "/tmp/others";

/// What keeps pip to itself: no questions, no cache, no news, nothing from a configuration.
const APART_FROM_ALL: &str = "--isolated --no-input --disable-pip-version-check --no-cache-dir";

/// Where wheels come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum From<'a> {
    /// They lie beside each other.
    Files,
    /// An index that has them all, by the URL of its pages.
    Index(&'a str),
}

/// A wheel that is to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wheel<'a> {
    /// Its file.
    pub(super) file: &'a str,
    /// How users ask for it: `name==version`.
    pub(super) requirement: String,
    /// Its platform tags.
    pub(super) platforms: Vec<String>,
    /// Whether the trial is its own; others are there because it needs them.
    pub(super) is_own: bool,
}

/// Packages that others publish.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfOthers<'a> {
    /// What is installed whether or not a wheel requires it.
    pub(super) asked: &'a [String],
    /// The same with all that wheels require.
    pub(super) required: &'a BTreeSet<String>,
    /// Whether there are files for that.
    pub(super) are_there: bool,
}

/// An environment into which wheels are installed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Environment<'a> {
    /// The machine that the wheels are for; none if any.
    pub(super) target: Option<&'a Target>,
}

impl Environment<'_> {
    /// The root's Python is one of glibc: what is for musl is installed beside it, by the tag.
    fn is_apart(self) -> bool {
        self.target.is_some_and(|target| target.libc() == Some(Libc::Musl))
    }

    /// Makes it and installs wheels. From an index the trial's own wheel is asked for by its name alone, so that pip finds there what that needs.
    pub(super) fn install(self, wheels: &[Wheel<'_>], from: From<'_>, others: &OfOthers<'_>) -> String {
        let has_own = wheels.iter().any(|wheel| wheel.is_own);
        let named = wheels.iter().filter(|wheel| wheel.is_own || !has_own || self.is_apart());
        let (found, named) = match from {
            From::Files => {
                let places = wheels.iter().map(|wheel| format!("{HERE}/{}", wheel.file)).collect::<Vec<_>>();
                (format!("--no-index --find-links {}", quoted(&[HERE.to_owned()])), places)
            }
            From::Index(url) => {
                let names = named.map(|wheel| wheel.requirement.clone()).collect();
                (format!("--index-url {}", quoted(&[url.to_owned()])), names)
            }
        };
        let named = quoted(&named);
        let beside = if others.are_there { format!(" --find-links {}", quoted(&[WHEELHOUSE.to_owned()])) } else { String::new() };
        let asked = |requirements: Vec<String>| if requirements.is_empty() { String::new() } else { format!(" {}", quoted(&requirements)) };
        let make = format!("rm -rf {VENV} {APART} {OTHERS}\n/usr/bin/python3 -m venv --without-pip {VENV}\n");
        if self.is_apart() {
            let tags = wheels.iter().flat_map(|wheel| &wheel.platforms).filter(|tag| *tag != "any");
            let tags = tags.map(|tag| format!("--platform {tag}")).collect::<Vec<_>>().join(" ");
            let install = format!("{VENV}/bin/python {PIP} {APART_FROM_ALL} install --only-binary :all:");
            let own = format!("{install} {found} --no-deps {tags} --target {APART} {named}\n");
            // What others publish is for the Python that runs it.
            let all = asked(others.required.iter().cloned().collect());
            return if all.is_empty() {
                format!("{make}exec {own}")
            } else {
                format!("{make}{own}exec {install} --no-index{beside} --target {OTHERS}{all}\n")
            };
        }
        let asked = asked(others.asked.to_vec());
        format!("{make}exec {VENV}/bin/python {PIP} {APART_FROM_ALL} install {found}{beside} {named}{asked}\n")
    }

    /// Whether all that is installed fits together.
    pub(super) fn check(self) -> String {
        format!("exec {VENV}/bin/python {PIP} {APART_FROM_ALL} check\n")
    }

    /// Whether modules are found, from another folder than theirs.
    pub(super) fn import(self, modules: &[String]) -> String {
        let imports = modules.iter().map(|module| format!("import {module}")).collect::<Vec<_>>().join("\n");
        // Not from the working folder, which a step before may have filled.
        format!("cd /\nexec {VENV}/bin/python -c {}\n", quoted(&[imports]))
    }

    /// A command line.
    pub(super) fn run(self, line: &str) -> String {
        format!("exec {line}\n")
    }

    /// By which programs, commands and modules are found.
    pub(super) fn variables(self) -> Vec<(&'static str, String)> {
        if self.is_apart() {
            vec![("PATH", format!("{APART}/bin:{OTHERS}/bin:{VENV}/bin:/usr/bin:/bin")), ("PYTHONPATH", format!("{APART}:{OTHERS}"))]
        } else {
            vec![("PATH", format!("{VENV}/bin:/usr/bin:/bin"))]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE_OF_OTHERS: OfOthers<'static> = OfOthers { asked: &[], required: &BTreeSet::new(), are_there: false };

    fn wheel(name: &'static str, platform: &str, is_own: bool) -> Wheel<'static> {
        Wheel { file: name, requirement: format!("{}==1", name.split('-').next().unwrap()), platforms: vec![platform.to_owned()], is_own }
    }

    #[test]
    fn what_is_for_musl_is_installed_apart_by_its_tag() {
        let (gnu, musl) = ("x86_64-unknown-linux-gnu".parse().unwrap(), "x86_64-unknown-linux-musl".parse().unwrap());
        let wheels = [wheel("a-1-py3-none-x.whl", "musllinux_1_2_x86_64", true)];
        let required = BTreeSet::from(["pytest>=8".to_owned()]);
        let asked = ["pytest>=8".to_owned()];
        let others = OfOthers { asked: &asked, required: &required, are_there: true };
        let script = |target| Environment { target: Some(target) }.install(&wheels, From::Files, &others);
        assert!(script(&gnu).ends_with("install --no-index --find-links '/opt/plimsoll probe' --find-links '/opt/plimsoll given/wheelhouse' '/opt/plimsoll probe/a-1-py3-none-x.whl' 'pytest>=8'\n"));
        assert!(script(&musl).ends_with("--no-index --find-links '/opt/plimsoll given/wheelhouse' --target /tmp/others 'pytest>=8'\n"));
        assert!(script(&musl).contains("--platform musllinux_1_2_x86_64 --target /tmp/apart '/opt/plimsoll probe/a-1-py3-none-x.whl'"));
        let found = Environment { target: Some(&musl) }.variables();
        assert_eq!(
            found,
            [
                ("PATH", "/tmp/apart/bin:/tmp/others/bin:/tmp/venv/bin:/usr/bin:/bin".to_owned()),
                ("PYTHONPATH", "/tmp/apart:/tmp/others".to_owned())
            ]
        );
    }

    #[test]
    fn an_index_is_asked_for_what_users_ask_for() {
        let wheels = [wheel("front-1-py3-none-any.whl", "any", true), wheel("core-1-py3-none-x.whl", "musllinux_1_2_x86_64", false)];
        let index = From::Index("http://127.0.0.1:1/simple/");
        let script = Environment { target: None }.install(&wheels, index, &NONE_OF_OTHERS);
        assert!(script.ends_with("install --index-url http://127.0.0.1:1/simple/ 'front==1'\n"), "{script}");
        // What lies apart is put there piece by piece.
        let musl = "x86_64-unknown-linux-musl".parse().unwrap();
        let script = Environment { target: Some(&musl) }.install(&wheels, index, &NONE_OF_OTHERS);
        assert!(script.ends_with("--no-deps --platform musllinux_1_2_x86_64 --target /tmp/apart 'front==1' 'core==1'\n"), "{script}");
        // A test's own trial is nobody's own.
        let tests = wheels.map(|wheel| Wheel { is_own: false, ..wheel });
        let script = Environment { target: None }.install(&tests, index, &NONE_OF_OTHERS);
        assert!(script.ends_with(" 'front==1' 'core==1'\n"), "{script}");
    }
}
