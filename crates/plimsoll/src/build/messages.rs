//! cargo's JSON messages: which programs it made, and what it said.
//!
//! Outputs are taken from these messages only. A listing of the target folder could pass off an older build's file as this one's.
//! Format: <https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages>.

use std::collections::BTreeMap;
use std::path::PathBuf;

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
}

#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact(Artifact),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Artifact {
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
}

impl Messages {
    /// Takes one line of cargo's standard output; gives back the name of a crate that was just compiled. Lines of other programs are passed over.
    pub fn take(&mut self, line: &str) -> Option<String> {
        let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) else { return None };
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
        if artifact.fresh {
            return None;
        }
        self.compiled += 1;
        Some(artifact.target.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let compiled = lines.iter().filter_map(|line| messages.take(line)).collect::<Vec<_>>();
        assert_eq!(compiled, ["build-script-build", "rg"]);
        assert_eq!(messages.programs, BTreeMap::from([("rg".to_owned(), PathBuf::from("/t/rg"))]));
        assert_eq!(messages.libraries, BTreeMap::from([("my_nif".to_owned(), PathBuf::from("/t/libmy_nif.so"))]));
        assert_eq!(messages.compiled, 2);
    }
}
