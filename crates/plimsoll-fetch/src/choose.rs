//! Chooses the artifact of a release that a machine, or a target, can use. Pure: looks at the document alone.

use std::cmp::Reverse;
use std::fmt;

use plimsoll_model::{ArtifactId, CpuLevel, GlibcVersion, KindName, Libc, Means, Name, ReleaseDocument, ReleasedArtifact, Target};

use crate::kinds::Known;
use crate::machine::Machine;
use crate::unpack::{Format, UnknownFormat};

/// What the artifact must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// A machine that is to run it.
    Machine(Machine),
    /// A target that is built for: exactly this one, whatever machine builds.
    Target(Target),
}

/// What is asked for within a release.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Selection<'a> {
    /// The artifact's name; the release's own if not given.
    pub name: Option<&'a Name>,
    /// The kind; an archive, else a bare binary, if not given.
    pub kind: Option<&'a KindName>,
}

/// No artifact can be used, and why each one cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoFit {
    /// `name version`.
    pub release: String,
    /// What it should have fitted, for people.
    pub wanted: String,
    /// Each artifact of the asked name and kind, with the reason.
    pub refused: Vec<(ArtifactId, Refusal)>,
    /// Artifact names that the release has, where the asked one is not among them.
    pub names: Vec<Name>,
    /// How to build from source.
    pub from_source: Option<String>,
}

impl fmt::Display for NoFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing in {} fits {}", self.release, self.wanted)?;
        for (id, why) in &self.refused {
            write!(f, "; {id} {why}")?;
        }
        if !self.names.is_empty() {
            write!(f, "; it has {}", self.names.iter().map(Name::as_str).collect::<Vec<_>>().join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for NoFit {}

/// Why an artifact cannot be used. Displayed as what is said of the artifact: `is for aarch64 macos`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing of it was ever run.
    Unproven,
    /// This version cannot unpack it.
    Format(UnknownFormat),
    /// Made for this target, and another was asked for.
    Target(Target),
    /// Made for machines of this target, and this is none.
    System(Target),
    /// Needs more of the processor than this one has.
    Processor {
        /// What it needs.
        needed: CpuLevel,
        /// What this machine has.
        has: CpuLevel,
    },
    /// Needs glibc.
    Glibc {
        /// The oldest that does, where it is known.
        floor: Option<GlibcVersion>,
        /// What this machine has, if any.
        installed: Option<GlibcVersion>,
    },
    /// Needs musl's loader, and there is none.
    MuslLoader,
}

impl Refusal {
    /// Whether the artifact would do on a machine like this one with a greater processor.
    pub const fn is_of_processor(&self) -> bool {
        matches!(self, Self::Processor { .. })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unproven => f.write_str("is not proven anywhere"),
            Self::Format(unknown) => write!(f, "{unknown}"),
            Self::Target(target) => write!(f, "is for {target}"),
            Self::System(target) => write!(f, "is for {} {}", target.arch(), target.os()),
            Self::Processor { needed, has } => write!(f, "needs a processor of level {needed}, and this one has {has}"),
            Self::Glibc { floor, installed } => {
                let floor = floor.map(|floor| format!(" {floor} or newer")).unwrap_or_default();
                let installed = installed.map_or_else(|| "none".to_owned(), |installed| installed.to_string());
                write!(f, "needs glibc{floor}, and {installed} is installed")
            }
            Self::MuslLoader => f.write_str("needs musl's loader, which is not installed"),
        }
    }
}

/// How well an artifact fits; less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Made for exactly this target, or for glibc on a machine that has it.
    Native,
    /// Static: runs on every Linux.
    Static,
    /// musl, with its loader.
    Musl,
    /// Made for no machine in particular.
    Any,
}

/// The best artifact, and the format to unpack it by.
///
/// # Errors
/// [`NoFit`], with every candidate's reason.
pub fn choose<'a>(document: &'a ReleaseDocument, fit: &Fit, selection: Selection<'_>) -> Result<(&'a ReleasedArtifact, Format), NoFit> {
    let name = selection.name.unwrap_or_else(|| default_name(document, selection.kind));
    let candidates = document.artifacts.iter().filter(|artifact| artifact.name == *name && is_meant(artifact, selection.kind));
    let mut refused = Vec::new();
    let mut fitting = Vec::new();
    for artifact in candidates {
        match judge(artifact, fit) {
            Ok((rank, format)) => fitting.push((Known::named(&artifact.kind), rank, Reverse(artifact.measured.glibc), artifact, format)),
            Err(why) => refused.push((artifact.id.clone(), why)),
        }
    }
    // Of equal ones, that with the newest floor was made for systems most like this.
    fitting.sort_by(|a, b| (a.1, a.0, a.2, &a.3.id).cmp(&(b.1, b.0, b.2, &b.3.id)));
    match fitting.into_iter().next() {
        Some((_, _, _, artifact, format)) => Ok((artifact, format)),
        None => Err(no_fit(document, fit, selection, name, refused)),
    }
}

