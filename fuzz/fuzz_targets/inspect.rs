//! Any bytes, as a binary file: facts, every gate and the search for leaked paths must end without a panic.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use plimsoll_inspect::{ExpectedLinkage, Policy, generic_leaks, judge_bytes, measured_floor, measured_system, recognise, system_reasons};
use plimsoll_model::{GlibcVersion, Target};

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let targets = Target::KNOWN.iter().filter_map(|triple| triple.parse::<Target>().ok());
    let policies = targets.map(|target| Policy::for_target(&target, ExpectedLinkage::Any, Some(GlibcVersion::new(2, 28))));
    policies.map(|policy| Policy { forbidden_paths: vec!["/home/ann".to_owned(), "/work".to_owned()], ..policy }).collect()
});

fuzz_target!(|bytes: &[u8]| {
    let format = recognise(bytes);
    let _ = generic_leaks(bytes);
    for policy in POLICIES.iter() {
        match judge_bytes(bytes, policy) {
            Ok((facts, _)) => {
                assert_eq!(Some(facts.format), format);
                let _ = (measured_floor(&facts), measured_system(&facts), system_reasons(&facts));
                assert!(facts.slices.iter().all(|slice| slice.slices.is_empty()), "slices have none of their own");
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
