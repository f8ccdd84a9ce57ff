//! cargo's JSON messages: which programs it made, and what it said.
//!
//! Outputs are taken from these messages only. A listing of the target folder could pass off an older build's file as this one's.
//! Format: <https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages>.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What was learnt from the messages of one invocation.
#[derive(Debug, Default)]
pub struct Messages {
    /// Binary's name → path as cargo saw it.
    pub programs: BTreeMap<String, PathBuf>,
    /// Dynamic library's name, with underscores → path as cargo saw it.
    pub libraries: BTreeMap<String, PathBuf>,
    /// Crates that were compiled now.
    pub compiled: usize,
    /// What was compiled, now or before.
    pub units: Vec<Unit>,
    /// Packages by their ids, and the folders that their build scripts wrote into, as cargo saw them.
    pub scripts: Vec<(String, PathBuf)>,
}

/// Something that the compiler was called for.
#[derive(Debug)]
pub struct Unit {
    /// The package's id.
    pub package: Option<String>,
    /// Its Cargo.toml.
    pub manifest_path: Option<PathBuf>,
    /// The file that it begins in.
    pub source: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact(Artifact),
    BuildScriptExecuted(Script),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Script {
    package_id: String,
    out_dir: PathBuf,
}

#[derive(Deserialize)]
struct Artifact {
    package_id: Option<String>,
    manifest_path: Option<PathBuf>,
    target: Target,
    executable: Option<PathBuf>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    fresh: bool,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    src_path: Option<PathBuf>,
}

impl Messages {
    /// The folder (OUT_DIR) that a package's build script wrote into, as cargo saw it.
    pub fn out_folder(&self, package: &str) -> Option<&Path> {
        self.scripts.iter().find(|(id, _)| package_name(id) == package).map(|(_, folder)| folder.as_path())
    }

    /// Takes one line of cargo's standard output. Lines of other programs are passed over.
    pub fn take(&mut self, line: &str) {
        let artifact = match serde_json::from_str(line) {
            Ok(Message::CompilerArtifact(artifact)) => artifact,
            Ok(Message::BuildScriptExecuted(script)) => {
                self.scripts.push((script.package_id, script.out_dir));
                return;
            }
            Ok(Message::Other) | Err(_) => return,
        };
        let (package, manifest_path, source) = (artifact.package_id, artifact.manifest_path, artifact.target.src_path);
        self.units.push(Unit { package, manifest_path, source });
        let kinds = &artifact.target.kind;
        if let Some(executable) = artifact.executable
            && kinds.iter().any(|kind| kind == "bin")
        {
            self.programs.insert(artifact.target.name.clone(), executable);
        }
        // Beside the library lie an import library on Windows, an rlib and debug files.
        let is_library =
            |path: &&PathBuf| path.extension().is_some_and(|extension| ["so", "dylib", "dll"].iter().any(|known| extension == *known));
        if kinds.iter().any(|kind| kind == "cdylib")
            && let Some(library) = artifact.filenames.iter().find(is_library)
        {
            self.libraries.insert(artifact.target.name.replace('-', "_"), library.clone());
        }
        self.compiled += usize::from(!artifact.fresh);
    }
}

/// The package of an id as cargo writes it: `path+file:///x/app#0.1.0`, where the folder has the package's name, or `…#app@0.1.0`.
/// Format: <https://doc.rust-lang.org/cargo/reference/pkgid-spec.html>.
fn package_name(id: &str) -> &str {
    let (place, fragment) = id.rsplit_once('#').unwrap_or((id, ""));
    match fragment.rsplit_once('@') {
        Some((name, _)) => name,
        None => place.rsplit('/').next().unwrap_or(place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_build_script_is_known_by_its_package() {
        let mut messages = Messages::default();
        let line = |id: &str| format!(r#"{{"reason":"build-script-executed","package_id":"{id}","linked_libs":[],"out_dir":"/t/out"}}"#);
        for id in
            ["path+file:///plimsoll/src/app#0.1.0", "path+file:///plimsoll/src#tool@0.1.0", "registry+https://a.example/i#lib-sys@1.0.0+x"]
        {
            messages.take(&line(id));
        }
        for package in ["app", "lib-sys", "tool"] {
            assert_eq!(messages.out_folder(package), Some(Path::new("/t/out")), "{package}");
        }
        assert_eq!(messages.out_folder("src"), None);
    }

    #[test]
    fn only_programs_that_cargo_names_are_outputs() {
        let mut messages = Messages::default();
        let lines = [
            r#"{"reason":"compiler-artifact","target":{"name":"memchr","kind":["lib"]},"executable":null,"fresh":true}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"build-script-build","kind":["custom-build"]},"executable":"/t/b","fresh":false}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"rg","kind":["bin"]},"executable":"/t/rg","fresh":false}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"my-nif","kind":["cdylib","rlib"]},"filenames":["/t/libmy_nif.rlib","/t/libmy_nif.so"],"executable":null,"fresh":true}"#,
            r#"{"reason":"build-finished","success":true}"#,
            "warning: something else",
        ];
        lines.iter().for_each(|line| messages.take(line));
        assert_eq!(messages.programs, BTreeMap::from([("rg".to_owned(), PathBuf::from("/t/rg"))]));
        assert_eq!(messages.libraries, BTreeMap::from([("my_nif".to_owned(), PathBuf::from("/t/libmy_nif.so"))]));
        assert_eq!(messages.compiled, 2);
    }
}
