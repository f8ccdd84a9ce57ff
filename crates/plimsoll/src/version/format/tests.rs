//! Known files: the places that are found, and that everything else keeps its bytes.

use proptest::prelude::*;
use semver::Version;

use super::super::dialect::Dialect;
use super::super::place::apply;
use super::*;

fn own() -> Own {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Own { cargo: names(&["ht", "ht-core"]), python: names(&["ht", "ht-core"]), npm: names(&["ht", "@ht/core"]) }
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
    let edits =
        Format::of(path).unwrap().places(text, &own()).unwrap().iter().flat_map(|place| place.edits(to, 0).unwrap()).collect::<Vec<_>>();
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
            for place in format.places(&text, &own()).unwrap_or_default() {
                let edits = place.edits(&Version::new(7, 8, 9), 0);
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
        for place in Format::of(path).unwrap().places(&text, &own()).unwrap() {
            lines.push(format!("{path}: {} = {}{}", place.what, place.text, if place.is_pin { " (pin)" } else { "" }));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

fn refused(path: &str, text: &str) -> String {
    Format::of(path).unwrap().places(text, &own()).unwrap_err()
}

#[test]
fn what_cannot_be_changed_is_refused_with_the_reason() {
    let lines = [
        refused("Cargo.toml", "[package\n"),
        refused("Cargo.toml", "[package]\nversion = \"1.2\\u002E3\"\n"),
        refused("mix.exs", "@version \"1.#{x}\"\n"),
        refused("mix.exs", "@version \"1.2\" <> \".3\"\n"),
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
    let places = Format::CargoManifest.places(text, &own()).unwrap();
    let place = &places[0];
    assert!(place.agrees(&Version::new(1, 9, 0)) && !place.agrees(&Version::new(2, 0, 0)));
    assert_eq!(place.edits(&Version::new(1, 9, 0), 0), Ok(Vec::new()));
    assert!(place.edits(&Version::new(2, 0, 0), 0).unwrap_err().contains("write it whole"));
}

#[test]
fn packaging_starts_again_with_a_new_version() {
    let to = Version::new(1, 2, 4);
    assert_eq!(changed("x.spec", "Version: 1.2.3\nRelease: 7%{?dist}\n", &to), "Version: 1.2.4\nRelease: 1%{?dist}\n");
    assert_eq!(changed("x.spec", "Version: 1.2.3\nRelease: %autorelease\n", &to), "Version: 1.2.4\nRelease: %autorelease\n");
    assert_eq!(changed("APKBUILD", "pkgver=\"1.2.3\"\npkgrel=4\n", &to), "pkgver=\"1.2.4\"\npkgrel=0\n");
    assert_eq!(changed("APKBUILD", "pkgver=1.2.4\npkgrel=4\n", &to), "pkgver=1.2.4\npkgrel=4\n");
}

#[test]
fn a_debian_entry_that_was_released_is_history() {
    let old = "ht (2:1.2.3-4) unstable; urgency=low\n\n  * y\n\n -- A B <a@example.org>  Thu, 01 Jan 2026 03:04:05 +0000\n";
    let text = changed_at("debian/changelog", old, &"1.3.0-rc.1".parse().unwrap(), 1_767_323_045);
    let entry = "ht (2:1.3.0~rc1-1) unstable; urgency=low\n\n  * New upstream release.\n\n -- A B <a@example.org>  Fri, 02 Jan 2026 03:04:05 +0000\n\n";
    assert_eq!(text, format!("{entry}{old}"));
    let native = "ht (1.2.3) UNRELEASED; urgency=low\n\n  * y\n\n -- A B <a@example.org>  Thu, 01 Jan 2026 03:04:05 +0000\n";
    assert_eq!(changed("debian/changelog", native, &Version::new(1, 2, 4)), native.replace("1.2.3", "1.2.4"));
}

fn changed_at(path: &str, text: &str, to: &Version, now: u64) -> String {
    let places = Format::of(path).unwrap().places(text, &own()).unwrap();
    let edits = places.iter().flat_map(|place| place.edits(to, now).unwrap()).collect::<Vec<_>>();
    apply(text, &edits).unwrap()
}

#[test]
fn patterns_have_one_group_and_match_as_often_as_they_do() {
    let nix = "{ major = \"1\"; minor = \"2\"; patch = \"3\"; }";
    let parts = Pattern::parts(&["major = \"(\\d+)\"", "minor = \"(\\d+)\"", "patch = \"(\\d+)\""]).unwrap();
    let places = parts.places(nix, Dialect::Semver).unwrap();
    assert_eq!((places.len(), places[0].text.as_str()), (1, "1.2.3"));
    assert_eq!(
        apply(nix, &places[0].edits(&Version::new(1, 10, 0), 0).unwrap()).unwrap(),
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
fn a_new_version_that_moves_a_package_in_cargo_s_order_is_seen() {
    let lock = |own: &str| {
        format!(
            "[[package]]\nname = \"ht\"\nversion = \"0.9.0\"\nsource = \"registry+https://example.org\"\n\n[[package]]\nname = \"ht\"\nversion = \"{own}\"\n"
        )
    };
    assert_eq!(cargo_lock_is_sorted(&lock("0.10.0")), Ok(true));
    assert_eq!(cargo_lock_is_sorted(&lock("0.9.0-rc.1")), Ok(false));
    assert_eq!(changed("Cargo.lock", &lock("0.10.0"), &Version::new(0, 11, 0)), lock("0.11.0"));
}
