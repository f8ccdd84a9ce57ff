//! The command on other systems: built for Windows and tried under wine, and compiled for macOS.
//!
//! What it prints under wine is held against what it prints here, about the same files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plimsoll_exec::pins;
use plimsoll_harbor::{Faults, Harbor};
use serde_json::Value;

use super::rehearsal::Rehearsal;
use super::testbed::{self, Said, Testbed, expect_well};
use super::{Checks, Trouble, project};

const WINDOWS: &str = "x86_64-pc-windows-gnu";
const MACOS: &str = "aarch64-apple-darwin";

/// Where Debian has wine, and libraries that only its launcher script looks for; as `plimsoll-roots` runs it.
const WINE: &str = "/usr/lib/wine/wine64";
const LIBRARIES: [(&str, &str); 4] = [
    ("WINEDLLPATH", "/usr/x86_64-w64-mingw32/lib"),
    ("WINEPATH", "Z:\\usr\\x86_64-w64-mingw32\\lib"),
    ("WINEDEBUG", "-all"),
    ("WINEDLLOVERRIDES", "mscoree=;mshtml="),
];

/// The command compiles for Windows and for macOS.
pub fn compiles(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    for target in [WINDOWS, MACOS] {
        let checked = testbed::run(&mut zigbuild(testbed, "check", "plimsoll", target)?)?;
        checks.that(&format!("it compiles for {target}"), checked.well(), || checked.all());
    }
    Ok(())
}

/// The command for Windows does under wine what it does here, and the one for macOS is linked.
pub fn command(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    for target in [MACOS, WINDOWS] {
        let built = testbed::run(&mut zigbuild(testbed, "zigbuild", "plimsoll", target)?)?;
        checks.that(&format!("it is built for {target}"), built.well(), || built.all());
    }
    // A release with a program of Windows, proven by the wine that is then used.
    let made = project::fixture(testbed, "tender")?;
    let manifest = made.join("plimsoll.toml");
    project::replace(&manifest, "    \"aarch64-unknown-linux-gnu\",\n    \"aarch64-unknown-linux-musl\",\n", "")?;
    project::replace(&manifest, "    \"aarch64-apple-darwin\",\n", "")?;
    project::replace(&manifest, "[target.aarch64-unknown-linux-gnu]\nglibc = \"2.28\"\n", "")?;
    let sealed = Rehearsal::kept(testbed, &made)?.tried()?;
    if !sealed.said.well() {
        return Err(Trouble::Broken(format!("nothing was sealed\n{}", sealed.all())));
    }
    let wine = Wine::new(testbed, &testbed.root.join("target").join(WINDOWS).join("debug/plimsoll.exe"))?;
    let macho = testbed.root.join("target").join(MACOS).join("debug/plimsoll");
    for (from, to) in [(Path::new("/bin/true"), "elf"), (&macho, "macho")] {
        let place = wine.folder.join(to);
        fs::copy(from, &place).map_err(Trouble::io(&place))?;
    }
    project::copy_tree(&made, &wine.folder.join("tender"))?;
    project::copy_tree(&made.join("dist"), &wine.folder.join("dist"))?;
    starts(&wine, checks)?;
    looks(&wine, checks)?;
    plans(&wine, checks)?;
    verifies(&wine, checks)?;
    fetches(&wine, checks)
}

/// Programs are started, told to end and counted there as here.
fn starts(wine: &Wine<'_>, checks: &mut Checks) -> Result<(), Trouble> {
    let mut build = zigbuild(wine.testbed, "test", "plimsoll-exec", WINDOWS)?;
    let built = testbed::run(build.args(["--test", "windows", "--no-run", "--message-format", "json"]))?;
    let messages = built.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let made = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back();
    let Some(made) = made.filter(|_| built.well()) else { return Err(Trouble::Broken(built.all())) };
    let place = wine.folder.join("started.exe");
    fs::copy(&made, &place).map_err(Trouble::io(&place))?;
    let tested = wine.run("started.exe", &[])?;
    checks.that("programs are started and ended there as here", tested.well() && tested.stdout.contains(" 6 passed"), || tested.all());
    Ok(())
}

