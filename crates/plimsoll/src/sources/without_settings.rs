//! Sources as cargo's builds see them: without plimsoll's own files, which say how a release is made and not what is compiled.
//!
//! cargo runs a build script that does not say what it reads whenever any file of its package changed. A file that is not there cannot be read
//! unseen; it is left in if anything that could read it names it.

use std::path::Path;

use plimsoll_roots::lock;
use plimsoll_store::plain_file;
use plimsoll_store::work::SourceFile;

use super::{Sources, digest_of};
use crate::build::asks_git::is_script;
use crate::manifest;

/// plimsoll's own files in a project.
const OWN: [&str; 2] = [manifest::FILE_NAME, lock::FILE_NAME];

impl Sources {
    /// The sources without those of plimsoll's own files that no code and no script names; `declared` are inputs of cores, relative to the project.
    #[must_use]
    pub fn without_settings(&self, declared: &[&str]) -> Self {
        let own = OWN.map(|name| (name, self.project.join(name)));
        let named = |name: &str| self.files.iter().any(|(path, file)| may_read(Path::new(path)) && mentions(file, name));
        let mut without = self.clone();
        for (name, path) in own {
            let path = path.to_str().filter(|path| self.files.contains_key(*path));
            let is_declared = declared.contains(&name);
            if let Some(path) = path.filter(|_| !is_declared && !named(name)) {
                without.files.remove(path);
            }
        }
        without.source.digest = digest_of(&without.files);
        without
    }
}

fn may_read(path: &Path) -> bool {
    path.extension().is_some_and(|suffix| suffix == "rs") || is_script(path)
}

/// Whether the text of a file has the name in it; what cannot be read may have.
fn mentions(file: &SourceFile, name: &str) -> bool {
    plain_file::read(&file.from).map_or(true, |bytes| bytes.windows(name.len()).any(|window| window == name.as_bytes()))
}
