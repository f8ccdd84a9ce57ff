//! What a named system lacks of what a file asks for, with the symbols and libraries to blame.

use std::fmt;

use plimsoll_model::GlibcVersion;

use crate::distributions::{self, CLibrary, is_above};
use crate::facts::Facts;
use crate::floor::{self, FloorReason, floor_reasons, measured_system};
use crate::format::Format;
use crate::version::{DottedVersion, split_version_name};

/// First musl that understands DT_RELR (its release notes).
const MUSL_RELR: [u32; 3] = [1, 2, 4];

/// A system by its name, with the libraries that programs find there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    name: String,
    library: HostLibrary,
    /// Prefixes of symbol versions of GCC's libraries, with the highest of each.
    ceilings: Vec<(&'static str, DottedVersion)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum HostLibrary {
    Glibc(GlibcVersion),
    Musl(DottedVersion),
}

/// Something that a file asks for and a host does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// In words, without the host's own: `needs GLIBCXX_3.4.30, above GLIBCXX_3.4.29 of rhel:9`.
    pub what: String,
    /// Each demand, with its symbols and library: `GLIBCXX_3.4.30 (_ZSt… from libstdc++.so.6)`.
    pub demands: Vec<String>,
}

impl Host {
    /// A distribution, or a `manylinux` tag.
    pub(crate) fn named(text: &str) -> Option<Self> {
        if let Some((name, library, ceilings)) = distributions::find(text) {
            let library = match library {
                CLibrary::Glibc(major, minor) => HostLibrary::Glibc(GlibcVersion::new(major, minor)),
                CLibrary::Musl(major, minor, patch) => HostLibrary::Musl(DottedVersion::of(major, &[minor, patch])),
            };
            return Some(Self::new(name, library, ceilings));
        }
        let glibc = match text {
            "manylinux2014" => GlibcVersion::new(2, 17),
            _ => text.strip_prefix("manylinux_").filter(|tag| !tag.contains('.'))?.replacen('_', ".", 1).parse().ok()?,
        };
        Some(Self::new(text, HostLibrary::Glibc(glibc), distributions::of_glibc(glibc)))
    }

    fn new(name: &str, library: HostLibrary, ceilings: distributions::Ceilings) -> Self {
        let ceilings = ceilings.into_iter().filter_map(|(prefix, version)| Some((prefix, version.parse().ok()?)));
        Self { name: name.to_owned(), library, ceilings: ceilings.collect() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its glibc; none where its C library is musl.
    pub fn glibc(&self) -> Option<GlibcVersion> {
        match self.library {
            HostLibrary::Glibc(version) => Some(version),
            HostLibrary::Musl(_) => None,
        }
    }

    /// Prefixes of symbol versions of GCC's libraries, with the highest of each.
    pub fn ceilings(&self) -> &[(&'static str, DottedVersion)] {
        &self.ceilings
    }

    /// Everything that a file asks for and this system does not have; empty for one that asks for nothing, such as a static program.
    pub fn lacks(&self, facts: &Facts) -> Vec<Lack> {
        if facts.format != Format::Elf {
            let what = match measured_system(facts) {
                Some(floor) => format!("needs {floor}, and no {self} does"),
                None => format!("is {}, which {self} does not load", facts.format.as_str()),
            };
            return vec![Lack { what, demands: Vec::new() }];
        }
        let library = match &self.library {
            HostLibrary::Glibc(version) => self.glibc_lacks(*version, facts),
            HostLibrary::Musl(version) => self.musl_lacks(version, facts),
        };
        let runtime = self.ceilings.iter().filter_map(|(prefix, ceiling)| self.above(prefix, ceiling, facts));
        library.into_iter().chain(runtime).collect()
    }

    fn glibc_lacks(&self, limit: GlibcVersion, facts: &Facts) -> Vec<Lack> {
        let mut lacks = Vec::new();
        let above = floor_reasons(facts).into_iter().filter(|reason| reason.version > limit).collect::<Vec<_>>();
        if let Some(highest) = above.first() {
            let what = format!("needs glibc {}, above {limit} of {self}", highest.version);
            lacks.push(Lack { what, demands: above.iter().map(FloorReason::describe).collect() });
        }
        if let Some(place) = musl_in(facts) {
            lacks.push(Lack { what: format!("needs musl, and {self} has glibc {limit}"), demands: vec![place.to_owned()] });
        }
        lacks
    }

    fn musl_lacks(&self, limit: &DottedVersion, facts: &Facts) -> Vec<Lack> {
        let reasons = floor_reasons(facts).iter().map(FloorReason::describe).collect::<Vec<_>>();
        let loader = facts.interpreter.as_deref().filter(|path| !path.contains("/ld-musl-"));
        if !reasons.is_empty() || loader.is_some() || floor::is_linked_with_glibc(facts) {
            let floor = floor::measured_floor(facts).map(|version| format!(" {version}")).unwrap_or_default();
            let loader = loader.map(|path| format!("the loader {path}"));
            return vec![Lack {
                what: format!("needs glibc{floor}, and {self} has musl {limit}"),
                demands: loader.into_iter().chain(reasons).collect(),
            }];
        }
        let since = DottedVersion::of(MUSL_RELR[0], &MUSL_RELR[1..]);
        if facts.relr && facts.linkage.is_dynamic() && *limit < since {
            return vec![Lack { what: format!("needs musl {since}, above {limit} of {self}"), demands: vec!["DT_RELR".to_owned()] }];
        }
        Vec::new()
    }

    /// The demands of a prefix that are above its ceiling.
    fn above(&self, prefix: &str, ceiling: &DottedVersion, facts: &Facts) -> Option<Lack> {
        let of_prefix = |name: &str| split_version_name(name).filter(|(own, _)| *own == prefix).map(|(_, version)| version);
        let mut above = facts.demands.iter().filter_map(|demand| Some((of_prefix(&demand.name)?, demand))).collect::<Vec<_>>();
        above.retain(|(version, _)| is_above(version, ceiling));
        above.sort_by(|(a, _), (b, _)| b.cmp(a));
        let (_, highest) = above.first()?;
        Some(Lack {
            what: format!("needs {}, above {prefix}_{ceiling} of {self}", highest.name),
            demands: above.iter().map(|(_, demand)| floor::describe_demand(demand)).collect(),
        })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// By what a file says that it needs musl.
fn musl_in(facts: &Facts) -> Option<&str> {
    let loader = facts.interpreter.as_deref().filter(|path| path.contains("/ld-musl-"));
    loader.or_else(|| facts.needed.iter().map(String::as_str).find(|name| name.starts_with("libc.musl-") || name.starts_with("ld-musl-")))
}
