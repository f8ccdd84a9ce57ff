//! Which files say what users may do with a program: those of its package, of the project and of the workspace. Judged by their names, because
//! that is how people and tools look for them.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_model::Digest;

use super::facts::PackageFacts;

/// How names of such files begin, in lower case.
const WORDS: [&str; 6] = ["copying", "copyright", "licence", "license", "notice", "unlicense"];

/// Folders of such files, in lower case: <https://reuse.software/spec/>.
const FOLDERS: [&str; 2] = ["licenses", "licences"];

/// Endings of files that are about licences and are none: sources, settings, templates.
const OTHER_ENDINGS: [&str; 66] = [
    "bash", "bat", "c", "cc", "cfg", "cjs", "clj", "cmake", "cmd", "conf", "cpp", "cs", "css", "cxx", "dart", "erl", "ex", "exs", "fish",
    "fs", "go", "h", "hbs", "hpp", "hrl", "hs", "in", "ini", "j2", "java", "jl", "js", "json", "jsx", "kt", "kts", "lock", "lua", "m",
    "mjs", "ml", "mli", "mm", "nim", "nix", "php", "pl", "pm", "ps1", "py", "pyi", "r", "rb", "rs", "scala", "sh", "sql", "swift", "tera",
    "tmpl", "toml", "ts", "tsx", "yaml", "yml", "zig",
];

/// Whether a path is a licence, wherever it lies.
pub fn is_licence(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    is_name(name) || (folders.split('/').any(is_folder) && !is_other(name))
}

/// Whether a path is a licence of the folder that it is relative to.
pub(crate) fn is_of_folder(path: &str) -> bool {
    match path.split_once('/') {
        None => is_name(path),
        Some((folder, rest)) => is_folder(folder) && !is_other(rest),
    }
}

/// `LICENSE`, `Licence.txt`, `COPYING.LESSER`, `LICENSE-MIT`, `NOTICES.md`; `COPYINGv3` too, but not `noticeboard.md`.
fn is_name(name: &str) -> bool {
    let split = |word: &&str| name.split_at_checked(word.len()).filter(|(begin, _)| begin.eq_ignore_ascii_case(word));
    let Some((begin, rest)) = WORDS.iter().find_map(split) else { return false };
    let rest = rest.strip_prefix(['s', 'S']).unwrap_or(rest);
    let ends = rest.chars().next().is_none_or(|next| !next.is_alphabetic());
    (ends || begin.bytes().all(|byte| byte.is_ascii_uppercase())) && !is_other(name)
}

fn is_folder(name: &str) -> bool {
    FOLDERS.iter().any(|folder| name.eq_ignore_ascii_case(folder))
}

/// Whether the name is that of a source, or of what an editor left.
fn is_other(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    name.ends_with(['~', '.'])
        || OTHER_ENDINGS.binary_search(&ending.as_str()).is_ok()
        || ["bak", "orig", "rej", "swp", "tmp"].contains(&ending.as_str())
}

/// Where the sources lie; all paths are relative to one folder, with `/`.
pub struct Places<'a> {
    /// Every source file with its digest.
    pub files: BTreeMap<&'a str, Digest>,
    /// The project's folder.
    pub project: &'a str,
    /// The folder of cores: the project's own, or one below it.
    pub core: &'a str,
    /// The cargo workspace's folder.
    pub workspace: &'a str,
}

