//! Where a build sees its files: at fixed paths in a mount namespace, so that the bytes do not depend on where the project lies.
//!
//! Remapping path prefixes alone is not enough: `env!("CARGO_MANIFEST_DIR")` is a string of the program, not a debug path. Where there is no
//! bubblewrap, remapping is what is left, and the gate against leaked paths decides. `cross` puts the files at fixed paths of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};

use plimsoll_exec::fixed_path::{Bind, FixedPath};

/// The folders of a build on the host.
#[derive(Debug)]
pub struct Folders {
    /// The mirror of the sources.
    pub sources: PathBuf,
    /// cargo's target folder.
    pub target: PathBuf,
    /// cargo's home.
    pub cargo_home: PathBuf,
    /// plimsoll's own tools.
    pub tools: PathBuf,
    /// zig's cache.
    pub zig_cache: PathBuf,
    /// cargo-xwin's cache, where it is what builds.
    pub xwin_cache: Option<PathBuf>,
    /// A `.cargo` folder with the merged configuration of the project's parents.
    pub outer_config: Option<PathBuf>,
    /// Files that the build is given to embed.
    pub embedded: Option<PathBuf>,
    /// The repository that the build may ask.
    pub repository: Option<RepositoryPlace>,
    /// A `git` that leaves word that it was asked, for builds that are shown no repository.
    pub watch: Option<PathBuf>,
    /// What answers for pkg-config, for builds that must not find the machine's packages.
    pub packages: Option<PathBuf>,
}

/// Where a repository lies, and where a build sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryPlace {
    /// The folder with its HEAD, on the host.
    pub folder: PathBuf,
    /// Its top relative to the sources; empty unless sources lie beside it.
    pub inside: PathBuf,
    /// Where the sources begin in it; empty unless they are a part of it.
    pub prefix: PathBuf,
    /// What is seen of the rest of it then, on the host: empty folders. On the file system of the sources, for git does not look beyond one.
    pub rest: PathBuf,
}

/// Where `cross` mounts the folder that it builds in; a workspace with packages outside of it stays at its own path instead.
const PROJECT: &str = "/project";

/// Where the sources are seen, or the top of the repository that they are a part of.
const SOURCES: &str = "/plimsoll/src";

/// What stands between a build and the host's paths.
#[derive(Debug)]
enum Walls {
    None,
    /// The program that is started sees the fixed paths.
    Bubblewrap(PathBuf),
    /// The program that is started sees the host's paths, and what it starts in a container does not. Holds what lies at [`PROJECT`].
    Container {
        mounted: PathBuf,
    },
}

/// How the build sees them.
#[derive(Debug)]
pub struct BuildPaths {
    fixed: FixedPath,
    walls: Walls,
    /// The same folders as the compiler sees them.
    pub seen: Folders,
    on_host: Folders,
}

impl BuildPaths {
    /// A place at fixed paths, or, without bubblewrap, the folders as they are.
    pub fn new(on_host: Folders, bubblewrap: Option<PathBuf>) -> Self {
        let mut fixed = FixedPath::default();
        if bubblewrap.is_some() {
            let part = on_host.repository.as_ref().filter(|repository| !repository.prefix.as_os_str().is_empty());
            let rest = part.map(|part| Bind { host: part.rest.clone(), inside: SOURCES.into(), read_only: true });
            fixed.binds.extend(rest);
            let sources = part.map_or_else(|| SOURCES.into(), |part| Path::new(SOURCES).join(&part.prefix));
            fixed.binds.push(Bind { host: on_host.sources.clone(), inside: sources, read_only: false });
            let named = [
                (Some(&on_host.target), "target"),
                (Some(&on_host.cargo_home), "cargo"),
                (Some(&on_host.tools), "tools"),
                (Some(&on_host.zig_cache), "zig-cache"),
                (on_host.xwin_cache.as_ref(), "xwin-cache"),
                (on_host.outer_config.as_ref(), ".cargo"),
                (on_host.embedded.as_ref(), "embedded"),
                (on_host.watch.as_ref(), "watch"),
                (on_host.packages.as_ref(), "packages"),
            ];
            let binds = named.into_iter().filter_map(|(host, name)| Some((host?, name))).filter(|(host, _)| host.exists());
            let bind =
                |(host, name): (&PathBuf, &str)| Bind { host: host.clone(), inside: Path::new("/plimsoll").join(name), read_only: false };
            fixed.binds.extend(binds.map(bind));
            fixed.binds.extend(on_host.repository.as_ref().map(|repository| Bind {
                host: repository.folder.clone(),
                inside: Path::new(SOURCES).join(&repository.inside).join(".git"),
                read_only: true,
            }));
        }
        Self::behind(bubblewrap.map_or(Walls::None, Walls::Bubblewrap), fixed, on_host)
    }

