//! The steps of a fetch, in order: index → release → choice → download → verification → unpacking → place.
//!
//! Nothing is unpacked or kept before its digest is right; nothing is at the destination before all of it is.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_model::{Digest, KindName, Name, ReleaseDocument, ReleasedArtifact};
use semver::Version;
use serde::Serialize;

use crate::cache::{Cache, CacheError};
use crate::choose::{Fit, NoFit, Selection, choose};
use crate::finding::{Finding, Problem};
use crate::place::{MARKER, PlaceError, check, parent, place};
use crate::programs::{LacksProgram, programs};
use crate::registry::{InvalidIndex, RELEASE_FILE, RegistryIndex, SUMS_FILE, index_path, release_folder};
use crate::source::{Network, OpenError, Source};
use crate::stage::Stage;
use crate::sums::{compare, parse_release};
use crate::unpack::{Format, Limits, UnpackError, Unpacked, unpack};
use crate::verify::{StreamError, stream};

/// Which version is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// The greatest by SemVer.
    Latest {
        /// Whether pre-releases count.
        pre_releases: bool,
    },
    /// Exactly this one.
    Exact(Version),
}

/// What to fetch, and whereto.
#[derive(Debug, Clone)]
pub struct Request {
    /// The registry.
    pub source: Source,
    /// The release's name.
    pub name: Name,
    /// Its version.
    pub version: Wish,
    /// The digest that `release.json` must have, where the caller knows it; then nothing on the way need be trusted.
    pub release_sha256: Option<Digest>,
    /// The artifact's name, if not the release's own.
    pub artifact: Option<Name>,
    /// The artifact's kind, if not an archive or a bare binary.
    pub kind: Option<KindName>,
    /// What it must fit.
    pub fit: Fit,
    /// The folder to make or replace. It belongs to fetch: what else is put into it is lost with the next fetch.
    pub to: PathBuf,
    /// Where downloads are kept; none to keep nothing.
    pub cache: Option<PathBuf>,
    /// Bounds for unpacking.
    pub limits: Limits,
}

/// A release, found and checked.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Where its files lie.
    pub source: Source,
    /// Its document.
    pub document: ReleaseDocument,
    /// The digest of `release.json`.
    pub release_sha256: Digest,
}

/// What was fetched.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The version.
    pub version: Version,
    /// The artifact.
    pub artifact: ReleasedArtifact,
    /// The digest of `release.json`.
    pub release_sha256: Digest,
    /// The folder with the files: the artifact's single root folder if it has one, so that paths do not depend on the target.
    pub folder: PathBuf,
    /// Files and links below the folder.
    pub files: Vec<PathBuf>,
    /// The artifact's programs, each with its whole path.
    pub programs: Vec<PathBuf>,
    /// Whether the bytes came from the cache.
    pub from_cache: bool,
}

