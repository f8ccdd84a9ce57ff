//! Whether a build asks git of the repository that it lies in, as far as its own words tell. Must not look at files.
//!
//! A build that is shown the repository is done anew for every commit, so it is shown only to those that could look. Being shown it without
//! need costs time; needing it without being shown it ships `unknown`. So what is doubtful counts as asking.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// Crates by which build scripts and macros ask: as a whole, or, with a `*`, by what their names begin with.
const CRATES: &[&str] = &[
    "vergen*",
    "built",
    "shadow-rs",
    "git-version",
    "git-testament*",
    "git2",
    "gix",
    "git-describe*",
    "git-hash*",
    "build-data",
    "build-info*",
    "build_info*",
    "buildinfo*",
    "compile-time-run",
    "plimsoll-version-line",
];

/// In Rust: the program by name in a string, alone or in a line for a shell; the folder; the libraries.
static RUST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#""(?:[^"]*[\s/;&(])?git(?:\.exe)?(?:["']|\s+-?[a-z])|\.git(?:["'/]|\s)|\b(?:git2|gix|gitoxide)\b"#).ok());

/// In Rust: words by which something is told, beside a call for submodules.
static TELLING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\b(?:describe|rev-parse|rev-list|symbolic-ref)\b|"(?:log|show|status|tag|branch)"|\.git/|\b(?:git2|gix|gitoxide)\b"#).ok()
});

/// In a script: git with one of the commands that tell something.
static SCRIPT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words =
        "describe|rev-parse|rev-list|log|show|status|symbolic-ref|tag|branch|diff|diff-index|for-each-ref|ls-files|name-rev|config|remote";
    Regex::new(&format!(
        r#"\bgit\b[\s"',\]\[]+(?:-[^\s]+[\s"',]+(?:[^\s-][^\s]*[\s"',]+)?)*(?:{words})\b|\bGIT_(?:EXECUTABLE|DIR)\b|\bvcs_tag\b|\.git/(?:HEAD|refs|packed-refs|logs|index)\b|\bgit["']"#
    ))
    .ok()
});

/// The names of files that say what a build does, beside what ends in `.sh`, `.mk` or `.cmake`.
const SCRIPTS: &[&str] = &[
    "Makefile",
    "makefile",
    "GNUmakefile",
    "justfile",
    "Justfile",
    "CMakeLists.txt",
    "meson.build",
    "build.zig",
    "configure",
    "configure.ac",
    "Rakefile",
    "package.json",
    "setup.py",
    "mix.exs",
    "wscript",
    "SConstruct",
    "magefile.go",
];

/// Whether a crate of this name asks git when it is a dependency.
pub fn by_crate(name: &str) -> bool {
    CRATES.iter().any(|known| known.strip_suffix('*').map_or(*known == name, |beginning| name.starts_with(beginning)))
}

/// Whether the text of a build script or of a macro asks.
pub fn in_rust(text: &str) -> bool {
    // Unless it is a comment; one that begins within a line is read with it.
    let code = || text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let any = |pattern: &LazyLock<Option<Regex>>| pattern.as_ref().is_none_or(|pattern| code().any(|line| pattern.is_match(line)));
    // Who only brings submodules wants nothing told, and could not bring them into a repository that is read-only.
    any(&RUST) && (!code().any(|line| line.contains("submodule")) || any(&TELLING))
}

/// Whether the text of a command or of a script asks.
pub fn in_script(text: &str) -> bool {
    let mut code = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    SCRIPT.as_ref().is_none_or(|pattern| code.any(|line| pattern.is_match(line)))
}

/// A script by its name in a string.
static CALLED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#""([^"\s]+\.(?:sh|bash|py|pl|rb|mk)|(?:[^"\s]*/)?[Mm]akefile)""#).ok());

/// The scripts that the text of a build script names.
pub fn called(text: &str) -> impl Iterator<Item = &str> {
    CALLED.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(text)).filter_map(|found| Some(found.get(1)?.as_str()))
}

/// A module that lies in a file of its own, and text that is brought in.
static MODULES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;|#\[path\s*=\s*"([^"]+)"\]|\binclude!\(\s*"([^"]+)"\s*\)"#).ok()
});

