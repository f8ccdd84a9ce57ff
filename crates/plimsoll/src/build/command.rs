//! The project's own build command: what it is given, and what it leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};

use super::paths::BuildPaths;
use super::stage::{BuildRequest, BuildStage, Made, launch_failure};
use super::{builders, compilers};
use crate::graph::Stop;
use crate::left::{self, matching};
use crate::reason::reason;
use plimsoll_exec::launcher::{Ended, Finished, Launch};

/// The exit status by which a command says that it cannot build for the target on this machine. As automake's tests say that they were skipped:
/// <https://www.gnu.org/software/automake/manual/html_node/Scripts_002dbased-Testsuites.html>.
const NOT_HERE: i32 = 77;

impl BuildStage<'_> {
    /// Runs the command in a shell. It finds the target in `PLIMSOLL_TARGET`, and in `CC` and the like a compiler for it, where the target is
    /// not this machine's own and zig links for it; the core's `env` has the last word.
    pub(super) fn own_command(
        &self,
        request: BuildRequest<'_>,
        place: &BuildPaths,
        (text, output): (&str, &str),
        say: &mut dyn FnMut(&str),
    ) -> Result<Made, Stop> {
        let left = self.run_own(request, place, text, say)?.join(output);
        Ok(Made { programs: programs(&left, output, request.binaries, request.product.target.executable_suffix())?, ..Made::default() })
    }

    /// As [`BuildStage::own_command`], where the file that it leaves is what users get.
    pub(super) fn own_file(
        &self,
        request: BuildRequest<'_>,
        place: &BuildPaths,
        (text, output): (&str, &str),
        say: &mut dyn FnMut(&str),
    ) -> Result<Made, Stop> {
        // The mirror holds the sources alone.
        let folder = place.on_host(&place.seen.sources.join(&self.sources.project));
        if let Some(source) = matching(&folder, output)?.first() {
            let name = source.strip_prefix(&folder).unwrap_or(source).display().to_string();
            let failure =
                Failure::new(Class::Usage, "output-is-source", format!("`{output}` means `{name}`, a source file of the project"));
            return Err(failure.hint("have the command leave its file under a name that no source has").into());
        }
        let folder = self.run_own(request, place, text, say)?;
        let found = matching(&folder, output)?;
        let [only] = found.as_slice() else { return Err(not_one(output, &folder, &found).into()) };
        Ok(Made { programs: BTreeMap::from([(output.to_owned(), only.clone())]), ..Made::default() })
    }

    /// As [`BuildStage::own_command`], for files that generators ask for.
    pub(super) fn own_files(
        &self,
        request: BuildRequest<'_>,
        place: &BuildPaths,
        text: &str,
        say: &mut dyn FnMut(&str),
    ) -> Result<Made, Stop> {
        let folder = self.run_own(request, place, text, say)?;
        Ok(Made { left: left::files(&folder, &request.product.leaves)?, ..Made::default() })
    }

    /// Runs the command; gives the project's folder, as the host sees it.
    fn run_own(&self, request: BuildRequest<'_>, place: &BuildPaths, text: &str, say: &mut dyn FnMut(&str)) -> Result<PathBuf, Stop> {
        let working_folder = place.seen.sources.join(&self.sources.project);
        let arguments = ["-eu", "-c", text].map(OsString::from).to_vec();
        let launch = self.launch(place, &working_folder, Path::new("/bin/sh"), arguments)?;
        let launch = self.with_called(self.with_environment(launch, request, place), text, place);
        let launch = if request.product.compile.is_for_any() {
            launch
        } else {
            self.with_compilers(launch.env([("PLIMSOLL_TARGET", request.product.target.as_str())]), request, place)
        };
        let launch = launch.env(&request.product.env);
        let finished = self.launcher.run(&launch, &mut |_, line| say(line)).map_err(|error| launch_failure(&error))?;
        if finished.ended == Ended::Cancelled {
            return Err(Failure::interrupted().into());
        }
        if !finished.succeeded() {
            let said = match unsuccessful(&finished) {
                Unsuccessful::NotHere(why) => return Err(Stop::NotRun(why)),
                Unsuccessful::Failed(said) => said,
            };
            return Err(self.command_failed((text, &said), request, place));
        }
        Ok(place.on_host(&working_folder))
    }

    fn with_compilers(&self, launch: Launch, request: BuildRequest<'_>, place: &BuildPaths) -> Launch {
        let target = &request.product.target;
        let Some(builders::ZigTools { zig, .. }) = self.builders.zig.as_ref().filter(|_| *target != self.toolchain.host) else {
            return launch;
        };
        let zig = place.inside(zig);
        let (Some(variables), Some(folder)) = (compilers::variables(target, request.target, &zig), zig.parent()) else { return launch };
        launch.first_in_path(folder).env(variables)
    }
}

