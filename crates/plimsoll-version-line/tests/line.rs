//! Lines from real repositories, source packages without git, and published crates.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start git, and fail")]

use std::fs;
use std::path::Path;
use std::process::Command;

use plimsoll_version_line::{RECORDED, VersionLine};

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_COMMITTER_DATE", "2026-01-02T23:30:00-0300")
        .env("GIT_AUTHOR_DATE", "2001-01-01T00:00:00Z")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn package(folder: &Path) {
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), "[package]\nname = \"x\"\nversion = \"1.2.3\"\n").unwrap();
    fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
}

fn line(folder: &Path, epoch: Option<&str>) -> String {
    VersionLine::read(folder, "1.2.3", epoch).unwrap().text
}

#[test]
fn git_gives_commit_and_day_and_tells_what_is_dirty() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("crates/x");
    package(&folder);
    git(place.path(), &["init", "-q"]);
    assert_eq!(line(&folder, None), "1.2.3", "nothing is committed yet");
    git(place.path(), &["add", "-A"]);
    git(place.path(), &["commit", "-q", "-m", "x"]);
    let short = git(place.path(), &["rev-parse", "HEAD"])[..7].to_owned();
    // The committer's day in UTC, whatever SOURCE_DATE_EPOCH says.
    let clean = format!("1.2.3 ({short} 2026-01-03)");
    assert_eq!(line(&folder, Some("0")), clean);
    let watched = VersionLine::read(&folder, "1.2.3", None).unwrap().watched;
    for name in ["HEAD", "index", "src/main.rs", "Cargo.toml"] {
        assert!(watched.iter().any(|path| path.ends_with(name) && path.exists()), "{name} is not watched: {watched:?}");
    }
    // The recorded line of another build changes nothing.
    fs::write(folder.join(RECORDED), "9.9.9\n").unwrap();
    assert_eq!(line(&folder, None), clean);
    // A file outside of the package counts: it is the commit that is told.
    fs::write(place.path().join("other"), "x").unwrap();
    assert_eq!(line(&folder, None), format!("1.2.3 ({short} 2026-01-03, dirty)"));
    fs::remove_file(place.path().join("other")).unwrap();
    fs::write(folder.join("src/main.rs"), "fn main() { }\n").unwrap();
    assert_eq!(line(&folder, None), format!("1.2.3 ({short} 2026-01-03, dirty)"));
}

#[test]
fn a_crate_in_somebody_else_s_repository_is_not_of_its_commit() {
    let place = tempfile::tempdir().unwrap();
    git(place.path(), &["init", "-q"]);
    git(place.path(), &["commit", "-q", "--allow-empty", "-m", "x"]);
    let folder = place.path().join("unpacked");
    package(&folder);
    assert_eq!(line(&folder, None), "1.2.3");
}

#[test]
fn without_git_the_recorded_line_is_told_and_must_be_of_this_version() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("crates/x");
    package(&folder);
    assert_eq!((line(&folder, None).as_str(), line(&folder, Some("1767323045")).as_str()), ("1.2.3", "1.2.3 (2026-01-02)"));
    assert!(VersionLine::read(&folder, "1.2.3", Some("soon")).unwrap_err().to_string().contains("`soon`"));
    fs::write(place.path().join("Cargo.lock"), "").unwrap();
    fs::write(place.path().join(RECORDED), "1.2.3 (abcdef1 2026-01-02)\n").unwrap();
    assert_eq!(line(&folder, Some("0")), "1.2.3 (abcdef1 2026-01-02)");
    for other in ["1.2.30 (abcdef1 2026-01-02)", "1.2.2", "", "1.2.3 (a)\n1.2.3 (b)"] {
        fs::write(place.path().join(RECORDED), other).unwrap();
        let error = VersionLine::read(&folder, "1.2.3", None).unwrap_err().to_string();
        assert!(error.contains("version line --write"), "{error}");
    }
    // Above the folder with the lock file nothing is looked for.
    fs::rename(place.path().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    assert_eq!(line(&folder, None), "1.2.3");
}

#[test]
fn a_published_crate_knows_its_commit_from_cargo() {
    let place = tempfile::tempdir().unwrap();
    package(place.path());
    let info =
        |dirty: &str| format!("{{\n  \"git\": {{\n    \"sha1\": \"{}\"{dirty}\n  }},\n  \"path_in_vcs\": \"\"\n}}", "abcdef12".repeat(5));
    fs::write(place.path().join(".cargo_vcs_info.json"), info("")).unwrap();
    assert_eq!(line(place.path(), None), "1.2.3 (abcdef1)");
    fs::write(place.path().join(".cargo_vcs_info.json"), info(",\n    \"dirty\": true")).unwrap();
    assert_eq!(line(place.path(), None), "1.2.3 (abcdef1, dirty)");
    fs::write(place.path().join(".cargo_vcs_info.json"), "{}").unwrap();
    assert_eq!(line(place.path(), None), "1.2.3");
}
