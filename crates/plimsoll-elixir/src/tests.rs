//! Sources as projects have them, read; contradictions, told; and hostile texts.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const MODULE: &str = include_str!("../../../examples/nif-counter/lib/nif_counter/native.ex");
const MIX: &str = include_str!("../../../examples/nif-counter/mix.exs");

fn mix(text: &str) -> MixProject {
    read_mix("mix.exs", text).unwrap().unwrap()
}

fn module(text: &str) -> Precompiled {
    let mut modules = read_modules("lib/n.ex", text, &mix(MIX).texts).unwrap();
    assert_eq!(modules.len(), 1, "{modules:?}");
    modules.remove(0)
}

/// A module whose `use` has these options.
fn used(options: &str) -> Precompiled {
    module(&format!("defmodule A.B do\n  @version \"1.2.3\"\n  use RustlerPrecompiled,\n    {options}\n  def f, do: 1\nend\n"))
}

fn text<T: std::fmt::Debug>(read: &Read<T>) -> String {
    match read {
        Read::Found { value, .. } => format!("{value:?}"),
        Read::Absent => "absent".to_owned(),
        Read::NotLiteral { at, written } => format!("{at} `{written}`"),
        Read::Unfit { at, found } => format!("{at} is {found}"),
    }
}

fn facts() -> Facts {
    let wanted = ["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", "aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl"];
    let macs = ["x86_64-apple-darwin", "aarch64-apple-darwin"];
    let mut targets = wanted.iter().chain(&macs).map(|target| ((*target).to_owned(), TargetState::Wanted)).collect::<BTreeMap<_, _>>();
    targets.insert("x86_64-pc-windows-msvc".to_owned(), TargetState::Planned("not tried".to_owned()));
    let needed = ["checksum-Elixir.NifCounter.Native.exs", "native/nif_counter/src/lib.rs", "native/nif_counter/.cargo/config.toml"];
    Facts {
        otp_app: None,
        module: Some("NifCounter.Native".to_owned()),
        crate_name: "nif_counter".to_owned(),
        version: "0.2.0".to_owned(),
        tag: Some("v0.2.0".to_owned()),
        base_url: None,
        targets,
        nif_versions: BTreeSet::from(["2.15".parse().unwrap()]),
        variants: BTreeMap::new(),
        packaged: needed.iter().map(|path| ((*path).to_owned(), "users need it".to_owned())).collect(),
    }
}

#[test]
fn the_example_is_read_and_agrees() {
    let (module, mix) = (module(MODULE), mix(MIX));
    assert_eq!(module.module, "NifCounter.Native");
    assert_eq!((text(&mix.app), text(&mix.version)), ("\"nif_counter\"".to_owned(), "\"0.2.0\"".to_owned()));
    assert_eq!(text(&module.base_url), "\"https://github.com/plimsoll/nif-counter/releases/download/v0.2.0\"");
    assert_eq!(module.targets.value().unwrap().len(), 6);
    assert!(module.force_build.is_some());
    assert_eq!(check(&facts(), &module, &mix, Against::Wanted, &Teller::Text), []);
}

#[test]
fn every_form_of_a_literal_is_read() {
    let found = used(
        "otp_app: :a, # the app\n crate: \"b\",\n base_url:\n \"https://h/p/v#{@version}\", version: @version,\n \
         targets: [\"x\", \"y\"] ++ ~w(z),\n nif_versions: ~w(2.15\n 2.16), variants: %{\"x\" => [old_glibc: fn -> f() end, b: &c/1]},\n \
         force_build: if(System.get_env(\"X\"), do: true, else: false)",
    );
    assert_eq!(found.module, "A.B");
    assert_eq!(
        [&found.otp_app, &found.crate_name, &found.base_url, &found.version].map(text).join(" "),
        "\"a\" \"b\" \"https://h/p/v1.2.3\" \"1.2.3\""
    );
    assert_eq!(found.targets.value().unwrap(), &["x", "y", "z"]);
    assert_eq!(found.nif_versions.value().unwrap(), &["2.15", "2.16"]);
    assert_eq!(found.variants.value().unwrap()["x"], ["old_glibc", "b"]);
    let brackets = module("defmodule A do\n use(RustlerPrecompiled, [otp_app: :a, targets: ~w[x y]])\nend");
    assert_eq!((text(&brackets.otp_app), brackets.targets.value().unwrap().len()), ("\"a\"".to_owned(), 2));
    let by_name = module("defmodule A do\n @opts [otp_app: :a, version: \"1\" <> \".0\"]\n use RustlerPrecompiled, @opts\nend");
    assert_eq!((text(&by_name.otp_app), text(&by_name.version)), ("\"a\"".to_owned(), "\"1.0\"".to_owned()));
}

