//! Errors about where a release is published.

use super::*;

const ARCHIVE: &str = "targets = [\"linux-gnu\"]\n[archive.ht]\n[publish.pypi]\n";

pub(crate) const PUBLISH: &[Case] = &[
    ("nothing for a Python index", single, ARCHIVE),
    (
        "half of an index, and a key that there is not",
        wheels::sound,
        "targets = [\"linux-gnu\"]\n[wheel.ht]\n[publish.pypi]\ntoken = \"x\"\nrepository.upload = \"https://a.example/legacy/\"\n",
    ),
    (
        "places that are none",
        wheels::sound,
        "targets = [\"linux-gnu\"]\n[wheel.ht]\n[publish.pypi.repository]\nupload = \"https://u:p@a.example/legacy/\"\nindex = \"../simple\"\n",
    ),
];

#[test]
fn publishing() {
    insta::assert_snapshot!(report(PUBLISH));
}
