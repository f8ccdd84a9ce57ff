//! `cross`: which image it builds in, and what reaches the container.
//!
//! `cross` gives a container cargo's own variables and a few more, so that the rest is named to it; and it takes images by tags, so that it is
//! told a digest. It would also change the toolchain. Read in cross 0.2.5 (`docker/shared.rs`, `config.rs`, `cross_toml.rs`).

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::{Failure, Target};
use plimsoll_store::programs;
use toml::Table;

use super::builders::cross_missing;
use super::paths::BuildPaths;
use super::stage::{BuildRequest, BuildStage};
use crate::graph::Stop;
use plimsoll_exec::environment::{ENGINE_VARIABLES, NETWORK_VARIABLES};
use plimsoll_exec::launcher::Launch;

/// What answers in rustup's place.
const RUSTUP: &str = include_str!("rustup.sh");
/// Variables of the caller that mean the same in a container. What names programs and folders of this machine does not.
const FLAGS: [&str; 5] = ["CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "RUSTC_BOOTSTRAP"];
const FLAG_PREFIXES: [&str; 2] = ["CFLAGS_", "CXXFLAGS_"];
/// Why a product is not remembered: the project makes the image.
const OWN_IMAGE: &str = "Cross.toml makes an image of its own, whose content no key covers";
/// Why a product is not remembered: `cross` chooses the image.
const NO_IMAGE: &str = "the project names no image for `cross`, and no key covers the one that it takes; `Cross.toml` can name one";

/// The image that a product is built in.
#[derive(Debug)]
pub(super) struct Image {
    /// The one that the project names, by its digest; none where `cross` takes its own, or makes one by a dockerfile.
    pub(super) pinned: Option<String>,
    /// Why nobody knows beforehand what is in it, where nobody does.
    pub(super) doubt: Option<&'static str>,
}

impl BuildStage<'_> {
    /// The image that the project names, by digest; brought where it is not there.
    pub(super) fn image(&self, request: BuildRequest<'_>, say: &mut dyn FnMut(&str)) -> Result<Image, Stop> {
        let cross = self.builders.cross.as_ref().map_err(cross_missing)?;
        let target = &request.product.target;
        let settings = self.settings();
        let variable = |name: &str| request.product.env.get(name).or_else(|| self.environment.keyed.get(name)).cloned();
        let says = |key: &str| {
            let name = key.to_uppercase().replace('-', "_");
            let names = [format!("CROSS_BUILD_{name}"), format!("{}_{name}", target_prefix(target))];
            names.iter().any(|name| variable(name).is_some()) || settings.iter().any(|table| is_said_in(table, target, key))
        };
        // Beside a dockerfile the name is the tag that `cross` gives to what it makes: no registry has it, and a digest is no tag.
        if says("dockerfile") {
            return Ok(Image { pinned: None, doubt: Some(OWN_IMAGE) });
        }
        let doubt = says("pre-build").then_some(OWN_IMAGE);
        let named = variable(&image_variable(target)).or_else(|| settings.iter().find_map(|table| image_in(table, target)));
        let Some(image) = named else {
            return Ok(Image { pinned: None, doubt: doubt.or(Some(NO_IMAGE)) });
        };
        let pinned = cross.engine.pin(self.toolbox, &image, say).map_err(|error| {
            if self.launcher.is_cancelled() {
                return Stop::from(Failure::interrupted());
            }
            Stop::NotRun(format!("needs the image {image}, which cannot be had here: {error}"))
        })?;
        Ok(Image { pinned: Some(pinned), doubt })
    }

    /// What the project says to `cross`, the more important first.
    fn settings(&self) -> Vec<Table> {
        let read = |name: &str| {
            let file = self.sources.files.get(self.workspace.join(name).to_str()?)?;
            fs::read_to_string(&file.from).ok()?.parse::<Table>().ok()
        };
        let package = read("Cargo.toml").and_then(|table| {
            let metadata = table.get("package")?.get("metadata")?.get("cross")?;
            metadata.as_table().cloned()
        });
        read("Cross.toml").into_iter().chain(package).collect()
    }

    /// What `cross` itself is given beside the environment of any build.
    pub(super) fn through_cross(
        &self,
        launch: Launch,
        request: BuildRequest<'_>,
        place: &BuildPaths,
        image: &Image,
    ) -> Result<Launch, Failure> {
        let cross = self.builders.cross.as_ref().map_err(cross_missing)?;
        let engine = self.toolbox.env().iter().filter(|(name, _)| name.to_str().is_some_and(|name| ENGINE_VARIABLES.contains(&name)));
        let launch = launch.env(engine.map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>());
        let options = self.options(request, place);
        let launch = launch.first_in_path(&self.rustup(request, place)?).env([
            // It makes this folder, in the user's home unless it is told where.
            ("XARGO_HOME", place.at_start().target.with_file_name("xargo").into()),
            ("CROSS_CONTAINER_ENGINE", cross.engine.program.clone().into()),
            ("CROSS_CONTAINER_OPTS", options),
        ]);
        Ok(launch.env(image.pinned.as_ref().map(|pinned| (image_variable(&request.product.target), pinned))))
    }

    /// A folder with the rustup that `cross` is to ask.
    fn rustup(&self, request: BuildRequest<'_>, place: &BuildPaths) -> Result<PathBuf, Failure> {
        let toolchain = self.toolchain.rust()?.sysroot.file_name().unwrap_or_default().to_string_lossy();
        let script = RUSTUP.replace("@TOOLCHAIN@", &toolchain).replace("@TARGET@", request.product.target.as_str());
        let folder = place.at_start().target.with_file_name("rustup");
        let path = folder.join("rustup");
        let write = || {
            fs::create_dir_all(&folder)?;
            programs::write(&path, script.as_bytes())
        };
        write().map_err(|error| Failure::io(&path, &error))?;
        Ok(folder)
    }

    /// Options of the engine, quoted for the shell's rules: the user's, variables by their names, and folders.
    fn options(&self, request: BuildRequest<'_>, place: &BuildPaths) -> OsString {
        let mut options = OsString::from(self.environment.keyed.get("CROSS_CONTAINER_OPTS").map_or("", String::as_str));
        let mut add = |option: &str, value: &str| {
            options.push(if options.is_empty() { "" } else { " " });
            options.push(format!("{option} {}", quoted(value)));
        };
        let is_flag = |name: &&str| FLAGS.contains(name) || FLAG_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        let theirs = self.environment.passed.keys().filter_map(|name| name.to_str());
        let theirs = theirs.filter(|name| is_flag(name) || (NETWORK_VARIABLES.contains(name) && !name.starts_with("SSL_CERT_")));
        let names = ["SOURCE_DATE_EPOCH", "LC_ALL", "TZ"].into_iter().chain(theirs);
        let names = names.chain(request.product.env.keys().map(String::as_str)).chain(request.embedded.keys().map(String::as_str));
        for name in names.collect::<BTreeSet<_>>() {
            add("-e", name);
        }
        for (host, inside) in place.volumes() {
            add("-v", &format!("{}:{}:z,ro", host.display(), inside.display()));
        }
        options
    }
}

