//! What a person should know of a project that can be worked with all the same.

use std::path::Path;

use super::Loaded;

/// Files by which cargo's target folder is known, and parts of paths that only its outputs have.
const OUTPUTS: [&str; 4] = ["target/.rustc_info.json", "target/CACHEDIR.TAG", "target/debug/", "target/release/"];

impl Loaded {
    /// What should be put right some time: sources that are outputs, a lock file that is not up to date, a release that is of no commit.
    pub fn warnings(&self) -> Vec<String> {
        let names = self.sources.files.keys().map(String::as_str);
        let stale = self.workspaces.all().filter_map(|folder| folder.cargo.stale.clone());
        self.without_commit().into_iter().chain(outputs(names)).chain(stale).collect()
    }

    fn without_commit(&self) -> Option<String> {
        if self.sources.source.commit.is_some() {
            return None;
        }
        let in_git = self.root.ancestors().any(|folder| folder.join(".git").exists());
        let (what, way) = if in_git { ("has no commit yet", "commit it") } else { ("is not in git", "`git init`, and commit it") };
        Some(format!("the project {what}, so that nobody can tell of which sources a release is, and it is marked as dirty: {way}"))
    }
}

/// What is told of build outputs among the sources.
fn outputs<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    let is_output = |name: &&str| OUTPUTS.iter().any(|mark| name.find(mark).is_some_and(|at| at == 0 || name[..at].ends_with('/')));
    let found = names.filter(is_output).collect::<Vec<_>>();
    let first = found.first()?;
    let at = OUTPUTS.iter().filter_map(|mark| first.find(mark)).min()?;
    let folder = format!("{}target", &first[..at]);
    let first = Path::new(first).display();
    Some(format!(
        "{folder}/ is among the sources, with {} files such as {first}, so that each build of yours changes them: `git rm -r --cached {folder}`, and add /{folder}/ to \
         .gitignore",
        found.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_of_cargo_among_the_sources_are_told_with_the_way_out() {
        assert_eq!(outputs(["src/main.rs", "src/target/mod.rs", "target/notes.md", "mytarget/debug/x"].into_iter()), None);
        let told = outputs(["a/target/debug/app", "a/target/CACHEDIR.TAG", "src/main.rs"].into_iter()).unwrap();
        assert!(told.starts_with("a/target/ is among the sources, with 2 files such as a/target/debug/app"), "{told}");
        assert!(told.contains("`git rm -r --cached a/target`"), "{told}");
    }
}