/// `cargo-zigbuild` with the tools that plimsoll installs for itself.
fn zigbuild(testbed: &Testbed, subcommand: &str, package: &str, target: &str) -> Result<Command, Trouble> {
    let tool = |name: &str| {
        let path = pins::find(name).map(|pin| pin.program_in(&testbed.store.join("v1/tools"))).filter(|path| path.is_file());
        path.ok_or_else(|| Trouble::NotRun(format!("{name} is not in the store: `plimsoll doctor --install` brings it")))
    };
    let (zig, zigbuild) = (tool("ziglang")?, tool("cargo-zigbuild")?);
    let cache = testbed.store.with_file_name("windows-zig-cache");
    let mut command = Command::new(zigbuild);
    command.args([subcommand, "--quiet", "--locked", "--package", package, "--target", target]).current_dir(&testbed.root);
    command.env("CARGO_ZIGBUILD_ZIG_PATH", zig).env("XDG_CACHE_HOME", &cache).env("ZIG_GLOBAL_CACHE_DIR", cache.join("zig"));
    Ok(command)
}

/// The command under wine, in a root that holds nothing else and a folder of ours.
struct Wine<'a> {
    testbed: &'a Testbed,
    root: PathBuf,
    folder: PathBuf,
}

impl<'a> Wine<'a> {
    fn new(testbed: &'a Testbed, program: &Path) -> Result<Self, Trouble> {
        let root = testbed.store.join("v1/roots/tools-wine-x86_64/root");
        if !root.is_dir() {
            return Err(Trouble::NotRun("plimsoll has put no wine into the store".to_owned()));
        }
        let folder = testbed.folder("wine")?;
        let place = folder.join("plimsoll.exe");
        fs::copy(program, &place).map_err(Trouble::io(&place))?;
        Ok(Self { testbed, root, folder })
    }

    /// The command for Windows.
    fn plimsoll(&self, words: &[&str]) -> Result<Said, Trouble> {
        self.run("plimsoll.exe", words)
    }

    fn run(&self, program: &str, words: &[&str]) -> Result<Said, Trouble> {
        let mut command = Command::new("bwrap");
        command.args(["--die-with-parent", "--unshare-pid", "--clearenv", "--ro-bind"]).arg(&self.root).arg("/");
        command.args(["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--bind"]).arg(&self.folder).arg("/tmp/work");
        command.args(["--chdir", "/tmp/work"]);
        let own = [("HOME", "/tmp"), ("PATH", "/usr/bin:/bin"), ("WINEPREFIX", "/tmp/work/prefix"), ("NO_COLOR", "1")];
        for (name, value) in own.into_iter().chain(LIBRARIES) {
            command.args(["--setenv", name, value]);
        }
        testbed::run(command.args(["--", WINE, program]).args(words))
    }

    /// The command for this machine, in the same folder.
    fn here(&self, words: &[&str]) -> Result<Said, Trouble> {
        testbed::run(self.testbed.plimsoll(&self.testbed.path("store")).current_dir(&self.folder).args(words))
    }

    /// Whether both end alike and print the same, but for line ends and what separates folders.
    fn same(&self, checks: &mut Checks, name: &str, words: &[&str]) -> Result<(), Trouble> {
        let (windows, here) = (self.plimsoll(words)?, self.here(words)?);
        let same = windows.code == here.code && windows.stdout.replace("\\\\", "/") == here.stdout && !windows.stdout.is_empty();
        checks.that(name, same, || format!("under wine: {}\nhere: {}", windows.all(), here.all()));
        Ok(())
    }
}