impl Places<'_> {
    /// For each package the licences that do not lie at the top of the core's folder, as path from the project → path in an archive: its own,
    /// those of the workspace, and those of the project. What that top has already, by its contents, is left out; another text of the same
    /// name gets a name of its own.
    pub fn licences(&self, packages: &[PackageFacts]) -> BTreeMap<String, BTreeMap<String, String>> {
        packages.iter().map(|package| (package.name.clone(), self.of_package(package))).filter(|(_, files)| !files.is_empty()).collect()
    }

    fn of_package(&self, package: &PackageFacts) -> BTreeMap<String, String> {
        let own = join(self.workspace, &package.folder);
        let top = self.of_folder(self.core);
        let mut taken = top.keys().map(|inside| inside.to_lowercase()).collect::<Vec<_>>();
        let mut known = top.values().map(|(_, digest)| *digest).collect::<Vec<_>>();
        let mut found = BTreeMap::new();
        let named = package.license_file.as_ref().and_then(|path| resolve(&own, path));
        let named = named.as_deref().and_then(|path| self.files.get_key_value(path)).map(|(path, digest)| {
            let name = path.rsplit('/').next().unwrap_or(path);
            (if is_name(name) { name.to_owned() } else { format!("LICENSE-{name}") }, (*path, *digest))
        });
        let places = [(package.name.as_str(), own.as_str()), ("workspace", self.workspace), ("project", self.project)];
        let places = places.map(|(whose, folder)| (whose, self.of_folder(folder)));
        let all = places.into_iter().flat_map(|(whose, files)| files.into_iter().map(move |(inside, file)| (whose, inside, file)));
        for (whose, inside, (path, digest)) in named.into_iter().map(|(name, file)| (package.name.as_str(), name, file)).chain(all) {
            if known.contains(&digest) {
                continue;
            }
            let to = free(&inside, whose, &taken);
            known.push(digest);
            taken.push(to.to_lowercase());
            found.insert(from(self.project, path), to);
        }
        found
    }

    /// Licences of a folder: path inside of it → path, digest.
    fn of_folder(&self, folder: &str) -> BTreeMap<String, (&str, Digest)> {
        let inside = self.files.iter().filter_map(|(path, digest)| Some((strip(path, folder)?, (*path, *digest))));
        inside.filter(|(inside, _)| is_of_folder(inside)).map(|(inside, file)| (inside.to_owned(), file)).collect()
    }
}

/// A path below a folder; the empty folder is the one that all paths are relative to.
fn strip<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

