//! Manifests as projects write them: the five of the design, reduced to what this version knows, and the shortest one.

use plimsoll_model::plan::{Builder, Compile};
use plimsoll_model::{Start, Want};
use plimsoll_pack::Kind;

use super::*;
use crate::manifest::Embedded;

fn target(triple: &str) -> plimsoll_model::Target {
    triple.parse().unwrap()
}

#[test]
fn the_shortest_manifest_ships_an_archive_of_the_only_package() {
    let project = read_with(&single(), "targets = [\"linux-gnu\"]").unwrap();
    assert_eq!((project.name.as_str(), project.version.to_string().as_str()), ("ht", "0.4.0"));
    let [archive] = project.artifacts.as_slice() else { panic!("{:?}", project.artifacts) };
    assert_eq!(archive.label(), "archive.ht");
    assert_eq!(archive.binaries, ["ht"]);
    assert_eq!(archive.files.keys().collect::<Vec<_>>(), ["CHANGELOG.md", "LICENSE-MIT", "README.md"]);
    let shipment = &archive.targets[&Some(target("x86_64-unknown-linux-gnu"))];
    assert_eq!(shipment.file_name.as_str(), "ht-x86_64-unknown-linux-gnu.tar.xz");
    assert_eq!(shipment.kind.container(), Some("tar.xz"));
    let [probe] = shipment.probes.as_slice() else { panic!("{:?}", shipment.probes) };
    assert_eq!((probe.name.as_str(), probe.timeout, probe.expect.status), ("ht", 30, 0));
    assert_eq!(probe.start, Start::Run(vec!["ht".to_owned(), "--version".to_owned()]));
    assert_eq!(probe.expect.output.as_deref(), Some("0.4.0"));
    insta::assert_debug_snapshot!(project.targets);
}

#[test]
fn guppy_wants_one_target_and_plans_others() {
    let text = r#"
        targets = ["aarch64-apple-darwin"]
        [planned]
        x86_64-unknown-linux-gnu = "GPUI needs validation"
        [archive.guppy]
        core = "ht"
    "#;
    let project = read_with(&single(), text).unwrap();
    let wants = project.artifacts[0]
        .targets
        .iter()
        .map(|(target, shipment)| (target.as_ref().unwrap().as_str(), shipment.want.clone()))
        .collect::<Vec<_>>();
    let planned = Want::Planned("GPUI needs validation".to_owned());
    assert_eq!(wants, [("aarch64-apple-darwin", Want::Wanted), ("x86_64-unknown-linux-gnu", planned)]);
    assert_eq!(project.artifacts[0].wanted().count(), 1);
}

#[test]
fn ecto_libsql_names_three_families() {
    let project = read_with(&single(), "targets = [\"linux-gnu\", \"linux-musl\", \"macos\"]").unwrap();
    assert_eq!(project.targets.len(), 6);
    let floor = |triple: &str| project.targets[&target(triple)].glibc.map(|glibc| glibc.to_string());
    assert_eq!(floor("aarch64-unknown-linux-gnu").as_deref(), Some("2.28"));
    assert_eq!((floor("aarch64-unknown-linux-musl"), floor("aarch64-apple-darwin")), (None, None));
}

