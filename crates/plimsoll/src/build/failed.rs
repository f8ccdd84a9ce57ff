//! What a failed build comes to: a gap if only another machine could do it, a tool that is missing, or a failure with the words that tell why.

use plimsoll_model::plan::Builder;
use plimsoll_model::{Class, Failure};

use super::paths::BuildPaths;
use super::stage::{BuildRequest, BuildStage, Supply};
use super::{apple, complaint, lacking};
use crate::graph::Stop;

impl BuildStage<'_> {
    /// What it means that cargo failed with these words.
    pub(super) fn cargo_failed(&self, said: &str, request: BuildRequest<'_>, place: &BuildPaths, supply: &Supply) -> Stop {
        let said = place.said_on_host(said, &self.sources.base);
        let log = complaint::keep(&said, place);
        let frameworks = apple::lacks(&said);
        if !frameworks.is_empty() && self.links_for_apple(request) && !matches!(supply, Supply::Apple(_)) {
            return Stop::NotRun(apple::needs(&frameworks));
        }
        let failure = hinted(&said, request).or_else(|| self.lacking(&said, request));
        let failure = failure.unwrap_or_else(|| Failure::new(Class::NotProven, "build-failed", "cargo build failed"));
        self.or_full(complaint::with_words(failure, &said, log.as_deref())).into()
    }

    /// What it means that the project's own command failed with these words.
    pub(super) fn command_failed(&self, (text, said): (&str, &str), request: BuildRequest<'_>, place: &BuildPaths) -> Stop {
        let log = complaint::keep(said, place);
        let failure = self.lacking(said, request);
        let failure = failure.unwrap_or_else(|| Failure::new(Class::NotProven, "build-failed", "the project's own build command failed"));
        complaint::with_words(failure.cause("ran", text), said, log.as_deref()).into()
    }

    /// A tool or a header that is not there. What is in a container is not known here.
    fn lacking(&self, said: &str, request: BuildRequest<'_>) -> Option<Failure> {
        if request.target.builder == Builder::Cross {
            return None;
        }
        let found = lacking::find(said, &|name| self.toolbox.program(name).is_some())?;
        Some(found.failure(self.keeps_host_out(request)))
    }
}

/// What it is known of what to do.
fn hinted(said: &str, request: BuildRequest<'_>) -> Option<Failure> {
    let failure = || Failure::new(Class::NotProven, "build-failed", "cargo build failed");
    // What the crate `cc` says of a compiler that is not there.
    let no_clang =
        request.target.builder == Builder::Xwin && ["clang-cl", "llvm-lib"].iter().any(|tool| said.contains(&format!("tool \"{tool}\"")));
    if no_clang {
        let failure =
            Failure::new(Class::ToolMissing, "build-tool-missing", "the build needs clang and LLVM's tools, which are not installed");
        return Some(
            failure.hint("C code for Windows by Microsoft's ABI is compiled by clang-cl and llvm-lib: install clang and LLVM's tools"),
        );
    }
    if said.contains("--locked") && said.contains("Cargo.lock") {
        let path = request.product.compile.path();
        let place = if path.is_empty() { String::new() } else { format!(" in {path}") };
        return Some(failure().hint(format!("run `cargo generate-lockfile` (or `cargo update --workspace`){place} and commit Cargo.lock")));
    }
    let no_std = said.contains("can't find crate for `std`") || said.contains("target may not be installed");
    no_std.then(|| failure().hint(format!("run `rustup target add {}`", request.product.target)))
}
