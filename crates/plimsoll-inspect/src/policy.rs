//! What an artifact's files are allowed to ask of a machine, as data.
//!
//! A policy is made once for each target and artifact, travels with the plan, and is judged in [`crate::gates`].

use std::collections::BTreeMap;

use plimsoll_model::{GlibcVersion, Libc, Target};
use serde::{Deserialize, Serialize};

use crate::host;
use crate::version::DottedVersion;

/// How a file is expected to be linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExpectedLinkage {
    /// Static or static-pie: no loader, no libraries.
    StaticOnly,
    /// An executable or a library for the dynamic loader.
    Dynamic,
    /// Either; an object file or separate debug information is neither.
    Any,
}

/// What is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Policy {
    /// Says which format, processor and class files must have.
    pub target: Target,
    /// How files must be linked.
    pub linkage: ExpectedLinkage,
    /// The oldest glibc that must load the file; none: the floor is measured and not judged.
    pub glibc_floor: Option<GlibcVersion>,
    /// Highest versions of other prefixes (`GLIBCXX`, `CXXABI`) that hosts of that floor have.
    #[serde(default)]
    pub ceilings: BTreeMap<String, DottedVersion>,
    /// Program loaders that an executable may name. Empty: none.
    #[serde(default)]
    pub interpreters: Vec<String>,
    /// SONAMEs that the host provides.
    #[serde(default)]
    pub allowed_libraries: Vec<String>,
    /// SONAMEs that are shipped beside the file. What they provide is judged by their own files.
    #[serde(default)]
    pub bundled: Vec<String>,
    /// Prefixes of undefined symbols that the loading program provides: `enif_` for a NIF, `Py` and `_Py` for a Python extension.
    #[serde(default)]
    pub allowed_imports: Vec<String>,
    /// Folders of the builder (its home, work folder, cargo home …) that no file may name.
    #[serde(default)]
    pub forbidden_paths: Vec<String>,
    /// Allow paths of somebody's cargo or rustup folder that no forbidden path covers.
    #[serde(default)]
    pub allow_generic_leaks: bool,
}

impl Policy {
    /// What the tables in [`crate::host`] allow for a target. Nothing is bundled, no import and no path of a builder is allowed.
    pub fn for_target(target: &Target, linkage: ExpectedLinkage, glibc_floor: Option<GlibcVersion>) -> Self {
        let mut allowed_libraries = match target.libc() {
            Some(Libc::Gnu) => host::GNU_LIBRARIES.iter().map(|name| (*name).to_owned()).collect(),
            Some(Libc::Musl) => host::MUSL_LIBRARIES.iter().map(|name| (*name).to_owned()).chain(host::musl_libc_names(target)).collect(),
            None => Vec::new(),
        };
        let loader = host::loader(target);
        if target.libc() == Some(Libc::Gnu) {
            allowed_libraries.extend(loader.and_then(|path| path.rsplit('/').next()).map(str::to_owned));
        }
        let ceilings = glibc_floor.map(host::libstdcxx_ceilings).into_iter().flatten();
        Self {
            target: target.clone(),
            linkage,
            glibc_floor,
            ceilings: ceilings.filter_map(|(prefix, version)| Some((prefix.to_owned(), version.parse().ok()?))).collect(),
            interpreters: loader.map(str::to_owned).into_iter().collect(),
            allowed_libraries,
            bundled: Vec::new(),
            allowed_imports: Vec::new(),
            forbidden_paths: Vec::new(),
            allow_generic_leaks: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_libc_allows_only_its_own() {
        let of = |triple: &str| Policy::for_target(&triple.parse().unwrap(), ExpectedLinkage::Any, None);
        let has = |policy: &Policy, name: &str| policy.allowed_libraries.iter().any(|library| library == name);
        let gnu = of("x86_64-unknown-linux-gnu");
        assert!(has(&gnu, "libc.so.6") && has(&gnu, "ld-linux-x86-64.so.2") && !has(&gnu, "libc.musl-x86_64.so.1"));
        let musl = of("aarch64-unknown-linux-musl");
        assert!(has(&musl, "libc.musl-aarch64.so.1") && has(&musl, "libc.so") && has(&musl, "ld-musl-aarch64.so.1"));
        assert!(!has(&musl, "libc.so.6") && !has(&musl, "libgcc_s.so.1"));
        assert!(of("vax-unknown-linux-gnu").interpreters.is_empty());
    }

    #[test]
    fn ceilings_come_with_a_floor_only() {
        let target = "x86_64-unknown-linux-gnu".parse().unwrap();
        assert!(Policy::for_target(&target, ExpectedLinkage::Any, None).ceilings.is_empty());
        let policy = Policy::for_target(&target, ExpectedLinkage::Any, Some(GlibcVersion::new(2, 28)));
        assert_eq!(policy.ceilings["GLIBCXX"].to_string(), "3.4.24");
    }
}