#[test]
fn htty_has_gates_a_floor_roots_and_probes_of_its_own() {
    let text = r#"
        name = "htty"
        epoch = 1700000000
        targets = ["linux-gnu", "macos"]
        [target.x86_64-unknown-linux-gnu]
        glibc = "2.17"
        roots = ["debian:11", "ubuntu:22.04"]
        native = true
        [core.ht]
        features = ["debug"]
        default-features = false
        profile = "dist"
        rustflags = ["-C", "force-frame-pointers"]
        env.GIT_SHA = "x"
        inputs = ["vendor/", "assets"]
        [archive.ht]
        binaries = ["ht"]
        format = "tar.zst"
        filename = "{name}-{version}-{os}-{arch}"
        files = { "README.md" = "doc/", "docs/man" = "share/man/man1" }
        [[archive.ht.probe]]
        run = "ht --listen '127.0.0.1:0' '{target}'"
        until = "listening"
        timeout = "2m"
        [[archive.ht.probe]]
        name = "twice"
        script = "ht --version | grep ${VERSION}"
        setup = "mkdir x"
        env = { VERSION = "0" }
        [[archive.ht.probe]]
        run = ["ht", "--bad"]
        expect = { status = 2, output = "{{usage}} of {name}" }
        [gates]
        before = [["test", "cargo test --locked"], ["lint", "cargo clippy"]]
        after = [["test", "true"]]
        [publish.folder]
        path = "/srv/releases"
    "#;
    let project = read_with(&single(), text).unwrap();
    assert_eq!(project.gates.before.iter().map(|gate| gate.name.as_str()).collect::<Vec<_>>(), ["test", "lint"]);
    let shipment = &project.artifacts[0].targets[&Some(target("aarch64-apple-darwin"))];
    assert_eq!(shipment.file_name.as_str(), "ht-0.4.0-macos-aarch64.tar.zst");
    assert_eq!(shipment.probes.iter().map(|probe| probe.name.as_str()).collect::<Vec<_>>(), ["ht", "twice", "ht-2"]);
    insta::assert_debug_snapshot!(project);
}

#[test]
fn minne_is_built_by_its_own_command() {
    let text = r#"
        targets = ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc"]
        [core.app]
        command = "nix build .#minne-release"
        output = "result"
        package = "main"
        [archive.main]
        core = "app"
        filename = "main-{target}"
    "#;
    let project = read_with(&minne(), text).unwrap();
    let core = &project.cores[&"app".parse().unwrap()];
    assert_eq!(core.compile, Compile::Command { command: "nix build .#minne-release".to_owned(), output: "result".to_owned() });
    assert_eq!((core.version.to_string().as_str(), core.binaries.len()), ("1.0.2", 3));
    let names = project.artifacts[0].targets.values().map(|shipment| shipment.file_name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["main-aarch64-apple-darwin.tar.xz", "main-x86_64-pc-windows-msvc.zip", "main-x86_64-unknown-linux-gnu.tar.xz"]);
    assert_eq!(project.artifacts[0].targets.values().map(|shipment| shipment.probes.len()).sum::<usize>(), 9);
}

#[test]
fn a_command_without_cargo_takes_the_manifest_s_version() {
    let text =
        "targets = [\"linux-gnu\"]\nversion = \"7.0.0-rc.1\"\n[core.app]\ncommand = \"make\"\noutput = \"out\"\nbinaries = [\"app\"]";
    let project = read_with(&CargoFacts::default(), text).unwrap();
    assert_eq!((project.name.as_str(), project.version.to_string().as_str()), ("app", "7.0.0-rc.1"));
    assert_eq!(project.targets[&target("x86_64-unknown-linux-gnu")].builder, plimsoll_model::plan::Builder::Command);
    assert_eq!(project.artifacts[0].label(), "archive.app");
}

#[test]
fn a_library_for_the_beam_may_be_made_by_a_command_that_is_told_for_what() {
    let text = r#"
        targets = ["x86_64-unknown-linux-gnu"]
        version = "1.0.0"
        [core.counter]
        command = "make nif"
        output = "priv/native"
        binaries = ["counter_nif"]
        [nif.counter]
        module = "Counter"
        nif-versions = ["2.15", "2.16"]
    "#;
    let project = read_with(&CargoFacts::default(), text).unwrap();
    assert_eq!(project.targets[&target("x86_64-unknown-linux-gnu")].builder, Builder::Command);
    let told = project.cores.values().map(|core| core.env["PLIMSOLL_NIF_VERSION"].as_str()).collect::<Vec<_>>();
    assert_eq!(told, ["2.15", "2.16"]);
    let names = project.artifacts.iter().flat_map(|artifact| artifact.targets.values()).map(|shipment| shipment.file_name.as_str());
    let expected = ["15", "16"].map(|minor| format!("libcounter_nif-v1.0.0-nif-2.{minor}-x86_64-unknown-linux-gnu.so.tar.gz"));
    assert_eq!(names.collect::<Vec<_>>(), expected);
}

