//! The processors that qemu is told to be: no more than a program of a target may ask for. As data.
//!
//! A processor of qemu's by name has more than the level that it stands for: `qemu64` has SSE3, `Haswell` has AES and RDRAND. So each level is made
//! of `qemu64`, which qemu emulates in full, and of exactly the features of the psABI's list
//! (<https://gitlab.com/x86-psABIs/x86-64-ABI>, "Micro-Architecture Levels"). The words are qemu's since 4.0: "Recommendations for KVM CPU model
//! configuration on x86 hosts", and `qemu-x86_64 -cpu help`. A change here changes what evidence means, and raises the prove stage's `FORMAT`.

use plimsoll_model::CpuLevel;

/// `qemu64` without what the plain level has not: CMPXCHG16B, LAHF-SAHF and SSE3; SVM is for kernels only.
const PLAIN: &str = "qemu64,-svm,-sse3,-cx16,-lahf-lm";
const SECOND: &str = "qemu64,-svm,+sse3,+cx16,+lahf-lm,+popcnt,+ssse3,+sse4.1,+sse4.2";
/// LZCNT is `abm`; qemu tells OSXSAVE wherever there is XSAVE.
const THIRD: &str = "qemu64,-svm,+sse3,+cx16,+lahf-lm,+popcnt,+ssse3,+sse4.1,+sse4.2,\
                     +avx,+avx2,+bmi1,+bmi2,+f16c,+fma,+abm,+movbe,+xsave";

/// The processor of just a level; none where qemu's translator has no such one.
pub(super) const fn of_level(level: CpuLevel) -> Option<&'static str> {
    match level {
        CpuLevel::V1 => Some(PLAIN),
        CpuLevel::V2 => Some(SECOND),
        CpuLevel::V3 => Some(THIRD),
        CpuLevel::V4 => None,
    }
}

/// The processor that rustc compiles for where it is told no other, by the name that [`std::env::consts::ARCH`] has for its kind; none where qemu's
/// own choice is no more than that. qemu's own choice for the others is the best that it has.
pub(super) fn baseline(arch: &str) -> Option<&'static str> {
    match arch {
        "x86_64" => Some(PLAIN),
        // Armv8.0 with NEON: no atomics of Armv8.1 (LSE), no SVE. It has the cryptographic extension, which qemu cannot take out.
        "aarch64" => Some("cortex-a53"),
        // Armv7-A: no division, no VFPv4. It has NEON, which qemu cannot take out.
        "arm" => Some("cortex-a8"),
        // RV64GC: no vectors, no bit manipulation.
        "riscv64" => Some("rv64,v=false,zba=false,zbb=false,zbc=false,zbs=false"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the psABI adds with each level, in qemu's words, where `qemu64` does not have it anyway.
    const LISTS: [(CpuLevel, &[&str]); 3] = [
        (CpuLevel::V1, &[]),
        (CpuLevel::V2, &["cx16", "lahf-lm", "popcnt", "sse3", "sse4.1", "sse4.2", "ssse3"]),
        (CpuLevel::V3, &["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"]),
    ];

    #[test]
    fn a_level_has_its_list_and_those_of_lesser_levels_and_nothing_else() {
        let mut expected = Vec::new();
        for (level, added) in LISTS {
            expected.extend(added.iter().copied());
            let words = of_level(level).unwrap();
            let (model, changes) = words.split_once(',').unwrap();
            assert_eq!(model, "qemu64");
            let with = |sign: char| changes.split(',').filter_map(move |word| word.strip_prefix(sign)).collect::<Vec<_>>();
            let (mut has, mut wanted) = (with('+'), expected.clone());
            has.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(has, wanted, "{level}");
            // What `qemu64` has of the second level's list, and no processor's users.
            let had = ["svm", "sse3", "cx16", "lahf-lm"].into_iter().filter(|word| !expected.contains(word)).collect::<Vec<_>>();
            assert_eq!(with('-'), had, "{level}");
        }
        assert_eq!(of_level(CpuLevel::V4), None);
    }

    #[test]
    fn a_foreign_processor_is_the_least_that_rustc_compiles_for() {
        assert_eq!(baseline("x86_64"), of_level(CpuLevel::V1));
        assert_eq!(baseline("aarch64"), Some("cortex-a53"));
        assert_eq!(baseline("s390x"), None);
    }
}
