//! Errors about what somebody else made, and about the release before this one.

use super::*;

pub(crate) const GIVEN: &[Case] = &[
    ("a prebuilt file that is nowhere and that no build finds", single, "targets = [\"linux-gnu\"]\n[archive.ht]\n[prebuilt.x]\n"),
    (
        "a place that is none, and no variable",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\n[prebuilt.x]\nurl = \"ftp://a.example/x\"\nenv = \"a b\"\n[prebuilt.y]\nurl = \
         \"https://a.example/{targte}\"\nenv = \"Y\"\n",
    ),
    (
        "a core and a target that are not built",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\n[prebuilt.x]\nurl = \"https://a.example/x\"\nenv = \"X\"\ncores = [\"hx\"]\n[prebuilt.y]\nurl = \
         \"https://a.example/y\"\nenv = \"Y\"\ntargets = [\"x86_64-pc-windows-gnu\"]\n",
    ),
    (
        "two with one variable, and one that the core sets",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\n[core.ht]\nenv.A = \"1\"\n[prebuilt.x]\nurl = \"https://a.example/x\"\nenv = \"X\"\n[prebuilt.y]\nurl = \
         \"https://a.example/y\"\nenv = \"X\"\n[prebuilt.z]\nurl = \"https://a.example/z\"\nenv = \"A\"\n",
    ),
    (
        "a test that is given no file, and a release from nowhere",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\n[test.x]\ninstall = [\"archive.ht\"]\nprobe.script = \"ht\"\nprevious = true\ngiven.\"a/b\" = \
         \"x\"\ngiven.c = \"https://a.example/\"\n",
    ),
    ("releases at no place", single, "targets = [\"linux-gnu\"]\n[archive.ht]\n[previous]\nfrom = \"https://u:p@a.example/x\"\n"),
];

#[test]
fn what_is_given() {
    insta::assert_snapshot!(report(GIVEN));
}
