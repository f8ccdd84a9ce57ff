//! A container engine: podman or docker. Only used to bring images and to run `cross`; proofs are made in roots of our own.
//!
//! An image is pulled by digest, and its files are exported out of a container that is made and never started. What an engine answers is
//! checked: it may be another program of that name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_model::Digest;
use serde::Deserialize;

use super::launcher::{Finished, Launch, LaunchError};
use super::locate::Toolbox;
use super::tool::version_in;

/// Engines in the order in which they are asked; podman needs no daemon.
const ENGINES: [&str; 2] = ["podman", "docker"];

/// A daemon that is not there is noticed at once; one that starts takes a little.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than any image that is worth waiting for.
const LONG: Duration = Duration::from_secs(3600);

/// What an image is asked for, in one line. It begins with a field: podman 4.3 takes other templates for those of a list.
const FACTS: &str = "{{.Id}} {{.Os}} {{.Architecture}} {{json .RepoDigests}}";

/// An engine that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// Its program.
    pub program: PathBuf,
    /// `podman` or `docker`.
    pub name: &'static str,
    /// Its version, as it prints it.
    pub version: String,
}

/// An image as an engine describes it.
#[derive(Debug)]
struct Image {
    id: String,
    os: String,
    architecture: String,
    /// `NAME@sha256:…`.
    digests: Vec<String>,
}

/// An image index, of which only this is looked at (OCI image-spec 1.1, "Image Index"; Docker's manifest list has the same fields).
#[derive(Debug, Deserialize)]
struct Index {
    manifests: Vec<Listed>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    digest: String,
    platform: Option<ListedPlatform>,
}

#[derive(Debug, Deserialize)]
struct ListedPlatform {
    os: String,
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

impl Engine {
    /// The first engine that answers; a client whose daemon does not run is none.
    pub fn find(toolbox: &Toolbox) -> Option<Self> {
        ENGINES.iter().find_map(|name| {
            let mut engine = Self { program: toolbox.program(name)?, name, version: String::new() };
            let ask = |words: &[&str]| engine.run(toolbox, words, PATIENCE, &mut |_| {}).ok().filter(Finished::succeeded);
            ask(&["info"])?;
            engine.version = version_in(&ask(&["--version"])?.stdout_text())?;
            Some(engine)
        })
    }

