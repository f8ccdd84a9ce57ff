//! What a build is remembered by, and which work folder it shares with others.

use std::path::Path;

use plimsoll_model::Digest;
use plimsoll_model::plan::Builder;
use plimsoll_store::KeyBuilder;

use super::invocation;
use super::shared_folder::library_of;
use super::stage::{BuildRequest, BuildStage, Supply};

/// Number of the way builds are done; a change of flags or places that changes bytes raises it.
const FORMAT: u32 = 7;

impl BuildStage<'_> {
    /// Everything that the bytes depend on beside the files.
    pub(super) fn key(&self, request: BuildRequest<'_>, supply: &Supply, packages: &[String]) -> KeyBuilder {
        let tool = self.builders.identity(request.target.builder);
        let key = KeyBuilder::new("build", FORMAT)
            .part("words", &invocation::words(request.product, request.target, request.binaries))
            .part("product", request.product)
            .part("builder", &request.target.builder)
            .part("floor", &request.target.glibc)
            .part("macos", &request.target.macos)
            .part("binaries", request.binaries)
            .part("embedded", request.embedded)
            .part("project", &self.sources.project)
            .part("epoch", &self.sources.epoch)
            .part("toolchain", &self.toolchain.version())
            .part("tool", &tool)
            .part("supply", &supply.identity())
            .part("environment", &self.environment_of(request).keyed)
            .part("outer-config", &[&self.outer.parents, &self.outer.home])
            .part("fixed-paths", &self.bubblewrap.is_some());
        let key = if packages.is_empty() { key } else { key.part("packages", &packages) };
        let called = self.identity_of_called(request);
        let key = if called.is_empty() { key } else { key.part("called", &called) };
        let called_in = self.called_in(request.product);
        let key = if called_in == self.folder { key } else { key.part("called-in", &called_in) };
        match self.repository {
            None => key,
            Some(view) => key.part("repository", &view.identity()),
        }
    }

    /// One work folder a workspace, toolchain, environment and target. cargo does not see that a build script read a variable that it did
    /// not declare, so other values must not find its old output; and cargo locks a whole target folder, so targets that shared one
    /// would build one after another, each with a core idle while a build script configures something.
    pub(super) fn work_folder_name(&self, request: BuildRequest<'_>, supply: &Supply, packages: &[String]) -> String {
        let product = request.product;
        let bytes = |path: &Path| path.as_os_str().as_encoded_bytes().to_vec();
        let sysroot = self.toolchain.rust.as_ref().map_or(Path::new(""), |rust| &rust.sysroot);
        let place = (bytes(&self.sources.base), bytes(self.workspace), bytes(sysroot));
        let seen = self.environment_of(request).keyed;
        // A build script that found a package, or found none, does not ask again.
        let packages = (self.keeps_host_out(request), &product.system, packages);
        let identity = (place, self.toolchain.version(), &seen, &product.env, &product.target, library_of(&product.compile), packages);
        let builder = request.target.builder;
        // Nor does it see that a container or an SDK is another one: it would link objects that were compiled with the last.
        let is_supplied = matches!(builder, Builder::Cross | Builder::Xwin) || matches!(supply, Supply::Apple(_));
        let beside = is_supplied.then(|| (builder, self.builders.identity(builder), supply.identity()));
        // Another folder of one workspace may have a configuration of its own.
        let path = Some(product.compile.path()).filter(|path| !path.is_empty());
        let digest = match (beside, path) {
            (None, None) => Digest::of(&plimsoll_model::canonical_json(&identity)),
            (Some(beside), None) => Digest::of(&plimsoll_model::canonical_json(&(identity, beside))),
            (beside, Some(path)) => Digest::of(&plimsoll_model::canonical_json(&(identity, beside, path))),
        };
        let name = digest.short();
        // An audit compiles everything again, without taking the everyday folder's speed away.
        if self.store.is_auditing() { format!("{name}-audit") } else { name }
    }
}