#[test]
fn fastboop_embeds_a_helper_and_defers_a_target() {
    let text = r#"
        [static.fastboop-stage0]
        targets = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"]
        deferred.armv7-unknown-linux-musleabihf = "io-uring's target checks block a reliable static build"
        [core.cli]
        package = "fastboop-cli"
        [core.cli.embed]
        FASTBOOP_STAGE0 = "fastboop-stage0-aarch64-unknown-linux-musl"
        FASTBOOP_SAME = "static.fastboop-stage0"
        [archive.fastboop]
        core = "cli"
        targets = ["x86_64-unknown-linux-musl"]
    "#;
    let project = read_with(&fastboop(), text).unwrap();
    assert_eq!(project.name.as_str(), "fastboop");
    let kind = Kind::Static;
    let name: plimsoll_model::Name = "fastboop-stage0".parse().unwrap();
    let embed = &project.cores[&"cli".parse().unwrap()].embed;
    assert_eq!(embed["FASTBOOP_STAGE0"], Embedded::For(kind, name.clone(), Some(target("aarch64-unknown-linux-musl"))));
    assert_eq!(embed["FASTBOOP_SAME"], Embedded::SameTarget(kind, name));
    assert!(matches!(project.targets[&target("armv7-unknown-linux-musleabihf")].want, Want::Deferred(_)));
    assert_eq!(
        project.artifacts[1].targets[&Some(target("x86_64-unknown-linux-musl"))].file_name.as_str(),
        "fastboop-stage0-x86_64-unknown-linux-musl"
    );
}

