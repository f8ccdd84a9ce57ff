//! Packages in the shapes that real ones have, each read by `init` and planned without an edit.

use std::fmt::Write as _;

use plimsoll_elixir::Teller;
use plimsoll_model::Target;
use test_needs::Need;

use super::*;
use crate::doctor::TargetReport;
use crate::project::Loaded;
use crate::sources::test_project::TestProject;
use plimsoll_exec::availability::Availability;
use plimsoll_store::Store;

/// A package: what differs from the plainest.
#[derive(Default)]
struct Shape {
    /// Files besides, by their paths in the package.
    files: &'static [(&'static str, &'static str)],
    /// What stands in mix.exs between `use Mix.Project` and the functions, and in the list of `project`.
    mix: (&'static str, &'static str),
    /// Lines of the module before `use`.
    before: &'static str,
    /// Options; none of `otp_app`.
    options: &'static str,
}

const CRATE: &str = "[package]\nname = \"beads\"\nversion = \"0.9.0\"\nedition = \"2021\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"beads\"\nversion = \"0.9.0\"\n";
const PACKAGE: &str = "package: [files: ~w(lib native/beads/src native/beads/Cargo.toml native/beads/Cargo.lock checksum-*.exs mix.exs), \
                       links: %{\"GitHub\" => \"https://github.com/o/beads\"}], deps: []";
const TARGETS: &str = "targets: ~w(x86_64-unknown-linux-gnu x86_64-pc-windows-msvc)";

fn write(place: &TestProject, folder: &str, shape: &Shape) {
    let put = |path: &str, text: &str| place.write(&format!("{folder}/{path}"), text);
    put("native/beads/Cargo.toml", CRATE);
    put("native/beads/Cargo.lock", LOCK);
    put("native/beads/src/lib.rs", "");
    put("native/beads/.gitignore", "target\n");
    put("native/beads/fuzz/x.txt", "");
    let (head, list) = shape.mix;
    let (head, list) = (if head.is_empty() { "@version \"1.4.2\"" } else { head }, if list.is_empty() { PACKAGE } else { list });
    let project = format!("def project, do: [app: :beads, version: @version, {list}]");
    put("mix.exs", &format!("defmodule Beads.MixProject do\n  use Mix.Project\n  {head}\n  {project}\nend\n"));
    let (before, options) = (shape.before, shape.options);
    put("lib/beads/native.ex", &format!("defmodule Beads.Native do\n{before}\n  use RustlerPrecompiled, {options}\nend\n"));
    shape.files.iter().for_each(|(path, text)| put(path, text));
}

/// What `init` would write, with every target of Linux's ready; and the project as it is opened with that.
fn drafted(place: &TestProject, folder: &str) -> (String, Result<Loaded, String>) {
    let store = Store::open(place.store.path()).unwrap();
    let inquiry = Inquiry { store: &store, launcher: &place.launcher, evaluates: true, may_contradict: true };
    let (root, found) = package_of(place.at(folder), inquiry).map_err(|failure| failure.to_string()).unwrap();
    let host: Target = "x86_64-unknown-linux-gnu".parse().unwrap();
    let reports = candidates(&host, found.candidates.promised().unwrap_or_default(), &[]).into_iter().map(|target| {
        let ready = || Availability::Ready { how: "here".to_owned() };
        let elsewhere = || Availability::Elsewhere { reason: "needs another machine".to_owned() };
        let is_linux = target.os() == "linux";
        TargetReport {
            build: if is_linux { ready() } else { elsewhere() },
            prove: if is_linux { ready() } else { elsewhere() },
            emulator: None,
            target,
        }
    });
    let choice = Choice::make(&[], found.candidates.promised().unwrap_or_default(), &host, &reports.collect::<Vec<_>>());
    let text = draft::text(&found, &root, &choice);
    std::fs::write(root.join(manifest::FILE_NAME), &text).unwrap();
    let opened = Loaded::open(&root, &store, &place.launcher, None).map_err(|error| match error {
        crate::project::OpenError::Manifest(error) => error.to_string(),
        crate::project::OpenError::Other(failure) => failure.to_string(),
    });
    (text, opened)
}