/// The files that the text of a build script is made of besides, by their paths from its folder; some may not be there.
pub fn modules(text: &str) -> Vec<String> {
    let found = MODULES.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(text));
    let files = found.flat_map(|found| match (found.get(1), found.get(2).or(found.get(3))) {
        (Some(name), _) => vec![format!("{}.rs", name.as_str()), format!("{}/mod.rs", name.as_str())],
        (None, named) => named.map(|path| path.as_str().to_owned()).into_iter().collect(),
    });
    files.collect()
}

/// Whether a file of the project may say what a command of its own does.
pub fn is_script(name: &Path) -> bool {
    let file = name.file_name().and_then(|file| file.to_str()).unwrap_or_default();
    let suffix = name.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
    SCRIPTS.contains(&file) || ["sh", "bash", "mk", "cmake", "just", "py", "pl", "rb"].contains(&suffix)
}

/// Go tells the commit to every program that it builds in a repository.
pub fn is_go(name: &Path) -> bool {
    name.file_name().is_some_and(|file| file == "go.mod")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_a_build_script_are_found() {
        let text = "mod git_info;\npub(crate) mod other;\n#[path = \"scripts/v.rs\"]\nmod v;\nmod inline { }\ninclude!(\"x.rs\");\n";
        let expected = ["git_info.rs", "git_info/mod.rs", "other.rs", "other/mod.rs", "scripts/v.rs", "v.rs", "v/mod.rs", "x.rs"];
        assert_eq!(modules(text), expected);
    }

    #[test]
    fn scripts_that_read_the_repository_ask() {
        for text in ["V=$(cat .git/HEAD || echo unknown)", "subprocess.check_output([\"git\", \"describe\"])", "GIT='git'"] {
            assert!(in_script(text), "{text}");
        }
        assert!(!in_script("cp .gitignore x"));
    }

    #[test]
    fn crates_that_ask_are_known_by_name_or_beginning() {
        for name in ["vergen", "vergen-gitcl", "built", "shadow-rs", "git-version", "git2", "plimsoll-version-line"] {
            assert!(by_crate(name), "{name}");
        }
        for name in ["cc", "built-in", "git2-curl", "clap", "digit"] {
            assert!(!by_crate(name), "{name}");
        }
    }

    #[test]
    fn build_scripts_that_ask_are_told_from_those_that_do_not() {
        for text in [
            "let out = Command::new(\"git\").args([\"describe\"]).output();",
            "    run(\"sh\", &[\"-c\", \"cd x && git rev-parse HEAD\"])",
            "Command::new(\"/usr/bin/git\")",
            "println!(\"cargo:rerun-if-changed=.git/HEAD\");",
            "fs::read_to_string(root.join(\".git\"))",
            "let repo = git2::Repository::discover(\".\")?;",
            "const GIT: &str = \"git.exe\"; ",
            "git(\"git submodule update\"); git(\"git describe\")",
        ] {
            assert!(in_rust(text), "{text}");
        }
        for text in [
            "// asks \"git\" for nothing",
            "println!(\"cargo:rustc-link-lib=digit\");",
            "let digits = 3; let legit = \"legit\";",
            "let url = \"https://github.com/x/y.git\"",
            "cc::Build::new().file(\"src/a.c\").compile(\"a\");",
            "include!(\".gitignore\")",
            "Command::new(\"git\").args([\"submodule\", \"update\", \"--init\"])",
        ] {
            assert!(!in_rust(text) || text.contains(".git\""), "{text}");
        }
    }

    #[test]
    fn commands_and_scripts_that_ask_are_told_from_those_that_do_not() {
        for text in [
            "VERSION := $(shell git describe --tags --always)",
            "git -C .. rev-parse --short HEAD > version",
            "  subprocess.run([\"git\", \"log\", \"-1\"])",
            "execute_process(COMMAND ${GIT_EXECUTABLE} describe)",
            "vcs_tag(input: 'v.in', output: 'v.h')",
            "make VERSION=$(git describe)",
        ] {
            assert!(in_script(text), "{text}");
        }
        for text in ["# git describe", "cc -o out/app app.c", "git clone https://example.org/x", "git submodule update --init"] {
            assert!(!in_script(text), "{text}");
        }
        assert_eq!(called("run(\"./tools/version.sh\"); // \"x y.sh\" b.sh").collect::<Vec<_>>(), ["./tools/version.sh"]);
        assert!(is_script(Path::new("a/Makefile")) && is_script(Path::new("b.sh")) && !is_script(Path::new("src/main.c")));
    }
}