#[test]
fn the_guide_shows_manifests_that_can_be_read() {
    let page = include_str!("../../../../../docs/guide.md");
    let blocks = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect::<Vec<_>>();
    assert!(blocks.len() > 5);
    for block in blocks {
        let programs: &[&str] = match block {
            _ if block.contains("command =") && !block.contains("[generate.") => &[],
            _ if block.contains("archive.server") => &["server"],
            _ if block.contains("static.helper") => &["app", "helper"],
            _ => &["app"],
        };
        let packages = programs.iter().map(|name| package(name, "1.2.0", name, &[name])).collect();
        let folders = [("htty-core", "htty-core"), ("tools/helper", "helper")];
        let below = folders.map(|(path, name)| {
            let packages = vec![package(name, "1.2.0", "", &[name])];
            (path.to_owned(), CargoFacts { path: path.to_owned(), packages, ..CargoFacts::default() })
        });
        let facts = CargoFacts { packages, below: below.into(), ..CargoFacts::default() };
        let mut sources = sources();
        sources.extend(["tools/helper/Cargo.toml", "install.sh", "table.csv"].map(str::to_owned));
        read("plimsoll.toml", block, &facts, &sources).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// The manifests of a page, in its order.
fn manifests(page: &str) -> Vec<&str> {
    page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn recipes_show_the_manifests_of_their_examples() {
    let plain = |text: &str| text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let program = manifests(include_str!("../../../../../docs/recipes/plain-program.md"));
    assert_eq!(plain(program[0]), plain(include_str!("../../../../../examples/fathom/plimsoll.toml")));
    let library = manifests(include_str!("../../../../../docs/recipes/nif.md"));
    assert_eq!(plain(library[0]), plain(include_str!("../../../../../examples/nif-counter/plimsoll.toml")));
    let pair = manifests(include_str!("../../../../../docs/recipes/wheel-pair.md"));
    assert_eq!(plain(pair[0]), plain(include_str!("../../../../../examples/wheel-pair/plimsoll.toml")));
    let module = manifests(include_str!("../../../../../docs/recipes/python-module.md"));
    assert_eq!(plain(module[0]), plain(include_str!("../../../../../examples/pyo3-module/plimsoll.toml")));
    // That of a static helper has no example: it is read and checked.
    let helper = manifests(include_str!("../../../../../docs/recipes/static-helper.md"));
    let packages = ["app", "helper"].map(|name| package(name, "1.2.0", name, &[name])).into();
    let facts = CargoFacts { packages, ..CargoFacts::default() };
    assert!(helper.len() == 1 && program.len() == 2, "each page has just these");
    for block in helper.iter().chain(&program[1..]) {
        read("plimsoll.toml", block, &facts, &sources()).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_declared_run_replaces_the_default_probe_of_its_program_only() {
    let project = read_with(&minne(), "targets = [\"x86_64-unknown-linux-gnu\"]\n[archive.main.probe]\nrun = \"server --help\"").unwrap();
    let probes = &project.artifacts[0].targets[&Some(target("x86_64-unknown-linux-gnu"))].probes;
    let lines = probes.iter().map(plimsoll_model::Probe::command_line).collect::<Vec<_>>();
    assert_eq!(lines, ["server --help", "main --version", "worker --version"]);
}

#[test]
fn an_artifact_may_plan_what_the_project_wants() {
    let text = "targets = [\"linux-gnu\"]\n[archive.ht]\nplanned.aarch64-unknown-linux-gnu = \"no machine\"\n[archive.two]";
    let project = read_with(&single(), text).unwrap();
    assert_eq!(project.artifacts[0].wanted().count(), 1);
    assert_eq!(project.artifacts[1].wanted().count(), 2);
    assert_eq!(project.targets[&target("aarch64-unknown-linux-gnu")].want, Want::Wanted);
}

#[test]
fn a_core_in_a_folder_is_built_there_and_ships_its_own_files_first() {
    let ht = package("htty-core", "0.4.0", "", &["ht"]);
    let below = CargoFacts {
        path: "htty-core".to_owned(),
        package_here: Some("htty-core".to_owned()),
        packages: vec![ht.clone()],
        ..CargoFacts::default()
    };
    let other = CargoFacts { path: "other".to_owned(), packages: vec![ht], ..CargoFacts::default() };
    let facts = CargoFacts { below: [("htty-core".to_owned(), below), ("other".to_owned(), other)].into(), ..CargoFacts::default() };
    let mut sources = sources();
    sources.extend(["htty-core/README.md", "htty-core/LICENSE-MIT", "htty-core/docs/README.md", "other/Cargo.toml"].map(str::to_owned));
    let read = |text: &str| read("plimsoll.toml", text, &facts, &sources).unwrap();
    let project = read("targets = [\"linux-gnu\"]\n[core.ht]\npath = \"./htty-core/\"\n");
    assert_eq!((project.name.as_str(), project.artifacts[0].label().as_str()), ("ht", "archive.ht"));
    let core = &project.cores[&"ht".parse().unwrap()];
    let Compile::Cargo { path, package, .. } = &core.compile else { panic!("{core:?}") };
    assert_eq!((path.as_str(), package.as_str()), ("htty-core", "htty-core"));
    let files = project.artifacts[0].files.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect::<Vec<_>>();
    assert_eq!(
        files,
        [("CHANGELOG.md", "CHANGELOG.md"), ("htty-core/LICENSE-MIT", "LICENSE-MIT"), ("htty-core/README.md", "README.md")],
        "what the core's folder lacks is the project's"
    );
    let two = "[core.ht]\npath = \"htty-core\"\n[core.two]\npath = \"other\"\npackage = \"htty-core\"\n";
    let project = read(&format!("name = \"suite\"\ntargets = [\"linux-gnu\"]\n{two}[archive.ht]\n[archive.two]\n"));
    let paths = project.cores.values().map(|core| core.compile.path()).collect::<Vec<_>>();
    assert_eq!(paths, ["htty-core", "other"], "a core names a package by its path too");
}

#[test]
fn a_file_is_one_for_every_machine_and_needs_no_core() {
    let text = r#"
        targets = ["linux-gnu"]
        [archive.ht]
        [file.readme]
        path = "README.md"
        filename = "{name}-{version}.md"
        roots = ["debian:12"]
        probe.script = "grep -q ht \"$PLIMSOLL_ARTIFACT/readme-0.4.0.md\""
    "#;
    let project = read_with(&single(), text).unwrap();
    let file = &project.artifacts[1];
    assert_eq!((file.label().as_str(), &file.core, file.targets.len()), ("file.readme", &None, 1));
    let shipment = &file.targets[&None];
    assert_eq!(shipment.file_name.as_str(), "readme-0.4.0.md");
    assert_eq!(file.files["README.md"], "readme-0.4.0.md");
    assert_eq!(shipment.roots.as_ref().unwrap()[0].as_str(), "debian:12");
    // The version is the release's, and not that of the first core.
    let two = "name = \"fastboop-stage0\"\ntargets = [\"linux-musl\"]\n[static.fastboop-stage0]\n[archive.cli]\ncore = \"fastboop-cli\"\n[file.readme]\npath = \"README.md\"\nfilename = \"readme-{version}.md\"\nprobe.script = \"true\"\n";
    let mut facts = fastboop();
    facts.packages[2].version = "0.9.0".parse().unwrap();
    let project = read_with(&facts, two).unwrap();
    assert_eq!(project.artifacts[2].targets[&None].file_name.as_str(), "readme-0.9.0.md");
    // The archive of the only core stays if targets are named.
    let usual = "targets = [\"linux-gnu\"]\n[file.readme]\npath = \"README.md\"\nprobe.script = \"true\"\n";
    assert_eq!(read_with(&single(), usual).unwrap().artifacts.len(), 2);
    // A release of nothing else has no targets, and says its name and version.
    let alone = "name = \"a\"\nversion = \"1.0.0\"\n[file.readme]\npath = \"README.md\"\nprobe.script = \"true\"\n";
    let project = read_with(&CargoFacts::default(), alone).unwrap();
    assert_eq!((project.targets.len(), project.cores.len(), project.version.to_string().as_str()), (0, 0, "1.0.0"));
}

#[test]
fn the_project_s_own_folder_is_a_path_too() {
    for path in [".", "./"] {
        let project = read_with(&single(), &format!("targets = [\"linux-gnu\"]\n[core.ht]\npath = \"{path}\"\n")).unwrap();
        assert_eq!(project.cores[&"ht".parse().unwrap()].compile.path(), "");
    }
}

/// Package `htty-core` with the program `ht`, and a pure front package that asks for it.
fn htty() -> CargoFacts {
    let core =
        "[project]\nname = \"htty-core\"\ndynamic = [\"version\"]\nrequires-python = \">=3.9\"\nscripts = { htpy = \"htty_core:main\" }\n";
    let front = "[project]\nname = \"htty\"\nversion = \"0.4.0\"\ndependencies = [\"htty-core==0.4.0\"]\n";
    let python = crate::kinds::wheel::project::PythonProjects::of_texts([("core", core), ("front", front)]);
    CargoFacts { of_kinds: crate::kinds::Facts { python, ..crate::kinds::Facts::default() }, ..single() }
}

#[test]
fn a_wheel_has_the_tag_of_its_floor_and_the_front_is_for_the_targets_of_its_core() {
    let text = "targets = [\"linux-gnu\", \"aarch64-apple-darwin\"]\n[wheel.htty-core]\n[wheel.htty]\npure = true\n[target.x86_64-unknown-linux-gnu]\nglibc = \"2.17\"\n";
    let project = read_with(&htty(), text).unwrap();
    let [front, core] = project.artifacts.as_slice() else { panic!("{:?}", project.artifacts) };
    let names = core.targets.values().map(|shipment| shipment.file_name.as_str()).collect::<Vec<_>>();
    let expected = [
        "htty_core-0.4.0-py3-none-macosx_11_0_arm64.whl",
        "htty_core-0.4.0-py3-none-manylinux_2_28_aarch64.whl",
        "htty_core-0.4.0-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    ];
    assert_eq!(names, expected);
    let steps = |artifact: &crate::manifest::Artifact| {
        let shipment = artifact.targets.values().next().unwrap();
        shipment.probes.iter().map(plimsoll_model::Probe::command_line).collect::<Vec<_>>()
    };
    assert_eq!(steps(core), ["install", "pip-check", "run: htpy --help", "run: ht --version"]);
    assert_eq!(steps(front), ["install", "pip-check"]);
    let shipment = &front.targets[&None];
    assert_eq!((shipment.file_name.as_str(), shipment.only.len()), ("htty-0.4.0-py3-none-any.whl", 3));
    assert_eq!(front.needs.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["htty-core"]);
}

#[test]
fn a_compiled_module_is_made_by_maturin_and_loaded_by_every_python_of_its_interface() {
    let mut facts = htty();
    let text = "[project]\nname = \"ht\"\ndynamic = [\"version\"]\n[tool.maturin]\nmodule-name = \"ht._ht\"\n";
    facts.of_kinds.python = crate::kinds::wheel::project::PythonProjects::of_texts([("", text)]);
    (facts.packages[0].binaries, facts.packages[0].library) = (Vec::new(), Some("_ht".to_owned()));
    facts.packages[0].pyo3_features = vec!["abi3-py39".to_owned(), "extension-module".to_owned(), "abi3-py310".to_owned()];
    let text = "targets = [\"x86_64-unknown-linux-gnu\", \"x86_64-unknown-linux-musl\"]\n[core.ht]\nfeatures = [\"debug\"]\n[wheel.ht]\n";
    let project = read_with(&facts, text).unwrap();
    let [wheel] = project.artifacts.as_slice() else { panic!("{:?}", project.artifacts) };
    let names = wheel.targets.values().map(|shipment| shipment.file_name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["ht-0.4.0-cp310-abi3-manylinux_2_28_x86_64.whl", "ht-0.4.0-cp310-abi3-musllinux_1_2_x86_64.whl"]);
    let core = &project.cores[wheel.core.as_ref().unwrap()];
    let Compile::File { command, output, for_any: false } = &core.compile else { panic!("{:?}", core.compile) };
    let last = "exec maturin build --locked --out plimsoll-wheel --manifest-path Cargo.toml --profile release --features debug --target \"$PLIMSOLL_TARGET\" \"$@\"\n";
    assert!(command.ends_with(last) && command.contains("musl) set -- --zig --compatibility musllinux_1_2 ;;\n"), "{command}");
    assert_eq!((output.as_str(), core.declared().as_str()), ("plimsoll-wheel/*.whl", "ht"));
    let steps = wheel.targets.values().next().unwrap().probes.iter().map(plimsoll_model::Probe::command_line).collect::<Vec<_>>();
    assert_eq!(steps, ["install", "pip-check", "import: ht._ht"]);
}

#[test]
fn a_module_without_a_stable_interface_has_a_wheel_for_each_python() {
    let mut facts = htty();
    let text = "[project]\nname = \"ht\"\ndynamic = [\"version\"]\nrequires-python = \">=3.10\"\n";
    facts.of_kinds.python = crate::kinds::wheel::project::PythonProjects::of_texts([("", text)]);
    (facts.packages[0].binaries, facts.packages[0].library) = (Vec::new(), Some("_ht".to_owned()));
    let wheels = |text: &str| {
        let project = read_with(&facts, text).unwrap();
        let shipment = |artifact: &crate::manifest::Artifact| {
            let shipment = artifact.targets.values().next().unwrap();
            let roots = shipment.roots.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            format!("{} {} in {roots}", artifact.label(), shipment.file_name)
        };
        project.artifacts.iter().map(shipment).collect::<Vec<_>>()
    };
    let expected = [
        "wheel.ht-cp311 ht-0.4.0-cp311-cp311-manylinux_2_28_x86_64.whl in debian:12",
        "wheel.ht-cp313 ht-0.4.0-cp313-cp313-manylinux_2_28_x86_64.whl in debian:13",
    ];
    assert_eq!(wheels("targets = [\"x86_64-unknown-linux-gnu\"]\n[wheel.ht]\n"), expected);
    // One that no root has is tried in none: the root tells why.
    let named = wheels("targets = [\"x86_64-unknown-linux-gnu\"]\n[wheel.ht]\npythons = [\"3.12\"]\n");
    assert_eq!(named, ["wheel.ht-cp312 ht-0.4.0-cp312-cp312-manylinux_2_28_x86_64.whl in debian:13"]);
}
