//! What a person should know of a project that can be worked with all the same.

use std::path::{Path, PathBuf};

use plimsoll_model::Want;
use plimsoll_store::plain_file;

use super::Loaded;
use crate::build::own_settings;

/// Files by which cargo's target folder is known, and parts of paths that only its outputs have.
const OUTPUTS: [&str; 4] = ["target/.rustc_info.json", "target/CACHEDIR.TAG", "target/debug/", "target/release/"];

impl Loaded {
    /// What should be put right some time: sources that are outputs, a lock file that is not up to date, a release that is of no commit.
    pub fn warnings(&self) -> Vec<String> {
        let names = self.sources.files.keys().map(String::as_str);
        let stale = self.workspaces.all().filter_map(|folder| folder.cargo.stale.clone());
        self.without_commit().into_iter().chain(outputs(names)).chain(stale).chain(self.cargo_settings()).collect()
    }

    /// What of the sources' own configuration of cargo does not hold in builds.
    fn cargo_settings(&self) -> Vec<String> {
        let wanted = || self.project.targets.iter().filter(|(_, plan)| plan.want == Want::Wanted);
        let targets = || wanted().map(|(target, plan)| (target, plan.builder));
        let crates = self.workspaces.all().flat_map(|folder| {
            let facts = &folder.cargo.facts;
            let own = facts.with_libraries().map(|package| Path::new(&facts.root).join(&package.folder));
            own.chain(folder.cargo.workspace.is_some().then(|| PathBuf::from(&folder.path)))
        });
        let crates = crates.collect::<Vec<_>>();
        let settings = self.sources.of_project().filter(|(name, _)| own_settings::NAMES.iter().any(|own| Path::new(name).ends_with(own)));
        let told = settings.filter_map(|(name, file)| {
            // cargo reads it in this folder and in those below, and takes paths from here.
            let folder = Path::new(name).parent()?.parent().filter(|folder| crates.iter().any(|own| own.starts_with(folder)))?;
            let settings = plain_file::read_text(&file.from).ok()?.parse::<toml::Table>().ok()?;
            let held = |path: &str| {
                let path = folder.join(path);
                self.sources.of_project().any(|(source, _)| Path::new(source).starts_with(&path))
            };
            Some(own_settings::told((name, &settings), targets(), &held))
        });
        told.flatten().collect()
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
