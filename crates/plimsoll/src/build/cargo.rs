//! One invocation of cargo, or of what is called in its place: its words, its flags, and what it left.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;

use plimsoll_model::plan::{Builder, Compile};
use plimsoll_model::{Class, Failure};
use toml::Table;

use super::messages::Messages;
use super::paths::BuildPaths;
use super::progress::{self, Progress};
use super::rustflags::{self, Passing};
use super::stage::{BuildRequest, BuildStage, Made, Supply, launch_failure};
use super::{cross, dep_info, invocation, link_flags, own_settings};
use crate::graph::Stop;
use crate::left::{self, Left};
use plimsoll_exec::launcher::{Ended, Stream};

impl BuildStage<'_> {
    /// Runs cargo, or what is called in its place.
    ///
    /// # Errors
    /// Not run, if the linker asks for what only another machine has.
    pub(super) fn cargo(
        &self,
        request: BuildRequest<'_>,
        place: &BuildPaths,
        supply: &Supply,
        say: &mut dyn FnMut(&str),
    ) -> Result<Made, Stop> {
        let at = place.at_start();
        let manifest = self.workspace.join("Cargo.toml");
        let folder = self.called_in(request.product);
        let (working_folder, settings) = (at.sources.join(folder), own_settings::in_force(folder, self.sources, self.outer));
        let is_cross = request.target.builder == Builder::Cross;
        // A container has the sources at another place.
        let manifest = if is_cross { cross::relative(folder, &manifest) } else { at.sources.join(manifest) };
        let program = place.inside(&self.builders.program(request.target.builder, &self.toolchain.rust()?.cargo)?);
        let extra = self.extra_flags(request, place, &settings)?;
        let words = invocation::words(request.product, request.target, request.binaries);
        let mut arguments = words.into_iter().map(OsString::from).collect::<Vec<_>>();
        arguments.extend(invocation::placing(&manifest, &at.target));
        if let Passing::Config(config) = &extra {
            arguments.extend(["--config".into(), OsString::from(config)]);
        }
        let mut launch = self.launch(place, &working_folder, &program, arguments)?;
        launch = own_settings::in_own_folder(self.with_environment(launch, request, place), &settings, &at.target).env(progress::VARIABLES);
        if let Passing::Variable(name, value) = extra {
            launch.env.remove(&OsString::from("CARGO_ENCODED_RUSTFLAGS"));
            launch = launch.env([(name, value)]);
        }
        // No pipe reaches a container, so it is told a number; what is lent for it is given back when it has ended.
        let lent = if is_cross { self.cores.try_acquire_up_to(self.cores.total().saturating_sub(1)) } else { Vec::new() };
        if let Supply::Image(image) = supply {
            launch = self.through_cross(launch, request, place, image)?.env([("CARGO_BUILD_JOBS", (lent.len() + 1).to_string())]);
            launch.cores = None;
        }
        let (mut messages, mut progress) = (Messages::default(), Progress::default());
        let mut hear = |stream: Stream, line: &str| match stream {
            Stream::Output => messages.take(line),
            Stream::Error => {
                if let Some(text) = progress.take(line, Instant::now()) {
                    say(&text);
                }
            }
        };
        let finished = self.launcher.run(&launch, &mut hear).map_err(|error| launch_failure(&error))?;
        drop(lent);
        if finished.ended == Ended::Cancelled {
            return Err(Failure::interrupted().into());
        }
        if !finished.succeeded() {
            return Err(self.cargo_failed(&progress::without_bar(&finished.stderr_text()), request, place, supply));
        }
        let mut made = Made { compiled: messages.compiled, by_cargo: true, ..Made::default() };
        for binary in request.binaries {
            let path = messages.programs.get(binary).or_else(|| messages.libraries.get(binary)).ok_or_else(|| not_reported(binary))?;
            made.programs.insert(binary.clone(), place.on_host(path));
        }
        made.left = left_by_build_script(request, &messages, place)?;
        made.reads = self.reads(request, &made, &messages, place);
        Ok(made)
    }

    /// The core's own flags, and those that hide paths where paths cannot be fixed.
    fn extra_flags(&self, request: BuildRequest<'_>, place: &BuildPaths, files: &[Table]) -> Result<Passing, Failure> {
        let Compile::Cargo { rustflags, .. } = &request.product.compile else { return Ok(Passing::Nothing) };
        let target = &request.product.target;
        let variables = &self.environment.keyed;
        let said = rustflags.iter().cloned().chain(rustflags::in_force(variables, target, files)).collect::<Vec<_>>();
        let cpu = request.product.cpu.map(|level| format!("-Ctarget-cpu={level}"));
        let links = link_flags::of(request.product, &said);
        let extra = rustflags.iter().cloned().chain(links).chain(cpu).chain(place.remapping()).collect::<Vec<_>>();
        if request.target.builder == Builder::Xwin {
            rustflags::pass_to_xwin(&extra, variables, target, files)
        } else {
            rustflags::pass(&extra, variables, target, files)
        }
    }
}

/// The files that generators ask for, which the package's build script made.
fn left_by_build_script(request: BuildRequest<'_>, messages: &Messages, place: &BuildPaths) -> Result<Left, Failure> {
    let (Compile::Cargo { package, .. }, false) = (&request.product.compile, request.product.leaves.is_empty()) else {
        return Ok(Left::new());
    };
    let folder = messages.out_folder(package).ok_or_else(|| {
        let message = format!("the package `{package}` has no build script that ran, so there is nothing in its OUT_DIR");
        Failure::new(Class::NotProven, "generated", message).hint("correct `build-script` of the generator")
    })?;
    left::files(&place.on_host(folder), &request.product.leaves)
}

/// Names a file that the compiler read and that the key does not cover.
pub(super) fn outside_of_the_key(made: &Made, place: &BuildPaths) -> Option<String> {
    let covered = place.covered();
    let covered = covered.iter().map(PathBuf::as_path).collect::<Vec<_>>();
    made.programs.values().filter(|_| made.by_cargo).find_map(|program| {
        let Ok(text) = std::fs::read_to_string(program.with_extension("d")) else {
            return Some(format!("cargo left no list of what {} was compiled from", program.display()));
        };
        let paths = dep_info::paths(&text);
        let outside = dep_info::first_outside(&paths, &covered)?;
        Some(format!("it was compiled from {}, which is no source of the project", outside.display()))
    })
}

fn not_reported(binary: &str) -> Failure {
    Failure::new(Class::NotProven, "no-output", format!("cargo succeeded but reported no program `{binary}`"))
        .hint("see that the package has a binary of this name and that its required features are on")
}