/// What an exit status other than 0 means.
enum Unsuccessful {
    /// It cannot build for the target here, for this reason.
    NotHere(String),
    /// It failed with these words.
    Failed(String),
}

fn unsuccessful(finished: &Finished) -> Unsuccessful {
    let (printed, complained) = (finished.stdout_text(), finished.stderr_text());
    if finished.status == Some(NOT_HERE) {
        let last = |text: &str| text.lines().rev().map(reason).find(|line| !line.is_empty());
        let why = last(&complained).or_else(|| last(&printed)).unwrap_or_else(|| "it does not say why".to_owned());
        return Unsuccessful::NotHere(format!("the project's own command does not build for it here: {why}"));
    }
    Unsuccessful::Failed(printed + &complained)
}

fn not_one(output: &str, folder: &Path, found: &[PathBuf]) -> Failure {
    let message = match found {
        [] => format!("the build command succeeded but left no `{output}`"),
        _ => format!("the build command left {} files that `{output}` means, and users get one", found.len()),
    };
    let failure = Failure::new(Class::NotProven, "build-output", message);
    let names = found.iter().filter_map(|path| path.strip_prefix(folder).ok());
    let failure = names.take(10).fold(failure, |failure, path| failure.cause("left", path.display().to_string()));
    failure.hint("`output` must mean one regular file below the project; links are not followed: have the command copy what they lead to")
}

/// What stands before and after the name of a dynamic library.
const LIBRARY_NAMES: [(&str, &str); 5] = [("lib", ".so"), ("lib", ".dylib"), ("", ".so"), ("", ".dylib"), ("", ".dll")];

/// Finds the programs in the command's output: the file itself, or files in the folder or in its `bin`; with the target's suffix or without. A library
/// is there by the name that its system gives it.
fn programs(left: &Path, output: &str, binaries: &BTreeSet<String>, suffix: &str) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let missing = |what: String| {
        Failure::new(Class::NotProven, "no-output", what).hint("see that `output` of the core names what its command leaves")
    };
    let suffixed = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    if !left.exists() && !suffixed(left).exists() {
        return Err(missing(format!("the build command succeeded but left no `{output}`")));
    }
    let mut found = BTreeMap::new();
    for binary in binaries {
        let candidates = [left.to_owned(), left.join(binary), left.join("bin").join(binary)];
        let programs = candidates.into_iter().flat_map(|path| [suffixed(&path), path]);
        let libraries = LIBRARY_NAMES.iter().map(|(begin, end)| left.join(format!("{begin}{binary}{end}")));
        let path = programs.chain(libraries).find(|path| path.is_file());
        found.insert(binary.clone(), path.ok_or_else(|| missing(format!("`{output}` holds no program `{binary}`")))?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn ended(status: i32, said: &str) -> Unsuccessful {
        let finished = Finished {
            status: Some(status),
            signal: None,
            stdout: said.into(),
            stderr: Vec::new(),
            truncated: false,
            duration: Duration::ZERO,
            ended: Ended::Exited,
        };
        unsuccessful(&finished)
    }

    #[test]
    fn a_program_is_found_as_its_system_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        std::fs::create_dir_all(out.join("bin")).unwrap();
        let binaries = BTreeSet::from(["a".to_owned()]);
        let find = |left: &Path, suffix| programs(left, "out", &binaries, suffix).map(|found| found["a"].clone());
        assert_eq!(find(&out, ".exe").unwrap_err().message, "`out` holds no program `a`");
        std::fs::write(out.join("bin/a"), "").unwrap();
        assert_eq!(find(&out, "").unwrap(), out.join("bin/a"));
        std::fs::write(out.join("a.exe"), "").unwrap();
        assert_eq!(find(&out, ".exe").unwrap(), out.join("a.exe"));
        assert_eq!(find(&out.join("a"), ".exe").unwrap(), out.join("a.exe"));
        assert_eq!(find(&folder.path().join("none"), "").unwrap_err().message, "the build command succeeded but left no `out`");
    }

    #[test]
    fn a_command_may_say_that_it_cannot_build_for_a_target_here() {
        let Unsuccessful::NotHere(reason) = ended(77, "looking\nneeds Xcode\n\n") else { panic!("failed") };
        assert_eq!(reason, "the project's own command does not build for it here: needs Xcode");
        assert!(matches!(ended(77, ""), Unsuccessful::NotHere(reason) if reason.ends_with("it does not say why")));
        assert!(matches!(ended(1, "needs Xcode"), Unsuccessful::Failed(said) if said == "needs Xcode"));
    }
}
