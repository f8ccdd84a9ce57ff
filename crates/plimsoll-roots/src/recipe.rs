//! What roots are made of: a suite of Debian, a processor, and packages. As data; nothing here makes anything.

use plimsoll_model::{Digest, RootName, Target};

use super::libc::Processor;

/// What is named → Debian's suite.
const DEBIAN: [(&str, &str); 3] = [("debian:11", "bullseye"), ("debian:12", "bookworm"), ("debian:13", "trixie")];
/// The suite that emulators and foreign C libraries come from: the newest that is stable.
const NEWEST: &str = "trixie";

/// The authorities that systems trust: OTP asks for them before any request, even one without TLS.
pub(super) const CERTIFICATES: &str = "ca-certificates";

/// Debian's own Python.
const PYTHON: &str = "python3";
/// The loader and C library that programs for musl name.
const MUSL: &str = "musl";

/// The libraries and programs of a minimal system, for a processor on which its packages cannot be set up by running them.
const MINIMAL: [&str; 22] = [
    "base-files",
    "base-passwd",
    "bash",
    "coreutils",
    "dash",
    "debianutils",
    "diffutils",
    "findutils",
    "gawk",
    "grep",
    "gzip",
    "hostname",
    "libc-bin",
    "libc6",
    "libcrypt1",
    "libgcc-s1",
    "libstdc++6",
    "perl-base",
    "sed",
    "tar",
    "util-linux",
    "zlib1g",
];

/// How a root is made, and where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recipe {
    /// Name of its folder: no two recipes share one.
    pub(super) folder: String,
    /// What evidence calls it.
    pub(super) name: RootName,
    /// Debian's suite.
    pub(super) suite: &'static str,
    /// Debian's name of the processor, where it is not this machine's.
    pub(super) architecture: Option<&'static str>,
    /// Packages that are unpacked and not set up; none: a minimal system, set up.
    pub(super) packages: Vec<&'static str>,
    /// A package whose upstream source is brought into `usr/src`, to build from.
    pub(super) source: Option<&'static str>,
}

impl Recipe {
    /// A distribution that users have, for this machine.
    pub(super) fn distribution(name: &RootName) -> Option<Self> {
        let (_, suite) = DEBIAN.iter().find(|(known, _)| name.as_str() == *known)?;
        let folder = format!("{}-{}", name.as_str().replace(':', "-"), std::env::consts::ARCH);
        Some(Self { folder, name: name.clone(), suite, architecture: None, packages: Vec::new(), source: None })
    }

    /// The same for another processor.
    pub(super) fn foreign_distribution(name: &RootName, processor: &Processor) -> Option<Self> {
        let folder = format!("{}-{}", name.as_str().replace(':', "-"), processor.arch);
        Some(Self { folder, architecture: Some(processor.debian), packages: MINIMAL.to_vec(), ..Self::distribution(name)? })
    }

    /// Loaders and C libraries of another processor, glibc's and musl's.
    pub(super) fn foreign_libraries(processor: &Processor) -> Option<Self> {
        let name = "sandbox".parse().ok()?;
        let packages = vec!["base-files", "libc6", "libgcc-s1", MUSL];
        let folder = format!("libraries-{}", processor.arch);
        Some(Self { folder, name, suite: NEWEST, architecture: Some(processor.debian), packages, source: None })
    }

    /// A distribution with a BEAM and Elixir in it, as its own packages bring them.
    pub(super) fn beam(name: &RootName, processor: &Processor) -> Option<Self> {
        let folder = format!("beam-{}-{}", name.as_str().replace(':', "-"), processor.arch);
        let packages = [
            "base-files",
            CERTIFICATES,
            "coreutils",
            "dash",
            "elixir",
            "erlang-base",
            "erlang-crypto",
            "erlang-inets",
            "erlang-ssl",
            "libc6",
            "libgcc-s1",
            // What mix compiles dependencies of Erlang with.
            "rebar3",
        ];
        let architecture = Some(processor.debian).filter(|_| processor.arch != std::env::consts::ARCH);
        Some(Self { folder, architecture, packages: packages.to_vec(), ..Self::distribution(name)? })
    }

    /// The same with musl's loader and the source of the BEAM, which is linked to it: see [`super::beam`].
    pub(super) fn musl_beam(name: &RootName, processor: &Processor) -> Option<Self> {
        let beam = Self::beam(name, processor)?;
        let folder = format!("beam-musl-{}-{}", name.as_str().replace(':', "-"), processor.arch);
        Some(Self { folder, packages: [beam.packages.clone(), vec![MUSL]].concat(), source: Some("erlang"), ..beam })
    }

