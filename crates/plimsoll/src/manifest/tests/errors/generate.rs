//! Errors about files that are made while the release is.

use super::*;

pub(crate) const GENERATE: &[Case] = &[
    ("a generator of nothing", single, "targets = [\"linux-gnu\"]\n[archive.ht]\n[generate.zsh]\n"),
    (
        "a generator of two ways, and one with a core that it does not run",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\n[generate.zsh]\nrun = \"ht x\"\ncommand = \"make zsh\"\noutput = \"_ht\"\n[generate.man]\ncommand = \"make \
         man\"\ncore = \"ht\"\noutput = \"../*.1\"\n",
    ),
    (
        "programs and cores that there are not",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\n[generate.zsh]\nrun = \"hx x\"\noutput = \"_ht\"\n[generate.man]\nbuild-script = \"hx\"\noutput = \
         \"*.1\"\n[generate.fish]\nrun = []\noutput = \"x\"\n",
    ),
    (
        "a generator that the files do not know",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nfiles = [\"generate.zhs\"]\n[generate.zsh]\nrun = \"ht x\"\noutput = \"_ht\"\n",
    ),
];

#[test]
fn what_is_generated() {
    insta::assert_snapshot!(report(GENERATE));
}
