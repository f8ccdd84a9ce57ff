//! Errors about files that a command leaves whole, and about artifacts that are tried together.

use super::*;

pub(crate) const FOREIGN: &[Case] = &[
    ("a command that leaves nothing", single, "targets = [\"linux-gnu\"]\n[archive.ht]\ncommand = \"make dist\"\n"),
    ("a file that nothing leaves", single, "targets = [\"linux-gnu\"]\n[archive.ht]\noutput = \"out.tar.xz\"\n"),
    (
        "a command beside a core",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\ncore = \"ht\"\ncommand = \"make dist\"\noutput = \"out.tar.xz\"\n",
    ),
    (
        "files for what a command leaves whole",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\ncommand = \"make dist\"\noutput = \"out.tar.xz\"\nfiles = [\"README.md\"]\n",
    ),
    (
        "a core of the artifact's name",
        single,
        "targets = [\"linux-gnu\"]\n[core.\"archive.ht\"]\ncommand = \"make\"\noutput = \"out\"\nbinaries = [\"ht\"]\n[archive.ht]\ncommand = \"make \
         dist\"\noutput = \"out.tar.xz\"\n",
    ),
    ("a processor of nothing that is left", single, "targets = [\"linux-gnu\"]\n[archive.ht]\ncpu = \"x86-64-v3\"\n"),
    (
        "no processor level",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\ncommand = \"make dist\"\noutput = \"out.tar.xz\"\ncpu = \"x86-64-v9\"\n",
    ),
    (
        "a file that is a source and left by a command",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\n[file.x]\npath = \"README.md\"\ncommand = \"make x\"\noutput = \"x\"\nprobe.script = \"true\"\n",
    ),
    (
        "a file for a processor",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\n[file.x]\ncommand = \"make x\"\noutput = \"out/*.txt\"\ncpu = \"x86-64-v2\"\nprobe.script = \"true\"\n",
    ),
    (
        "a file of any name",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\n[file.x]\ncommand = \"make x\"\noutput = \"out/*.txt\"\nprobe.script = \"true\"\n",
    ),
    (
        "a library that is left whole, with what only cargo has",
        single,
        "targets = [\"linux-gnu\"]\n[nif.x]\nmodule = \"X.Y\"\ncommand = \"make x\"\noutput = \"x\"\n[nif.x.variant.v]\nfeatures = \
         [\"x\"]\nrustflags = [\"-x\"]\n",
    ),
    (
        "files for a library that is left whole",
        single,
        "targets = [\"linux-gnu\"]\n[nif.x]\nmodule = \"X.Y\"\nscheme = \"elixir_make\"\ncommand = \"make x\"\noutput = \"x\"\nfiles = \
         [\"README.md\"]\n",
    ),
    ("a path that leads out", single, "targets = [\"linux-gnu\"]\n[archive.ht]\ncommand = \" \"\noutput = \"../out.tar.xz\"\n"),
];

pub(crate) const TOGETHER: &[Case] = &[
    ("a test that installs nothing", single, "targets = [\"linux-gnu\"]\n[archive.ht]\n[test.x]\nprobe.script = \"ht\"\n"),
    ("a test without a probe", single, "targets = [\"linux-gnu\"]\n[archive.ht]\n[test.x]\ninstall = [\"archive.ht\"]\n"),
    (
        "what there is not, twice the same, and two of one name",
        single,
        "targets = [\"linux-musl\"]\n[archive.ht]\n[static.ht]\n[test.x]\ninstall = [\"archive.hx\", \"archive.ht\", \"archive.ht\", \
         \"static.ht\"]\nprobe.script = \"ht\"\n",
    ),
    (
        "artifacts that fit no target together",
        single,
        "targets = [\"x86_64-unknown-linux-gnu\", \"x86_64-unknown-linux-musl\"]\n[archive.a]\ncore = \"ht\"\ntargets = \
         [\"x86_64-unknown-linux-gnu\"]\n[archive.b]\ncore = \"ht\"\ntargets = [\"x86_64-unknown-linux-musl\"]\n[test.x]\ninstall = [\"archive.a\", \
         \"archive.b\"]\nprobe.script = \"ht\"\n",
    ),
];

#[test]
fn files_that_a_command_leaves() {
    insta::assert_snapshot!(report(FOREIGN));
}

#[test]
fn artifacts_that_are_tried_together() {
    insta::assert_snapshot!(report(TOGETHER));
}
