//! Names under which people know a glibc floor: releases of distributions, and Python's platform tags.
//!
//! The versions are those of the glibc package at the release, which stays for the release's lifetime. Sources: Debian
//! <https://packages.debian.org/search?keywords=libc6>, Ubuntu <https://packages.ubuntu.com/search?keywords=libc6>, Red Hat Enterprise Linux
//! and its rebuilds <https://access.redhat.com/solutions/38634>, Amazon Linux <https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html>,
//! manylinux PEP 599 (`manylinux2014`) and PEP 600 (`manylinux_X_Y`, which is the version itself). Pure data.

use plimsoll_model::GlibcVersion;

const NAMES: &[(&str, GlibcVersion)] = &[
    ("debian:10", GlibcVersion::new(2, 28)),
    ("debian:11", GlibcVersion::new(2, 31)),
    ("debian:12", GlibcVersion::new(2, 36)),
    ("debian:13", GlibcVersion::new(2, 41)),
    ("ubuntu:20.04", GlibcVersion::new(2, 31)),
    ("ubuntu:22.04", GlibcVersion::new(2, 35)),
    ("ubuntu:24.04", GlibcVersion::new(2, 39)),
    ("rhel:7", GlibcVersion::new(2, 17)),
    ("rhel:8", GlibcVersion::new(2, 28)),
    ("rhel:9", GlibcVersion::new(2, 34)),
    ("amazonlinux:2", GlibcVersion::new(2, 26)),
    ("amazonlinux:2023", GlibcVersion::new(2, 34)),
    ("manylinux2014", GlibcVersion::new(2, 17)),
    ("manylinux_2_17", GlibcVersion::new(2, 17)),
    ("manylinux_2_28", GlibcVersion::new(2, 28)),
    ("manylinux_2_34", GlibcVersion::new(2, 34)),
];

/// The floor of that name, or `text` itself where it is a version; none where it is neither.
pub fn named_floor(text: &str) -> Option<GlibcVersion> {
    if let Some((_, version)) = NAMES.iter().find(|(name, _)| *name == text) {
        return Some(*version);
    }
    let version = match text.strip_prefix("manylinux_") {
        Some(tag) if !tag.contains('.') => tag.replacen('_', ".", 1),
        Some(_) => return None,
        None => text.to_owned(),
    };
    version.parse().ok()
}

/// All names, for messages.
pub fn floor_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tags_and_versions_are_floors() {
        for (text, version) in
            [("debian:12", (2, 36)), ("amazonlinux:2", (2, 26)), ("manylinux2014", (2, 17)), ("manylinux_2_39", (2, 39)), ("2.28", (2, 28))]
        {
            assert_eq!(named_floor(text), Some(GlibcVersion::new(version.0, version.1)), "{text}");
        }
        for text in ["", "debian", "debian:9x", "manylinux_2", "manylinux_2_28_x86_64", "manylinux_2.28", "2"] {
            assert_eq!(named_floor(text), None, "{text}");
        }
    }

    #[test]
    fn tags_in_the_table_agree_with_the_rule() {
        for name in floor_names() {
            let tag = name.strip_prefix("manylinux_").map(|tag| tag.replacen('_', ".", 1).parse().unwrap());
            assert!(tag.is_none_or(|tag| named_floor(name) == Some(tag)), "{name}");
        }
    }
}