fn no_fit(document: &ReleaseDocument, fit: &Fit, selection: Selection<'_>, name: &Name, refused: Vec<(ArtifactId, Refusal)>) -> NoFit {
    let what = match selection.kind {
        Some(kind) => format!("{kind} `{name}`"),
        None => format!("`{name}`"),
    };
    let place = match fit {
        Fit::Machine(machine) => machine.to_string(),
        Fit::Target(target) => target.to_string(),
    };
    let mut names = Vec::new();
    if refused.is_empty() {
        names.extend(document.artifacts.iter().map(|artifact| artifact.name.clone()));
        names.sort();
        names.dedup();
    }
    NoFit {
        release: format!("{} {}", document.name, document.version),
        wanted: format!("{what} on {place}"),
        refused,
        names,
        from_source: document.from_source.clone(),
    }
}

/// Whether somebody who asks for this kind, or for none, may mean it.
fn is_meant(artifact: &ReleasedArtifact, kind: Option<&KindName>) -> bool {
    kind.map_or_else(|| Known::named(&artifact.kind).is_some_and(Known::is_usual), |kind| artifact.kind == *kind)
}

/// The release's own name where an artifact has it, else that of the only one there is.
fn default_name<'d>(document: &'d ReleaseDocument, kind: Option<&KindName>) -> &'d Name {
    let usable = || document.artifacts.iter().filter(|artifact| is_meant(artifact, kind));
    match usable().next() {
        Some(first) if usable().all(|artifact| artifact.name == first.name) => &first.name,
        _ => &document.name,
    }
}

fn judge(artifact: &ReleasedArtifact, fit: &Fit) -> Result<(Rank, Format), Refusal> {
    if artifact.proven.iter().all(|won| won.means == Means::Inspected) {
        return Err(Refusal::Unproven);
    }
    let format = Format::of(artifact).map_err(Refusal::Format)?;
    let rank = match (&artifact.target, fit) {
        (None, _) if artifact.targets.is_empty() => Rank::Any,
        (None, fit) => one_of_several(artifact, fit)?,
        (Some(target), Fit::Target(wanted)) if target == wanted => Rank::Native,
        (Some(target), Fit::Target(_)) => return Err(Refusal::Target(target.clone())),
        (Some(target), Fit::Machine(machine)) => on_machine(artifact, target, machine)?,
    };
    Ok((rank, format))
}

/// One file for several targets: that one of them is fitted is enough.
fn one_of_several(artifact: &ReleasedArtifact, fit: &Fit) -> Result<Rank, Refusal> {
    let fits = |target: &Target| match fit {
        Fit::Target(wanted) if target == wanted => Ok(Rank::Any),
        Fit::Target(_) => Err(Refusal::Target(target.clone())),
        Fit::Machine(machine) => on_machine(artifact, target, machine).map(|_| Rank::Any),
    };
    let all = artifact.targets.iter().map(fits).collect::<Vec<_>>();
    let first = all.iter().position(Result::is_ok).unwrap_or_default();
    all.into_iter().nth(first).unwrap_or(Ok(Rank::Any))
}

fn on_machine(artifact: &ReleasedArtifact, target: &Target, machine: &Machine) -> Result<Rank, Refusal> {
    if target.os() != machine.os || !same_arch(target.arch(), &machine.arch) {
        return Err(Refusal::System(target.clone()));
    }
    if let (Some(needed), Some(has)) = (artifact.cpu, machine.cpu)
        && needed > has
    {
        return Err(Refusal::Processor { needed, has });
    }
    let is_static = artifact.measured.linkage.starts_with("static");
    match target.libc() {
        None => Ok(Rank::Native),
        Some(Libc::Gnu) => match (artifact.measured.glibc, machine.glibc) {
            (None, _) if is_static => Ok(Rank::Static),
            (Some(floor), Some(installed)) if floor <= installed => Ok(Rank::Native),
            (None, Some(_)) => Ok(Rank::Native),
            (floor, installed) => Err(Refusal::Glibc { floor, installed }),
        },
        Some(Libc::Musl) if is_static => Ok(Rank::Static),
        Some(Libc::Musl) if machine.musl_loader => Ok(Rank::Musl),
        Some(Libc::Musl) => Err(Refusal::MuslLoader),
    }
}

