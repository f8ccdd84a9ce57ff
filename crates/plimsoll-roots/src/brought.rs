//! Roots that somebody else made: an image of a registry of containers, or an archive; each by its digest, unpacked once into the store.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use plimsoll_fetch::FilePlace;
use plimsoll_fetch::unpack::{Format, Limits, decompress};
use plimsoll_model::{HashingWriter, RootName};

use super::distribution::making::{self, MakingError, remove_own};
use super::distribution::{Document, FORMAT, unavailable};
use super::libc::{self, Processor};
use super::named::Origin;
use super::{DistributionRoot, Roots, Unavailable, tree, unpack};
use crate::RootArchive;
use plimsoll_exec::engine::Engine;
use plimsoll_exec::launcher::Interruptible;
use plimsoll_store::platform;

/// Bytes of an archive as it is downloaded.
const LONGEST: u64 = 4 << 30;
/// A whole system compresses well, but not as well as a bomb.
const LIMITS: Limits = Limits { entries: 0, unpacked: 10 << 30, ratio: 100, ratio_free: 256 << 20, dictionary_kib: 256 << 10 };

/// What engines leave in a container's files, and what names a machine.
const LEFT_BY_ENGINES: [&str; 3] = [".dockerenv", "etc/hosts", "etc/mtab"];
/// Programs expect it; engines put in names of the machine.
const HOSTS: &str = "127.0.0.1 localhost\n::1 localhost\n";

/// What was unpacked before.
pub(super) fn kept(roots: &Path, name: &RootName, machine: &Processor, origin: &Origin) -> Option<DistributionRoot> {
    let (identity, _) = origin.identity()?;
    let place = roots.join(folder(name, machine, origin)?);
    let document: Document = serde_json::from_slice(&fs::read(place.join("root.json")).ok()?).ok()?;
    let files = place.join("root");
    // What brought it is named before what it was.
    let sound = document.format == FORMAT && document.name == *name && document.made_by.ends_with(&identity) && files.is_dir();
    sound.then(|| DistributionRoot::new(document.digest, document.libc, document.made_by, document.made, files))
}

/// The root, brought now where it is not there yet.
pub(super) fn obtain(
    roots: &Roots<'_>,
    name: &RootName,
    machine: &'static Processor,
    origin: &Origin,
    on_line: &mut dyn FnMut(&str),
) -> Result<DistributionRoot, Unavailable> {
    if let Some(root) = kept(&roots.folder, name, machine, origin) {
        return Ok(root);
    }
    let folder = folder(name, machine, origin).ok_or_else(|| nothing_locked(roots, name, machine))?;
    let place = roots.folder.join(folder);
    let failed = |error: io::Error| Unavailable::Failed(format!("cannot write {}: {error}", place.display()));
    fs::create_dir_all(&roots.folder).map_err(failed)?;
    let _turn = roots.turn(&place.with_added_extension("lock"), name, on_line)?;
    // Another may have been faster.
    if let Some(root) = kept(&roots.folder, name, machine, origin) {
        return Ok(root);
    }
    let incoming = place.with_added_extension("incoming");
    making::remove(&incoming).map_err(unavailable)?;
    fs::create_dir_all(incoming.join("root")).map_err(failed)?;
    let made = fill(roots, name, machine, origin, &incoming, on_line);
    let written = made.and_then(|document| {
        let text = plimsoll_model::document_json(&document);
        fs::write(incoming.join("root.json"), text).and_then(|()| making::replace(&incoming, &place)).map_err(failed)
    });
    if let Err(reason) = written {
        // Best effort: whoever comes next begins by removing it.
        let _ = making::remove(&incoming);
        return Err(reason);
    }
    kept(&roots.folder, name, machine, origin).ok_or_else(|| Unavailable::Failed(format!("{} is not readable", place.display())))
}

/// Name of the folder: another digest is another root.
fn folder(name: &RootName, machine: &Processor, origin: &Origin) -> Option<String> {
    let (_, digest) = origin.identity()?;
    Some(format!("{}-{}-{}", name.as_str().replace(':', "-"), machine.arch, digest.short()))
}

/// An image that nobody locked: what to do depends on whether this machine could lock it.
fn nothing_locked(roots: &Roots<'_>, name: &RootName, machine: &Processor) -> Unavailable {
    Unavailable::Elsewhere(if Engine::find(roots.toolbox).is_some() {
        format!("plimsoll.lock has no digest of {name} for {}: `plimsoll root update {name}` writes it", machine.platform)
    } else {
        no_engine(name)
    })
}

/// The gap of a machine that cannot bring images.
pub(super) fn no_engine(name: &RootName) -> String {
    format!("needs podman or docker for {name}, or [root.\"{name}\"] archive")
}