fn join(folder: &str, inside: &str) -> String {
    [folder, inside].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// A path as cargo has it, relative to `folder`; none where it leads out of what all paths are relative to.
fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut parts = folder.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The path as it is seen from a folder: `../../LICENSE`.
fn from(folder: &str, path: &str) -> String {
    let (folder, path) = (Path::new(folder), Path::new(path));
    let shared = folder.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| "..".to_owned());
    let down = path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// A name that is not taken: `LICENSE.md`, else `LICENSE-app.md`, else with a number.
fn free(inside: &str, whose: &str, taken: &[String]) -> String {
    let at = inside.rfind('/').map_or(0, |at| at + 1);
    let dot = inside[at..].rfind('.').filter(|dot| *dot > 0).map_or(inside.len(), |dot| at + dot);
    let (stem, ending) = inside.split_at(dot);
    let further = (2..).map(|number| format!("{stem}-{whose}-{number}{ending}"));
    let mut names = [inside.to_owned(), format!("{stem}-{whose}{ending}")].into_iter().chain(further);
    names.find(|name| !taken.contains(&name.to_lowercase())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_known_by_their_names() {
        for name in [
            "LICENSE",
            "license",
            "Licence.txt",
            "LICENSE-MIT",
            "LICENSE.Apache-2.0",
            "LICENSE_1_0.txt",
            "COPYING",
            "COPYING.LESSER",
            "COPYING3",
            "COPYINGv3",
            "NOTICE",
            "NOTICE.txt",
            "notices.md",
            "UNLICENSE",
            "COPYRIGHT",
            "licenses.html",
            "LICENSES/MIT.txt",
            "LICENSES/a/b",
        ] {
            assert!(is_of_folder(name) && is_licence(name), "{name}");
        }
        for name in [
            "license.rs",
            "copying.py",
            "NOTICE_template.go",
            "license-checker.js",
            "LICENSE.tmpl",
            "noticeboard.md",
            "LICENSE~",
            "LICENSE.orig",
            "LICENSING",
            "README.md",
            "licenses/index.ts",
            "licensed",
            "copy",
        ] {
            assert!(!is_of_folder(name) && !is_licence(name), "{name}");
        }
        assert!(is_licence("share/doc/LICENSE") && !is_of_folder("share/doc/LICENSE"));
        assert!(OTHER_ENDINGS.is_sorted());
    }

    fn package(name: &str, folder: &str, license_file: Option<&str>) -> PackageFacts {
        PackageFacts {
            name: name.to_owned(),
            version: semver::Version::new(1, 0, 0),
            folder: folder.to_owned(),
            compiled: Default::default(),
            neighbours: Default::default(),
            binaries: Vec::new(),
            library: None,
            features: BTreeMap::new(),
            license: None,
            license_file: license_file.map(str::to_owned),
            repository: None,
            publishable: true,
            ..PackageFacts::default()
        }
    }

    fn found(files: &[(&str, &str)], project: &str, package: &PackageFacts) -> Vec<String> {
        let files = files.iter().map(|(path, text)| (*path, Digest::of(text.as_bytes()))).collect();
        let found = Places { files, project, core: project, workspace: "" }.licences(std::slice::from_ref(package));
        found.into_values().flatten().map(|(from, to)| format!("{from} → {to}")).collect()
    }

    #[test]
    fn a_package_brings_its_own_and_the_same_text_once() {
        let app = package("app", "crates/app", None);
        let same = [("LICENSE", "mit"), ("crates/app/LICENSE", "mit"), ("crates/app/src/LICENSE", "x"), ("crates/other/LICENSE", "y")];
        assert_eq!(found(&same, "", &app), Vec::<String>::new());
        let other =
            [("LICENSE.md", "mit"), ("crates/app/LICENSE.md", "gpl"), ("crates/app/NOTICE", "n"), ("crates/app/LICENSES/X.txt", "x")];
        let all = ["crates/app/LICENSE.md → LICENSE-app.md", "crates/app/LICENSES/X.txt → LICENSES/X.txt", "crates/app/NOTICE → NOTICE"];
        assert_eq!(found(&other, "", &app), all);
    }

    #[test]
    fn a_project_below_its_workspace_brings_the_workspaces() {
        let app = package("app", "crates/app", None);
        let files = [("LICENSE", "mit"), ("NOTICE", "n"), ("crates/app/license", "gpl"), ("crates/app/main.rs", "")];
        assert_eq!(found(&files, "crates/app", &app), ["../../LICENSE → LICENSE-workspace", "../../NOTICE → NOTICE"]);
        assert_eq!(found(&[("a/LICENSE", "mit")], "a/b/c", &package("app", "a", None)), ["../../LICENSE → LICENSE"]);
    }

    #[test]
    fn a_core_in_a_folder_brings_its_own_first_and_the_projects_beside_them() {
        let files = [("LICENSE", "mit"), ("NOTICE", "n"), ("core/LICENSE", "gpl"), ("core/crates/ht/COPYING", "c"), ("LICENSE-MIT", "gpl")];
        let files = files.iter().map(|(path, text)| (*path, Digest::of(text.as_bytes()))).collect();
        let places = Places { files, project: "", core: "core", workspace: "core" };
        let found = places.licences(&[package("ht", "crates/ht", None)]).remove("ht").unwrap();
        let found = found.into_iter().map(|(from, to)| format!("{from} → {to}")).collect::<Vec<_>>();
        assert_eq!(found, ["LICENSE → LICENSE-project", "NOTICE → NOTICE", "core/crates/ht/COPYING → COPYING"]);
    }

    #[test]
    fn the_file_that_cargo_is_told_of_is_taken_by_any_name() {
        let files = [("legal/EULA.txt", "eula"), ("crates/app/x", "")];
        let named = |path: &str| found(&files, "", &package("app", "crates/app", Some(path)));
        assert_eq!(named("../../legal/EULA.txt"), ["legal/EULA.txt → LICENSE-EULA.txt"]);
        assert_eq!(named("../../../EULA.txt"), Vec::<String>::new());
        assert_eq!(named("missing"), Vec::<String>::new());
    }
}
