//! What systems that people name have: the C library, and the GCC whose libstdc++ and libgcc_s they load. Pure data.
//!
//! The versions are those of a release's first day, which stay or grow for its lifetime. Sources: the packages libc6, libstdc++6 and libgcc-s1
//! of Debian <https://packages.debian.org> and Ubuntu <https://packages.ubuntu.com>, both of which build the last two with the newest GCC of the
//! release and not with its usual one; glibc and gcc of Red Hat Enterprise Linux and its rebuilds <https://access.redhat.com/solutions/38634>,
//! <https://access.redhat.com/solutions/19458>, and of Fedora <https://packages.fedoraproject.org>; Amazon Linux
//! <https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html>; musl and gcc of Alpine <https://pkgs.alpinelinux.org>.
//! What a later release has beyond the last row of [`GCCS`] is not known here, and so not counted on.

use plimsoll_model::GlibcVersion;

use crate::version::DottedVersion;

/// A C library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CLibrary {
    Glibc(u16, u16),
    Musl(u32, u32, u32),
}

use CLibrary::{Glibc, Musl};

/// Name, C library, and the release of GCC, as [`GCCS`] has it.
const DISTRIBUTIONS: &[(&str, CLibrary, &str)] = &[
    ("debian:10", Glibc(2, 28), "8"),
    ("debian:11", Glibc(2, 31), "10"),
    ("debian:12", Glibc(2, 36), "12"),
    ("debian:13", Glibc(2, 41), "14"),
    ("ubuntu:18.04", Glibc(2, 27), "8"),
    ("ubuntu:18.10", Glibc(2, 28), "8"),
    ("ubuntu:20.04", Glibc(2, 31), "10"),
    ("ubuntu:20.10", Glibc(2, 32), "10"),
    ("ubuntu:21.04", Glibc(2, 33), "11"),
    ("ubuntu:21.10", Glibc(2, 34), "11"),
    ("ubuntu:22.04", Glibc(2, 35), "12"),
    ("ubuntu:22.10", Glibc(2, 36), "12"),
    ("ubuntu:23.04", Glibc(2, 37), "13"),
    ("ubuntu:23.10", Glibc(2, 38), "13.2"),
    ("ubuntu:24.04", Glibc(2, 39), "14"),
    ("ubuntu:24.10", Glibc(2, 40), "14"),
    ("ubuntu:25.04", Glibc(2, 41), "15"),
    ("ubuntu:25.10", Glibc(2, 42), "15"),
    ("ubuntu:26.04", Glibc(2, 43), "15"),
    ("rhel:7", Glibc(2, 17), "4.8"),
    ("rhel:8", Glibc(2, 28), "8"),
    ("rhel:9", Glibc(2, 34), "11"),
    ("rhel:10", Glibc(2, 39), "14"),
    ("fedora:34", Glibc(2, 33), "11"),
    ("fedora:35", Glibc(2, 34), "11"),
    ("fedora:36", Glibc(2, 35), "12"),
    ("fedora:37", Glibc(2, 36), "12"),
    ("fedora:38", Glibc(2, 37), "13"),
    ("fedora:39", Glibc(2, 38), "13.2"),
    ("fedora:40", Glibc(2, 39), "14"),
    ("fedora:41", Glibc(2, 40), "14"),
    ("fedora:42", Glibc(2, 41), "15"),
    ("fedora:43", Glibc(2, 42), "15"),
    ("fedora:44", Glibc(2, 43), "15"),
    ("amazonlinux:2", Glibc(2, 26), "7"),
    ("amazonlinux:2023", Glibc(2, 34), "11"),
    ("alpine:3.13", Musl(1, 2, 2), "10"),
    ("alpine:3.14", Musl(1, 2, 2), "10"),
    ("alpine:3.15", Musl(1, 2, 2), "10"),
    ("alpine:3.16", Musl(1, 2, 3), "11"),
    ("alpine:3.17", Musl(1, 2, 3), "12"),
    ("alpine:3.18", Musl(1, 2, 4), "12"),
    ("alpine:3.19", Musl(1, 2, 4), "13.2"),
    ("alpine:3.20", Musl(1, 2, 5), "13.2"),
    ("alpine:3.21", Musl(1, 2, 5), "14"),
    ("alpine:3.22", Musl(1, 2, 5), "14"),
    ("alpine:3.23", Musl(1, 2, 5), "15"),
];

