//! Makes the Python of a root ready once, which every session would pay for otherwise: packages that are only unpacked have no compiled modules, and
//! no Python can keep what it compiles in a root that is only read. The root's own Python does it, under qemu if it is another processor's.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use plimsoll_model::Digest;

use super::PIP;
use crate::emulator::Qemu;
use crate::enter::Layout;
use crate::libc::Processor;
use crate::recipe::Recipe;
use crate::{Roots, Unavailable, distribution};
use plimsoll_exec::launcher::Launch;

const SCRIPT: &str = include_str!("prepare.py");
/// Some seconds; under qemu a minute.
const PATIENCE: Duration = Duration::from_secs(1800);

/// What starts a root's Python: looked for before anything is fetched.
pub(crate) struct Starter {
    /// Words before those of bubblewrap; none on the Python's own processor.
    outer: Vec<OsString>,
}

impl Starter {
    /// qemu, if the recipe is for another processor.
    pub(crate) fn gather(roots: &Roots<'_>, recipe: &Recipe, on_line: &mut dyn FnMut(&str)) -> Result<Self, Unavailable> {
        roots.isolation()?;
        let Some(processor) = recipe.architecture.and_then(Processor::of_debian) else { return Ok(Self { outer: Vec::new() }) };
        let qemu = Qemu::find(roots, processor, on_line)?.registered(roots.toolbox).map_err(Unavailable::Elsewhere)?;
        Ok(Self { outer: qemu.start().outer })
    }
}

/// Digest of how it is done: what was done otherwise is done again.
pub(crate) fn way() -> Digest {
    Digest::of(SCRIPT.as_bytes())
}

/// Compiles the modules in `files`, and puts pip in its place.
pub(crate) fn prepare(roots: &Roots<'_>, starter: &Starter, files: &Path, on_line: &mut dyn FnMut(&str)) -> Result<(), Unavailable> {
    let isolation = roots.isolation()?;
    let mut layout = Layout::of_writable(files);
    // The order of sets is of this seed.
    let variables = [("PATH", "/usr/bin:/bin"), ("LC_ALL", "C.UTF-8"), ("PYTHONHASHSEED", "0")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    layout.set_env(variables.iter().map(|(name, value)| (name, value)));
    let place = Path::new(PIP).parent().unwrap_or(Path::new(PIP));
    let words = ["--chdir", "/", "--", "/usr/bin/python3", "-B", "-s", "-c", SCRIPT].map(OsString::from);
    let words = words.into_iter().chain([place.into()]);
    let mut program = starter.outer.iter().cloned().chain([isolation.program.clone().into()]);
    let first = program.next().unwrap_or_default();
    let launch = Launch { env: [].into(), ..Launch::new(first, "/") }.env([("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")]).deadline(PATIENCE);
    let launch = launch.args(program).args(isolation.unsharing()).args(layout.words()).args(words);
    on_line("compiling the modules of its Python, once");
    let finished = roots.toolbox.launcher().run(&launch, &mut |_, line| on_line(line)).map_err(distribution::unavailable)?;
    if finished.succeeded() {
        return Ok(());
    }
    if roots.toolbox.launcher().is_cancelled() {
        return Err(Unavailable::Failed("interrupted".to_owned()));
    }
    let said = finished.stderr_text();
    let last = said.lines().rev().take(3).collect::<Vec<_>>();
    Err(Unavailable::Failed(format!("no Python could be made ready: {}", last.into_iter().rev().collect::<Vec<_>>().join(" / "))))
}
