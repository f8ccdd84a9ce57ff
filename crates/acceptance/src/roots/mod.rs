//! Named roots beyond Debian: archives by digest, images by digest through real podman and a registry on loopback, and what is left where
//! namespaces are forbidden. Roots of musl hold it out of Debian's package and nothing of glibc, as an Alpine does; those of glibc are Ubuntu's.

mod archive;
mod forbidden;
mod image;
mod ubuntu;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plimsoll_model::Digest;

use super::testbed::{self, Testbed};
use super::{Trouble, project};

pub use archive::run as archive;
pub use forbidden::run as forbidden;
pub use image::run as image;
pub use ubuntu::run as ubuntu;

/// Processor as targets begin with it → Debian's name of it.
const PROCESSORS: [(&str, &str); 2] = [("x86_64", "amd64"), ("aarch64", "arm64")];

/// Tars of a minimal musl system for each processor, by Debian's name of it.
fn systems(testbed: &Testbed) -> Result<PathBuf, Trouble> {
    let folder = testbed.folder("systems")?;
    for (_, debian) in PROCESSORS {
        let whole = folder.join(format!("{debian}-whole.tar"));
        let made = testbed::run(
            Command::new("mmdebstrap")
                .args(["--variant=extract", "--include=base-files,musl"])
                .arg(format!("--architectures={debian}"))
                .arg("trixie")
                .arg(&whole),
        )?;
        if !made.well() {
            return Err(Trouble::NotRun(format!("no packages from Debian: {}", made.stderr.lines().last().unwrap_or_default())));
        }
        let tree = folder.join(debian);
        fs::create_dir_all(&tree).map_err(Trouble::io(&tree))?;
        testbed::expect_well(Command::new("tar").arg("-C").arg(&tree).arg("-xf").arg(&whole).arg("--exclude=./dev"))?;
        // base-files brings glibc along; here nothing may be loaded by it.
        let script = "rm -rf usr/lib/*-linux-gnu usr/lib64 lib64 usr/lib/ld-linux*";
        testbed::expect_well(Command::new("sh").args(["-eu", "-c", script]).current_dir(&tree))?;
        let packed = folder.join(format!("{debian}.tar"));
        let plain = ["--sort=name", "--owner=0", "--group=0", "--mtime=@0", "-cf"];
        testbed::expect_well(Command::new("tar").arg("-C").arg(&tree).args(plain).arg(&packed).arg("."))?;
    }
    Ok(folder)
}

/// A cargo project whose program is loaded by musl at run time, for both processors; `root` is the manifest's table of its root.
fn hello(testbed: &Testbed, name: &str, root: &str) -> Result<PathBuf, Trouble> {
    let folder = testbed.folder(name)?;
    fs::create_dir_all(folder.join("src")).map_err(Trouble::io(&folder))?;
    let cargo = "[package]\nname = \"hello\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    project::write(&folder.join("Cargo.toml"), cargo)?;
    project::write(&folder.join("src/main.rs"), "fn main() {\n    println!(\"hello {}\", env!(\"CARGO_PKG_VERSION\"));\n}\n")?;
    testbed::expect_well(Command::new("cargo").args(["generate-lockfile", "--quiet", "--offline"]).current_dir(&folder))?;
    let mut manifest = "epoch = 1700000000\ntargets = [\"linux-musl\"]\n".to_owned();
    for (processor, _) in PROCESSORS {
        manifest.push_str(&format!("\n[target.{processor}-unknown-linux-musl]\nroots = [\"alpine:3.20\"]\n"));
    }
    manifest.push_str(&format!("\n{root}\n[core.hello]\nrustflags = [\"-C\", \"target-feature=-crt-static\"]\n"));
    manifest.push_str("\n[archive.hello]\nformat = \"tar.gz\"\n");
    project::write(&folder.join("plimsoll.toml"), &manifest)?;
    Ok(folder)
}

fn sha256(path: &Path) -> Result<Digest, Trouble> {
    Ok(Digest::of(&fs::read(path).map_err(Trouble::io(path))?))
}