    /// A place in a container of `cross`, which mounts the folder `root` of the sources, cargo's home and the target folder by its own rules
    /// (`docker/local.rs` of cross 0.2.5), and the rest as it is told.
    pub fn in_container(on_host: Folders, root: &Path) -> Self {
        let mounted = on_host.sources.join(root);
        let named = [
            (Some(&mounted), PROJECT),
            (Some(&on_host.target), "/target"),
            (Some(&on_host.cargo_home), "/cargo"),
            (on_host.outer_config.as_ref(), "/.cargo"),
            (on_host.embedded.as_ref(), "/plimsoll/embedded"),
        ];
        let binds =
            named.into_iter().filter_map(|(host, inside)| Some(Bind { host: host?.clone(), inside: inside.into(), read_only: false }));
        let fixed = FixedPath { binds: binds.collect(), ..FixedPath::default() };
        Self::behind(Walls::Container { mounted }, fixed, on_host)
    }

    fn behind(walls: Walls, fixed: FixedPath, on_host: Folders) -> Self {
        let inside = |path: &PathBuf| fixed.inside(path);
        let seen = Folders {
            sources: inside(&on_host.sources),
            target: inside(&on_host.target),
            cargo_home: inside(&on_host.cargo_home),
            tools: inside(&on_host.tools),
            zig_cache: inside(&on_host.zig_cache),
            xwin_cache: on_host.xwin_cache.as_ref().map(inside),
            outer_config: on_host.outer_config.as_ref().map(inside),
            embedded: on_host.embedded.as_ref().map(inside),
            repository: on_host.repository.clone(),
            watch: on_host.watch.as_ref().map(inside),
            packages: on_host.packages.as_ref().map(inside),
        };
        Self { fixed, walls, seen, on_host }
    }

    /// The repository that the build may ask.
    pub const fn repository(&self) -> Option<&RepositoryPlace> {
        self.on_host.repository.as_ref()
    }

    /// The folder of the host with a `git` that leaves word.
    pub fn watch(&self) -> Option<&Path> {
        self.on_host.watch.as_deref()
    }

    /// The folder of the host with what answers for pkg-config.
    pub fn packages(&self) -> Option<&Path> {
        self.on_host.packages.as_deref()
    }

    /// The folder above all sources that a build sees.
    pub fn above_sources(&self) -> PathBuf {
        let top = if matches!(self.walls, Walls::Bubblewrap(_)) { Path::new(SOURCES) } else { &self.seen.sources };
        top.parent().unwrap_or(top).to_owned()
    }

    /// The top folder of that repository's files, as the build sees it.
    pub fn tree_of_repository(&self) -> PathBuf {
        let top = if matches!(self.walls, Walls::Bubblewrap(_)) { Path::new(SOURCES) } else { &self.on_host.sources };
        let inside = self.repository().map(|repository| repository.inside.as_path()).unwrap_or(Path::new(""));
        top.join(inside).components().collect()
    }

    /// The folders as the program that is started sees them.
    pub fn at_start(&self) -> &Folders {
        if matches!(self.walls, Walls::Container { .. }) { &self.on_host } else { &self.seen }
    }