#[test]
fn every_usual_shape_of_a_package_is_read_and_planned() {
    if !test_needs::met(&[Need::Elixir, Need::Bubblewrap]) {
        return;
    }
    const URL: &str = "\"https://github.com/o/beads/releases/download/v#{version}\"";
    let config = "  version = Mix.Project.config()[:version]";
    let usual = format!("otp_app: :beads, version: version, base_url: {URL}, {TARGETS}");
    let usual: &'static str = usual.leak();
    let with = |base_url: &str| -> &'static str { format!("otp_app: :beads, version: version, base_url: {base_url}, {TARGETS}").leak() };
    let shapes = [
        (
            "usual idiom",
            Shape {
                before: "  mix_config = Mix.Project.config()\n  version = mix_config[:version]\n  github_url = mix_config[:package][:links][\"GitHub\"]",
                options: with("\"#{github_url}/releases/download/v#{version}\""),
                ..Shape::default()
            },
        ),
        (
            "URL of the environment",
            Shape { before: config, options: with("System.get_env(\"BEADS_URL\", \"https://h/v#{version}\")"), ..Shape::default() },
        ),
        (
            "URL with headers",
            Shape { before: config, options: with("{\"https://h/v#{version}\", [{\"authorization\", \"x\"}]}"), ..Shape::default() },
        ),
        (
            "URL of a function",
            Shape {
                files: &[("lib/beads/urls.ex", "defmodule Beads.Urls do\n  def of(file), do: \"https://h/v1.4.2/#{file}\"\nend\n")],
                before: config,
                options: with("{Beads.Urls, :of}"),
                ..Shape::default()
            },
        ),
        (
            "version in a file",
            Shape {
                files: &[("VERSION", "1.4.2\n")],
                mix: ("@version \"VERSION\" |> File.read!() |> String.trim()", ""),
                before: config,
                options: usual,
            },
        ),
        (
            "comprehension in an attribute",
            Shape {
                before: "  @version Mix.Project.config()[:version]\n  @options [targets: for(arch <- [\"x86_64\"], do: \"#{arch}-unknown-linux-gnu\")]",
                options: "[otp_app: :beads, version: @version, base_url: \"https://h/v#{@version}\"] ++ @options",
                ..Shape::default()
            },
        ),
        (
            "module that helps",
            Shape {
                files: &[
                    ("lib/beads/targets.ex", "defmodule Beads.Targets do\n  use Beads.Lists\n  def all, do: list()\nend\n"),
                    (
                        "lib/beads/lists.ex",
                        "defmodule Beads.Lists do\n  defmacro __using__(_) do\n    quote do\n      def list, do: [\"x86_64-unknown-linux-gnu\"]\n    end\n  end\nend\n",
                    ),
                ],
                before: "  alias Beads.Targets",
                options: "otp_app: :beads, version: \"1.4.2\", base_url: \"https://h/v1.4.2\", targets: Targets.all()",
                ..Shape::default()
            },
        ),
        (
            "lists left out",
            Shape { before: config, options: "otp_app: :beads, version: version, base_url: \"https://h\"", ..Shape::default() },
        ),
        (
            "the library's list",
            Shape {
                before: config,
                options: "otp_app: :beads, version: version, base_url: \"https://h\", \
                      targets: [\"x86_64-unknown-freebsd\" | RustlerPrecompiled.Config.default_targets()]",
                ..Shape::default()
            },
        ),
        (
            "macro of a dependency",
            Shape {
                before: "  use Other.Macro, a: 1\n  require Other\n  Other.twice(1)\n  version = Mix.Project.config()[:version]",
                options: usual,
                ..Shape::default()
            },
        ),
        (
            "functions in mix.exs",
            Shape {
                mix: (
                    "@version \"1.4.2\"\n  defp docs, do: [groups_for_docs: [X: &(&1[:x] == 1)]]",
                    "docs: &docs/0, package: [files: Path.wildcard(\"{lib,mix.exs,native}\") ++ [\"checksum-Elixir.Beads.Native.exs\"]], deps: []",
                ),
                before: config,
                options: usual,
                ..Shape::default()
            },
        ),
    ];
    let mut told = String::new();
    for (at, (title, shape)) in shapes.iter().enumerate() {
        let place = TestProject::new();
        let folder = format!("shape-{at}");
        write(&place, &folder, shape);
        let (text, opened) = drafted(&place, &folder);
        let opened = opened.unwrap_or_else(|error| panic!("{title}: {error}\n{text}"));
        let plan = opened.plan().unwrap();
        assert!(matches!(opened.facts.elixir.teller, Teller::Elixir(_)), "{title}: {:?}", opened.facts.elixir.teller);
        assert_eq!(plan.version.to_string(), "1.4.2", "{title}");
        let wanted = plan.wanted().count();
        let _ = writeln!(told, "{title}: {wanted} of {}\n  {}", plan.artifacts.len(), kinds_notes(&opened, &plan).join("\n  "));
    }
    insta::assert_snapshot!(told);
}

fn kinds_notes(opened: &Loaded, plan: &plimsoll_model::Plan) -> Vec<String> {
    crate::kinds::notes(opened, plan)
}