/// Rebuilds of Red Hat Enterprise Linux, and the names that systems give themselves in `/etc/os-release`.
const ALIASES: &[(&str, &str)] = &[
    ("almalinux", "rhel"),
    ("centos", "rhel"),
    ("ol", "rhel"),
    ("oraclelinux", "rhel"),
    ("rocky", "rhel"),
    ("rockylinux", "rhel"),
    ("amzn", "amazonlinux"),
];

/// A release of GCC: the highest versions GLIBCXX and CXXABI of its libstdc++.
///
/// Source: <https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html>, "History". Versions of libgcc_s (`libgcc/libgcc-std.ver.in` and
/// `libgcc/config/*/*.ver` in GCC's sources) have the number of the release that brought them, on every processor, and are cumulative.
const GCCS: &[(&str, &str, &str)] = &[
    ("4.2", "3.4.8", "1.3.1"),
    ("4.5", "3.4.13", "1.3.3"),
    ("4.8", "3.4.19", "1.3.7"),
    ("6.1", "3.4.22", "1.3.10"),
    ("7", "3.4.24", "1.3.11"),
    ("8", "3.4.25", "1.3.11"),
    ("10", "3.4.28", "1.3.12"),
    ("11", "3.4.29", "1.3.13"),
    ("12", "3.4.30", "1.3.13"),
    ("13", "3.4.31", "1.3.14"),
    ("13.2", "3.4.32", "1.3.14"),
    ("14", "3.4.33", "1.3.15"),
    ("15", "3.4.34", "1.3.16"),
];

/// The GCC that systems with a glibc may be expected to have, as `manylinux` tags do: the oldest of those that have it or a newer one. Rows up to
/// 2.34 are those of auditwheel's policies.
const GCC_OF_GLIBC: &[(GlibcVersion, &str)] = &[
    (GlibcVersion::new(2, 5), "4.2"),
    (GlibcVersion::new(2, 12), "4.5"),
    (GlibcVersion::new(2, 17), "4.8"),
    (GlibcVersion::new(2, 24), "6.1"),
    (GlibcVersion::new(2, 27), "7"),
    (GlibcVersion::new(2, 31), "10"),
    (GlibcVersion::new(2, 34), "11"),
    (GlibcVersion::new(2, 35), "12"),
    (GlibcVersion::new(2, 37), "13"),
    (GlibcVersion::new(2, 38), "13.2"),
    (GlibcVersion::new(2, 39), "14"),
    (GlibcVersion::new(2, 42), "15"),
];

/// Prefixes of symbol versions of GCC's runtime libraries, with the highest of each. One of fewer numbers than a version stands for all that begin
/// with it.
pub(crate) type Ceilings = [(&'static str, &'static str); 3];

