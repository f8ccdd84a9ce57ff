//! Which roots have a BEAM that a library's users could have: one that loads its NIF version, with an Elixir that mix.exs asks for.

use plimsoll_elixir::Requirement;
use plimsoll_model::{GlibcVersion, Libc, NifPlan, NifVersion, RootName, Target};
use plimsoll_roots::{BEAM_ROOTS, BeamRoot, Runtime};

use super::Table;
use crate::manifest::{ArtifactTable, Manifest};

/// The oldest root that is taken unless the manifest says otherwise: systems that are older get no more updates.
const OLDEST: &str = "debian:12";

/// Where the libraries of a `[nif.*]` table are loaded, root and target, as far as it can be told without its Elixir sources.
pub(crate) fn runtimes(manifest: &Manifest, table: &ArtifactTable, own: &Table) -> Vec<(Runtime, RootName, Target)> {
    let written = own.nif_versions.iter().flat_map(|list| &list.value);
    let mut versions = written.filter_map(|version| version.value.parse().ok()).collect::<Vec<NifVersion>>();
    if versions.is_empty() {
        versions.push(NifVersion::new(2, 15));
    }
    let mut beams = Vec::new();
    for target in manifest.targets_of(table) {
        let named = manifest.target.iter().find(|(name, _)| name.value == target.as_str()).and_then(|(_, table)| table.roots.as_ref());
        let named = named.map(|roots| roots.value.iter().filter_map(|root| root.value.parse().ok()).collect::<Vec<_>>());
        let roots = named
            .unwrap_or_else(|| versions.iter().flat_map(|version| of(manifest, &target, *version, None).unwrap_or_default()).collect());
        beams.extend(roots.into_iter().map(|root| (Runtime::Beam, root, target.clone())));
    }
    beams
}

/// The roots whose BEAM has the version, and whose Elixir is asked for; what the manifest says of the target counts more.
pub(super) fn of(manifest: &Manifest, target: &Target, version: NifVersion, asked: Option<&Requirement>) -> Option<Vec<RootName>> {
    let table = manifest.target.iter().find(|(name, _)| name.value == target.as_str()).map(|(_, table)| table);
    if table.is_some_and(|table| table.roots.is_some()) || target.libc().is_none() {
        return None;
    }
    let floor = table.and_then(|table| table.glibc.as_ref()?.value.parse::<GlibcVersion>().ok());
    let floor = floor.filter(|_| target.libc() == Some(Libc::Gnu));
    Some(chosen(version, floor, asked).iter().filter_map(BeamRoot::root).collect())
}

/// If no Elixir is one that is asked for, the newest: why the library is not tried in it is told then.
fn chosen(version: NifVersion, floor: Option<GlibcVersion>, asked: Option<&Requirement>) -> Vec<BeamRoot> {
    let first = version.first_otp().unwrap_or_default();
    let usual = BEAM_ROOTS.into_iter().skip_while(|root| root.name != OLDEST);
    let loading = usual.filter(|root| root.otp >= first).collect::<Vec<_>>();
    // Nobody promises that it runs on a system that is older than its floor.
    let promised = loading.iter().filter(|root| floor.is_none_or(|floor| root.glibc >= floor)).copied().collect::<Vec<_>>();
    let promised = if promised.is_empty() { loading } else { promised };
    let fitting = promised.iter().filter(|root| unfit(asked, **root).is_none()).copied().collect::<Vec<_>>();
    if fitting.is_empty() { promised.last().copied().into_iter().collect() } else { fitting }
}

/// Why a root is none for a planned library; none if nothing speaks against it, or nothing is known of the root.
pub(in crate::kinds::nif) fn unfit_for(nif: &NifPlan, root: &RootName) -> Option<String> {
    let asked = nif.requires_elixir.as_ref()?.parse().ok()?;
    unfit(Some(&asked), BeamRoot::of(root)?)
}

/// Why a root's Elixir is none that is asked for: mix would refuse the package there, whatever its library is.
fn unfit(asked: Option<&Requirement>, root: BeamRoot) -> Option<String> {
    let asked = asked.filter(|asked| root.elixir.parse().is_ok_and(|version| !asked.is_met_by(&version)))?;
    Some(format!("mix.exs asks for Elixir {asked}, and {} has {}", root.name, root.elixir))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(minor: u8, floor: Option<&str>, asked: Option<&str>) -> String {
        let asked = asked.map(|asked| asked.parse::<Requirement>().unwrap());
        let floor = floor.map(|floor| floor.parse().unwrap());
        chosen(NifVersion::new(2, minor), floor, asked.as_ref()).iter().map(|root| root.name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_requirement_of_mix_exs_chooses_among_roots() {
        assert_eq!(names(15, None, None), "debian:12 debian:13");
        assert_eq!(names(15, None, Some("~> 1.14")), "debian:12 debian:13");
        assert_eq!(names(15, None, Some("~> 1.15")), "debian:13");
        assert_eq!(names(15, None, Some("~> 1.14.0")), "debian:12");
        assert_eq!(names(15, None, Some("~> 1.12.0 or >= 1.18.0")), "debian:13");
        assert_eq!(names(17, None, Some("~> 1.14")), "debian:13");
        // No root at all: one is named all the same, as a gap.
        assert_eq!(names(15, None, Some("~> 1.19")), "debian:13");
        assert_eq!(names(17, None, Some("~> 1.14.0")), "debian:13");
    }

    #[test]
    fn a_root_that_is_older_than_the_floor_is_none_to_try() {
        assert_eq!(names(15, Some("2.28"), None), "debian:12 debian:13");
        assert_eq!(names(15, Some("2.38"), None), "debian:13");
        assert_eq!(names(15, Some("2.38"), Some("~> 1.14.0")), "debian:13");
        assert_eq!(names(15, Some("2.99"), Some("~> 1.14.0")), "debian:12");
    }

    #[test]
    fn an_elixir_that_is_not_asked_for_is_told_with_both_versions() {
        let asked = "~> 1.19".parse::<Requirement>().unwrap();
        let root = BEAM_ROOTS[2];
        assert_eq!(unfit(Some(&asked), root).unwrap(), "mix.exs asks for Elixir ~> 1.19, and debian:13 has 1.18.3");
        assert_eq!(unfit(Some(&"~> 1.15".parse().unwrap()), root), None);
        assert_eq!(unfit(None, root), None);
    }
}