/// Whether a triple's first part names a processor.
fn same_arch(target: &str, machine: &str) -> bool {
    target == machine || (machine == "i686" && matches!(target, "i386" | "i586"))
}

#[cfg(test)]
mod tests {
    use plimsoll_model::{CpuLevel, Digest, GlibcVersion, release::Won};

    use super::*;

    fn artifact(id: &str, floor: Option<(u16, u16)>, linkage: &str) -> ReleasedArtifact {
        let (kind, rest) = id.split_once('.').unwrap();
        let (name, target) = rest.split_once('/').unwrap();
        ReleasedArtifact {
            id: id.parse().unwrap(),
            kind: kind.parse().unwrap(),
            name: name.parse().unwrap(),
            target: Some(target.parse().unwrap()),
            file_name: "file".parse().unwrap(),
            sha256: Digest::of(b""),
            size: 0,
            format: (kind == "archive").then(|| "tar.xz".to_owned()),
            binaries: vec![name.to_owned()],
            cpu: None,
            measured: plimsoll_model::Measured {
                system: None,
                glibc: floor.map(|(major, minor)| GlibcVersion::new(major, minor)),
                linkage: linkage.to_owned(),
                needed: Vec::new(),
            },
            targets: Default::default(),
            required: Default::default(),
            gaps: Default::default(),
            proven: vec![Won { trial: None, root: "sandbox".parse().unwrap(), libc: None, means: Means::Native, plain_not_tried: None }],
        }
    }

    fn release(artifacts: Vec<ReleasedArtifact>) -> ReleaseDocument {
        ReleaseDocument {
            schema: 1,
            id: Digest::of(b""),
            name: "tool".parse().unwrap(),
            version: "1.0.0".parse().unwrap(),
            source: plimsoll_model::plan::Source { digest: Digest::of(b""), commit: None, dirty: false },
            plan: Digest::of(b""),
            epoch: 0,
            from_source: Some("cargo install tool".to_owned()),
            artifacts,
            gaps: Vec::new(),
            evidence: Default::default(),
        }
    }

    fn linux(glibc: Option<(u16, u16)>, musl_loader: bool) -> Fit {
        let glibc = glibc.map(|(major, minor)| GlibcVersion::new(major, minor));
        Fit::Machine(Machine { arch: "x86_64".to_owned(), os: "linux".to_owned(), glibc, musl_loader, cpu: Some(CpuLevel::V2) })
    }

    fn usual() -> ReleaseDocument {
        release(vec![
            artifact("archive.tool/aarch64-unknown-linux-gnu", Some((2, 17)), "dynamic"),
            artifact("archive.tool/x86_64-apple-darwin", None, "dynamic"),
            artifact("archive.tool/x86_64-unknown-linux-gnu", Some((2, 28)), "dynamic"),
            artifact("archive.tool/x86_64-unknown-linux-musl", None, "static-pie"),
        ])
    }

    fn chosen(document: &ReleaseDocument, fit: &Fit) -> Result<String, NoFit> {
        choose(document, fit, Selection::default()).map(|(artifact, _)| artifact.id.to_string())
    }

    #[test]
    fn glibc_is_preferred_where_the_floor_is_met_and_static_does_for_the_rest() {
        let document = usual();
        let gnu = "archive.tool/x86_64-unknown-linux-gnu";
        let musl = "archive.tool/x86_64-unknown-linux-musl";
        assert_eq!(chosen(&document, &linux(Some((2, 28)), false)).unwrap(), gnu);
        assert_eq!(chosen(&document, &linux(Some((2, 36)), true)).unwrap(), gnu);
        assert_eq!(chosen(&document, &linux(Some((2, 27)), false)).unwrap(), musl);
        assert_eq!(chosen(&document, &linux(None, true)).unwrap(), musl);
        assert_eq!(chosen(&document, &linux(None, false)).unwrap(), musl);
    }

    #[test]
    fn the_newest_floor_that_is_met_wins() {
        let mut document = usual();
        let mut newer = artifact("archive.tool/x86_64-unknown-linux-gnu", Some((2, 34)), "dynamic");
        newer.id = "archive.tool/x86_64-unknown-linux-gnu.2.34".parse().unwrap();
        document.artifacts.push(newer);
        assert!(chosen(&document, &linux(Some((2, 36)), false)).unwrap().ends_with("2.34"));
        assert!(chosen(&document, &linux(Some((2, 30)), false)).unwrap().ends_with("gnu"));
    }

