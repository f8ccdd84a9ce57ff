//! Assembling: a product's programs and the project's files become one Tree, and every program in it is inspected.
//!
//! Gates judge here, before anything is packed, on exactly the bytes that will be packed.

mod demand;
mod strip;

use std::collections::BTreeMap;

use plimsoll_inspect::{DottedVersion, Facts, Finding, Policy};
use plimsoll_model::plan::Strip;
use plimsoll_model::{ArtifactId, ArtifactPlan, Class, Failure, Measured, Target, TargetPlan};
use plimsoll_pack::{Mode, Tree, TreePath};
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store};
use serde::{Deserialize, Serialize};

use crate::kinds::Contents;
use crate::sources::Sources;
use demand::Demand;

pub use strip::{StripTool, Stripper};

/// Number of the way trees are made, judged and measured; a new gate raises it, and so does a floor that is told otherwise.
pub const FORMAT: u32 = 4;

/// Assembles artifacts.
#[derive(Debug)]
pub struct AssembleStage<'a> {
    /// Where blobs are.
    pub store: &'a Store,
    /// Where the project's files are.
    pub sources: &'a Sources,
    /// Takes debug information out.
    pub stripper: Stripper<'a>,
    /// Folders of this machine that no program may name.
    pub forbidden_paths: &'a [String],
    /// The clock, in seconds since 1970.
    pub now: u64,
}

/// What an artifact's programs come from.
#[derive(Debug, Clone, Copy)]
pub struct Built<'a> {
    /// What it was built for.
    pub target: &'a Target,
    /// How.
    pub plan: &'a TargetPlan,
    /// The product's programs, by name.
    pub programs: &'a BTreeMap<String, Output>,
    /// What is taken out of them.
    pub strip: Strip,
}

/// A tree that passed its gates.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Assembled {
    /// What is shipped.
    pub tree: Tree,
    /// Facts about the programs.
    pub measured: Measured,
}