#[test]
fn names_are_those_of_the_innermost_module_and_of_the_last_value() {
    let text_of = "defmodule Out do\n @v \"1\"\n defmodule In do\n  @v \"2\"\n  def a do\n   if x, do: 1, else: 2\n  end\n  @v \"3\"\n  \
                   use RustlerPrecompiled, version: @v\n  @v \"4\"\n end\n def b, do: :end\nend";
    let found = module(text_of);
    assert_eq!((found.module.as_str(), text(&found.version)), ("Out.In", "\"3\"".to_owned()));
    assert_eq!((found.at.line, found.at.column), (9, 3));
}

#[test]
fn the_usual_ways_to_a_version_and_a_url_are_followed() {
    let mix = mix(
        "defmodule M do\n use Mix.Project\n @url \"https://h/o/r\"\n def project, do: [app: :m, version: \"1.2.3\", package: package()]\n \
                   defp package, do: [links: %{\"GitHub\" => @url, docs: \"https://d\"}]\nend",
    );
    let read = |body: &str, url: &str| {
        let text = format!("defmodule A do\n{body}\n use RustlerPrecompiled, version: version, base_url: {url}\nend");
        let found = read_modules("a.ex", &text, &mix.texts).unwrap().remove(0);
        [text_of(&found.version), text_of(&found.base_url)].join(" ")
    };
    let config = " mix_config = Mix.Project.config()\n version = mix_config[:version]\n";
    let expected = "1.2.3 https://h/o/r/releases/download/v1.2.3";
    let github = format!("{config} github_url = mix_config[:package][:links][\"GitHub\"]");
    assert_eq!(read(&github, "\"#{github_url}/releases/download/v#{version}\""), expected);
    let package = format!("{config} package = mix_config[:package]\n links = package[:links]");
    assert_eq!(read(&package, "\"#{links[\"GitHub\"]}/releases/download/v\" <> version"), expected);
    let whole = " version = Mix.Project.config()[:version]\n @links %{docs: Mix.Project.config()[:package][:links][:docs]}";
    assert_eq!(read(whole, "@links[:docs]"), "1.2.3 https://d");
    assert_eq!(read(config, "System.get_env(\"URL\", \"https://h/v#{version}\")"), "1.2.3 https://h/v1.2.3");
    assert_eq!(read(config, "{\"https://h/v#{version}\", [{\"a\", token()}]}"), "1.2.3 https://h/v1.2.3");
    for other in
        ["{A.B, :url}", "System.get_env(\"URL\")", "links[:none]", "mix_config[:none]", "mix_config[version]", "mix_config [:version]"]
    {
        assert!(read(config, other).starts_with("1.2.3 not read"), "{other}: {}", read(config, other));
    }
}

fn text_of(read: &Read<String>) -> &str {
    read.value().map_or("not read", String::as_str)
}

#[test]
fn what_is_no_literal_is_told_and_not_guessed() {
    let found = used(
        "otp_app: app(), version: System.get_env(\"V\"), base_url: {Urls, :of},\n    \
         targets: Enum.uniq([\"x\" | RustlerPrecompiled.Config.default_targets()]), nif_versions: [\"2.15\" | @more]",
    );
    assert_eq!(text(&found.otp_app), "lib/n.ex:4:14 `app()`");
    assert_eq!(text(&found.version), "lib/n.ex:4:30 `System.get_env(\"V\")`");
    assert_eq!(text(&found.base_url), "lib/n.ex:4:61 `{Urls, :of}`");
    assert_eq!(text(&found.targets), "lib/n.ex:5:14 `Enum.uniq([\"x\" | RustlerPrecompiled.Config.default_target...`");
    assert!(text(&found.nif_versions).starts_with("lib/n.ex:5:"));
    let whole = module("defmodule A do\n use RustlerPrecompiled, options()\nend");
    assert_eq!(text(&whole.targets), "lib/n.ex:2:26 `options()`");
}