    /// A distribution with a Python in it, and what makes virtual environments.
    pub(super) fn python(name: &RootName, processor: &Processor) -> Option<Self> {
        let folder = format!("python-{}-{}", name.as_str().replace(':', "-"), processor.arch);
        let packages = [
            "base-files",
            CERTIFICATES,
            "coreutils",
            "dash",
            "libc6",
            // Tags of wheels promise these two to modules, and every Debian has them.
            "libgcc-s1",
            "libstdc++6",
            PYTHON,
            "python3-venv",
        ];
        let architecture = Some(processor.debian).filter(|_| processor.arch != std::env::consts::ARCH);
        Some(Self { folder, architecture, packages: packages.to_vec(), ..Self::distribution(name)? })
    }

    /// The same with musl's loader, for programs: see [`super::python`].
    pub(super) fn musl_python(name: &RootName, processor: &Processor) -> Option<Self> {
        let python = Self::python(name, processor)?;
        let folder = format!("python-musl-{}-{}", name.as_str().replace(':', "-"), processor.arch);
        Some(Self { folder, packages: [python.packages.clone(), vec![MUSL]].concat(), ..python })
    }

    /// What `configure` and makefiles call; a compiler is brought.
    pub(super) fn make() -> Option<Self> {
        let packages = [
            "base-files",
            "bash",
            "coreutils",
            "dash",
            "diffutils",
            "findutils",
            "gawk",
            "grep",
            "gzip",
            "hostname",
            "make",
            "perl",
            "sed",
            "tar",
            "xz-utils",
        ];
        Self::tools("make", packages.to_vec())
    }

    /// qemu for programs of other processors, and a shell that needs no library: busybox would run its own `grep` where the root has another or none.
    pub(super) fn qemu() -> Option<Self> {
        Self::tools("qemu", vec!["qemu-user", "bash-static"])
    }

    /// wine, and all that it needs.
    pub(super) fn wine() -> Option<Self> {
        Self::tools("wine", vec!["base-files", "dash", "libgcc-s1", "wine64"])
    }

    fn tools(what: &str, packages: Vec<&'static str>) -> Option<Self> {
        let folder = format!("tools-{what}-{}", std::env::consts::ARCH);
        Some(Self { folder, name: "debian:13".parse().ok()?, suite: NEWEST, architecture: None, packages, source: None })
    }

    /// How what is built in it is built; none where nothing is.
    pub(super) fn way(&self) -> Option<Digest> {
        let python = || self.has_python().then(super::python::prepare::way);
        self.source.map(|_| super::beam::musl::way()).or_else(python)
    }

    /// Whether there is a Python in it.
    pub(super) fn has_python(&self) -> bool {
        self.packages.contains(&PYTHON)
    }

    /// Whether what is tried in it is musl's, whatever else is there.
    pub(super) fn is_for_musl(&self) -> bool {
        self.packages.contains(&MUSL) && (self.source.is_some() || self.has_python())
    }

    /// Whether its packages are not set up, which would run what is in them.
    pub(super) fn is_unpacked_only(&self) -> bool {
        !self.packages.is_empty()
    }

    /// The distributions that can be made.
    pub(super) fn known() -> String {
        DEBIAN.map(|(known, _)| known).join(", ")
    }
}

/// The list of loaders for a target's processor.
pub(super) fn processor_of(target: &Target) -> Option<&'static Processor> {
    Processor::of(target.processor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_recipes_share_a_folder() {
        let name: RootName = "debian:12".parse().unwrap();
        let foreign = ["x86_64", "aarch64", "riscv64"].into_iter().filter(|arch| *arch != std::env::consts::ARCH).filter_map(Processor::of);
        let mut recipes = vec![Recipe::distribution(&name), Recipe::qemu(), Recipe::wine(), Recipe::make()];
        for processor in foreign {
            recipes.extend([Recipe::foreign_distribution(&name, processor), Recipe::foreign_libraries(processor)]);
            recipes.extend([Recipe::beam(&name, processor), Recipe::musl_beam(&name, processor)]);
            recipes.extend([Recipe::python(&name, processor), Recipe::musl_python(&name, processor)]);
        }
        let mut folders = recipes.into_iter().map(|recipe| recipe.unwrap().folder).collect::<Vec<_>>();
        folders.sort();
        assert!(folders.windows(2).all(|pair| pair[0] != pair[1]) && folders.len() == 16, "{folders:?}");
    }

    #[test]
    fn only_what_is_built_has_a_way_of_building() {
        let (name, processor) = ("debian:12".parse().unwrap(), Processor::of("aarch64").unwrap());
        assert_eq!(Recipe::beam(&name, processor).unwrap().way(), None);
        let ways = [Recipe::musl_beam(&name, processor), Recipe::python(&name, processor)].map(|recipe| recipe.unwrap().way().unwrap());
        assert_ne!(ways[0], ways[1]);
    }

    #[test]
    fn every_linux_target_has_a_list_of_loaders() {
        for target in Target::KNOWN.iter().filter(|target| target.contains("-linux-")) {
            assert!(processor_of(&target.parse().unwrap()).is_some(), "{target}");
        }
    }
}
