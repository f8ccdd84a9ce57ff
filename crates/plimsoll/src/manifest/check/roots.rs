//! `[root.NAME]`: an image with its registry, or archives with their digests; and for a root that is required.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_fetch::FilePlace;
use plimsoll_model::{Digest, RootName, Target};

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::{nearest, suggestion};
use super::super::written::{Manifest, PerProcessor, RootTable, Written};
use plimsoll_roots::{RootArchive, RootSource};

pub(crate) fn root_sources(manifest: &Manifest, out: &mut Diagnostics) -> BTreeMap<RootName, RootSource> {
    let required = manifest.wished_roots();
    let mut roots = BTreeMap::new();
    for (name, table) in &manifest.root {
        let checked = (root_name(name, &required, out), source(name, table, out));
        if let (Some(root), Some(source)) = checked {
            roots.insert(root, source);
        }
    }
    roots
}

fn root_name(written: &Written<String>, required: &[RootName], out: &mut Diagnostics) -> Option<RootName> {
    let shown = written.value.chars().take(80).collect::<String>();
    let root = written.value.parse::<RootName>().ok().filter(|root| root.as_str().contains(':'));
    let Some(root) = root else {
        let bad = Diagnostic::new("bad-root", &written.span, format!("`{shown}` is no root whose files could come from elsewhere"));
        out.push(bad.label("not a distribution").hint("name and version in quotes, such as [root.\"alpine:3.20\"]"));
        return None;
    };
    if required.contains(&root) {
        return Some(root);
    }
    let unused = Diagnostic::new("root-not-required", &written.span, format!("no target requires the root `{root}`"));
    let hint = match nearest(root.as_str(), required.iter().map(RootName::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("add it to a target: [target.TARGET] roots = [\"{root}\"]"),
    };
    out.push(unused.label("of no use").hint(hint));
    None
}

fn source(name: &Written<String>, table: &RootTable, out: &mut Diagnostics) -> Option<RootSource> {
    match (&table.image, &table.archive, &table.sha256) {
        (Some(image), None, None) => image_name(image, out).map(RootSource::Image),
        (None, Some(archive), Some(sha256)) => archives(archive, sha256, out),
        (None, None, None) => {
            let message = format!("`root.\"{}\"` says nothing of where its files come from", name.value);
            out.push(
                Diagnostic::new("root-without-source", &name.span, message).label("empty").hint("set `image`, or `archive` and `sha256`"),
            );
            None
        }
        (Some(image), _, _) => {
            let message = "a root comes from an image or from an archive, not from both";
            out.push(Diagnostic::new("root-from-two", &image.span, message).label("an image").hint("leave out one of them"));
            None
        }
        (None, Some(one), None) | (None, None, Some(one)) => {
            let (there, missing) = if table.archive.is_some() { ("archive", "sha256") } else { ("sha256", "archive") };
            let message = format!("`{there}` of a root wants `{missing}` beside it");
            let hint = "`sha256sum FILE` prints the digest of a file";
            out.push(Diagnostic::new("archive-without-digest", &one.span, message).label("alone").hint(hint));
            None
        }
    }
}

/// `REGISTRY/PATH:TAG`. A name without a registry is another image from one machine to the next, and a digest belongs into the lock file.
fn image_name(written: &Written<String>, out: &mut Diagnostics) -> Option<String> {
    let bad = |label: &str| {
        let bad = Diagnostic::new("bad-image", &written.span, "`image` is not the full name of an image").label(label);
        bad.hint("a registry, a path and a tag, such as `docker.io/library/alpine:3.20`")
    };
    let text = &written.value;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte);
    let (host, path) = text.split_once('/').unwrap_or(("", text));
    let problem = if text.contains('@') {
        "the digest is in plimsoll.lock"
    } else if text.len() > 255
        || !text.bytes().all(plain)
        || path.split('/').any(|part| part.is_empty() || part.starts_with(['.', '-', ':']))
    {
        "no name of an image"
    } else if host.starts_with(['-', '.', ':']) || !(host.contains(['.', ':']) || host == "localhost") {
        "no registry"
    } else if !path.rsplit('/').next().is_some_and(|last| last.contains(':') && !last.ends_with(':')) {
        "no tag"
    } else {
        return Some(text.clone());
    };
    out.push(bad(problem));
    None
}

