//! The tests, each with what it needs of the machine. What stands there is looked for before the test; what only shows while it runs, such as a
//! mirror that does not answer, it tells by itself. In which order and beside which others they run is in `.config/nextest.toml`.

use test_needs::Need::{self, *};

use crate::checks::{Checks, Trouble};
use crate::testbed::Testbed;
use crate::{
    aged, climbing, example, foreign, formats, fuzz, gates, itself, levels, negative_control, nif, platforms, platforms_ripgrep,
    processors, rebuild, reproducible, ripgrep, roots, survival, system, verify, version, wheels, windows,
};

/// An acceptance test.
pub struct Test {
    /// Its name, as `scripts/test NAME` runs it.
    pub name: &'static str,
    /// What it needs.
    pub needs: &'static [Need],
    /// What it does.
    pub run: fn(&Testbed, &mut Checks) -> Result<(), Trouble>,
}

const fn test(name: &'static str, needs: &'static [Need], run: fn(&Testbed, &mut Checks) -> Result<(), Trouble>) -> Test {
    Test { name, needs, run }
}

/// Programs of other machines: the fixtures are written for x86-64, and emulators come out of Debian.
const FOREIGN: &[Need] = &[X86_64Linux, Bubblewrap, Mmdebstrap];
const NIF_PROVEN: &[Need] = &[Bubblewrap, Mmdebstrap, CCompiler];
const WHEELS: &[Need] = &[Git, X86_64Linux, Bubblewrap, Mmdebstrap];
const BEAM: &[Need] = &[Elixir, CCompiler];

/// All tests.
pub const TESTS: &[Test] = &[
    test("rehearse-example", &[Bubblewrap, Mmdebstrap], example::run),
    test("verify-flips", &[Bubblewrap], verify::run),
    test("climbing-member", &[Bubblewrap], climbing::run),
    test("gates", &[Bubblewrap, CCompiler], gates::run),
    test("older-mtime", &[Bubblewrap], rebuild::older_mtime),
    test("version-bump", &[Bubblewrap], rebuild::version_bump),
    test("version-bumps", &[Git, Python, Elixir, PackageReaders], version::bumps),
    test("version-kill-9", &[], version::killed),
    test("version-line", &[Git, Python, Elixir, Bubblewrap], version::line),
    test("two-processes", &[Bubblewrap], survival::two_processes),
    test("flipped-blob", &[Bubblewrap], survival::flipped_blob),
    test("kill-9", &[Bubblewrap], survival::killed),
    test("full-disk", &[Bubblewrap, MountNamespaces], survival::full_disk),
    test("nif-loaded", &[Elixir, CCompiler, MuslCompiler], nif::loaded),
    test("nif-faults", BEAM, nif::faults),
    test("nif-consumed", BEAM, nif::consumed),
    test("nif-bytes", &[Bubblewrap], nif::bytes),
    test("nif-rehearsal", &[Git, Bubblewrap, Mmdebstrap, Elixir, CCompiler], nif::rehearsal),
    test("nif-all-roots", &[Git, Bubblewrap, Mmdebstrap, CCompiler], nif::in_all_roots),
    test("nif-refused", NIF_PROVEN, nif::refused),
    test("nif-varied", &[X86_64Linux, Bubblewrap, Mmdebstrap, CCompiler], nif::varied),
    test("nif-made", &[Bubblewrap, Mmdebstrap, CCompiler, Elixir], nif::made),
    test("nif-left", &[Bubblewrap, Mmdebstrap, CCompiler, Elixir], nif::left),
    test("nif-vendored", NIF_PROVEN, nif::vendored),
    test("nif-as-it-is", NIF_PROVEN, nif::as_it_is),
    test("nif-evaluated", &[Bubblewrap, Mmdebstrap], nif::evaluated),
    test("nif-fitting", NIF_PROVEN, nif::fitting),
    test("nif-stand-in", NIF_PROVEN, nif::stand_in),
    test("nif-library", NIF_PROVEN, nif::library),
    test("nif-weight", &[Bubblewrap, Mmdebstrap], nif::weight),
    test("wheel-pair", WHEELS, wheels::pair),
    test("wheel-pair-emulated", WHEELS, wheels::pair_everywhere),
    test("wheel-module", WHEELS, wheels::module),
    test("reproducible", &[Bubblewrap, CCompiler], reproducible::run),
    test("platforms", &[Bubblewrap, Mmdebstrap], platforms::run),
    test("inspect-system", &[Readelf], system::run),
    test("inspect-formats", &[Llvm], formats::run),
    test("fuzz", &[CxxCompiler], fuzz::run),
    test("negative-control", &[Bubblewrap, Mmdebstrap, CCompiler], negative_control::run),
    test("roots-archive", &[Bubblewrap, Mmdebstrap, Zstd, Xz], roots::archive),
    test("roots-image", &[Bubblewrap, Mmdebstrap, Podman, ContainerRegistry], roots::image),
    test("roots-ubuntu", &[Bubblewrap, Mmdebstrap, Zstd, CCompiler], roots::ubuntu),
    test("roots-forbidden", &[Root, UtilLinux, Bubblewrap, CCompiler, Make], roots::forbidden),
    test("foreign-roots", FOREIGN, foreign::roots),
    test("foreign-faults", FOREIGN, foreign::faults),
    test("foreign-aged", &[X86_64Linux, Bubblewrap, Mmdebstrap, Apt], aged::run),
    test("foreign-processors", &[X86_64Linux, Bubblewrap, Mmdebstrap, Make], processors::in_c),
    test("foreign-processors-glibc", &[X86_64Linux, Bubblewrap, Mmdebstrap, RustGlibc], processors::in_rust_with_glibc),
    test("foreign-processors-musl", &[X86_64Linux, Bubblewrap, Mmdebstrap, RustMusl], processors::in_rust_with_musl),
    test("foreign-commands", &[X86_64Linux, Bubblewrap, Mmdebstrap, Make], foreign::commands),
    test("cpu-level", FOREIGN, levels::levels),
    test("rehearse-ripgrep", &[Bubblewrap, Mmdebstrap], ripgrep::run),
    test("ripgrep-cost", &[Bubblewrap, Mmdebstrap], ripgrep::cost),
    test("platforms-ripgrep", &[X86_64Linux, Bubblewrap, Mmdebstrap, Python], platforms_ripgrep::run),
    test("windows-compiles", &[RustWindows, RustMacos], windows::compiles),
    test("windows-command", &[X86_64Linux, Bubblewrap, Mmdebstrap, Make, RustWindows, RustMacos], windows::command),
    test("plimsoll-itself", &[], itself::run),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tests_have_one_name() {
        let mut names = TESTS.iter().map(|test| test.name).collect::<Vec<_>>();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn the_runner_s_settings_name_tests_that_exist() {
        let text = include_str!("../../../.config/nextest.toml");
        let named = text.split("test(=").skip(1).filter_map(|rest| rest.split(')').next()).collect::<Vec<_>>();
        assert!(!named.is_empty());
        for name in named {
            assert!(TESTS.iter().any(|test| test.name == name), "there is no test {name}");
        }
    }
}
