use super::*;
use crate::{Against, DEFAULT_TARGETS, ElixirProject, Facts, Read, TargetState, Teller, check, unread};

const MIX: &str = "defmodule A.MixProject do\n  use Mix.Project\n  @version File.read!(\"VERSION\")\n  def project do\n    [app: :a, version: @version]\n  end\nend\n";
const MODULE: &str = "defmodule A.Native do\n  use RustlerPrecompiled, options()\nend\n";

fn read() -> ElixirProject {
    ElixirProject::read([("mix.exs", MIX), ("lib/a.ex", MODULE)].into_iter())
}

fn answer(options: &str) -> Evaluated {
    let mix = r#"{"app":"a","version":"1.2.3","has_package":true,"files":["lib"],"links":{"GitHub":"https://github.com/o/a"},"extras":["README.md"],
        "deps":[{"app":"rustler","requirement":"~> 0.36","optional":false,"only":false}]}"#;
    let module = format!(r#"{{"file":"lib/a.ex","line":2,"user":"RustlerPrecompiled","module":"A.Native"{options}}}"#);
    Evaluated::parse(&format!(r#"{{"elixir":"1.14.0","mix":{mix},"modules":[{module}]}}"#)).unwrap()
}

#[test]
fn an_answer_stands_between_the_last_two_nonces_whatever_else_is_printed() {
    let text = r#"{"elixir":"1","mix":null,"modules":[]}"#;
    for printed in [format!("NN{text}NN"), format!("noise NN x NN\n\u{1}NN{text}NN\nmore"), format!("NN{text}NN{}", " ".repeat(1000))] {
        assert_eq!(Evaluated::answer(printed.as_bytes(), "NN"), Ok(text), "{printed}");
    }
    let mut bytes = vec![0xff; 10];
    bytes.extend(format!("NN{text}NN").as_bytes());
    assert_eq!(Evaluated::answer(&bytes, "NN"), Ok(text));
    for printed in ["", "NN", "NN{}", "noise"] {
        assert_eq!(Evaluated::answer(printed.as_bytes(), "NN"), Err(NoAnswer::Missing), "{printed}");
    }
    for printed in ["NN[]NN", "NN{\"elixir\":1}NN", "NN\u{fffd}NN", "NNNN"] {
        assert!(matches!(Evaluated::answer(printed.as_bytes(), "NN"), Err(NoAnswer::Unreadable(_))), "{printed}");
    }
}

#[test]
fn what_elixir_says_takes_the_place_of_what_was_read_and_the_place_of_the_text_stays() {
    let options = r#","otp_app":"a","version":"1.2.3","base_url":{"other":"%{}"},"url_by":null,"targets":["x86_64-unknown-linux-gnu"]"#;
    let project = read().evaluated(&answer(options));
    let module = project.module("A.Native").unwrap();
    let mix = project.mix.as_ref().unwrap();
    assert_eq!((mix.version.value().unwrap().as_str(), mix.version.at().unwrap().line), ("1.2.3", 5));
    assert_eq!(mix.source_url.as_deref(), Some("https://github.com/o/a"));
    assert_eq!((module.targets.value().unwrap().len(), module.targets.at().unwrap().line), (1, 2));
    assert!(matches!(&module.base_url, Read::Unfit { found, .. } if found == "%{}"));
    assert_eq!(module.nif_versions, Read::Absent);
    assert_eq!(project.teller, Teller::Elixir("1.14.0".to_owned()));
    assert!(!unread(module, mix).iter().any(|unread| unread.setting != "base_url"), "{:?}", unread(module, mix));
    assert!(!unread(read().module("A.Native").unwrap(), read().mix.as_ref().unwrap()).is_empty());
}

#[test]
fn a_function_is_asked_for_a_file_and_its_folder_counts() {
    let of = |options: &str| read().evaluated(&answer(options)).module("A.Native").unwrap().base_url.clone();
    let url = of(r#","base_url":"https://h/v1/@archive@","url_by":"A.url/1""#);
    assert_eq!(url.value().unwrap(), "https://h/v1");
    assert!(matches!(of(r#","base_url":"https://h/v1","url_by":"A.url/1""#), Read::Unfit { .. }));
    assert!(matches!(of(r#","url_by":"A.url/1","url_error":"boom""#), Read::NotLiteral { written, .. } if written == "A.url/1: boom"));
}

#[test]
fn the_library_s_own_lists_hold_where_a_module_has_none() {
    let options = r#","otp_app":"a","crate":"a","version":"1.2.3","base_url":"https://h/releases/download/v1.2.3""#;
    let project = read().evaluated(&answer(options));
    let (module, mix) = (project.module("A.Native").unwrap(), project.mix.as_ref().unwrap());
    let state = |target: &&str| if target.contains("linux") { TargetState::Wanted } else { TargetState::Planned("later".to_owned()) };
    let mut facts = Facts {
        otp_app: None,
        module: None,
        crate_name: "a".to_owned(),
        version: "1.2.3".to_owned(),
        tag: Some("v1.2.3".to_owned()),
        base_url: None,
        targets: DEFAULT_TARGETS.iter().map(|target| ((*target).to_owned(), state(target))).collect(),
        nif_versions: ["2.15".parse().unwrap()].into(),
        variants: BTreeMap::new(),
        packaged: BTreeMap::new(),
    };
    assert_eq!(check(&facts, module, mix, Against::Wanted, &project.teller), []);
    facts.targets.remove("arm-unknown-linux-gnueabihf");
    facts.targets.remove("riscv64gc-unknown-linux-gnu");
    facts.nif_versions.insert("2.16".parse().unwrap());
    let shown = check(&facts, module, mix, Against::Wanted, &project.teller).iter().map(|found| format!("{found}\n")).collect::<String>();
    insta::assert_snapshot!(shown, @r"
    lib/a.ex:2:3: `targets` is not there, and the library's own list has arm-unknown-linux-gnueabihf, riscv64gc-unknown-linux-gnu, and plimsoll.toml does not name them
    lib/a.ex:2:3: `nif_versions` is not there, and the library's own list lacks 2.16, and 2.16 is built
    ");
    let at_release = check(&facts, module, mix, Against::Proven, &project.teller);
    assert!(
        at_release.iter().any(|found| found.elixir.contains("x86_64-pc-windows-msvc") && found.manifest.contains("planned")),
        "{at_release:?}"
    );
}

#[test]
fn only_what_leads_to_a_release_must_name_its_tag() {
    let project = read().evaluated(&answer(r#","otp_app":"a","version":"1.2.3","nif_versions":["2.15"],"targets":[]"#));
    let (module, mut mix) = (project.module("A.Native").unwrap(), project.mix.clone().unwrap());
    mix.package = None;
    let fits = |url: &str, tag: Option<&str>| {
        let at = module.at.clone();
        let module = crate::Precompiled { base_url: Read::Found { value: url.to_owned(), at }, ..module.clone() };
        let facts = Facts {
            otp_app: None,
            module: None,
            crate_name: "a".to_owned(),
            version: "1.2.3".to_owned(),
            tag: tag.map(str::to_owned),
            base_url: None,
            targets: BTreeMap::new(),
            nif_versions: ["2.15".parse().unwrap()].into(),
            variants: BTreeMap::new(),
            packaged: BTreeMap::new(),
        };
        check(&facts, &module, &mix, Against::Wanted, &project.teller).is_empty()
    };
    for (url, tag) in [
        ("https://h/o/r/releases/download/v1.2.3/", Some("v1.2.3")),
        ("https://h/o/r/releases/download/nif%2F1.2.3", Some("nif/1.2.3")),
        ("https://h/o/r/releases/download/r-1.2.3", None),
        ("https://cdn.example.org/nifs", Some("v1.2.3")),
        ("http://127.0.0.1:8080/files", None),
        ("https://cdn.example.org/1.2.3", Some("v1.2.3")),
    ] {
        assert!(fits(url, tag), "{url} {tag:?}");
    }
    for (url, tag) in [
        ("https://h/o/r/releases/download/1.2.3", Some("v1.2.3")),
        ("https://h/o/r/releases/download/v1.2.4", None),
        ("https://h/o/r/releases/download", Some("v1.2.3")),
        ("https://cdn.example.org/v1.2.2/x", Some("v1.2.3")),
        ("https://cdn.example.org/1.2.2", None),
    ] {
        assert!(!fits(url, tag), "{url} {tag:?}");
    }
}

#[test]
fn code_that_is_quoted_for_others_is_no_module_of_its_own() {
    let helper =
        "defmodule A.Helper do\n  defmacro __using__(_) do\n    quote do\n      use RustlerPrecompiled, otp_app: :a\n    end\n  end\nend\n";
    let project = ElixirProject::read([("mix.exs", MIX), ("lib/a.ex", MODULE), ("lib/h.ex", helper)].into_iter());
    assert_eq!(project.modules.len(), 2);
    let names = project.evaluated(&answer("")).modules.into_iter().map(|module| module.module).collect::<Vec<_>>();
    assert_eq!(names, ["A.Native"]);
}

#[test]
fn what_could_not_be_evaluated_is_as_it_was_read() {
    let text = r#"{"elixir":"1","mix":{"error":"** (File.Error)"},"modules":[{"file":"lib/a.ex","line":2,"error":"** (CompileError)"}]}"#;
    let project = read().evaluated(&Evaluated::parse(text).unwrap());
    let places = project.not_evaluated.iter().map(|(place, _)| place.as_str()).collect::<Vec<_>>();
    assert_eq!(places, ["mix.exs", "lib/a.ex:2"]);
    assert_eq!((project.modules, project.mix), (read().modules, read().mix));
}

proptest::proptest! {
    #[test]
    fn no_answer_is_too_strange(printed in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), text in "(NN|\\{|\\}|\"modules\"|:|,|\\[|\\]|null|\"\\PC\"){0,30}") {
        let _ = Evaluated::answer(&printed, "NN");
        if let Ok(answer) = Evaluated::answer(text.as_bytes(), "NN") {
            let _ = read().evaluated(&Evaluated::parse(answer).unwrap());
        }
    }
}