fn archives(archive: &Written<PerProcessor>, sha256: &Written<PerProcessor>, out: &mut Diagnostics) -> Option<RootSource> {
    match (&archive.value, &sha256.value) {
        (PerProcessor::All(place), PerProcessor::All(digest)) => {
            let place = Written { value: place.clone(), span: archive.span.clone() };
            let digest = Written { value: digest.clone(), span: sha256.span.clone() };
            one(&place, &digest, out).map(RootSource::Archive)
        }
        (PerProcessor::Each(places), PerProcessor::Each(digests)) => each(places, digests, sha256, out).map(RootSource::Archives),
        _ => {
            let message = "`archive` and `sha256` of a root must both be strings, or both be tables by processor";
            out.push(Diagnostic::new("archive-without-digest", &sha256.span, message).label("of another form than `archive`"));
            None
        }
    }
}

fn each(
    places: &[(Written<String>, Written<String>)],
    digests: &[(Written<String>, Written<String>)],
    table: &Written<PerProcessor>,
    out: &mut Diagnostics,
) -> Option<BTreeMap<String, RootArchive>> {
    let known = processors();
    let mut complete = !places.is_empty();
    let mut read = BTreeMap::new();
    for (processor, _) in places.iter().chain(digests) {
        if !known.contains(processor.value.as_str()) {
            complete = false;
            let message = format!("no Linux target has the processor `{}`", processor.value.chars().take(40).collect::<String>());
            let hint = suggestion(&processor.value, "known", known.iter().copied());
            out.push(Diagnostic::new("unknown-processor", &processor.span, message).label("no processor").maybe_hint(hint));
        }
    }
    let alone = |(processor, _): &&(Written<String>, Written<String>), others: &[(Written<String>, Written<String>)]| {
        !others.iter().any(|(other, _)| other.value == processor.value)
    };
    let lonely = places.iter().filter(|entry| alone(entry, digests)).chain(digests.iter().filter(|entry| alone(entry, places)));
    for (processor, _) in lonely {
        complete = false;
        let message = format!("`archive.{0}` and `sha256.{0}` of a root belong together", processor.value);
        out.push(Diagnostic::new("archive-without-digest", &processor.span, message).label("alone").context(&table.span, "the digests"));
    }
    for (processor, place) in places {
        let digest = digests.iter().find(|(other, _)| other.value == processor.value);
        match digest.and_then(|(_, digest)| one(place, digest, out)) {
            Some(archive) => {
                read.insert(processor.value.clone(), archive);
            }
            None => complete = false,
        }
    }
    complete.then_some(read)
}

fn one(place: &Written<String>, digest: &Written<String>, out: &mut Diagnostics) -> Option<RootArchive> {
    let sha256 = digest.value.parse::<Digest>().ok();
    if sha256.is_none() {
        let bad = Diagnostic::new("bad-digest", &digest.span, "`sha256` must be 64 lower-case hexadecimal digits").label("no SHA-256");
        out.push(bad.hint("`sha256sum FILE` prints it"));
    }
    let text = &place.value;
    let sound = text.parse::<FilePlace>().is_ok();
    if !sound {
        let bad = Diagnostic::new("bad-archive", &place.span, "`archive` is neither a path nor an http or https URL of a file");
        out.push(bad.label("no archive").hint("no credentials, query or fragment, and a plain file name at its end"));
    }
    sha256.filter(|_| sound).map(|sha256| RootArchive { place: text.clone(), sha256 })
}

/// Processors of Linux targets, by the names that targets begin with.
fn processors() -> BTreeSet<&'static str> {
    Target::KNOWN.iter().filter(|target| target.contains("-linux-")).filter_map(|target| target.split('-').next()).collect()
}
