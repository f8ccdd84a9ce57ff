//! Arbitrary text never panics, and an error can always be rendered.

use proptest::prelude::*;

use super::*;

/// Words of manifests, so that arbitrary text gets past the parser.
fn fragments() -> impl Strategy<Value = String> {
    let words = vec![
        "targets = [\"linux-gnu\"]\n",
        "targets = []\n",
        "[archive.ht]\n",
        "[static.ht]\n",
        "[file.x]\n",
        "path = \"README.md\"\n",
        "name = \"n\"\n",
        "[core.ht]\n",
        "[core.cli.embed]\n",
        "X = \"static.ht\"\n",
        "probe = []\n",
        "[[archive.ht.probe]]\n",
        "run = \"ht\"\n",
        "script = \"x\"\n",
        "expect = \"{version}\"\n",
        "filename = \"{nam\"\n",
        "[target.x86_64-unknown-linux-gnu]\n",
        "glibc = \"2.28\"\n",
        "roots = [\"sandbox\"]\n",
        "[gates]\n",
        "before = [[\"a\", \"b\"]]\n",
        "planned.macos = \"ü\"\n",
        "files = { \"README.md\" = \"ht\" }\n",
        "core = \"ht\"\n",
        "version = \"1.0.0\"\n",
        "é = 1\n",
        "\t",
        "\r\n",
        "\"",
        "{",
        "\u{0}",
    ];
    prop::collection::vec(prop::sample::select(words), 0..12).prop_map(|words| words.concat())
}

fn is_read_or_refused(text: &str) {
    for facts in [single(), fastboop(), CargoFacts::default()] {
        if let Err(error) = read_with(&facts, text) {
            assert!(!error.diagnostics().is_empty());
            assert!(error.diagnostics().iter().all(|diagnostic| diagnostic.code != "unclear"), "{text:?}: {error}");
            assert!(error.render(true).len() >= error.render(false).len());
            assert_eq!(error.failure().causes.len(), error.diagnostics().len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}|(?s).{0,80}") {
        is_read_or_refused(&text);
    }

    #[test]
    fn arbitrary_manifests_never_panic(text in fragments()) {
        is_read_or_refused(&text);
    }

    #[test]
    fn cut_manifests_never_panic(cut in 0_usize..400) {
        let text = "targets = [\"linux-gnu\"]\nname = \"hté\"\n[archive.ht]\nfilename = \"{name}-{target}\"\nfiles = [\"README.md\"]\n[[archive.ht.probe]]\nrun = \"ht --version\"\nexpect = { status = 0, output = \"{version}\" }\n[gates]\nbefore = [[\"test\", \"cargo test\"]]\n";
        let cut = (0..=cut.min(text.len())).rev().find(|cut| text.is_char_boundary(*cut)).unwrap_or(0);
        is_read_or_refused(&text[..cut]);
    }
}