/// A named distribution's name as the table has it, its C library, and its ceilings.
pub(crate) fn find(text: &str) -> Option<(&'static str, CLibrary, Ceilings)> {
    let (system, release) = text.split_once(':')?;
    let system = ALIASES.iter().find(|(alias, _)| *alias == system).map_or(system, |(_, name)| *name);
    // Point releases keep both.
    let release = match system {
        "rhel" => release.split_once('.').filter(|(_, minor)| is_number(minor)).map_or(release, |(major, _)| major),
        "alpine" if release.matches('.').count() == 2 => {
            release.rsplit_once('.').filter(|(_, point)| is_number(point)).map_or(release, |(branch, _)| branch)
        }
        _ => release,
    };
    let is_it = |name: &str| name.split_once(':') == Some((system, release));
    let (name, library, gcc) = DISTRIBUTIONS.iter().find(|(name, ..)| is_it(name))?;
    Some((name, *library, of_gcc(gcc)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Names of distributions.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    DISTRIBUTIONS.iter().map(|(name, ..)| *name)
}

/// Highest versions that a system with this glibc may be expected to have. Below the oldest row, that row.
pub(crate) fn of_glibc(floor: GlibcVersion) -> Ceilings {
    let row = GCC_OF_GLIBC.iter().rev().find(|(glibc, _)| *glibc <= floor).unwrap_or(&GCC_OF_GLIBC[0]);
    of_gcc(row.1)
}

/// The oldest glibc whose systems may be expected to have this version of a library of GCC's; none where no row has it, and for other prefixes.
pub(crate) fn glibc_with(prefix: &str, version: &DottedVersion) -> Option<GlibcVersion> {
    let has = |gcc: &'static str| {
        let (_, ceiling) = of_gcc(gcc).into_iter().find(|(own, _)| *own == prefix)?;
        ceiling.parse::<DottedVersion>().ok().filter(|ceiling| !is_above(version, ceiling))
    };
    GCC_OF_GLIBC.iter().find(|(_, gcc)| has(gcc).is_some()).map(|(glibc, _)| *glibc)
}

/// Prefixes that [`glibc_with`] knows.
pub(crate) const GCC_PREFIXES: [&str; 3] = ["GLIBCXX", "CXXABI", "GCC"];

fn of_gcc(release: &'static str) -> Ceilings {
    let (_, libstdcxx, cxxabi) = GCCS.iter().find(|(gcc, ..)| *gcc == release).unwrap_or(&GCCS[0]);
    [("GLIBCXX", libstdcxx), ("CXXABI", cxxabi), ("GCC", release)]
}

/// Whether a version is above a ceiling.
pub(crate) fn is_above(version: &DottedVersion, ceiling: &DottedVersion) -> bool {
    let most = version.parts().len().min(ceiling.parts().len());
    version.parts()[..most] > *ceiling.parts()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (CLibrary, Ceilings) {
        let (_, library, ceilings) = find(text).unwrap();
        (library, ceilings)
    }

    #[test]
    fn every_row_has_a_gcc_and_is_found_by_its_name() {
        for (name, _, gcc) in DISTRIBUTIONS {
            assert!(GCCS.iter().any(|(known, ..)| known == gcc), "{name}");
            assert_eq!(find(name).unwrap().0, *name);
        }
        assert!(GCC_OF_GLIBC.iter().all(|(_, gcc)| GCCS.iter().any(|(known, ..)| known == gcc)));
        for pair in GCCS.windows(2) {
            let [one, next] = [&pair[0], &pair[1]].map(|row| [row.0, row.1, row.2].map(|text| text.parse::<DottedVersion>().unwrap()));
            assert!(one[0] < next[0] && one[1] < next[1] && one[2] <= next[2], "{pair:?}");
        }
    }

    #[test]
    fn what_a_tag_promises_every_distribution_with_that_glibc_has() {
        for (name, library, gcc) in DISTRIBUTIONS {
            let Glibc(major, minor) = library else { continue };
            let promised = of_glibc(GlibcVersion::new(*major, *minor));
            for ((prefix, has), (_, promised)) in of_gcc(gcc).iter().zip(promised) {
                let [has, promised] = [has, promised].map(|text| text.parse::<DottedVersion>().unwrap());
                assert!(promised <= has, "{name} {prefix}");
            }
        }
    }

    #[test]
    fn a_version_of_a_library_of_gcc_asks_for_a_glibc() {
        let with = |prefix: &str, version: &str| glibc_with(prefix, &version.parse().unwrap());
        assert_eq!(with("GLIBCXX", "3.4.19"), Some(GlibcVersion::new(2, 17)));
        assert_eq!(with("GLIBCXX", "3.4.20"), Some(GlibcVersion::new(2, 24)));
        assert_eq!(with("CXXABI", "1.3.11"), Some(GlibcVersion::new(2, 27)));
        assert_eq!(with("CXXABI", "1.3.13"), Some(GlibcVersion::new(2, 34)));
        assert_eq!(with("GCC", "3.0"), Some(GlibcVersion::new(2, 5)));
        assert_eq!(with("GCC", "99.0"), None);
        assert_eq!(with("ZLIB", "1.2"), None);
    }

    #[test]
    fn rebuilds_and_point_releases_are_what_they_are_made_of() {
        assert_eq!(of("rocky:9"), of("rhel:9"));
        assert_eq!(of("almalinux:9.4"), of("rhel:9"));
        assert_eq!(of("amzn:2023"), of("amazonlinux:2023"));
        assert_eq!(of("rhel:9"), (Glibc(2, 34), [("GLIBCXX", "3.4.29"), ("CXXABI", "1.3.13"), ("GCC", "11")]));
        for text in ["rhel", "rhel:", "rhel:9.x", "rhel:6", "ubuntu:22", "debian:12.1", "alpine:3", "arch:1"] {
            assert!(find(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_ceiling_of_fewer_numbers_stands_for_all_that_begin_with_it() {
        let above = |version: &str, ceiling: &str| is_above(&version.parse().unwrap(), &ceiling.parse().unwrap());
        for (version, ceiling) in [("12.0.0", "11"), ("4.9.0", "4.8"), ("3.4.30", "3.4.29"), ("13.3.0", "13.2")] {
            assert!(above(version, ceiling), "{version} {ceiling}");
        }
        for (version, ceiling) in
            [("11.0", "11"), ("4.8.0", "4.8"), ("3.4", "3.4.29"), ("3.4.29", "3.4.29"), ("7.0.0", "11"), ("13.0.0", "13.2")]
        {
            assert!(!above(version, ceiling), "{version} {ceiling}");
        }
    }
}