fn fill(
    roots: &Roots<'_>,
    name: &RootName,
    machine: &Processor,
    origin: &Origin,
    incoming: &Path,
    on_line: &mut dyn FnMut(&str),
) -> Result<Document, Unavailable> {
    let (files, archive) = (incoming.join("root"), incoming.join("archive.tar"));
    let identity = origin.identity().map(|(text, _)| text).unwrap_or_default();
    on_line(&format!("bringing {name} for {}, once: {identity}", machine.platform));
    let made_by = match origin {
        Origin::Archive(from) => {
            download(roots, from, &incoming.join("packed"))?;
            plain_tar(&incoming.join("packed"), &archive).map_err(|reason| refused(&from.place, &reason))?;
            identity
        }
        Origin::Image { image, locked: Some(digest) } => {
            let engine = Engine::find(roots.toolbox).ok_or_else(|| Unavailable::Elsewhere(no_engine(name)))?;
            let exported = engine.export(roots.toolbox, (image, *digest), machine.platform, &archive, on_line);
            exported.map_err(|error| Unavailable::Failed(error.to_string()))?;
            format!("{}: {identity}", engine.label())
        }
        Origin::Debian | Origin::Image { locked: None, .. } => return Err(nothing_locked(roots, name, machine)),
    };
    let unpacked = unpack::unpack(&archive, &files).map_err(unavailable);
    unpacked.map_err(|reason| refused(&made_by, &reason))?;
    tidy(&files).map_err(unavailable)?;
    for file in ["packed", "archive.tar"] {
        making::remove(&incoming.join(file)).map_err(unavailable)?;
    }
    if !libc::has_loader(&files, machine) {
        let text =
            format!("{made_by} has neither {} nor {} for {}: is it for another processor?", machine.loader, machine.musl, machine.arch);
        return Err(Unavailable::Failed(text));
    }
    let digest = tree::digest(&files).map_err(unavailable)?;
    let libc = libc::of_root(&files, machine);
    Ok(Document { format: FORMAT, name: name.clone(), digest, libc, made_by, made: roots.now, packages: Vec::new(), way: None })
}

fn refused(what: &str, reason: &dyn std::fmt::Display) -> Unavailable {
    Unavailable::Failed(format!("{what}: {reason}"))
}

/// Takes out what differs from engine to engine and from machine to machine.
fn tidy(files: &Path) -> Result<(), MakingError> {
    making::strip(files)?;
    LEFT_BY_ENGINES.iter().try_for_each(|name| remove_own(files, name))?;
    let etc = files.join("etc");
    if fs::symlink_metadata(&etc).is_ok_and(|data| data.is_dir()) {
        let path = etc.join("hosts");
        let written = File::create_new(&path).and_then(|mut file| {
            file.write_all(HOSTS.as_bytes())?;
            platform::set_mode_of_open(&file, 0o644)
        });
        return written.map_err(|source| MakingError::Io { path, source });
    }
    Ok(())
}

/// Copies an archive to `to`, and refuses one of another digest.
fn download(roots: &Roots<'_>, archive: &RootArchive, to: &Path) -> Result<(), Unavailable> {
    let cannot = |why: String| Unavailable::Failed(format!("the archive {} cannot be had: {why}", archive.place));
    let place = archive.place.parse::<FilePlace>().map_err(|error| cannot(error.to_string()))?;
    let opened = place.open(&roots.sources.project, &roots.network).map_err(|error| cannot(error.to_string()))?;
    let reader = Interruptible::new(opened.reader, roots.toolbox.launcher());
    let file = File::create(to).map_err(|error| cannot(error.to_string()))?;
    let mut writer = HashingWriter::new(io::BufWriter::new(file));
    let read = io::copy(&mut reader.take(LONGEST + 1), &mut writer).and_then(|read| writer.flush().map(|()| read));
    let read = read.map_err(|error| cannot(error.to_string()))?;
    let (_, hashed) = writer.finish();
    if read > LONGEST {
        return Err(cannot(format!("it is longer than {LONGEST} bytes")));
    }
    if hashed.digest() != archive.sha256 {
        let (found, wanted) = (hashed.digest(), archive.sha256);
        return Err(Unavailable::Failed(format!("the archive {} has the sha256 {found}, and the manifest wants {wanted}", archive.place)));
    }
    Ok(())
}

/// The tar in `packed`, by its first bytes: gzip (RFC 1952), xz, zstd (RFC 8878), or a tar as it is.
fn plain_tar(packed: &Path, to: &Path) -> Result<(), String> {
    let text = |error: io::Error| error.to_string();
    let mut file = File::open(packed).map_err(text)?;
    let mut start = Vec::new();
    (&file).take(6).read_to_end(&mut start).map_err(text)?;
    file.seek(SeekFrom::Start(0)).map_err(text)?;
    let format = match start.as_slice() {
        [0x1f, 0x8b, ..] => Format::TarGz,
        [0xfd, b'7', b'z', b'X', b'Z', 0] => Format::TarXz,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Format::TarZst,
        _ => return fs::rename(packed, to).map_err(text),
    };
    let mut out = io::BufWriter::new(File::create(to).map_err(text)?);
    decompress(file, &format, &mut out, &LIMITS).map_err(|error| error.to_string())?;
    out.flush().map_err(text)
}

#[cfg(test)]
mod tests;