    /// Folders of the host that a container has to be given beside what `cross` mounts of itself, each with its place in there.
    pub fn volumes(&self) -> impl Iterator<Item = (&Path, &Path)> {
        let pairs = [(&self.on_host.outer_config, &self.seen.outer_config), (&self.on_host.embedded, &self.seen.embedded)];
        pairs.into_iter().filter_map(|(host, seen)| Some((host.as_deref()?, seen.as_deref()?)))
    }

    /// The program and leading arguments that put a command into the place, and the working folder to start it from.
    ///
    /// # Errors
    /// Where the host's top folder cannot be listed.
    pub fn prefix(&self, working_folder: &Path) -> Result<Vec<OsString>, Failure> {
        let Walls::Bubblewrap(bubblewrap) = &self.walls else { return Ok(Vec::new()) };
        let fixed = FixedPath { working_folder: working_folder.to_owned(), ..self.fixed.clone() };
        fixed.prefix(bubblewrap).map_err(|error| Failure::from_error(Class::NotProven, "namespace", &error))
    }

    /// Where a path that the build printed lies on the host.
    pub fn on_host(&self, seen: &Path) -> PathBuf {
        self.fixed.outside(seen)
    }

    /// What a build printed, with the mirror's paths as those of the project that a person knows.
    pub fn said_on_host(&self, said: &str, base: &Path) -> String {
        self.sources_as_seen().into_iter().fold(said.to_owned(), |said, (seen, rest)| {
            let known = base.join(rest).display().to_string();
            with_folder_renamed(&said, &seen.display().to_string(), known.trim_end_matches('/'))
        })
    }

    /// Places where the compiler may see sources, each with the folder of the sources that lies there.
    fn sources_as_seen(&self) -> Vec<(&Path, &Path)> {
        match &self.walls {
            Walls::Container { mounted } => {
                let root = mounted.strip_prefix(&self.on_host.sources).unwrap_or(Path::new(""));
                vec![(Path::new(PROJECT), root), (&self.on_host.sources, Path::new(""))]
            }
            Walls::None | Walls::Bubblewrap(_) => vec![(&self.seen.sources, Path::new(""))],
        }
    }

    /// Folders of which the key covers what the compiler reads, as the compiler sees them.
    pub fn covered(&self) -> Vec<PathBuf> {
        let sources = self.sources_as_seen().into_iter().map(|(seen, _)| seen.to_owned());
        let cargo = ["registry", "git"].map(|name| self.seen.cargo_home.join(name));
        // Of a repository, what it tells is covered.
        let repository = self.repository().map(|repository| match self.walls {
            Walls::Bubblewrap(_) => self.tree_of_repository().join(".git"),
            Walls::None | Walls::Container { .. } => repository.folder.clone(),
        });
        let others = [self.seen.target.clone()].into_iter().chain(cargo).chain(self.seen.embedded.clone());
        sources.chain(others).chain(repository).collect()
    }

    /// Where the program that is started sees a host path.
    pub fn inside(&self, host: &Path) -> PathBuf {
        if matches!(self.walls, Walls::Container { .. }) { host.to_owned() } else { self.fixed.inside(host) }
    }

    /// Flags that hide the host's paths where they cannot be fixed.
    pub fn remapping(&self) -> Vec<String> {
        if matches!(self.walls, Walls::Bubblewrap(_)) {
            return Vec::new();
        }
        let sources = self.sources_as_seen().into_iter().map(|(seen, rest)| (seen, Path::new("/plimsoll/src").join(rest)));
        let others = [(&self.seen.target, "target"), (&self.seen.cargo_home, "cargo")];
        let others = others.into_iter().map(|(seen, name)| (seen.as_path(), Path::new("/plimsoll").join(name)));
        let flag = |(seen, name): (&Path, PathBuf)| {
            let name = name.display().to_string();
            format!("--remap-path-prefix={}={}", seen.display(), name.trim_end_matches('/'))
        };
        sources.chain(others).map(flag).collect()
    }
}

