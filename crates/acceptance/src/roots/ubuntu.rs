//! Real Ubuntu as archives by digest: what needs glibc 2.36 passes in 24.04 and fails in 22.04, with the version and the symbol named.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use plimsoll_model::Digest;

use super::sha256;
use crate::negative_control::needing_2_36;
use crate::rehearsal::Rehearsal;
use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble, project};

/// Name, suite and glibc. Only the pocket of the release itself is asked for: its packages never change.
const RELEASES: [(&str, &str, &str); 2] = [("ubuntu:22.04", "jammy", "2.35"), ("ubuntu:24.04", "noble", "2.39")];

/// `ubuntu-archive-keyring.gpg` of Ubuntu 22.04, which has the keys 790BC7277767219C42C86F933B4FE6ACC0B21F32 and
/// F6ECB3762474EDA9D21B7022871920D1991BC93C. It is brought unchecked, and nothing but this digest makes it trusted.
const KEYRING: &str = "1a4dd63e5c76728960a2edddae22e2e0fc53df8e8b87806deb971030ac704eb0";

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    // apt reads it as a user of its own, who cannot look into folders of root's.
    let place = tempfile::Builder::new().prefix("plimsoll-ubuntu-").tempdir_in("/tmp").map_err(Trouble::io(Path::new("/tmp")))?;
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).map_err(Trouble::io(place.path()))?;
    let keyring = keyring(place.path())?;
    let project = needing_2_36(testbed)?;
    let manifest = project.join("plimsoll.toml");
    let text = fs::read_to_string(&manifest).map_err(Trouble::io(&manifest))?;
    let required = |(name, suite, _): (&str, &str, &str)| -> Result<Rehearsal, Trouble> {
        let (archive, digest) = system(testbed, suite, &keyring)?;
        let table = format!("\n[root.\"{name}\"]\narchive = \"{}\"\nsha256 = \"{digest}\"\n", archive.display());
        project::write(&manifest, &(text.replace("\"debian:12\"", &format!("\"{name}\"")) + &table))?;
        Rehearsal::kept(testbed, &project)?.tried()
    };

    let [(old, ..), (new, _, glibc)] = RELEASES;
    let newer = required(RELEASES[1])?;
    let evidence = newer.document["release"]["artifacts"][0]["proven"].to_string();
    checks.that(&format!("it passes in {new}"), newer.said.well() && newer.fetched_back() == 1, || newer.all());
    checks.that("and the evidence names the root and its glibc", evidence.contains(new) && evidence.contains(glibc), || evidence.clone());

    let older = required(RELEASES[0])?;
    checks.that(&format!("it fails in {old}"), older.said.code == Some(1) && older.fetched_back() == 0, || older.all());
    let failures = older.document["failures"].to_string();
    for word in [old, "2.35", "GLIBC_2.36", "arc4random"] {
        checks.that(&format!("and the failure names {word}"), failures.contains(word), || older.all());
    }
    Ok(())
}

fn keyring(place: &Path) -> Result<PathBuf, Trouble> {
    let folder = place.join("keyring");
    let mut make = Command::new("mmdebstrap");
    make.args(["--quiet", "--variant=extract", "--mode=auto", "--include=ubuntu-keyring"]);
    make.args(["--aptopt=Acquire::AllowInsecureRepositories \"true\"", "--aptopt=APT::Get::AllowUnauthenticated \"true\""]);
    had(&testbed::run(make.arg(RELEASES[0].1).arg(&folder))?)?;
    let keyring = folder.join("usr/share/keyrings/ubuntu-archive-keyring.gpg");
    let digest = sha256(&keyring)?;
    if digest == KEYRING.parse::<Digest>().map_err(|error| Trouble::Broken(error.to_string()))? {
        Ok(keyring)
    } else {
        Err(Trouble::Broken(format!("the keyring of Ubuntu has the sha256 {digest}")))
    }
}

/// A minimal system of Ubuntu as an archive, and its digest.
fn system(testbed: &Testbed, suite: &str, keyring: &Path) -> Result<(PathBuf, Digest), Trouble> {
    let tar = testbed.path(&format!("{suite}.tar"));
    let mut make = Command::new("mmdebstrap");
    make.args(["--quiet", "--variant=extract", "--mode=auto", "--include=base-files,dash,libc6,libgcc-s1"]);
    had(&testbed::run(make.arg(format!("--keyring={}", keyring.display())).arg(suite).arg(&tar))?)?;
    testbed::expect_well(Command::new("zstd").args(["-q", "-f", "-1"]).arg(&tar))?;
    let packed = tar.with_added_extension("zst");
    let digest = sha256(&packed)?;
    Ok((packed, digest))
}

fn had(said: &testbed::Said) -> Result<(), Trouble> {
    if said.well() { Ok(()) } else { Err(Trouble::NotRun(format!("no packages from Ubuntu: {}", said.stderr.trim()))) }
}
