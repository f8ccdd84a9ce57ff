//! Every dialect: what it says, what it refuses, that it hears what it said, and that it sorts as SemVer does, by our comparison and by the
//! ecosystem's own program where there is one.

#![allow(clippy::disallowed_methods, reason = "the ecosystems' own programs are asked")]

use std::cmp::Ordering;
use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::*;

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

#[test]
fn each_dialect_has_its_own_words() {
    let said = |text: &str| Dialect::ALL.map(|dialect| dialect.say(&version(text)).unwrap());
    assert_eq!(said("1.2.0-rc.1"), ["1.2.0-rc.1", "1.2.0-rc.1", "1.2.0rc1", "1.2.0~rc1", "1.2.0~rc1", "1.2.0_rc1"]);
    assert_eq!(said("1.2.0-beta.0"), ["1.2.0-beta.0", "1.2.0-beta.0", "1.2.0b0", "1.2.0~beta0", "1.2.0~beta0", "1.2.0_beta0"]);
    assert_eq!(said("10.0.3"), ["10.0.3"; 6]);
}

#[test]
fn what_cannot_be_said_is_refused_with_the_reason() {
    let mut lines = Vec::new();
    for text in [
        "1.0.0-dev.1",
        "1.0.0-rc1",
        "1.0.0-rc",
        "1.0.0-1",
        "1.0.0-rc.1.2",
        "1.0.0-RC.1",
        "1.0.0+abc",
        "1.0.0-pre.1",
        "9007199254740992.0.0",
    ] {
        for dialect in Dialect::ALL {
            match dialect.say(&version(text)) {
                Ok(said) => lines.push(format!("{:<7} {text}: {said}", dialect.name())),
                Err(error) => lines.push(format!("{:<7} {text}: refused: {}", dialect.name(), error.reason)),
            }
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn text_that_is_no_version_is_not_heard() {
    for dialect in Dialect::ALL {
        for text in [
            "", "  ", "1", "1.2.x", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3 ", " 1.2.3", "@version", "1.2.-3", "+1.2.3", "1.2.3~", "1.2.3_p1",
        ] {
            let lenient = dialect == Dialect::Pep440 && text == "1";
            assert_eq!(dialect.hear(text).is_ok(), lenient, "{dialect}: {text:?}");
        }
    }
    assert_eq!(Dialect::Semver.hear(" "), Err(Unheard::Empty));
}

#[test]
fn pep_440_has_several_spellings() {
    for text in ["1.2.0rc1", "1.2rc1", "1.2.0-rc.1", "1.2.0.RC1", "v1.2.0_c1", "1.2.0pre1", "1.2.0-preview-1"] {
        assert_eq!(Dialect::Pep440.hear(text), Ok(version("1.2.0-rc.1")), "{text}");
    }
    assert!(Dialect::Pep440.hear("1.2.0.dev1").is_err() && Dialect::Pep440.hear("1.2.0.post1").is_err());
}

/// Versions that are close to each other, so that every part decides now and then.
fn versions() -> impl Strategy<Value = Version> {
    let number = || prop_oneof![4 => 0u64..12, 1 => Just(99), 1 => any::<u32>().prop_map(u64::from)];
    let pre = prop_oneof![3 => Just(String::new()), 5 => ("(alpha|beta|rc|pre|dev|a|b)", number()).prop_map(|(word, number)| format!("{word}.{number}")), 1 => "[a-z]{1,3}"];
    ((0u64..3, number(), number()), pre).prop_map(|((major, minor, patch), pre)| {
        let pre = semver::Prerelease::new(&pre).unwrap();
        Version { major, minor, patch, pre, build: semver::BuildMetadata::EMPTY }
    })
}

fn compare(dialect: Dialect, left: &str, right: &str) -> Ordering {
    fn by<T: FromStr<Err: std::fmt::Debug> + Ord>(left: &str, right: &str) -> Ordering {
        left.parse::<T>().unwrap().cmp(&right.parse::<T>().unwrap())
    }
    match dialect {
        Dialect::Semver => by::<Version>(left, right),
        Dialect::Npm => by::<NpmVersion>(left, right),
        Dialect::Pep440 => by::<Pep440Version>(left, right),
        Dialect::Deb => by::<DebianVersion>(left, right),
        Dialect::Rpm => by::<RpmVersion>(left, right),
        Dialect::Apk => by::<ApkVersion>(left, right),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn sorting_agrees_with_semver_and_what_was_said_is_heard(left in versions(), right in versions()) {
        for dialect in Dialect::ALL {
            if let (Ok(said), Ok(other)) = (dialect.say(&left), dialect.say(&right)) {
                prop_assert_eq!(dialect.hear(&said).unwrap(), left.clone());
                prop_assert_eq!(compare(dialect, &said, &other), left.cmp(&right), "{} {} {}", dialect, said, other);
            }
        }
    }

    #[test]
    fn any_text_is_heard_or_refused(text in "[0-9a-z.~_+ -]{0,20}") {
        for dialect in Dialect::ALL {
            let _ = dialect.hear(&text);
        }
    }
}

/// Pairs of versions that `dialect` can say, the same ones on every run.
fn pairs(dialect: Dialect) -> Vec<(String, String, Ordering)> {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut draw = || loop {
        let drawn = versions().new_tree(&mut runner).unwrap().current();
        if let Ok(said) = dialect.say(&drawn) {
            return (drawn, said);
        }
    };
    let drawn = (0..200).map(|_| (draw(), draw()));
    drawn.map(|((left, said), (right, other))| (said, other, left.cmp(&right))).collect()
}

/// Whether `program` is here; if it is not, the test was told as not run.
fn present(program: &str, arguments: &[&str]) -> bool {
    let here = Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success());
    if !here {
        test_needs::not_run(None, &format!("{program} {} does not answer", arguments.join(" ")));
    }
    here
}

#[test]
fn dpkg_sorts_the_same() {
    if !present("dpkg", &["--version"]) {
        return;
    }
    for (left, right, order) in pairs(Dialect::Deb) {
        let word = match order {
            Ordering::Less => "lt",
            Ordering::Equal => "eq",
            Ordering::Greater => "gt",
        };
        assert!(
            Command::new("dpkg").args(["--compare-versions", &left, word, &right]).status().unwrap().success(),
            "{left} {word} {right}"
        );
    }
}

/// Compares the -1, 0 or 1 that a program answers for each pair.
fn compared(pairs: &[(String, String, Ordering)], answers: &str) {
    let answers = answers.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>();
    assert_eq!(answers.len(), pairs.len());
    for ((left, right, order), answer) in pairs.iter().zip(answers) {
        assert_eq!(answer, (*order as i8).to_string(), "{left} {right}");
    }
}

#[test]
fn python_s_packaging_sorts_and_spells_the_same() {
    // pip brings a copy of the package.
    let import = "try:\n from packaging.version import Version\nexcept ImportError:\n from pip._vendor.packaging.version import Version\n";
    if !present("python3", &["-c", import]) {
        return;
    }
    let script = "import sys\nfor line in sys.stdin:\n  a, b = line.split()\n  assert str(Version(a)) == a, a\n  a, b = Version(a), Version(b)\n  print((a > b) - (a < b))\n";
    let pairs = pairs(Dialect::Pep440);
    let mut command = Command::new("python3");
    command.arg("-c").arg(format!("{import}{script}"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = pairs.iter().map(|(left, right, _)| format!("{left} {right}\n")).collect::<String>();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    compared(&pairs, &String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap());
}

#[test]
fn rpm_sorts_the_same() {
    if !present("rpm", &["--version"]) {
        return;
    }
    let pairs = pairs(Dialect::Rpm);
    let calls = pairs.iter().map(|(left, right, _)| format!("print(rpm.vercmp('{left}', '{right}') .. '\\n')\n")).collect::<String>();
    let output = Command::new("rpm").args(["--eval", &format!("%{{lua: {calls}}}")]).output().unwrap();
    compared(&pairs, &String::from_utf8(output.stdout).unwrap());
}
