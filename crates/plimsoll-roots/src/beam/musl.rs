//! A BEAM whose own loader is musl's, for libraries of musl targets: Debian has none, and one linked to glibc cannot load them.
//!
//! What a BEAM runs is bytecode; only the virtual machine itself is of a C library. So the root is Debian's with Erlang and Elixir in it, and in it
//! that one program is built anew from the source of the same package, by zig, and so is the library of `asn1`. What belongs to glibc beside them, the
//! NIFs of OTP's own `crypto` and the like, goes, because it could not be loaded; so there is no TLS in such a root. `crypto` would need an OpenSSL for
//! musl, whose build takes longer than that of the BEAM.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_model::Digest;

use crate::enter::Layout;
use crate::libc::Processor;
use crate::recipe::Recipe;
use crate::{DistributionRoot, Roots, Unavailable, distribution};
use plimsoll_exec::launcher::Launch;
use plimsoll_exec::locate::Located;
use plimsoll_exec::tool::Tool;
use plimsoll_exec::zig;

/// The builder; Debian's dash reads it.
const SCRIPT: &str = include_str!("musl.sh");
/// As the build sees what it is given.
const ARCHIVE: &str = "/plimsoll/source.tar.xz";
const ZIG: &str = "/plimsoll/zig";
/// What packages of Debian put Erlang into, and what the source was brought into.
const ERLANG: &str = "usr/lib/erlang";
const SOURCE: &str = "usr/src";
/// The library of `asn1`, without which no certificate is read.
const ASN1: &str = "asn1rt_nif.so";
/// It takes some minutes on two cores.
const PATIENCE: Duration = Duration::from_secs(3600);

/// The processors whose name is the same for zig, for OTP's configure and for us, and that OTP is known to build for.
pub(crate) const BUILT: [&str; 3] = ["x86_64", "aarch64", "riscv64"];

/// What builds it: looked for before anything is fetched.
pub(crate) struct Tools {
    zig: Located,
    make: DistributionRoot,
}

impl Tools {
    /// zig, and a root with make and what configure scripts call.
    pub(crate) fn gather(roots: &Roots<'_>, on_line: &mut dyn FnMut(&str)) -> Result<Self, Unavailable> {
        let zig = roots.toolbox.locate(Tool::Zig).map_err(|error| Unavailable::ToolMissing(error.to_string()))?;
        let make = Recipe::make().ok_or_else(|| Unavailable::Elsewhere("no tools that build are known".to_owned()))?;
        Ok(Self { zig, make: distribution::obtain(roots, &make, on_line)? })
    }
}

/// Digest of how it is built: what was built otherwise is built again.
pub(crate) fn way() -> Digest {
    Digest::of(SCRIPT.as_bytes())
}

/// Puts a BEAM linked to musl in the place of the one in `files`, out of the source that lies there, and takes out the source and what only
/// glibc's could load. Says what built it: `zig 0.17.0`.
pub(crate) fn relink(
    roots: &Roots<'_>,
    tools: &Tools,
    processor: &Processor,
    files: &Path,
    on_line: &mut dyn FnMut(&str),
) -> Result<String, Unavailable> {
    let scratch = files.with_extension("scratch");
    fs::create_dir_all(&scratch).map_err(|error| failed(&scratch, error))?;
    let archive = one(&files.join(SOURCE), |path| path.extension().is_some_and(|suffix| suffix == "xz"))?;
    on_line(&format!("building a BEAM for musl on {} with {}, once", processor.arch, tools.zig.label()));
    build(roots, tools, processor, &archive, &scratch, on_line)?;
    let place = one(&files.join(ERLANG), |path| path.join("bin/beam.smp").is_file())?;
    same_version(&scratch, &place)?;
    let place = place.join("bin/beam.smp");
    fs::copy(scratch.join("beam.smp"), &place).map_err(|error| failed(&place, error))?;
    let applications = files.join(ERLANG).join("lib");
    let place = one(&applications, |path| path.join("priv/lib").join(ASN1).is_file())?.join("priv/lib").join(ASN1);
    fs::copy(scratch.join(ASN1), &place).map_err(|error| failed(&place, error))?;
    for folder in [scratch, files.join(SOURCE)] {
        fs::remove_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    }
    without_glibc(&applications)?;
    Ok(tools.zig.label())
}

