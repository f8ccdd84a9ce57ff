//! Which edits start a compiler: by cargo itself, on this machine.

use super::*;

/// A program of a package whose build script, if there is one, is `script`.
fn bench(main: &str, script: Option<&str>) -> Bench {
    let mut bench = Bench::new("x86_64-unknown-linux-gnu", Builder::Native, &[]);
    bench.product.target = bench.host().parse().unwrap();
    bench.write("project/README.md", "one");
    bench.write("project/docs/guide.md", "one");
    bench.write("project/src/main.rs", main);
    if let Some(script) = script {
        bench.write("project/build.rs", script);
    }
    assert!(!bench.product_of_build().remembered);
    assert!(bench.product_of_build().remembered);
    bench
}

impl Bench {
    fn product_of_build(&self) -> Product {
        self.build_product().unwrap_or_else(|stop| panic!("{stop:?}"))
    }

    /// Whether a file's new content has something compiled.
    fn compiles_for(&self, name: &str, text: &str) -> bool {
        self.write(&format!("project/{name}"), text);
        let product = self.product_of_build();
        assert!(!product.remembered || product.compiled == 0);
        !product.remembered
    }
}

#[test]
fn edits_of_documents_that_nothing_reads_start_nothing() {
    let bench = bench("fn main() {}\n", None);
    for (name, text) in [
        ("README.md", "two"),
        ("docs/guide.md", "two"),
        ("docs/more.md", "new"),
        ("LICENSE-MIT", "new"),
        ("plimsoll.toml", "targets = [\"x86_64-unknown-linux-gnu\"]\n[planned]\naarch64-unknown-linux-gnu = \"later\"\n"),
    ] {
        assert!(!bench.compiles_for(name, text), "{name}");
    }
    fs::remove_file(bench.at("project/README.md")).unwrap();
    assert!(bench.product_of_build().remembered);
    for (name, text) in [("src/main.rs", "fn main() { }\n"), ("words.txt", "new"), (".cargo/config.toml", "[env]\nA = \"b\"\n")] {
        assert!(bench.compiles_for(name, text), "{name}");
    }
}

#[test]
fn an_included_document_is_an_input_and_so_is_its_neighbour() {
    let bench = bench("#![doc = include_str!(\"../README.md\")]\nfn main() { println!(include_str!(\"../docs/guide.md\")); }\n", None);
    assert!(bench.compiles_for("README.md", "two"));
    assert!(bench.compiles_for("docs/guide.md", "two"));
    assert!(bench.compiles_for("docs/more.md", "something may list the folder"));
    assert!(!bench.compiles_for("LICENSE-MIT", "new"));
    assert!(bench.compiles_for("README.md", "three") && !bench.compiles_for("README.md", "two"), "what was built before is remembered");
}

#[test]
fn a_declared_input_counts_whatever_it_is() {
    let mut bench = bench("fn main() {}\n", None);
    bench.product.inputs = vec!["docs".to_owned()];
    assert!(!bench.product_of_build().remembered);
    assert!(bench.compiles_for("docs/guide.md", "two"));
    assert!(!bench.compiles_for("README.md", "two"));
}

#[test]
fn a_build_script_is_believed_in_what_it_says_it_reads() {
    let bench = bench("fn main() {}\n", Some("fn main() { println!(\"cargo:rerun-if-changed=docs\"); }\n"));
    assert!(bench.compiles_for("docs/new.md", "globbed"));
    assert!(!bench.compiles_for("README.md", "two"));
}

#[test]
fn a_build_script_that_says_nothing_may_read_all_of_its_package_but_not_the_manifest() {
    let script = "fn main() { assert!(!std::path::Path::new(&[\"plimsoll\", \"toml\"].join(\".\")).exists()); }\n";
    let bench = bench("fn main() {}\n", Some(script));
    assert!(bench.compiles_for("README.md", "two"));
    let changed = "targets = [\"x86_64-unknown-linux-gnu\"]\n# changed\n";
    assert!(!bench.compiles_for("plimsoll.toml", changed));
    let named = "fn main() { assert!(std::path::Path::new(\"plimsoll.toml\").exists()); }\n";
    assert!(bench.compiles_for("build.rs", named), "a script that names it sees it");
    assert!(bench.compiles_for("plimsoll.toml", "targets = [\"x86_64-unknown-linux-gnu\"]\n# changed again\n"));
}