#[test]
fn an_umbrella_and_a_package_in_a_folder_are_found_below() {
    if !test_needs::met(&[Need::Elixir, Need::Bubblewrap]) {
        return;
    }
    let options = "otp_app: :beads, version: \"1.4.2\", base_url: \"https://h/v1.4.2\", targets: [\"x86_64-unknown-linux-gnu\"]";
    let shape = || Shape { options, ..Shape::default() };
    let place = TestProject::new();
    place.write(
        "u/mix.exs",
        "defmodule U.MixProject do\n  use Mix.Project\n  def project, do: [apps_path: \"apps\", version: \"0.0.1\"]\nend\n",
    );
    place.write(
        "u/apps/other/mix.exs",
        "defmodule O.MixProject do\n  use Mix.Project\n  def project, do: [app: :other, version: \"0.0.2\"]\nend\n",
    );
    place.write("u/apps/other/lib/other.ex", "defmodule Other do\nend\n");
    write(&place, "u/apps/beads", &shape());
    let (_, opened) = drafted(&place, "u");
    let opened = opened.unwrap();
    assert_eq!((opened.root.as_path(), opened.project.version.to_string().as_str()), (place.at("u/apps/beads").as_path(), "1.4.2"));
    write(&place, "r/elixir", &shape());
    assert_eq!(drafted(&place, "r").1.unwrap().root, place.at("r/elixir"));
    write(&place, "r/second", &shape());
    let store = Store::open(place.store.path()).unwrap();
    let inquiry = Inquiry { store: &store, launcher: &place.launcher, evaluates: false, may_contradict: true };
    let failure = package_of(place.at("r"), inquiry).err().unwrap();
    assert_eq!(failure.code, "several-packages");
}

#[test]
fn a_package_that_only_compiles_is_told_what_to_add() {
    if !test_needs::met(&[Need::Elixir, Need::Bubblewrap]) {
        return;
    }
    let place = TestProject::new();
    write(&place, "p", &Shape { options: "otp_app: :beads", ..Shape::default() });
    place.write("p/lib/beads/native.ex", "defmodule Beads.Native do\n  use Rustler, otp_app: :beads, crate: :beads\nend\n");
    let (text, opened) = drafted(&place, "p");
    assert!(text.contains("module = \"Beads.Native\""), "{text}");
    let opened = opened.unwrap();
    let notes = crate::kinds::notes(&opened, &opened.plan().unwrap());
    assert!(notes.iter().any(|note| note.contains("nobody would download the archives")), "{notes:?}");
}

#[test]
fn a_project_at_rest_is_not_evaluated_and_recalls_what_was() {
    if !test_needs::met(&[Need::Elixir, Need::Bubblewrap]) {
        return;
    }
    let place = TestProject::new();
    let options =
        "otp_app: :beads, version: String.trim(\"1.4.2 \"), base_url: \"https://h/v1.4.2\", targets: [\"x86_64-unknown-linux-gnu\"]";
    write(&place, "p", &Shape { options, ..Shape::default() });
    place.write("p/plimsoll.toml", "targets = [\"x86_64-unknown-linux-gnu\"]\nversion.source = \"mix.exs\"\n[nif.beads]\n");
    let store = Store::open(place.store.path()).unwrap();
    let at_rest = || Loaded::open_at_rest(&place.at("p"), &store, &place.launcher, None);
    let Err(crate::project::OpenError::Manifest(error)) = at_rest() else { panic!("opened") };
    assert!(error.to_string().contains("elixir-unread") && error.to_string().contains("`plimsoll plan` evaluates it"), "{error}");
    Loaded::open(&place.at("p"), &store, &place.launcher, None).map_err(|_| ()).unwrap();
    assert!(matches!(at_rest().map_err(|_| ()).unwrap().facts.elixir.teller, Teller::Elixir(_)));
    // What it could have read has changed since.
    place.write("p/VERSION", "2");
    assert!(at_rest().is_err());
}

#[test]
fn code_that_does_not_end_or_prints_without_end_is_stopped_and_the_text_is_read() {
    if !test_needs::met(&[Need::Elixir, Need::Bubblewrap]) {
        return;
    }
    for (at, code) in
        ["  for _ <- Stream.cycle([1]), do: IO.puts(String.duplicate(\"x\", 4096))", "  System.halt(7)"].into_iter().enumerate()
    {
        let place = TestProject::new();
        let folder = format!("p{at}");
        let options = "otp_app: :beads, version: \"1.4.2\", base_url: \"https://h/v1.4.2\", targets: [\"x86_64-unknown-linux-gnu\"]";
        write(&place, &folder, &Shape { before: code, options, ..Shape::default() });
        let (_, opened) = drafted(&place, &folder);
        let opened = opened.unwrap();
        let Teller::TextFor { reason, .. } = &opened.facts.elixir.teller else { panic!("{:?}", opened.facts.elixir.teller) };
        assert!(reason.contains(["did not end within 20 s", "it ended with 7"][at]), "{reason}");
    }
}

