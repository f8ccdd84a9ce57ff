//! Known files: the places that are found, and that everything else keeps its bytes.

use proptest::prelude::*;
use semver::Version;

use super::super::dialect::Dialect;
use super::super::place::{Stamp, apply};
use super::*;

fn own() -> Own {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let mut own = Own { python: names(&["ht", "ht-core"]), npm: names(&["ht", "@ht/core"]), ..Own::default() };
    own.add_cargo("ht".to_owned(), "");
    own.add_cargo("ht-core".to_owned(), "core/");
    own
}

/// Files in which `⟨dialect⟩` stands where the version does; whatever else looks like a version must stay.
const SAMPLES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "# version = \"1.2.3\"\n[workspace.dependencies]\nserde = \"1.2.3\"\nht-core = { path = \"core\", version = \"=⟨semver⟩\" } # keep\n\
         other = { path = \"other\", version = \"1.2.3\" }\n\n[workspace.package]\n  version   =   '⟨semver⟩'   # the one\nedition = \"2024\"\n\
         [package]\nname = \"ht\"\nversion.workspace = true\n[package.metadata]\nversion = \"1.2.3\"\n\
         [target.'cfg(unix)'.dev-dependencies.core]\npackage = \"ht-core\"\npath = \"core\"\nversion = \"⟨semver⟩\"\n",
    ),
    (
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"ht\"\nversion = \"⟨semver⟩\"\ndependencies = [\n \"ht-core ⟨semver⟩\",\n \"serde\",\n]\n\n\
         [[package]]\nname = \"ht-core\"\nversion = \"0.1.0\"\nsource = \"registry+https://example.org/index\"\n\n\
         [[package]]\nname = \"ht-core\"\nversion = \"⟨semver⟩\"\n\n[[package]]\nname = \"serde\"\nversion = \"1.2.3\"\n\
         source = \"registry+https://example.org/index\"\n",
    ),
    (
        "mix.exs",
        "defmodule Ht.MixProject do\n  use Mix.Project\n  # @version \"9.9.9\"\n  @moduledoc \"\"\"\n  @version \"1.2.3\"\n  \"\"\"\n\n  \
         @version   \"⟨semver⟩\" # version: \"1.2.3\"\n  @url ~s(https://example.org/#{@version}\")\n\n  def project do\n    [app: :ht, version: @version, \
         deps: deps(), letter: ?\", elixir: \"~> 1.2.3\"]\n  end\n\n  defp deps, do: [{:x, \"1.2.3\"}, {:y, version: \"1.2.3\"}]\nend\n",
    ),
    (
        "apps/ht/mix.exs",
        "defmodule Ht.MixProject do\n  def application, do: [version: \"1.2.3\"]\n  def project do\n    [\n      app: :ht,\n      version: \"⟨semver⟩\",\n      \
         elixir: \"~> 1.14\"\n    ]\n  end\n  defp other, do: [version: \"1.2.3\"]\nend\n",
    ),
    (
        "pyproject.toml",
        "[build-system]\nrequires = [\"maturin>=1.2.3\"]\n[project]\nname = \"ht\"\nversion=\"⟨pep440⟩\"\ndependencies = [\n    \"ht_core[cli] == ⟨pep440⟩ ; \
         python_version > '3'\",  # pinned\n    \"rich==1.2.3\",\n    \"ht-core>=1.2.3\",\n]\n\n[project.optional-dependencies]\nall = [ 'ht-core==⟨pep440⟩' ]\n\
         [dependency-groups]\ndev = [\"ht-core==⟨pep440⟩\", {include-group = \"x\"}]\n[tool.x]\nversion = \"1.2.3\"\n",
    ),
    (
        "old/pyproject.toml",
        "[tool.poetry]\nname = \"ht\"\nversion = \"⟨pep440⟩\"\n[tool.poetry.dependencies]\nht-core = \"⟨pep440⟩\"\nrich = \"1.2.3\"\n",
    ),
    (
        "uv.lock",
        "version = 1\n\n[[package]]\nname = \"ht\"\nversion = \"⟨pep440⟩\"\nsource = { editable = \"ht\" }\ndependencies = [\n    { name = \"ht-core\" },\n]\n\n\
         [package.metadata]\nrequires-dist = [{ name = \"ht-core\", specifier = \"==⟨pep440⟩\" }, { name = \"rich\", specifier = \"==1.2.3\" }]\n\n\
         [[package]]\nname = \"rich\"\nversion = \"1.2.3\"\nsource = { registry = \"https://example.org/simple\" }\n",
    ),
    (
        "package.json",
        "{\n  \"name\": \"ht\",\n  \"private\": true, \"version\" : \"⟨npm⟩\",\n  \"engines\": {\"version\": \"1.2.3\"},\n  \"dependencies\": { \"@ht/core\": \"^⟨npm⟩\", \
         \"x\": \"1.2.3\" },\n\t\"optionalDependencies\": {\"@ht/core\":\"⟨npm⟩\"}\n}",
    ),
    (
        "package-lock.json",
        "{\n  \"name\": \"ht\",\n  \"version\": \"⟨npm⟩\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \"name\": \"ht\", \"version\": \"⟨npm⟩\",\n      \
         \"dependencies\": { \"@ht/core\": \"⟨npm⟩\" }\n    },\n    \"node_modules/@ht/core\": { \"resolved\": \"core\", \"link\": true },\n    \
         \"node_modules/x\": { \"version\": \"1.2.3\" },\n    \"core\": { \"name\": \"@ht/core\", \"version\": \"⟨npm⟩\" }\n  }\n}\n",
    ),
    (
        "ht.spec",
        "# Version: 1.2.3\nName:           ht\nVersion:        ⟨rpm⟩\nRelease:        1%{?dist}\nRequires: x = 1.2.3\n%description\nVersion: 1.2.3\n%changelog\n\
         * Fri Jan 02 2026 A <a@example.org> - 1.2.3-1\n- x\n",
    ),
    ("alpine/APKBUILD", "# pkgver=1.2.3\npkgname=ht\npkgver=⟨apk⟩ # here\npkgrel=0\nsource=\"ht-$pkgver.tar.gz\"\n  pkgver=1.2.3\n"),
    (
        "debian/changelog",
        "ht (2:⟨deb⟩-1) UNRELEASED; urgency=medium\n\n  * x 1.2.3\n\n -- A B <a@example.org>  Fri, 02 Jan 2026 03:04:05 +0000\n\n\
         ht (2:1.2.3-1) unstable; urgency=low\n\n  * y\n\n -- A B <a@example.org>  Thu, 01 Jan 2026 03:04:05 +0000\n",
    ),
    ("VERSION", "\n ⟨semver⟩ \n"),
];