impl AssembleStage<'_> {
    /// The tree of an artifact, from memory or made and judged now.
    ///
    /// # Errors
    /// One failure with every finding of every program; or where a declared file is missing.
    pub fn run(&self, id: &ArtifactId, artifact: &ArtifactPlan, built: Option<Built<'_>>) -> Result<(Assembled, bool), Failure> {
        let contents = Contents::of(artifact);
        let policy = built.map(|built| self.policy(contents, built.target, built.plan));
        let shipped = built.map(|built| self.stripped(artifact, built)).transpose().map_err(|failure| failure.about(id.to_string()))?;
        let shipped = shipped.unwrap_or_default();
        let files = self.files(artifact)?;
        let key = KeyBuilder::new("assemble", FORMAT)
            .part("kind", &artifact.kind)
            .part("programs", &shipped)
            .part("files", &files.iter().map(|(to, file)| (to, (file.digest, file.executable))).collect::<BTreeMap<_, _>>())
            .part("policy", &policy);
        let recalled = self.store.recall(key.key());
        if let Some(assembled) = recalled.and_then(|record| serde_json::from_value(record.facts).ok()) {
            return Ok((assembled, true));
        }
        let mut tree = Tree::new();
        let mut outputs = BTreeMap::new();
        for (name, output) in &shipped {
            let path = contents.path(name, policy.as_ref().map(|policy| &policy.target));
            tree.insert_file(tree_path(&path)?, output.digest, output.size, contents.mode()).map_err(|error| bad_tree(id, &error))?;
            outputs.insert(path, output.clone());
        }
        for (to, file) in &files {
            let hashed = self.store.put_file(&file.from).map_err(Failure::from)?;
            let mode = if file.executable { Mode::Executable } else { Mode::Regular };
            tree.insert_file(tree_path(to)?, hashed.digest(), hashed.size(), mode).map_err(|error| bad_tree(id, &error))?;
            outputs.insert(to.clone(), Output { digest: hashed.digest(), size: hashed.size() });
        }
        let measured = policy.map_or_else(|| Ok(measured([])), |policy| self.judge(id, contents, &shipped, &policy))?;
        let assembled = Assembled { tree, measured };
        let facts = serde_json::to_value(&assembled).unwrap_or_default();
        self.store.remember(&key, &ActionRecord { outputs, facts, finished: self.now, milliseconds: 0 }).map_err(Failure::from)?;
        Ok((assembled, false))
    }

    /// The programs of a product that the artifact ships, with taken out of them what the project wants out.
    fn stripped(&self, artifact: &ArtifactPlan, built: Built<'_>) -> Result<BTreeMap<String, Output>, Failure> {
        let programs = artifact.binaries.iter().filter_map(|name| Some((name, built.programs.get(name)?)));
        programs.map(|(name, program)| Ok((name.clone(), self.stripper.run(name, program, built.strip)?))).collect()
    }

    fn policy(&self, contents: Contents<'_>, target: &Target, plan: &TargetPlan) -> Policy {
        let policy = contents.policy(target, plan).with_macos_floor(plan.macos.map(DottedVersion::from));
        Policy { forbidden_paths: self.forbidden_paths.to_vec(), ..policy }
    }

    /// The project's files that are shipped: path in the artifact → source file.
    fn files(&self, artifact: &ArtifactPlan) -> Result<BTreeMap<String, &plimsoll_store::work::SourceFile>, Failure> {
        let found = artifact.files.iter().map(|(from, to)| {
            let file = self.sources.at(from).ok_or_else(|| {
                Failure::new(Class::Usage, "file-missing", format!("`{from}` is to be shipped and is no source file of the project"))
                    .hint("correct `files` in plimsoll.toml, or see that git does not ignore the file")
            })?;
            Ok((to.clone(), file))
        });
        found.collect()
    }

    fn judge(
        &self,
        id: &ArtifactId,
        contents: Contents<'_>,
        programs: &BTreeMap<String, Output>,
        policy: &Policy,
    ) -> Result<Measured, Failure> {
        let (mut all, mut findings) = (Vec::new(), Vec::new());
        for (name, output) in programs {
            let bytes = self.store.read(output.digest).map_err(Failure::from)?;
            let folders_above = contents.path(name, Some(&policy.target)).matches('/').count();
            let policy = Policy { folders_above: u32::try_from(folders_above).unwrap_or(u32::MAX), ..policy.clone() };
            let (facts, found) = contents
                .judge(&bytes, &policy)
                .map_err(|error| Failure::from_error(Class::NotProven, "unreadable-program", &error).about(format!("{name} of {id}")))?;
            findings.extend(found.into_iter().map(|finding| (name.clone(), finding)));
            all.push(facts);
        }
        if findings.is_empty() { Ok(measured(&all)) } else { Err(refused(id, &findings)) }
    }
}

/// What programs of an artifact ask of a machine together.
pub fn measured<'f>(programs: impl IntoIterator<Item = &'f Facts>) -> Measured {
    let mut demand = Demand::default();
    programs.into_iter().for_each(|facts| demand.add(facts));
    demand.measured()
}

/// One failure for all findings; its code is that of the first.
fn refused(id: &ArtifactId, findings: &[(String, Finding)]) -> Failure {
    let code = findings.first().map(|(_, finding)| finding.code.as_str()).unwrap_or_default();
    let mut failure = Failure::new(Class::NotProven, code, "did not pass inspection").about(id.to_string());
    for (program, finding) in findings {
        failure = failure.cause(program, format!("{} [{}]", finding.message, finding.code.as_str()));
    }
    let mut hints = findings.iter().map(|(_, finding)| finding.hint.as_str()).filter(|hint| !hint.is_empty()).collect::<Vec<_>>();
    hints.dedup();
    if hints.is_empty() { failure } else { failure.hint(hints.join("\n")) }
}

fn tree_path(path: &str) -> Result<TreePath, Failure> {
    path.parse().map_err(|error| Failure::from_error(Class::Usage, "file-name", &error))
}

fn bad_tree(id: &ArtifactId, error: &plimsoll_pack::TreeError) -> Failure {
    Failure::from_error(Class::Usage, "tree", error).about(id.to_string())
}