#[test]
fn strings_comments_and_sigils_are_no_code() {
    for hidden in [
        "# use RustlerPrecompiled, a: 1",
        "\"use RustlerPrecompiled, a: 1\"",
        "\"\"\"\n use RustlerPrecompiled, a: 1\n \"\"\"",
        "~S(use RustlerPrecompiled)",
        "'use RustlerPrecompiled'",
        "~s|\nuse RustlerPrecompiled\n|",
        "?\" ; ~r/use RustlerPrecompiled\"/",
    ] {
        let text = format!("defmodule A do\n @moduledoc {hidden}\n @x 1\nend");
        assert_eq!(read_modules("a.ex", &text, &BTreeMap::new()).unwrap(), [], "{hidden}");
    }
}

#[test]
fn mix_projects_are_read_through_attributes_and_functions() {
    let one = mix("defmodule M do\n use Mix.Project\n @version \"1.0.0-rc.1\"\n def project() do\n [app: :m, version: @version, \
                   package: [files: ~w(lib native mix.exs)]]\n end\nend");
    assert_eq!((text(&one.version), one.files.value().unwrap().len()), ("\"1.0.0-rc.1\"".to_owned(), 3));
    let other = mix("defmodule M do\n use Mix.Project\n def project do\n x = 1\n [app: :m]\n end\nend");
    assert_eq!((text(&other.app), text(&other.version)), ("absent".to_owned(), "absent".to_owned()));
    let read =
        mix("defmodule M do\n use Mix.Project\n def project, do: [app: :m, version: File.read!(\"VERSION\"), package: package()]\n \
                    defp package, do: [files: files()]\n defp files, do: Path.wildcard(\"lib/**\")\nend");
    assert_eq!(text(&read.version), "mix.exs:3:38 `File.read!(\"VERSION\")`");
    assert_eq!(text(&read.files), "mix.exs:4:28 `files()`");
    assert_eq!(read_mix("mix.exs", "defmodule M do\nend").unwrap(), None);
}