/// The text with a folder under another name, where it is a whole path or the beginning of one.
fn with_folder_renamed(text: &str, from: &str, to: &str) -> String {
    let mut renamed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, found) = rest.split_at(at);
        let after = found.get(from.len()..).unwrap_or_default();
        let begins = !before.ends_with(|c: char| c.is_alphanumeric() || "-_./".contains(c));
        let is_folder = begins && after.starts_with(['/', ')']);
        renamed.push_str(before);
        renamed.push_str(if is_folder { to } else { from });
        rest = after;
    }
    renamed + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders() -> Folders {
        Folders {
            sources: "/store/work/a/src".into(),
            target: "/store/work/a/target".into(),
            cargo_home: "/home/a/.cargo".into(),
            tools: "/store/tools".into(),
            zig_cache: "/store/zig-cache".into(),
            xwin_cache: None,
            outer_config: Some("/store/work/a/.cargo".into()),
            embedded: None,
            repository: None,
            watch: None,
            packages: None,
        }
    }

    #[test]
    fn a_container_sees_other_paths_than_what_starts_it() {
        let place = BuildPaths::in_container(folders(), Path::new("native"));
        assert_eq!(place.on_host(Path::new("/target/t/release/app")), Path::new("/store/work/a/target/t/release/app"));
        assert_eq!(place.on_host(Path::new("/project/src/main.rs")), Path::new("/store/work/a/src/native/src/main.rs"));
        assert_eq!(place.at_start().cargo_home, Path::new("/home/a/.cargo"));
        assert_eq!(place.inside(Path::new("/home/a/.cargo/bin/cross")), Path::new("/home/a/.cargo/bin/cross"));
        assert_eq!(place.volumes().collect::<Vec<_>>(), [(Path::new("/store/work/a/.cargo"), Path::new("/.cargo"))]);
        let covered = ["/project", "/store/work/a/src", "/target", "/cargo/registry", "/cargo/git"].map(PathBuf::from);
        assert_eq!(place.covered(), covered);
        let flags =
            ["/project=/plimsoll/src/native", "/store/work/a/src=/plimsoll/src", "/target=/plimsoll/target", "/cargo=/plimsoll/cargo"];
        assert_eq!(place.remapping(), flags.map(|pair| format!("--remap-path-prefix={pair}")));
        let said = place.said_on_host("in /project/src/main.rs, /a/project/b and (/store/work/a/src)", Path::new("/home/a/it"));
        assert_eq!(said, "in /home/a/it/native/src/main.rs, /a/project/b and (/home/a/it)");
    }

    #[test]
    fn without_walls_paths_are_hidden_by_flags_alone() {
        let place = BuildPaths::new(folders(), None);
        assert_eq!(place.on_host(Path::new("/target/app")), Path::new("/target/app"));
        assert_eq!(place.remapping()[0], "--remap-path-prefix=/store/work/a/src=/plimsoll/src");
        assert!(BuildPaths::new(folders(), Some("bwrap".into())).remapping().is_empty());
    }

    #[test]
    fn a_repository_is_seen_where_git_looks_and_the_sources_where_they_lie_in_it() {
        let seen = |inside: &str, prefix: &str| {
            let repository = RepositoryPlace {
                folder: "/store/work/a/git".into(),
                inside: inside.into(),
                prefix: prefix.into(),
                rest: "/store/work/a/rest".into(),
            };
            let place = BuildPaths::new(Folders { repository: Some(repository), ..folders() }, Some("bwrap".into()));
            let git = place.fixed.binds.iter().find(|bind| bind.inside.ends_with(".git")).unwrap();
            (place.seen.sources.clone(), git.inside.clone(), place.tree_of_repository())
        };
        let paths = |sources: &str, git: &str, tree: &str| (PathBuf::from(sources), PathBuf::from(git), PathBuf::from(tree));
        assert_eq!(seen("", ""), paths("/plimsoll/src", "/plimsoll/src/.git", "/plimsoll/src"));
        assert_eq!(seen("", "apps/a"), paths("/plimsoll/src/apps/a", "/plimsoll/src/.git", "/plimsoll/src"));
        assert_eq!(seen("app", ""), paths("/plimsoll/src", "/plimsoll/src/app/.git", "/plimsoll/src/app"));
    }
}
