//! What an artifact's files are allowed to ask of a machine, as data.
//!
//! A policy is made once for each target and artifact, travels with the plan, and is judged in [`crate::gates`].

use std::collections::BTreeMap;

use plimsoll_model::{GlibcVersion, Libc, Target};
use serde::{Deserialize, Serialize};

use crate::facts::Subsystem;
use crate::host_demand::Host;
use crate::version::DottedVersion;
use crate::{distributions, host, host_macos, host_windows};

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
    /// Highest versions of other prefixes (`GLIBCXX`, `CXXABI`, `GCC`) that hosts of that floor have; one of fewer numbers stands for all that begin
    /// with it.
    #[serde(default)]
    pub ceilings: BTreeMap<String, DottedVersion>,
    /// The oldest macOS that must load the file; none: the minimum is measured and not judged.
    #[serde(default)]
    pub macos_floor: Option<DottedVersion>,
    /// The oldest Windows that must load the file, as its kernel is numbered; none: the minimum is measured and not judged.
    #[serde(default)]
    pub windows_floor: Option<DottedVersion>,
    /// Program loaders that an executable may name. Empty: none.
    #[serde(default)]
    pub interpreters: Vec<String>,
    /// SONAMEs, or file names of DLLs, that the host provides.
    #[serde(default)]
    pub allowed_libraries: Vec<String>,
    /// Beginnings of names of libraries that the host provides: folders of macOS, API sets of Windows.
    #[serde(default)]
    pub allowed_library_prefixes: Vec<String>,
    /// The same of libraries that some editions of Windows, or machines without a driver for them, lack: what is loaded when it is first used may
    /// name them.
    #[serde(default)]
    pub libraries_of_some_editions: Vec<String>,
    /// Beginnings of names of API sets that some editions of Windows lack.
    #[serde(default)]
    pub prefixes_of_some_editions: Vec<String>,
    /// Folders of the artifact above the one that the file lies in: so far up its search paths may lead. 1 where nothing is known of the place:
    /// programs in one folder find libraries in another beside it.
    #[serde(default)]
    pub folders_above: u32,
    /// SONAMEs, or file names, that are shipped beside the file. What they provide is judged by their own files.
    #[serde(default)]
    pub bundled: Vec<String>,
    /// Prefixes of undefined symbols that the loading program provides: `enif_` for a NIF, `Py` and `_Py` for a Python extension.
    #[serde(default)]
    pub allowed_imports: Vec<String>,
    /// Processors for which a file must have a code signature. One that is there must be valid everywhere.
    #[serde(default)]
    pub signed_machines: Vec<String>,
    /// Windows: what a file may run in.
    #[serde(default)]
    pub subsystems: Vec<Subsystem>,
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
            Some(Libc::Gnu) => owned(host::GNU_LIBRARIES),
            Some(Libc::Musl) => [owned(host::MUSL_LIBRARIES), host::musl_libc_names(target)].concat(),
            None if target.os() == "windows" => owned(host_windows::LIBRARIES),
            None => Vec::new(),
        };
        let (is_macos, is_windows) = (target.os() == "macos", target.os() == "windows");
        let loader = if is_macos { Some(host_macos::LOADER) } else { host::loader(target) };
        let prefixes = match target.os() {
            "macos" => host_macos::LIBRARY_FOLDERS,
            "windows" => host_windows::API_SETS,
            _ => &[],
        };
        let signed_machines = if is_macos { host_macos::SIGNED_MACHINES } else { &[] };
        let of_windows = |names: &[&str]| if is_windows { owned(names) } else { Vec::new() };
        if target.libc() == Some(Libc::Gnu) {
            allowed_libraries.extend(loader.and_then(|path| path.rsplit('/').next()).map(str::to_owned));
        }
        let ceilings = glibc_floor.map(distributions::of_glibc).into_iter().flatten();
        Self {
            target: target.clone(),
            linkage,
            glibc_floor,
            ceilings: ceilings.filter_map(|(prefix, version)| Some((prefix.to_owned(), version.parse().ok()?))).collect(),
            macos_floor: is_macos.then(|| host_macos::floor(target)),
            windows_floor: is_windows.then(host_windows::floor),
            interpreters: loader.map(str::to_owned).into_iter().collect(),
            allowed_libraries,
            allowed_library_prefixes: owned(prefixes),
            libraries_of_some_editions: of_windows(&[host_windows::SOME_EDITIONS, host_windows::OF_DRIVERS].concat()),
            prefixes_of_some_editions: of_windows(host_windows::API_SETS_OF_SOME_EDITIONS),
            folders_above: 1,
            bundled: Vec::new(),
            allowed_imports: Vec::new(),
            signed_machines: owned(signed_machines),
            subsystems: if is_windows { vec![Subsystem::Console, Subsystem::Gui] } else { Vec::new() },
            forbidden_paths: Vec::new(),
            allow_generic_leaks: false,
        }
    }

    /// The same with what a named system has in place of what its glibc lets expect.
    pub fn with_host(mut self, host: &Host) -> Self {
        self.ceilings = host.ceilings().iter().map(|(prefix, version)| ((*prefix).to_owned(), version.clone())).collect();
        self
    }

    /// The same with the project's own minimum of macOS, where it names one. Of no consequence for other systems.
    pub fn with_macos_floor(mut self, floor: Option<DottedVersion>) -> Self {
        if self.macos_floor.is_some() && floor.is_some() {
            self.macos_floor = floor;
        }
        self
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
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
    fn each_system_has_its_own_floor_libraries_and_loader() {
        let of = |triple: &str| Policy::for_target(&triple.parse().unwrap(), ExpectedLinkage::Any, None);
        let floor = |policy: &Policy| policy.macos_floor.as_ref().map(ToString::to_string);
        let (arm, intel) = (of("aarch64-apple-darwin"), of("x86_64-apple-darwin"));
        assert_eq!((floor(&arm).as_deref(), floor(&intel).as_deref()), (Some("11.0"), Some("10.12")));
        assert_eq!(arm.interpreters, ["/usr/lib/dyld"]);
        assert_eq!(floor(&arm.with_macos_floor(Some("13.0".parse().unwrap()))).as_deref(), Some("13.0"));
        let windows = of("x86_64-pc-windows-gnu");
        assert!(windows.interpreters.is_empty() && windows.subsystems == [Subsystem::Console, Subsystem::Gui]);
        assert_eq!(floor(&windows.with_macos_floor(Some("13.0".parse().unwrap()))), None);
        let named = || host_windows::LIBRARIES.iter().chain(host_windows::SOME_EDITIONS).chain(host_windows::OF_DRIVERS);
        assert!(named().all(|name| *name == name.to_lowercase() && named().filter(|other| *other == name).count() == 1));
        let linux = of("x86_64-unknown-linux-gnu");
        assert!(floor(&linux).is_none() && linux.windows_floor.is_none() && linux.allowed_library_prefixes.is_empty());
    }

    #[test]
    fn ceilings_come_with_a_floor_only() {
        let target = "x86_64-unknown-linux-gnu".parse().unwrap();
        assert!(Policy::for_target(&target, ExpectedLinkage::Any, None).ceilings.is_empty());
        let policy = Policy::for_target(&target, ExpectedLinkage::Any, Some(GlibcVersion::new(2, 28)));
        assert_eq!(policy.ceilings["GLIBCXX"].to_string(), "3.4.24");
        assert_eq!(policy.ceilings["GCC"].to_string(), "7");
        let Some(crate::NamedFloor::Host(host)) = crate::named_floor("rhel:8") else { panic!("no host") };
        assert_eq!(policy.with_host(&host).ceilings["GLIBCXX"].to_string(), "3.4.25");
    }
}