/// Compiles in a clean root of its own, where nothing of this machine's can come in.
fn build(
    roots: &Roots<'_>,
    tools: &Tools,
    processor: &Processor,
    archive: &Path,
    scratch: &Path,
    on_line: &mut dyn FnMut(&str),
) -> Result<(), Unavailable> {
    let isolation = roots.isolation()?;
    let zig = fs::canonicalize(&tools.zig.path).map_err(|error| failed(&tools.zig.path, error))?;
    let (folder, program) = zig.parent().zip(zig.file_name()).ok_or_else(|| Unavailable::Failed("zig lies nowhere".to_owned()))?;
    let script = scratch.join("musl.sh");
    fs::write(&script, SCRIPT).map_err(|error| failed(&script, error))?;
    let mut layout = Layout::of_distribution(&tools.make).map_err(|error| failed(&tools.make.folder, error))?;
    layout.show(&[(folder.to_owned(), ZIG.into()), (archive.to_owned(), ARCHIVE.into())]);
    layout.scratch(scratch);
    let variables = [("PATH", "/usr/bin:/bin"), ("LC_ALL", "C"), ("HOME", "/tmp"), ("ZIG_GLOBAL_CACHE_DIR", "/tmp/zig-cache")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    layout.set_env(variables.iter().map(|(name, value)| (name, value)));
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).to_string();
    let program = Path::new(ZIG).join(program);
    let words = ["--chdir", "/tmp", "--", "/bin/dash", "/tmp/musl.sh", ARCHIVE].map(OsString::from).into_iter();
    let targets = [processor.arch, std::env::consts::ARCH].map(|arch| OsString::from(zig::linux(arch, "musl")));
    let words = words.chain([program.into(), processor.arch.into()]).chain(targets).chain([cores.into()]);
    let launch = Launch { env: BTreeMap::new(), ..Launch::new(&isolation.program, "/") }.deadline(PATIENCE);
    let launch = launch.args(isolation.unsharing()).args(layout.words()).args(words);
    let finished = roots.toolbox.launcher().run(&launch, &mut |_, line| on_line(line)).map_err(distribution::unavailable)?;
    if finished.succeeded() {
        return Ok(());
    }
    if roots.toolbox.launcher().is_cancelled() {
        return Err(Unavailable::Failed("interrupted".to_owned()));
    }
    let said = finished.stderr_text();
    let last = said.lines().rev().take(3).collect::<Vec<_>>();
    Err(Unavailable::Failed(format!("no BEAM for musl could be built: {}", last.into_iter().rev().collect::<Vec<_>>().join(" / "))))
}

/// The only entry of a folder that is what is looked for.
fn one(folder: &Path, is_it: impl Fn(&Path) -> bool) -> Result<PathBuf, Unavailable> {
    let mut found = entries(folder)?;
    found.retain(|path| is_it(path));
    match &found[..] {
        [path] => Ok(path.clone()),
        _ => Err(Unavailable::Failed(format!("{} holds {} of what there should be one of", folder.display(), found.len()))),
    }
}

/// The source is that of the package: `erts/vsn.mk` names the version that the package's folder has.
fn same_version(scratch: &Path, place: &Path) -> Result<(), Unavailable> {
    let path = scratch.join("vsn.mk");
    let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
    let built = text.lines().find_map(|line| line.strip_prefix("VSN = ")).unwrap_or_default().trim();
    let there = place.file_name().and_then(|name| name.to_str()?.strip_prefix("erts-")).unwrap_or_default();
    if built == there {
        return Ok(());
    }
    Err(Unavailable::Failed(format!("the BEAM for musl is version {built}, and the package's is {there}")))
}

/// Removes the applications that come with libraries of glibc's, and none whose library was built anew.
fn without_glibc(applications: &Path) -> Result<(), Unavailable> {
    for application in entries(applications)? {
        let libraries = application.join("priv/lib");
        let libraries = if libraries.is_dir() { entries(&libraries)? } else { Vec::new() };
        if libraries.iter().any(|path| path.extension().is_some_and(|suffix| suffix == "so") && !path.ends_with(ASN1)) {
            fs::remove_dir_all(&application).map_err(|error| failed(&application, error))?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Unavailable> {
    let read = |folder: &Path| fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
    read(folder).map_err(|error| failed(folder, error))
}

fn failed(path: &Path, error: io::Error) -> Unavailable {
    Unavailable::Failed(format!("cannot use {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_no_replacement() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("vsn.mk"), "# x\n\nVSN = 13.1.5\n").unwrap();
        assert_eq!(same_version(folder.path(), Path::new("/r/erts-13.1.5")), Ok(()));
        let other = same_version(folder.path(), Path::new("/r/erts-15.2.7")).unwrap_err().to_string();
        assert!(other.contains("13.1.5") && other.contains("15.2.7"), "{other}");
    }

    #[test]
    fn applications_with_libraries_of_glibc_go() {
        let folder = tempfile::tempdir().unwrap();
        for (application, file) in
            [("crypto-5.1", "priv/lib/crypto.so"), ("inets-8.2", "priv/lib/plugin.txt"), ("asn1-5.0", "priv/lib/asn1rt_nif.so")]
        {
            let path = folder.path().join(application).join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        without_glibc(folder.path()).unwrap();
        let left = |name: &str| folder.path().join(name).is_dir();
        assert_eq!([left("crypto-5.1"), left("inets-8.2"), left("asn1-5.0")], [false, true, true]);
    }

    #[test]
    fn of_several_sources_none_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let is_source = |path: &Path| path.extension().is_some_and(|suffix| suffix == "xz");
        assert!(one(folder.path(), is_source).is_err());
        fs::write(folder.path().join("a.tar.xz"), "").unwrap();
        assert_eq!(one(folder.path(), is_source), Ok(folder.path().join("a.tar.xz")));
        fs::write(folder.path().join("b.tar.xz"), "").unwrap();
        assert!(one(folder.path(), is_source).is_err());
    }
}