/// Why nothing was fetched. The destination is as it was.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A file could not be had.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The registry's index is not sound.
    #[error("{subject}: {source}")]
    Index {
        /// Path or URL.
        subject: String,
        /// Why.
        source: InvalidIndex,
    },
    /// The registry does not have the version.
    #[error("{name} has no {wanted}; it has {}", if .versions.is_empty() { "none at all".to_owned() } else { list(.versions) })]
    NoVersion {
        /// The name.
        name: Name,
        /// `version 1.2.3`, `version that is no pre-release`.
        wanted: String,
        /// Those that there are.
        versions: Vec<Version>,
    },
    /// A file is not what the release, or the caller, says that it is.
    #[error("{subject} {}", .finding.problem)]
    Mismatch {
        /// Path or URL.
        subject: String,
        /// What is wrong.
        finding: Box<Finding>,
    },
    /// The release is another one than was asked for.
    #[error("{subject} is the release {is}, not {wanted}")]
    OtherRelease {
        /// Path or URL.
        subject: String,
        /// `name version`.
        is: String,
        /// `name version`.
        wanted: String,
    },
    /// No artifact can be used.
    #[error(transparent)]
    NoFit(#[from] NoFit),
    /// The bytes are the released ones, and yet no sound archive.
    #[error("{file}: {source}")]
    Unpack {
        /// The artifact's file.
        file: String,
        /// Why.
        source: UnpackError,
    },
    /// The bytes are the released ones, and a program that the release declares is not among them.
    #[error("{file} {source}")]
    Program {
        /// The artifact's file.
        file: String,
        /// Which.
        source: LacksProgram,
    },
    /// The cache, or a temporary file.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The destination.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

fn list(versions: &[Version]) -> String {
    let newest = versions.iter().rev().take(10).map(Version::to_string).collect::<Vec<_>>();
    let more = if versions.len() > 10 { ", …" } else { "" };
    format!("{}{more}", newest.join(", "))
}

impl FetchError {
    /// Whether there is nothing for the asker, so that building from source is the right answer. Never so for bytes that are wrong.
    pub const fn is_missing(&self) -> bool {
        match self {
            Self::Open(error) => error.is_missing(),
            Self::NoVersion { .. } | Self::NoFit(_) => true,
            _ => false,
        }
    }

    /// Whether bytes are not those that were published: a reason to stop and look.
    pub const fn is_mismatch(&self) -> bool {
        matches!(self, Self::Mismatch { .. } | Self::OtherRelease { .. } | Self::Unpack { .. } | Self::Program { .. })
    }

    /// Whether the network or the server is at fault.
    pub const fn is_network(&self) -> bool {
        matches!(self, Self::Open(error) if error.is_network())
    }
}

/// Finds a release in a registry, or takes the one that lies in a folder itself, such as a project's own `dist/`; its document and its checksum file must
/// agree.
///
/// # Errors
/// [`FetchError`].
pub fn resolve(
    source: &Source,
    name: &Name,
    version: &Wish,
    release_sha256: Option<Digest>,
    network: &Network,
) -> Result<Resolved, FetchError> {
    let path = index_path(name);
    let (source, release, wanted) = match source.read(&path, network) {
        Ok(index) => {
            let index =
                RegistryIndex::parse(&index, name).map_err(|error| FetchError::Index { subject: source.subject(&path), source: error })?;
            let version = pick(&index, version)?;
            let source = source.below(&release_folder(name, &version))?;
            let release = source.read(RELEASE_FILE, network)?;
            (source, release, Some(version))
        }
        // What is not there is asked of a server once.
        Err(error) if error.is_missing() && matches!(source, Source::Folder(_)) => {
            let Ok(release) = source.read(RELEASE_FILE, network) else { return Err(error.into()) };
            (source.clone(), release, None)
        }
        Err(error) => return Err(error.into()),
    };
    let mismatch = |finding: Finding| FetchError::Mismatch { subject: source.subject(&finding.file), finding: Box::new(finding) };
    let is = Digest::of(&release);
    if let Some(says) = release_sha256.filter(|says| *says != is) {
        return Err(mismatch(Finding::new(RELEASE_FILE, Problem::Digest { says, is })));
    }
    let document = parse_release(&release).map_err(mismatch)?;
    compare(&document, &release, &source.read(SUMS_FILE, network)?).map_err(mismatch)?;
    if document.name != *name || wanted.as_ref().is_some_and(|wanted| document.version != *wanted) {
        return Err(FetchError::OtherRelease {
            subject: source.subject(RELEASE_FILE),
            is: format!("{} {}", document.name, document.version),
            wanted: wanted.map_or_else(|| name.to_string(), |wanted| format!("{name} {wanted}")),
        });
    }
    if let Wish::Exact(version) = version
        && document.version != *version
    {
        let wanted = format!("version {version}");
        return Err(FetchError::NoVersion { name: name.clone(), wanted, versions: vec![document.version] });
    }
    Ok(Resolved { source, document, release_sha256: is })
}

fn pick(index: &RegistryIndex, wish: &Wish) -> Result<Version, FetchError> {
    let (found, wanted) = match wish {
        Wish::Exact(version) => (index.versions.iter().find(|listed| *listed == version), format!("version {version}")),
        Wish::Latest { pre_releases: true } => (index.choose_latest(true), "version".to_owned()),
        Wish::Latest { pre_releases: false } => (index.choose_latest(false), "version that is no pre-release".to_owned()),
    };
    found.cloned().ok_or_else(|| FetchError::NoVersion { name: index.name.clone(), wanted, versions: index.versions.clone() })
}

/// Fetches an artifact into a folder. `progress` gets bytes so far and in all, while there is a download.
///
/// Interrupted at any point, it leaves the old folder or the new one; where the file system cannot swap folders, possibly none for a moment.
///
/// # Errors
/// [`FetchError`]; nothing has changed at the destination then.
pub fn fetch(request: &Request, network: &Network, progress: &mut dyn FnMut(u64, u64)) -> Result<Fetched, FetchError> {
    check(&request.to)?;
    let resolved = resolve(&request.source, &request.name, &request.version, request.release_sha256, network)?;
    let selection = Selection { name: request.artifact.as_ref(), kind: request.kind.as_ref() };
    let (artifact, format) = choose(&resolved.document, &request.fit, selection)?;
    let parent = parent(&request.to)?;
    // Whatever is in it at the end, the folder that was replaced included, goes with it.
    let stage = Stage::new(&parent, &request.to)?;
    let (bytes, from_cache) = obtain(&resolved.source, artifact, request.cache.as_deref(), &stage, network, progress)?;
    let (files, programs) = install(bytes, &format, artifact, &resolved, request, &stage)?;
    Ok(Fetched {
        version: resolved.document.version.clone(),
        artifact: artifact.clone(),
        release_sha256: resolved.release_sha256,
        folder: request.to.clone(),
        programs: programs.into_iter().map(|file| request.to.join(file)).collect(),
        files,
        from_cache,
    })
}

/// The artifact's bytes, verified, in a file that is open at its start; and whether the cache had them.
fn obtain(
    source: &Source,
    artifact: &ReleasedArtifact,
    cache: Option<&Path>,
    stage: &Stage,
    network: &Network,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(File, bool), FetchError> {
    let cache = cache.map(Cache::open).transpose()?;
    if let Some(file) = cache.as_ref().map(|cache| cache.get(artifact)).transpose()?.flatten() {
        return Ok((file, true));
    }
    let mut partial = match &cache {
        Some(cache) => cache.partial()?,
        None => stage.download()?,
    };
    let path = partial.path().to_owned();
    let local = |source| FetchError::Place(PlaceError::Io { path: path.clone(), source });
    stream(source, artifact, network, partial.as_file_mut(), progress).map_err(|error| match error {
        StreamError::Open(error) => error.into(),
        StreamError::Sink(error) => local(error),
        StreamError::Wrong(problem) => {
            let finding = Box::new(Finding::new(artifact.file_name.as_str(), problem));
            FetchError::Mismatch { subject: source.subject(artifact.file_name.as_str()), finding }
        }
    })?;
    io::Seek::rewind(partial.as_file_mut()).map_err(local)?;
    let file = match &cache {
        Some(cache) => cache.keep(partial, artifact.sha256)?,
        None => partial.into_file(),
    };
    Ok((file, false))
}

/// What the folder's marker tells.
#[derive(Serialize)]
struct Marker<'a> {
    name: &'a Name,
    version: &'a Version,
    artifact: &'a str,
    sha256: Digest,
    release_sha256: Digest,
}

/// Unpacks beside the destination, and puts the result in its place if it has all programs; says which files and programs there are.
fn install(
    bytes: File,
    format: &Format,
    artifact: &ReleasedArtifact,
    resolved: &Resolved,
    request: &Request,
    stage: &Stage,
) -> Result<(Vec<PathBuf>, Vec<PathBuf>), FetchError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| FetchError::Place(PlaceError::Io { path, source })
    };
    let unpacked = stage.unpacked();
    let file = artifact.file_name.to_string();
    let Unpacked { files, root } =
        unpack(bytes, format, &unpacked, &request.limits).map_err(|source| FetchError::Unpack { file: file.clone(), source })?;
    let new = root.as_ref().map_or_else(|| unpacked.clone(), |root| unpacked.join(root));
    let strip = |file: PathBuf| root.as_ref().and_then(|root| file.strip_prefix(root).ok()).map(Path::to_owned).unwrap_or(file);
    let files = files.into_iter().map(strip).collect::<Vec<_>>();
    let programs = programs(&new, &files, artifact).map_err(|source| FetchError::Program { file, source })?;
    let marker = Marker {
        name: &resolved.document.name,
        version: &resolved.document.version,
        artifact: artifact.id.as_str(),
        sha256: artifact.sha256,
        release_sha256: resolved.release_sha256,
    };
    let marker_path = new.join(MARKER);
    let mut file = File::options().write(true).create_new(true).open(&marker_path).map_err(at(&marker_path))?;
    io::Write::write_all(&mut file, &plimsoll_model::document_json(&marker)).map_err(at(&marker_path))?;
    place(&new, &request.to, &stage.replaced())?;
    Ok((files, programs))
}