/// The way from one folder to a file, both relative to the same: without a step above what they share, which a container does not have.
pub(super) fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Path::new(".."));
    up.chain(to.components().skip(shared).map(|part| Path::new(part.as_os_str()))).collect()
}

fn target_prefix(target: &Target) -> String {
    format!("CROSS_TARGET_{}", target.as_str().to_uppercase().replace(['-', '.'], "_"))
}

fn image_variable(target: &Target) -> String {
    format!("{}_IMAGE", target_prefix(target))
}

/// `[target.TARGET] image`, which later releases allow to be a table.
fn image_in(table: &Table, target: &Target) -> Option<String> {
    let image = table.get("target")?.get(target.as_str())?.get("image")?;
    Some(image.as_str().or_else(|| image.get("name")?.as_str())?.to_owned())
}

/// Whether `[build]` or `[target.TARGET]` has the key.
fn is_said_in(table: &Table, target: &Target, key: &str) -> bool {
    let of_target = table.get("target").and_then(|targets| targets.get(target.as_str()));
    [table.get("build"), of_target].into_iter().flatten().any(|table| table.get(key).is_some())
}

/// One word of a command line (POSIX shell, 2.2.2).
fn quoted(word: &str) -> String {
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:,".contains(&byte)) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_the_workspace_stays_in_what_is_mounted() {
        for (from, to, way) in [
            ("", "Cargo.toml", "Cargo.toml"),
            ("apps/ht", "Cargo.toml", "../../Cargo.toml"),
            ("w/app", "w/Cargo.toml", "../Cargo.toml"),
            ("", "native/x/Cargo.toml", "native/x/Cargo.toml"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(way), "{from} {to}");
        }
    }

    #[test]
    fn options_are_words_for_a_shell() {
        assert_eq!(quoted("/a/b:/c:z,ro"), "/a/b:/c:z,ro");
        assert_eq!(quoted("/a b/it's"), "'/a b/it'\\''s'");
    }

    #[test]
    fn the_image_is_the_one_that_the_project_names() {
        let target = "aarch64-unknown-linux-gnu".parse().unwrap();
        let table = |text: &str| text.parse::<Table>().unwrap();
        assert_eq!(image_in(&table("[target.aarch64-unknown-linux-gnu]\nimage = \"a:1\""), &target).as_deref(), Some("a:1"));
        assert_eq!(image_in(&table("[target.aarch64-unknown-linux-gnu]\nimage = { name = \"b\" }"), &target).as_deref(), Some("b"));
        assert_eq!(image_in(&table("[target.x86_64-unknown-linux-gnu]\nimage = \"a:1\""), &target), None);
        assert!(is_said_in(&table("[build]\npre-build = [\"apt-get update\"]"), &target, "pre-build"));
        assert!(!is_said_in(&table("[build]\npre-build = [\"apt-get update\"]"), &target, "dockerfile"));
        assert!(!is_said_in(&table("[target.x86_64-unknown-linux-gnu]\ndockerfile = \"D\""), &target, "dockerfile"));
        assert_eq!(image_variable(&target), "CROSS_TARGET_AARCH64_UNKNOWN_LINUX_GNU_IMAGE");
    }
}