#[test]
fn contradictions_show_both_sides() {
    let mut facts = facts();
    facts.targets.insert("aarch64-apple-darwin".to_owned(), TargetState::Proven);
    facts.targets.insert("riscv64gc-unknown-linux-gnu".to_owned(), TargetState::Wanted);
    facts.nif_versions.insert("2.16".parse().unwrap());
    let changed = MODULE
        .replace("x86_64-apple-darwin\n", "x86_64-pc-windows-msvc\n")
        .replace("crate: \"nif_counter\"", "crate: \"nif_counters\"")
        .replace("v#{version}", "#{version}")
        .replace("[\"2.15\"]", "[\"2.15\", \"2.17\"]");
    let mix_text = MIX.replace("\"native/nif_counter/.cargo\",\n", "").replace("checksum-*.exs", "checksum.exs");
    let shown = |found: Vec<Mismatch>| found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(shown(check(&facts, &module(&changed), &mix(&mix_text), Against::Wanted, &Teller::Text)), @r#"
    lib/n.ex:8:12: `crate` says `nif_counters`, and the crate's library is `nif_counter`
    lib/n.ex:9:15: `base_url` says `https://github.com/plimsoll/nif-counter/releases/download/0.2.0`, and the release's tag is `v0.2.0`
    lib/n.ex:13:14: `targets` lacks riscv64gc-unknown-linux-gnu, x86_64-apple-darwin, and plimsoll.toml wants them
    lib/n.ex:12:19: `nif_versions` lists 2.17, and 2.15, 2.16 is built
    lib/n.ex:12:19: `nif_versions` lacks 2.16, and 2.16 is built
    mix.exs:30:14: `files of the package` leave out checksum-Elixir.NifCounter.Native.exs, native/nif_counter/.cargo/config.toml, and users need it
    "#);
    facts.targets.remove("riscv64gc-unknown-linux-gnu");
    let at_release = check(&facts, &module(MODULE), &mix(MIX), Against::Proven, &Teller::Text);
    assert!(
        shown(at_release.clone()).contains("x86_64-unknown-linux-gnu, x86_64-unknown-linux-musl, and they are not proven"),
        "{}",
        shown(at_release)
    );
}

#[test]
fn the_block_to_paste_reads_back_as_what_it_was_made_of() {
    let block = Block {
        otp_app: "nif_counter".to_owned(),
        crate_name: "nif_counter".to_owned(),
        url: "https://github.com/plimsoll/nif-counter/releases/download/v#{version}".to_owned(),
        force_build: "NIF_COUNTER_BUILD".to_owned(),
        nif_versions: vec!["2.15".parse().unwrap()],
        targets: module(MODULE).targets.value().unwrap().iter().rev().map(|target| target.parse().unwrap()).collect(),
        variants: BTreeMap::new(),
    };
    let text = format!("defmodule NifCounter.Native do\n{}end\n", use_block(&block));
    assert_eq!(check(&facts(), &module(&text), &mix(MIX), Against::Wanted, &Teller::Text), []);
    // The example has exactly these lines.
    assert!(MODULE.contains(&use_block(&block)), "{}", use_block(&block));
    let names = ["avx2", "old_glibc"].map(str::to_owned).to_vec();
    let varied = Block { variants: BTreeMap::from([("x86_64-unknown-linux-gnu".parse().unwrap(), names.clone())]), ..block };
    let text = format!("defmodule NifCounter.Native do\n{}end\n", use_block(&varied));
    let wanted = Facts { variants: BTreeMap::from([("x86_64-unknown-linux-gnu".to_owned(), names)]), ..facts() };
    assert_eq!(check(&wanted, &module(&text), &mix(MIX), Against::Wanted, &Teller::Text), []);
    let shown = |found: Vec<Mismatch>| found.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        shown(check(&facts(), &module(&text), &mix(MIX), Against::Wanted, &Teller::Text)).len(),
        2,
        "two that the manifest does not have"
    );
    let lacking = shown(check(&wanted, &module(MODULE), &mix(MIX), Against::Wanted, &Teller::Text));
    assert!(lacking[0].ends_with("`variants` lacks avx2 for x86_64-unknown-linux-gnu, and plimsoll.toml has it"), "{lacking:?}");
}

#[test]
fn sources_without_an_end_say_where() {
    let error = |text: &str| read_modules("a.ex", text, &BTreeMap::new()).unwrap_err().to_string();
    assert_eq!(error("x = \"a\n"), "a.ex:1:5: this string has no end");
    assert_eq!(error("defmodule A do\n use X, ~w(a b\n"), "a.ex:2:9: this sigil has no end");
    assert_eq!(error("defmodule A do\n @a [1,\n 2"), "a.ex:2:5: this list has no end");
    assert!(error(&format!("defmodule A do\n @a {}", "[".repeat(100))).contains("nested more than 64 levels deep"));
    assert!(error(&" ".repeat((1 << 20) + 1)).contains("is read up to"));
}

proptest! {
    #[test]
    fn no_source_is_too_strange(text in "(defmodule A do\n|use RustlerPrecompiled, |@a |~w\\(|\"|#\\{|\\}|\\[|\\]|\\)|a: |%\\{|fn|end|do|,|<>|\\||\n| |'|:a|=>|\\\\|\\?){0,40}") {
        let _ = read_modules("a.ex", &text, &BTreeMap::new());
        let _ = read_mix("mix.exs", &text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = read_modules("a.ex", &text, &BTreeMap::new());
    }

    #[test]
    fn lists_come_back(targets in prop::collection::vec("[a-z0-9_]{1,9}-[a-z]{1,9}-[a-z]{1,5}", 0..8), words: bool) {
        let list = if words { format!("~w({})", targets.join("\n ")) } else { format!("{targets:?}") };
        let found = used(&format!("targets: {list}, version: \"1\""));
        prop_assert_eq!(found.targets.value().unwrap(), &targets);
        prop_assert_eq!(found.version.value().unwrap(), "1");
    }
}