    /// `podman 4.3.1`, as evidence says it.
    pub fn label(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// The digest that an image has for a platform (`linux/arm64`) in its registry now.
    ///
    /// # Errors
    /// The engine's own words; an image that is not there for that platform.
    pub fn digest(&self, toolbox: &Toolbox, image: &str, platform: &str, on_line: &mut dyn FnMut(&str)) -> Result<Digest, EngineError> {
        // The platform's own manifest is the same for both engines; docker tells of an image that it pulled only the index.
        let listed = self.well(toolbox, &["manifest", "inspect", image], &mut |_| {}).ok();
        if let Some(index) = listed.and_then(|text| serde_json::from_str::<Index>(&text).ok()) {
            let found = index.manifests.iter().find(|listed| listed.platform.as_ref().is_some_and(|of| of.is(platform)));
            let found = found.ok_or_else(|| self.failed("manifest inspect", format!("{image} is not there for {platform}")))?;
            return digest_of(&found.digest).ok_or_else(|| self.failed("manifest inspect", format!("`{}` is no digest", found.digest)));
        }
        self.well(toolbox, &["pull", "--quiet", "--platform", platform, image], on_line)?;
        let found = self.inspect(toolbox, image, platform)?;
        found.digest_in(image).ok_or_else(|| self.failed("image inspect", format!("{image} has no digest")))
    }

    /// The image by its digest, brought where it is not there yet: what a tag means changes. One that no registry knows is named by its id.
    ///
    /// # Errors
    /// The engine's own words.
    pub fn pin(&self, toolbox: &Toolbox, image: &str, on_line: &mut dyn FnMut(&str)) -> Result<String, EngineError> {
        let found = match self.describe(toolbox, image) {
            Ok(found) => found,
            Err(_) => {
                self.well(toolbox, &["pull", "--quiet", image], on_line)?;
                self.describe(toolbox, image)?
            }
        };
        Ok(found.digest_in(image).map_or(found.id, |digest| format!("{}@sha256:{digest}", repository(image))))
    }

    /// Brings an image for a platform by its digest, and writes its files as a tar to `archive`.
    ///
    /// # Errors
    /// The engine's own words: a registry that no longer has that digest, for one; an image of another platform.
    pub fn export(
        &self,
        toolbox: &Toolbox,
        (image, digest): (&str, Digest),
        platform: &str,
        archive: &Path,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<(), EngineError> {
        let pinned = format!("{}@sha256:{digest}", repository(image));
        self.well(toolbox, &["pull", "--quiet", "--platform", platform, &pinned], on_line)?;
        let found = self.inspect(toolbox, &pinned, platform)?;
        if !found.digests.iter().any(|name| name.rsplit_once('@').and_then(|(_, text)| digest_of(text)) == Some(digest)) {
            return Err(self.failed("pull", format!("brought another image than {pinned}: {}", found.digests.join(" "))));
        }
        // A container that is never started: what is exported is the image's own files.
        let mut create = vec!["create", "--pull", "never", "--network", "none"];
        if self.name == "docker" {
            // With the store of containerd docker makes no container of another platform unless it is named.
            create.extend(["--platform", platform]);
        }
        create.extend([found.id.as_str(), "/plimsoll"]);
        let container = self.well(toolbox, &create, on_line)?;
        let path = archive.to_string_lossy();
        let exported = self.well(toolbox, &["export", "--output", &path, &container], on_line);
        // Best effort: a container that was never started is only a name.
        let _ = self.well(toolbox, &["rm", &container], on_line);
        exported.map(drop)
    }

    fn describe(&self, toolbox: &Toolbox, image: &str) -> Result<Image, EngineError> {
        let said = self.well(toolbox, &["image", "inspect", "--format", FACTS, image], &mut |_| {})?;
        let found = Image::parse(&said).ok_or_else(|| self.failed("image inspect", format!("not understood: {said}")))?;
        let id = found.id.strip_prefix("sha256:").unwrap_or(&found.id);
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.failed("image inspect", format!("`{}` is no image's id", found.id)));
        }
        Ok(found)
    }

    fn inspect(&self, toolbox: &Toolbox, image: &str, platform: &str) -> Result<Image, EngineError> {
        let found = self.describe(toolbox, image)?;
        // Where an image is there for one platform only, engines bring it whatever was asked for.
        if platform.split('/').take(2).ne([found.os.as_str(), found.architecture.as_str()]) {
            return Err(self.failed("pull", format!("{image} is for {}/{}, not for {platform}", found.os, found.architecture)));
        }
        Ok(found)
    }

    fn well(&self, toolbox: &Toolbox, words: &[&str], on_line: &mut dyn FnMut(&str)) -> Result<String, EngineError> {
        let finished = self.run(toolbox, words, LONG, on_line)?;
        if finished.succeeded() {
            Ok(finished.stdout_text().trim().to_owned())
        } else {
            let said = finished.stderr_text();
            let last = said.trim().lines().rev().take(3).collect::<Vec<_>>();
            Err(self.failed(words.first().copied().unwrap_or_default(), last.into_iter().rev().collect::<Vec<_>>().join(" / ")))
        }
    }

    fn run(&self, toolbox: &Toolbox, words: &[&str], deadline: Duration, on_line: &mut dyn FnMut(&str)) -> Result<Finished, LaunchError> {
        let launch = Launch { env: toolbox.env().clone(), ..Launch::new(&self.program, "/") };
        let launch = launch.args(words.iter().copied()).deadline(deadline);
        toolbox.launcher().run(&launch, &mut |_, line| on_line(line))
    }

    fn failed(&self, what: &str, said: String) -> EngineError {
        EngineError::Refused { engine: self.name, what: what.to_owned(), said }
    }
}

impl Image {
    /// The line that [`FACTS`] asks for; none for anything else.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.trim().splitn(4, ' ').map(str::to_owned);
        let (id, os, architecture, digests) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let digests = serde_json::from_str::<Option<Vec<String>>>(&digests).ok()?.unwrap_or_default();
        Some(Self { id, os, architecture, digests })
    }