/// The sample with a version in it.
fn filled(sample: &str, version: &Version) -> String {
    let mut text = sample.to_owned();
    for dialect in Dialect::ALL {
        text = text.replace(&format!("⟨{}⟩", dialect.name()), &dialect.say(version).unwrap());
    }
    text
}

fn changed(path: &str, text: &str, to: &Version) -> String {
    let places = Format::of(path).unwrap().places(path, text, &own()).unwrap();
    let edits = places.iter().flat_map(|place| place.edits(to, &Stamp::default()).unwrap()).collect::<Vec<_>>();
    apply(text, &edits).unwrap()
}

fn versions() -> impl Strategy<Value = Version> {
    let pre = prop_oneof![Just(String::new()), ("(alpha|beta|rc)", 0u64..100).prop_map(|(word, number)| format!("{word}.{number}"))];
    ((0u64..200, 0u64..200, 0u64..200), pre).prop_map(|((major, minor, patch), pre)| Version {
        pre: semver::Prerelease::new(&pre).unwrap(),
        ..Version::new(major, minor, patch)
    })
}

/// A form of the same file that people have too.
fn dressed(path: &str, sample: &str, crlf: bool, mark: bool) -> String {
    let sample = if crlf { sample.replace('\n', "\r\n") } else { sample.to_owned() };
    // A byte order mark before `ht (` or `#` would be a part of the line.
    let marked = mark && !path.ends_with("changelog");
    if marked { format!("\u{feff}{sample}") } else { sample }
}

