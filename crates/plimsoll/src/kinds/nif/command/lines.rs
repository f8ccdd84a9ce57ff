//! `plimsoll nif module`: the lines by which an Elixir package fetches its libraries, from the plan.

use std::collections::BTreeMap;

use plimsoll_model::{ArtifactPlan, Class, Failure, KindPlan, NifPlan, NifScheme, Plan, Want, visible};

use crate::cli::{Ending, Outcome};
use crate::project::Loaded;
use crate::report::{self, Text};
use plimsoll_elixir::{Block, MakeBlock, make_block, use_block};
use plimsoll_exec::git;
use plimsoll_exec::launcher::Launcher;
use plimsoll_version::TagForm;

/// Where the project is shown, as it says itself: in mix.exs, in a Cargo.toml, or by the repository that git pushes to.
///
/// # Errors
/// Where git fails in a repository.
pub(crate) fn source_url(project: &Loaded, launcher: &Launcher) -> Result<Option<String>, Failure> {
    let mix = project.facts.elixir.mix.as_ref().and_then(|mix| mix.source_url.as_ref());
    let said = mix.into_iter().chain(&project.repositories);
    if let Some(url) = said.filter_map(|url| web_page(url)).next() {
        return Ok(Some(url));
    }
    Ok(git::origin(&project.root, launcher)?.and_then(|remote| web_page(&remote)))
}

/// The page of a repository: `https://host/owner/name`, however it is written; none for what is on no host, such as a path.
fn web_page(written: &str) -> Option<String> {
    let text = written.trim().trim_end_matches('/').trim_end_matches(".git");
    let rest =
        ["https://", "http://", "ssh://", "git://", "git+https://", "git+ssh://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let (place, path) = match rest {
        Some(rest) => rest.split_once('/')?,
        // `user@host:path`, as scp has it.
        None => text.split_once(':').filter(|(place, _)| place.contains('@'))?,
    };
    let host = place.rsplit('@').next()?.split(':').next()?;
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b));
    // A page of one folder or branch is below the repository's.
    let path = ["/tree/", "/blob/", "/src/", "/-/"].iter().fold(path, |path, part| path.split(part).next().unwrap_or(path));
    let sound = !host.is_empty() && path.split('/').filter(|part| !part.is_empty()).count() >= 2 && is_plain(host) && is_plain(path);
    sound.then(|| format!("https://{host}/{}", path.trim_start_matches('/')))
}

/// What the lines have in common.
struct Common {
    /// The release's URL up to its tag.
    releases: String,
    tag: TagForm,
    force_build: String,
}

/// Prints the lines of every module.
pub(crate) fn print(plan: &Plan, tag: &TagForm, source_url: Option<&str>) -> Outcome {
    let page = source_url.map_or_else(|| format!("https://github.com/OWNER/{}", plan.name), str::to_owned);
    let (mut blocks, mut makes) = (BTreeMap::new(), BTreeMap::new());
    for artifact in plan.artifacts.values().filter(|artifact| artifact.want == Want::Wanted) {
        let KindPlan::Nif { nif } = &artifact.kind else { continue };
        let (releases, force_build) = (format!("{page}/releases/download"), format!("{}_BUILD", nif.app.to_uppercase()));
        let common = Common { releases, tag: tag.clone(), force_build };
        match nif.scheme {
            NifScheme::RustlerPrecompiled => add(&mut blocks, artifact, nif, common),
            NifScheme::ElixirMake => add_make(&mut makes, nif, common),
        }
    }
    if blocks.is_empty() && makes.is_empty() {
        return Err(Failure::new(Class::Usage, "no-nif", "the manifest has no [nif.*]").into());
    }
    if source_url.is_none() {
        report::print(&Text::document("# OWNER: neither mix.exs, Cargo.toml nor git says where releases are\n"))?;
    }
    for (module, block) in &blocks {
        report::print(&Text::document(&format!("# in {}\n{}", visible::line(module), use_block(block))))?;
    }
    for (app, block) in &makes {
        let place = format!("# in mix.exs, in what `project` gives for {}\n", visible::line(app));
        report::print(&Text::document(&format!("{place}{}", make_block(block))))?;
        let needs = "# among `deps`: {:elixir_make, \"~> 0.8\", runtime: false} and {:cc_precompiler, \"~> 0.1\", runtime: false}\n\
                     # among `files` of the package: \"checksum.exs\"\n";
        report::print(&Text::document(needs))?;
    }
    Ok(Ending::Done)
}

fn add(blocks: &mut BTreeMap<String, Block>, artifact: &ArtifactPlan, nif: &NifPlan, common: Common) {
    let Some(target) = artifact.fits.one() else { return };
    let block = blocks.entry(nif.module.clone()).or_insert_with(|| Block {
        otp_app: nif.app.clone(),
        crate_name: nif.crate_name.clone(),
        url: format!("{}/{}", common.releases, common.tag.with("#{version}")),
        force_build: common.force_build,
        nif_versions: Vec::new(),
        targets: Vec::new(),
        variants: BTreeMap::new(),
    });
    if !block.nif_versions.contains(&nif.version) {
        block.nif_versions.push(nif.version);
    }
    if !block.targets.contains(target) {
        block.targets.push(target.clone());
    }
    if let Some(variant) = &nif.variant {
        let names = block.variants.entry(target.clone()).or_default();
        if !names.contains(variant) {
            names.push(variant.clone());
        }
    }
}

fn add_make(makes: &mut BTreeMap<String, MakeBlock>, nif: &NifPlan, common: Common) {
    let filename = nif.member.rsplit_once('.').map_or(nif.member.as_str(), |(stem, _)| stem);
    let block = makes.entry(nif.app.clone()).or_insert_with(|| MakeBlock {
        url: format!("{}/{}", common.releases, common.tag.with("#{@version}")),
        filename: filename.to_owned(),
        force_build: common.force_build,
        nif_versions: Vec::new(),
    });
    if !block.nif_versions.contains(&nif.version) {
        block.nif_versions.push(nif.version);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_shown_by_its_page() {
        for text in [
            "https://github.com/plimsoll/nif-counter",
            "https://github.com/plimsoll/nif-counter/",
            "https://github.com/plimsoll/nif-counter.git",
            "http://token@github.com/plimsoll/nif-counter",
            "git@github.com:plimsoll/nif-counter.git",
            "ssh://git@github.com:22/plimsoll/nif-counter.git",
            "git+https://github.com/plimsoll/nif-counter.git\n",
            "https://github.com/plimsoll/nif-counter/tree/main/native/nif_counter",
        ] {
            assert_eq!(web_page(text).as_deref(), Some("https://github.com/plimsoll/nif-counter"), "{text}");
        }
        for text in
            ["", "/srv/git/counter.git", "../counter", "https://example.org", "https://example.org/one", "git@host:one", "https://h/a/b\"c"]
        {
            assert_eq!(web_page(text), None, "{text}");
        }
    }
}