    /// The digest that it has under the name that was asked for: an image may be known under several names, each with its own.
    fn digest_in(&self, image: &str) -> Option<Digest> {
        let wanted = full(repository(image));
        self.digests.iter().find_map(|name| {
            let (name, digest) = name.rsplit_once('@')?;
            digest_of(digest).filter(|_| full(name) == wanted)
        })
    }
}

impl ListedPlatform {
    fn is(&self, platform: &str) -> bool {
        let mut parts = platform.split('/');
        let (os, architecture, variant) = (parts.next(), parts.next(), parts.next());
        // Some images say `v8` of arm64, and none has another one.
        let varies = variant.is_some_and(|wanted| self.variant.as_deref() != Some(wanted));
        os == Some(&*self.os) && architecture == Some(&*self.architecture) && !varies
    }
}

/// An image's name without its tag and digest.
pub fn repository(image: &str) -> &str {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    match image.rsplit_once(':') {
        // A colon before a slash is that of a registry's port.
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// A repository with its registry: docker leaves its own out, and podman writes it.
///
/// A first part with a dot or a port is a registry: <https://pkg.go.dev/github.com/distribution/reference>.
fn full(repository: &str) -> String {
    match repository.split_once('/') {
        None => format!("docker.io/library/{repository}"),
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => repository.to_owned(),
        Some(_) => format!("docker.io/{repository}"),
    }
}

fn digest_of(text: &str) -> Option<Digest> {
    text.strip_prefix("sha256:")?.parse().ok()
}

/// An engine that did not do it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// It said no.
    #[error("{engine} {what}: {said}")]
    Refused {
        /// Which engine.
        engine: &'static str,
        /// Which of its commands.
        what: String,
        /// Its words.
        said: String,
    },
    /// It could not be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_told_from_a_port() {
        assert_eq!(repository("docker.io/library/alpine:3.20"), "docker.io/library/alpine");
        assert_eq!(repository("localhost:5000/alpine"), "localhost:5000/alpine");
        assert_eq!(repository("localhost:5000/alpine:3"), "localhost:5000/alpine");
        assert_eq!(repository("localhost:5000/alpine:3@sha256:00"), "localhost:5000/alpine");
    }

    #[test]
    fn the_digest_is_that_of_the_name_that_was_asked_for() {
        let [one, two] = [Digest::of(b"1"), Digest::of(b"2")];
        let names = [format!("mirror.example/alpine@sha256:{one}"), format!("alpine@sha256:{two}")];
        let image = Image { id: "0a".to_owned(), os: "linux".to_owned(), architecture: "amd64".to_owned(), digests: names.into() };
        assert_eq!(image.digest_in("docker.io/library/alpine:3.20"), Some(two));
        assert_eq!(image.digest_in("mirror.example/alpine"), Some(one));
        assert_eq!(image.digest_in("mirror.example/other:3.20"), None);
    }

    #[test]
    fn what_an_engine_says_of_an_image_is_read_or_refused() {
        let image = Image::parse("sha256:0a linux arm64 [\"a.example/b@sha256:00\"]\n").unwrap();
        assert_eq!((image.id.as_str(), image.architecture.as_str(), image.digests.len()), ("sha256:0a", "arm64", 1));
        assert!(Image::parse("0a linux amd64 null").unwrap().digests.is_empty());
        assert!(["", "0a linux amd64", "0a linux amd64 <no value>"].into_iter().all(|line| Image::parse(line).is_none()));
    }

    #[test]
    fn platforms_are_told_apart() {
        let of = |architecture: &str, variant: Option<&str>| ListedPlatform {
            os: "linux".to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
        };
        assert!(of("arm64", Some("v8")).is("linux/arm64") && of("arm", Some("v7")).is("linux/arm/v7"));
        assert!(!of("arm", Some("v6")).is("linux/arm/v7") && !of("amd64", None).is("linux/arm64"));
    }
}