proptest! {
    #[test]
    fn a_new_version_changes_its_places_and_no_other_byte(from in versions(), to in versions(), crlf: bool, mark: bool) {
        for (path, sample) in SAMPLES {
            let sample = dressed(path, sample, crlf, mark);
            let old = filled(&sample, &from);
            let new = changed(path, &old, &to);
            prop_assert_eq!(&new, &filled(&sample, &to), "{}", path);
            prop_assert_eq!(changed(path, &new, &from), old, "{}", path);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(noise in "[ -~\n⟨ü]{0,60}", at in 0usize..400, cut in 0usize..400) {
        for (path, sample) in SAMPLES {
            let mut text = filled(sample, &Version::new(1, 2, 3));
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let end = (at..=(at + cut).min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            text.replace_range(at..end, &noise);
            let format = Format::of(path).unwrap();
            let _ = format.names(&text);
            for place in format.places(path, &text, &own()).unwrap_or_default() {
                let edits = place.edits(&Version::new(7, 8, 9), &stamp());
                if let Ok(edits) = edits {
                    prop_assert!(apply(&text, &edits).is_some(), "{} in {}", place.what, path);
                }
            }
        }
    }
}

#[test]
fn places_have_names_that_people_know() {
    let mut lines = Vec::new();
    for (path, sample) in SAMPLES {
        let text = filled(sample, &"1.2.0-rc.1".parse().unwrap());
        for place in Format::of(path).unwrap().places(path, &text, &own()).unwrap() {
            lines.push(format!("{path}: {} = {}{}", place.what, place.text, if place.is_pin { " (pin)" } else { "" }));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

fn refused(path: &str, text: &str) -> String {
    Format::of(path).unwrap().places(path, text, &own()).unwrap_err()
}

#[test]
fn what_cannot_be_changed_is_refused_with_the_reason() {
    let lines = [
        refused("Cargo.toml", "[package\n"),
        refused("Cargo.toml", "[package]\nversion = \"1.2\\u002E3\"\n"),
        refused("mix.exs", "defmodule A do\n  @version \"1.#{x}\"\nend\n"),
        refused("mix.exs", "defmodule A do\n  def project, do: [version: \"1.2\" <> \".3\"]\nend\n"),
        refused("mix.exs", "defmodule A do\n  def project, do: [version: String.trim(File.read!(\"VERSION\"))]\nend\n"),
        refused("package.json", "{"),
        refused("package.json", "{\"version\": \"1.2\\u002e3\"}"),
        refused("ht.spec", "Version: %{upstream}\n"),
        refused("debian/changelog", "nonsense\n"),
    ];
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_requirement_that_is_no_whole_version_must_admit_it() {
    let text = "[dependencies]\nht-core = { path = \"core\", version = \"1.2\" }\n";
    let places = Format::CargoManifest.places("Cargo.toml", text, &own()).unwrap();
    let place = &places[0];
    assert!(place.agrees(&Version::new(1, 9, 0)) && !place.agrees(&Version::new(2, 0, 0)));
    assert_eq!(place.edits(&Version::new(1, 9, 0), &stamp()), Ok(Vec::new()));
    assert!(place.edits(&Version::new(2, 0, 0), &stamp()).unwrap_err().contains("write it whole"));
}

fn stamp() -> Stamp {
    Stamp { now: 1_767_323_045, signer: Some("C D <c@example.org>".to_owned()) }
}

/// The text with a new version in it, signed; or why not.
fn tried(path: &str, text: &str, to: &str) -> Result<String, String> {
    let (places, to) = (Format::of(path).unwrap().places(path, text, &own())?, to.parse().unwrap());
    let edits = places.iter().map(|place| place.edits(&to, &stamp())).collect::<Result<Vec<_>, _>>()?.concat();
    Ok(apply(text, &edits).unwrap())
}

#[test]
fn packaging_starts_again_with_a_new_version() {
    let to = Version::new(1, 2, 4);
    let spec = |release: &str| changed("x.spec", &format!("Version: 1.2.3\nRelease: {release}\n"), &to).split_off("Version: 1.2.4\n".len());
    for (old, new) in [
        ("7%{?dist}", "1%{?dist}"),
        ("0.2.rc1%{?dist}", "1%{?dist}"),
        ("0.3.20260101git1a2b3c4%{?dist}", "1%{?dist}"),
        ("2.1%{?dist}", "1%{?dist}"),
        ("3", "1"),
        ("4.el9", "1.el9"),
        ("2%{?dist}%{?extra}", "1%{?dist}%{?extra}"),
        ("%autorelease", "%autorelease"),
        ("%{autorelease -e x}", "%{autorelease -e x}"),
    ] {
        assert_eq!(spec(old), format!("Release: {new}\n"), "{old}");
    }
    for strange in ["%{rel}%{?dist}", "0.%{pre}%{?dist}", "1.git1a2b3c4%{?dist}", "1%{?pre:.%{pre}}%{?dist}", "%{?dist}"] {
        let error = tried("x.spec", &format!("Version: 1.2.3\nRelease: {strange}\n"), "1.2.4").unwrap_err();
        assert!(error.contains(strange), "{error}");
        // As long as nothing changes, it may say what it likes.
        assert!(tried("x.spec", &format!("Version: 1.2.3\nRelease: {strange}\n"), "1.2.3").is_ok());
    }
    assert_eq!(changed("APKBUILD", "pkgver=\"1.2.3\"\npkgrel=4\n", &to), "pkgver=\"1.2.4\"\npkgrel=0\n");
    assert_eq!(changed("APKBUILD", "pkgver=1.2.4\npkgrel=4\n", &to), "pkgver=1.2.4\npkgrel=4\n");
}

#[test]
fn a_spec_s_changelog_gets_an_entry_in_the_style_of_the_newest() {
    let spec = |version: &str, log: &str| format!("Version: {version}\nRelease: 2%{{?dist}}\n%description\nx\n%changelog{log}");
    let entry = |log: &str| {
        let new = tried("x.spec", &spec("1.2.3", log), "1.3.0-rc.1").unwrap();
        let new = new.split_once("%changelog").unwrap().1.to_owned();
        new.strip_suffix(log.trim_start_matches(['\r', '\n'])).unwrap_or(&new).to_owned()
    };
    let day = "* Fri Jan 02 2026 C D <c@example.org>";
    assert_eq!(
        entry("\n* Thu Jan 01 2026 A <a@example.org> - 1.2.3-2\n- x\n"),
        format!("\n{day} - 1.3.0~rc1-1\n- Update to 1.3.0~rc1\n\n")
    );
    assert_eq!(
        entry("\n* Thu Jan 01 2026 A <a@example.org> 2:1.2.3-2\n- x\n"),
        format!("\n{day} 2:1.3.0~rc1-1\n- Update to 1.3.0~rc1\n\n")
    );
    assert_eq!(entry("\n* Thu Jan 01 2026 A <a@example.org> - 1.2.3\n- x\n"), format!("\n{day} - 1.3.0~rc1\n- Update to 1.3.0~rc1\n\n"));
    assert_eq!(entry("\n* Thu Jan 01 2026 A <a@example.org>\n- x\n"), format!("\n{day}\n- Update to 1.3.0~rc1\n\n"));
    assert_eq!(entry("\n"), format!("\n{day} - 1.3.0~rc1-1\n- Update to 1.3.0~rc1\n"));
    assert_eq!(entry(""), format!("\n{day} - 1.3.0~rc1-1\n- Update to 1.3.0~rc1\n"));
    // rpmbuild wants days in their order.
    let later = "\n* Sat Mar 07 2026 A <a@example.org> - 1.2.3-2\n- x\n";
    assert!(entry(later).starts_with("\n* Sat Mar 07 2026 C D <c@example.org> - 1.3.0~rc1-1\n"));
    // Of a macro, or written by a person already.
    for log in ["\n%autochangelog\n", "\n%{?autochangelog}\n", "\n* Fri Jan 02 2026 A <a@example.org> - 1.3.0~rc1-1\n- x\n"] {
        let kept = tried("x.spec", &spec("1.2.3", log), "1.3.0-rc.1").unwrap();
        assert_eq!(kept, spec("1.3.0~rc1", log).replace("Release: 2", "Release: 1"));
    }
    let none = "Version: 1.2.3\nRelease: 2%{?dist}\n";
    assert_eq!(tried("x.spec", none, "1.2.4").unwrap(), "Version: 1.2.4\nRelease: 1%{?dist}\n");
    let same = spec("1.2.3", "\n* Thu Jan 01 2026 A <a@example.org> - 1.2.2-2\n- x\n");
    assert_eq!(tried("x.spec", &same, "1.2.3").unwrap(), same);
}

#[test]
fn a_debian_entry_that_was_released_is_history() {
    let old =
        "ht (2:1.2.3-4) unstable; urgency=high, binary-only=yes\n\n  * y\n\n -- A B <a@example.org>  Thu, 01 Jan 2026 03:04:05 +0000\n";
    let text = tried("debian/changelog", old, "1.3.0-rc.1").unwrap();
    let entry = "ht (2:1.3.0~rc1-1) unstable; urgency=medium\n\n  * New upstream release.\n\n -- C D <c@example.org>  Fri, 02 Jan 2026 03:04:05 +0000\n\n";
    assert_eq!(text, format!("{entry}{old}"));
    let native = "ht (1.2.3) UNRELEASED; urgency=low\n\n  * y\n\n -- A B <a@example.org>  Thu, 01 Jan 2026 03:04:05 +0000\n";
    assert_eq!(changed("debian/changelog", native, &Version::new(1, 2, 4)), native.replace("1.2.3", "1.2.4"));
    let head = |old: &str| tried("debian/changelog", &format!("ht ({old}; urgency=low\n\n  * y\n\n -- A B <a@example.org>  x\n"), "1.2.4");
    for (old, new) in [
        ("1.2.3-1.1) unstable", "ht (1.2.4-1) unstable; urgency=medium"),
        ("1.2.3-3.2) UNRELEASED", "ht (1.2.4-1) UNRELEASED; urgency=low"),
        ("1.2.3-0ubuntu3) noble", "ht (1.2.4-0ubuntu1) noble; urgency=medium"),
        ("1.2.3-2ubuntu1.1) noble", "ht (1.2.4-0ubuntu1) noble; urgency=medium"),
        ("1.2.3) unstable", "ht (1.2.4) unstable; urgency=medium"),
        ("1.2.3-1) bookworm-security", "ht (1.2.4-1) UNRELEASED; urgency=medium"),
        ("1.2.3-1) unstable experimental", "ht (1.2.4-1) UNRELEASED; urgency=medium"),
    ] {
        assert_eq!(head(old).unwrap().lines().next(), Some(new), "{old}");
    }
    for strange in ["1~bpo12+1", "1+deb12u2", "1build1", "a1"] {
        assert!(head(&format!("1.2.3-{strange}) unstable")).unwrap_err().contains(strange));
    }
}

#[test]
fn patterns_have_one_group_and_match_as_often_as_they_do() {
    let nix = "{ major = \"1\"; minor = \"2\"; patch = \"3\"; }";
    let parts = Pattern::parts(&["major = \"(\\d+)\"", "minor = \"(\\d+)\"", "patch = \"(\\d+)\""]).unwrap();
    let places = parts.places(nix, Dialect::Semver).unwrap();
    assert_eq!((places.len(), places[0].text.as_str()), (1, "1.2.3"));
    assert_eq!(
        apply(nix, &places[0].edits(&Version::new(1, 10, 0), &stamp()).unwrap()).unwrap(),
        "{ major = \"1\"; minor = \"10\"; patch = \"0\"; }"
    );
    assert!(parts.places("major = \"1\"", Dialect::Semver).unwrap_err().contains("matches 0 times"));
    let whole = Pattern::whole("^ht==(.*)$").unwrap();
    assert_eq!(
        whole.places("ht==1.2.3\r\nht==1.2.3\n", Dialect::Pep440).unwrap().iter().map(|place| place.text.as_str()).collect::<Vec<_>>(),
        ["1.2.3"; 2]
    );
    let errors = ["(", "a", "(a)(b)"].map(|text| Pattern::whole(text).unwrap_err().to_string());
    let count = Pattern::parts(&["(a)", "(b)"]).unwrap_err().to_string();
    insta::assert_snapshot!([errors.join("\n"), count].join("\n"));
}

#[test]
fn files_are_known_by_their_names() {
    let known = |path: &str| Format::of(path);
    assert_eq!(known("a/b/Cargo.toml"), Some(Format::CargoManifest));
    assert_eq!((known("debian/changelog"), known("changelog"), known("xdebian/changelog")), (Some(Format::DebianChangelog), None, None));
    assert_eq!((known("a.spec"), known(".spec"), known("README.md")), (Some(Format::Spec), None, None));
}

#[test]
fn a_lock_file_is_kept_in_cargo_s_order() {
    let entry = |version: &str, more: &str| format!("[[package]]\nname = \"ht\"\nversion = \"{version}\"\n{more}");
    let source = "source = \"registry+https://example.org\"\n";
    // Packages by version, and what they depend on by words.
    let app = |one: &str, other: &str| {
        format!("[[package]]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [\n \"ht {one}\",\n \"ht {other}\",\n]\n")
    };
    let before = format!("version = 4\n\n{}\n{}\n{}", app("0.10.0", "0.9.0"), entry("0.10.0", ""), entry("0.9.0", source));
    let after = format!("version = 4\n\n{}\n{}\n{}", app("0.10.0", "0.9.0"), entry("0.9.0", source), entry("0.10.0", ""));
    assert_eq!(cargo_lock_in_order(&before).as_deref(), Ok(after.as_str()));
    assert_eq!(
        cargo_lock_in_order(&before.replace("\"ht 0.10.0\",\n \"ht 0.9.0\"", "\"ht 0.9.0\",\n \"ht 0.10.0\"")).as_deref(),
        Ok(after.as_str())
    );
    assert_eq!(cargo_lock_in_order(&after).as_deref(), Ok(after.as_str()));
    assert_eq!(cargo_lock_in_order(&after.replace('\n', "\r\n")), Ok(after.replace('\n', "\r\n")));
    assert!(cargo_lock_alike(&after).unwrap().is_empty());
    assert_eq!(cargo_lock_alike(&after.replace("0.10.0", "0.9.0")).unwrap().len(), 1);
}