#[test]
fn code_of_the_project_sees_no_home_no_network_and_writes_nowhere() {
    if !test_needs::met(&[Need::Elixir, Need::Bubblewrap]) {
        return;
    }
    let place = TestProject::new();
    let place_of_home = place.at("home");
    place.write("home/secret", "x");
    let seen = format!(
        "  seen = [File.exists?(\"{}/secret\"), File.exists?(System.user_home!() <> \"/.ssh\"), match?({{:ok, _}}, File.write(\"mix.exs\", \"\")), \
         match?({{:ok, _}}, File.write(\"/usr/x\", \"\")), match?({{:ok, [_, _ | _]}}, :inet.getifaddrs())]",
        place_of_home.display()
    );
    let options = "otp_app: :beads, version: \"1.4.2\", base_url: inspect(seen), targets: [\"x86_64-unknown-linux-gnu\"]";
    write(&place, "p", &Shape { before: seen.leak(), options, ..Shape::default() });
    let opened = drafted(&place, "p").1.unwrap();
    let module = opened.facts.elixir.module("Beads.Native").unwrap();
    assert_eq!(module.base_url.value().unwrap(), "[false, false, false, false, false]");
}

/// What `init` writes in a folder, without its comments and lists of targets, and how the project opens with it.
fn written(place: &TestProject, folder: &str) -> (Vec<String>, Result<Loaded, String>) {
    let (text, opened) = drafted(place, folder);
    let lines = text
        .lines()
        .filter(|line| line.starts_with('[') && !line.starts_with("[planned") || line.contains(" = ") && !line.contains("needs a"));
    (lines.map(str::to_owned).filter(|line| !line.starts_with("targets")).collect(), opened)
}

#[test]
fn packages_of_pythons_are_read_and_planned() {
    let place = TestProject::new();
    let package = |folder: &str, name: &str, more: &str| {
        place.write(
            &format!("{folder}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nversion = \"0.4.0\"\nedition = \"2021\"\n{more}[workspace]\n"),
        );
        place.write(&format!("{folder}/Cargo.lock"), &format!("version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"0.4.0\"\n"));
    };
    let python = |folder: &str, name: &str, more: &str| {
        let text = format!("[build-system]\nrequires = [\"x\"]\nbuild-backend = \"x\"\n[project]\nname = \"{name}\"\n{more}");
        place.write(&format!("{folder}/pyproject.toml"), &text);
    };
    // A core with a program, and the pure package that asks for it.
    package("pair/htty-core", "htty-core", "");
    place.write("pair/htty-core/src/main.rs", "fn main() {}");
    python("pair/htty-core", "htty-core", "dynamic = [\"version\"]\n");
    python("pair/htty", "htty", "version = \"0.4.0\"\ndependencies = [\"htty-core==0.4.0\"]\n");
    let (lines, opened) = written(&place, "pair");
    let opened = opened.unwrap();
    assert_eq!(
        lines,
        [
            "[version]",
            "source = \"htty-core/Cargo.toml\"",
            "copies = [\"htty/pyproject.toml\"]",
            "[core.htty-core]",
            "path = \"htty-core\"",
            "[archive.htty-core]",
            "[wheel.htty-core]",
            "core = \"htty-core\"",
            "[wheel.htty]",
            "pure = true",
        ]
    );
    let labels = opened.project.artifacts.iter().map(crate::manifest::Artifact::label).collect::<Vec<_>>();
    assert_eq!(labels, ["archive.htty-core", "wheel.htty", "wheel.htty-core"]);

    // Python alone.
    python("pure", "knots", "version = \"1.2\"\n");
    let (lines, opened) = written(&place, "pure");
    assert_eq!(lines, ["name = \"knots\"", "[version]", "source = \"pyproject.toml\"", "[wheel.knots]", "pure = true"]);
    opened.unwrap();

    // A module in Rust, which is no library for anything else.
    package("module", "soundings", "[lib]\ncrate-type = [\"cdylib\"]\n");
    place.write("module/src/lib.rs", "");
    python("module", "soundings", "dynamic = [\"version\"]\n[tool.maturin]\nbindings = \"cffi\"\n");
    let (lines, opened) = written(&place, "module");
    assert_eq!(lines, ["[version]", "source = \"Cargo.toml\"", "[wheel.soundings]", "core = \"soundings\""]);
    opened.unwrap();

    // What has no back end is a list of settings.
    package("tool", "tool", "");
    place.write("tool/src/main.rs", "fn main() {}");
    place.write("tool/scripts/pyproject.toml", "[project]\nname = \"scripts\"\n[tool.ruff]\n");
    let (lines, opened) = written(&place, "tool");
    assert_eq!(lines, ["[version]", "source = \"Cargo.toml\""]);
    opened.unwrap();
}
