//! Any bytes, as a wheel and as an sdist: the audit ends without a panic, and says something of what it could not read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_inspect::audit;

fuzz_target!(|bytes: &[u8]| {
    for name in ["a-1-cp39-abi3-manylinux_2_17_x86_64.musllinux_1_1_x86_64.macosx_11_0_arm64.win_amd64.whl", "a-1.tar.gz"] {
        let Some(audit) = audit(name, bytes) else { continue };
        assert!(audit.findings.iter().all(|finding| !finding.message.is_empty()));
        assert!(audit.files > 0 || !audit.findings.is_empty(), "nothing in it, and nothing said");
    }
});