    #[test]
    fn what_does_not_fit_says_why_and_names_the_source_build() {
        let document = release(vec![
            artifact("archive.tool/x86_64-unknown-linux-gnu", Some((2, 36)), "dynamic"),
            artifact("archive.tool/x86_64-unknown-linux-musl", None, "dynamic"),
            artifact("archive.tool/aarch64-apple-darwin", None, "dynamic"),
        ]);
        let refusal = chosen(&document, &linux(Some((2, 31)), false)).unwrap_err();
        assert_eq!(refusal.from_source.as_deref(), Some("cargo install tool"));
        assert_eq!(
            refusal.to_string(),
            "nothing in tool 1.0.0 fits `tool` on x86_64 linux with glibc 2.31; archive.tool/x86_64-unknown-linux-gnu needs glibc 2.36 or \
             newer, and 2.31 is installed; archive.tool/x86_64-unknown-linux-musl needs musl's loader, which is not installed; \
             archive.tool/aarch64-apple-darwin is for aarch64 macos"
        );
        assert_eq!(chosen(&document, &linux(None, true)).unwrap(), "archive.tool/x86_64-unknown-linux-musl");
    }

    #[test]
    fn a_greater_processor_than_the_machine_has_is_refused_and_no_question_for_a_target() {
        let mut document = usual();
        let (gnu, musl) = ("archive.tool/x86_64-unknown-linux-gnu", "archive.tool/x86_64-unknown-linux-musl");
        let machine = linux(Some((2, 36)), true);
        document.artifacts[2].cpu = Some(CpuLevel::V2);
        assert_eq!(chosen(&document, &machine).unwrap(), gnu);
        document.artifacts[2].cpu = Some(CpuLevel::V3);
        assert_eq!(chosen(&document, &machine).unwrap(), musl);
        document.artifacts[3].cpu = Some(CpuLevel::V4);
        let refusal = chosen(&document, &machine).unwrap_err();
        let of_processor = refusal.refused.iter().map(|(_, why)| why.is_of_processor()).collect::<Vec<_>>();
        assert_eq!(of_processor, [false, false, true, true]);
        let refusal = refusal.to_string();
        assert!(refusal.contains("gnu needs a processor of level x86-64-v3, and this one has x86-64-v2"), "{refusal}");
        assert!(chosen(&document, &Fit::Target("x86_64-unknown-linux-gnu".parse().unwrap())).is_ok());
        let Fit::Machine(unknown) = machine else { panic!("a target") };
        assert_eq!(chosen(&document, &Fit::Machine(Machine { cpu: None, ..unknown })).unwrap(), gnu);
    }

    #[test]
    fn names_and_kinds_are_chosen_by() {
        let document = release(vec![
            artifact("archive.tool/x86_64-unknown-linux-gnu", Some((2, 17)), "dynamic"),
            artifact("static.stage0/x86_64-unknown-linux-musl", None, "static"),
            artifact("wheel.tool/x86_64-unknown-linux-gnu", None, "dynamic"),
        ]);
        let fit = linux(Some((2, 36)), false);
        let (stage0, wheel, none) = ("stage0".parse().unwrap(), "wheel".parse().unwrap(), "none".parse().unwrap());
        let by_name = choose(&document, &fit, Selection { name: Some(&stage0), kind: None }).unwrap();
        assert_eq!((by_name.0.kind.as_str(), by_name.1), ("static", Format::Bare { name: "stage0".to_owned(), executable: true }));
        let by_kind = choose(&document, &fit, Selection { name: None, kind: Some(&wheel) }).unwrap_err();
        assert!(by_kind.to_string().contains("can be downloaded but not unpacked"));
        let unknown = choose(&document, &fit, Selection { name: Some(&none), kind: None }).unwrap_err();
        assert!(unknown.to_string().ends_with("it has stage0, tool"), "{unknown}");
    }

    #[test]
    fn a_target_is_taken_exactly_and_unproven_artifacts_never() {
        let mut document = usual();
        let musl = Fit::Target("x86_64-unknown-linux-musl".parse().unwrap());
        assert!(chosen(&document, &musl).unwrap().ends_with("musl"));
        assert!(chosen(&document, &Fit::Target("armv7-unknown-linux-gnueabihf".parse().unwrap())).is_err());
        document.artifacts[3].proven.clear();
        assert!(chosen(&document, &musl).unwrap_err().to_string().contains("is not proven anywhere"));
        document.artifacts[2].proven[0].means = Means::Inspected;
        assert!(chosen(&document, &linux(Some((2, 36)), false)).is_err());
    }
}
