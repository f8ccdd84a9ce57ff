//! The bytes of every kind and format on a fixed tree. If a test here fails, a compressor's upgrade or a change of ours gives users other bytes
//! than before: raise the kind's format number, so that no cached artifact of the old form is taken for the new, and write both down here.

mod fixture;

use fixture::{ONE, cases};

/// Label, format number, digest.
const GOLDEN: &[(&str, u32, &str)] = &[
    ("archive tar.xz", 1, "217bb3b24c34aa5b4838cd1c9ee29f019b71dcde13b43ef770ca84e4fa10d909"),
    ("archive tar.gz", 1, "bf8c8446c7796c795f8734f169016f88bbfe57cc236e67264a5f155de62f4c90"),
    ("archive tar.zst", 1, "5faaf7f95fecc0f4c323cb28be6997612b715b6a11abcff44c6ba6ab0af098e0"),
    ("archive zip", 1, "6379e88c8337f7c7f122a48a0790dd45c509701de8dca517cbd5e7579e2d0003"),
    ("nif precompiled", 1, "d01dd90992a3b2e57969051708804f1b46beda51dbc5866f05315a2e81aa3a4b"),
    ("nif elixir_make", 1, "1faeaf83163b6fff03a7233db705808200777d8caee4dfe34e972778b3977981"),
    ("static", 1, "b371a9f3f0af8b6e4ef8da1ae478ff9b42f918d4b3e68b1052935d2a202ffaa5"),
    ("file", 1, "306c6ca7407560340797866e077e053627ad409277d1b9da58106fce4cf717cb"),
    ("wheel", 1, "d084535cfefacddb0730b4d675249418836dd549bcc68412268aedf9cf2fee58"),
];

#[test]
fn bytes_change_only_together_with_the_format_number() {
    let found: Vec<_> =
        cases().iter().map(|case| (case.label(), case.spec.kind().format_number(), case.pack(ONE).0.hashed.digest().to_string())).collect();
    let golden: Vec<_> = GOLDEN.iter().map(|(label, number, digest)| ((*label).to_owned(), *number, (*digest).to_owned())).collect();
    assert_eq!(found, golden, "bytes have changed: raise the kind's FORMAT_NUMBER");
}