fn looks(wine: &Wine<'_>, checks: &mut Checks) -> Result<(), Trouble> {
    let version = wine.plimsoll(&["--version"])?;
    let is_it = version.well() && version.stdout.starts_with(concat!("plimsoll ", env!("CARGO_PKG_VERSION_MAJOR")));
    checks.that("it tells its version", is_it, || version.all());
    for (name, file) in [("an ELF file", "elf"), ("a PE file", "plimsoll.exe"), ("a Mach-O file", "macho")] {
        wine.same(checks, &format!("it tells the facts of {name}"), &["inspect", "--json", file])?;
    }
    let missing = wine.plimsoll(&["inspect", "nowhere"])?;
    checks.that("a file that is not there is named", missing.code == Some(1) && missing.all().contains("nowhere"), || missing.all());
    Ok(())
}

fn plans(wine: &Wine<'_>, checks: &mut Checks) -> Result<(), Trouble> {
    wine.same(checks, "its plan is the same document", &["plan", "--json", "--root", "tender"])?;
    let crates = wine.folder.join("crate/src");
    fs::create_dir_all(&crates).map_err(Trouble::io(&crates))?;
    project::write(&crates.join("main.rs"), "fn main() {}\n")?;
    let manifest = "[package]\nname = \"it\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[workspace]\n";
    project::write(&wine.folder.join("crate/Cargo.toml"), manifest)?;
    project::write(&wine.folder.join("crate/plimsoll.toml"), "targets = [\"x86_64-pc-windows-gnu\"]\n[archive.it]\n")?;
    let lacking = wine.plimsoll(&["plan", "--root", "crate"])?;
    let is_told = lacking.code == Some(3) && lacking.all().contains("cargo");
    checks.that("without cargo, a project of cargo's is no fault but a missing tool", is_told, || lacking.all());
    Ok(())
}

fn verifies(wine: &Wine<'_>, checks: &mut Checks) -> Result<(), Trouble> {
    let folder = wine.plimsoll(&["verify", "dist"])?;
    checks.that("a sealed release verifies", folder.well(), || folder.all());
    let dist = wine.folder.join("dist");
    let harbor = Harbor::serve_folder(&dist, Faults::none()).map_err(Trouble::io(&dist))?;
    let url = wine.plimsoll(&["verify", &format!("{}/", harbor.url())])?;
    checks.that("and by its URL", url.well(), || url.all());
    let archive = dist.join("tender-x86_64-pc-windows-gnu.zip");
    project::flip(&archive, 100)?;
    for (name, place) in [("in the folder", "dist".to_owned()), ("by the URL", format!("{}/", harbor.url()))] {
        let flipped = wine.plimsoll(&["verify", &place])?;
        let is_found = flipped.code == Some(1) && flipped.all().contains("tender-x86_64-pc-windows-gnu.zip");
        checks.that(&format!("a flipped byte is found {name}"), is_found, || flipped.all());
    }
    project::flip(&archive, 100)
}

fn fetches(wine: &Wine<'_>, checks: &mut Checks) -> Result<(), Trouble> {
    let dist = wine.folder.join("dist");
    let registry = wine.folder.join("registry/tender/1.0.0");
    project::copy_tree(&dist, &registry)?;
    let index = "{\"schema\": 1, \"name\": \"tender\", \"versions\": [\"1.0.0\"], \"latest\": \"1.0.0\"}\n";
    project::write(&registry.with_file_name("index.json"), index)?;
    let harbor = Harbor::serve_folder(&wine.folder.join("registry"), Faults::none()).map_err(Trouble::io(&registry))?;
    for (name, from, to) in [("a folder", "registry".to_owned(), "first"), ("a URL", harbor.url(), "second")] {
        for round in ["", ", in place of what is there"] {
            let fetched = wine.plimsoll(&["fetch", "--from", &from, "--to", to, "tender"])?;
            let program = wine.folder.join(to).join("tender.exe");
            checks.that(&format!("what fits Windows is fetched from {name}{round}"), fetched.well() && program.is_file(), || fetched.all());
        }
    }
    expect_well(Command::new("cmp").arg(wine.folder.join("first/tender.exe")).arg(wine.folder.join("second/tender.exe")))?;
    Ok(())
}
