//! qemu in user mode: this machine's where it is new and needs no library, else Debian's newest, unpacked once into the store.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_inspect::inspect;
use plimsoll_model::CpuLevel;

use super::{Start, marked};
use crate::roots::libc::Machine;
use crate::roots::recipe::Recipe;
use crate::roots::{Roots, Unavailable, distribution};
use crate::tools::bubblewrap::Isolation;
use crate::tools::launcher::{Finished, Launch};
use crate::tools::locate::Toolbox;
use crate::tools::tool::{at_least, version_in};

/// From here on a crash is believed. qemu 7.2, which Debian 12 has, crashes where real machines and qemu 10 load a library.
const BELIEVED: &[u32] = &[10, 0];

/// Where the root sees it, and the shell.
const INSIDE: &str = "/plimsoll/qemu";
const SHELL: &str = "/plimsoll/sh";

/// Words by which qemu says that a program asks for what it does not have.
const LACKING: [&str; 3] = ["qemu: uncaught target signal", "Unsupported syscall", "qemu: unhandled CPU exception"];

/// What those processors have and qemu does not emulate. It is no instruction of theirs, and qemu would warn of it at every start.
const NOT_EMULATED: &str = ",-pcid,-x2apic,-tsc-deadline,-hle,-invpcid,-rtm,-vme";

/// A qemu that emulates one processor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qemu {
    /// `qemu-aarch64`.
    pub name: &'static str,
    /// `10.0.13`.
    pub version: String,
    /// A static program: a root has no library for it.
    program: PathBuf,
    /// A static shell of this machine.
    shell: Option<PathBuf>,
    /// Another processor than qemu's best.
    cpu: Option<&'static str>,
    /// Words that start a program where the kernel runs this processor's programs by qemu.
    outer: Vec<OsString>,
    /// A bubblewrap that the kernel starts by itself all the same, where the processor is this machine's own.
    bubblewrap: Option<PathBuf>,
}

impl Qemu {
    /// The newest that this machine can have.
    pub(in crate::roots) fn find(roots: &Roots<'_>, machine: &Machine, on_line: &mut dyn FnMut(&str)) -> Result<Self, Unavailable> {
        let own = Self::of_host(roots.toolbox, machine);
        let made = Recipe::qemu().map(|recipe| distribution::obtain(roots, &recipe, on_line));
        let unpacked = match made {
            Some(Ok(root)) => Self::of_root(roots.toolbox, machine, &root.folder),
            Some(Err(reason)) if own.is_none() => return Err(reason),
            Some(Err(_)) | None => None,
        };
        Self::newest(unpacked, own)
            .ok_or_else(|| Unavailable::Elsewhere(format!("no {} that needs no library of a root is installed", machine.qemu)))
    }

    /// The one that [`Qemu::find`] would take where it can make none.
    pub(in crate::roots) fn here(roots: &Roots<'_>, machine: &Machine) -> Option<Self> {
        let kept = Recipe::qemu().and_then(|recipe| distribution::kept(&roots.folder, &recipe));
        let kept = kept.and_then(|root| Self::of_root(roots.toolbox, machine, &root.folder));
        Self::newest(kept, Self::of_host(roots.toolbox, machine))
    }

    /// Debian's has the shell beside it; a newer one of the host's does without.
    fn newest(unpacked: Option<Self>, own: Option<Self>) -> Option<Self> {
        unpacked.into_iter().chain(own).max_by_key(|qemu| (at_least(&qemu.version, BELIEVED), qemu.shell.is_some()))
    }

    /// Name, version, and where it lies: in the store, whose folder of roots is given, or on this machine.
    pub(in crate::roots) fn label(&self, roots: &Path) -> String {
        let place = if self.program.starts_with(roots) { "in the store" } else { "of this machine" };
        format!("{} {} {place}", self.name, self.version)
    }

    /// One that is here already, installed or brought for another target; nothing is made.
    pub(in crate::roots) fn at_hand(roots: &Roots<'_>, machine: &Machine) -> Option<Self> {
        let kept = Recipe::qemu().and_then(|recipe| distribution::kept(&roots.folder, &recipe));
        let kept = kept.and_then(|root| Self::of_root(roots.toolbox, machine, &root.folder));
        kept.or_else(|| Self::of_host(roots.toolbox, machine))
    }

    /// qemu for this machine's own processor, at no more than a level of it; none where TCG has no such processor.
    pub(in crate::roots) fn of_level(self, level: CpuLevel) -> Option<Self> {
        let cpu = match level {
            CpuLevel::V1 => "qemu64",
            CpuLevel::V2 => "Nehalem",
            CpuLevel::V3 => "Haswell",
            CpuLevel::V4 => return None,
        };
        Some(Self { cpu: Some(cpu), ..self })
    }

    fn of_host(toolbox: &Toolbox, machine: &Machine) -> Option<Self> {
        let program = toolbox.program(&format!("{}-static", machine.qemu)).or_else(|| toolbox.program(machine.qemu))?;
        Self::ask(toolbox, machine, program, None)
    }

    fn of_root(toolbox: &Toolbox, machine: &Machine, root: &Path) -> Option<Self> {
        let shell = Some(root.join("usr/bin/bash-static")).filter(|path| path.is_file());
        Self::ask(toolbox, machine, root.join("usr/bin").join(machine.qemu), shell)
    }

    fn ask(toolbox: &Toolbox, machine: &Machine, program: PathBuf, shell: Option<PathBuf>) -> Option<Self> {
        let facts = std::fs::read(&program).ok().and_then(|bytes| inspect(&bytes).ok())?;
        if !facts.linkage.is_static() {
            return None;
        }
        let launch = Launch::new(&program, "/").args(["--version"]).deadline(Duration::from_secs(30));
        let said = toolbox.launcher().output(&launch).ok().filter(Finished::succeeded)?.stdout_text();
        Some(Self { name: machine.qemu, version: version_in(&said)?, program, shell, cpu: None, outer: Vec::new(), bubblewrap: None })
    }

    /// The same, known to the kernel of a user namespace of its own: programs then start programs. Since Linux 6.7 each such namespace has its
    /// own list (binfmt_misc), so nothing is changed for the machine.
    pub(in crate::roots) fn registered(mut self, toolbox: &Toolbox) -> Result<Self, String> {
        let rule = self
            .program
            .parent()
            .and_then(|bin| bin.parent())
            .map(|usr| usr.join("share/qemu/binfmt.d").join(format!("{}.conf", self.name)));
        let rule = rule.and_then(|path| std::fs::read_to_string(path).ok());
        let rule = rule.ok_or_else(|| format!("the rule by which the kernel knows programs of {} is not beside it", self.name))?;
        // `:name:M:offset:magic:mask:interpreter:flags`; F opens the interpreter now, where the root does not have it.
        let parts = rule.trim().split(':').collect::<Vec<_>>();
        let [_, _, kind, offset, magic, mask, ..] = parts[..] else {
            return Err(format!("the rule by which the kernel knows programs of {} cannot be read", self.name));
        };
        let registration = format!(":plimsoll:{kind}:{offset}:{magic}:{mask}:{}:F", self.program.display());
        self.outer = outer(toolbox, &registration)?;
        self.tried(toolbox)
    }

    /// The same for the processor that this machine has itself, at the level that was asked for: whatever is started is emulated but the programs
    /// that bring that about, which carry a mark. `folder` keeps copies of them.
    pub(in crate::roots) fn of_own_kind(mut self, toolbox: &Toolbox, isolation: &Isolation, folder: &Path) -> Result<Self, String> {
        let program = marked::copy(&self.program, folder)?;
        self.bubblewrap = Some(marked::copy(&isolation.program, folder)?);
        self.outer = outer(toolbox, &marked::registration(&program))?;
        self.tried(toolbox)
    }

    /// This, if the kernel takes its rule.
    fn tried(self, toolbox: &Toolbox) -> Result<Self, String> {
        let launch = Launch { env: toolbox.env().clone(), ..Launch::new(&self.outer[0], "/") }.args(&self.outer[1..]).args(["true"]);
        let tried = toolbox.launcher().output(&launch.deadline(Duration::from_secs(30))).map_err(|error| error.to_string())?;
        if tried.succeeded() {
            Ok(self)
        } else {
            Err(format!("the kernel takes no rule for {} in a namespace (Linux 6.7 does): {}", self.name, tried.stderr_text().trim()))
        }
    }

    pub(super) fn start(&self) -> Start {
        if !self.outer.is_empty() {
            let mut start = Start { outer: self.outer.clone(), bubblewrap: self.bubblewrap.clone(), ..Start::default() };
            if let Some(cpu) = self.cpu {
                start.env.push(("QEMU_CPU", format!("{cpu}{NOT_EMULATED}")));
                // The JIT of an x86-64 BEAM writes its code by a second mapping, of which qemu does not hear; with this flag it has one.
                start.env.push(("ERL_FLAGS", "+JPperf true".to_owned()));
            }
            return start;
        }
        let mut start = Start { words: vec![INSIDE.into()], binds: vec![(self.program.clone(), INSIDE.into())], ..Start::default() };
        if let Some(cpu) = self.cpu {
            start.words.extend(["-cpu".into(), cpu.into()]);
        }
        if let Some(shell) = &self.shell {
            start.binds.push((shell.clone(), SHELL.into()));
            start.shell = Some(SHELL.into());
        }
        start
    }

    pub(super) fn doubt(&self, ended_by_signal: bool, said: &str) -> Option<String> {
        // On a lesser processor a crash is the finding.
        if self.cpu.is_some() || at_least(&self.version, BELIEVED) {
            return None;
        }
        let lacks = LACKING.iter().any(|words| said.contains(words));
        (ended_by_signal || lacks).then(|| {
            let (name, version) = (self.name, &self.version);
            format!("{name} {version} ended it, and is too old to be believed: use {name} 10.0 or later, or a real machine")
        })
    }
}

/// Words that start others in a user namespace with a rule of its own.
fn outer(toolbox: &Toolbox, registration: &str) -> Result<Vec<OsString>, String> {
    let unshare = toolbox.program("unshare").ok_or("unshare (util-linux) is not installed")?;
    let script =
        "mount -t binfmt_misc none /proc/sys/fs/binfmt_misc; printf %s \"$1\" >/proc/sys/fs/binfmt_misc/register; shift; exec \"$@\"";
    let mut words = vec![unshare.into_os_string()];
    words.extend(["--user", "--map-root-user", "--mount", "--", "/bin/sh", "-eu", "-c", script, "sh", registration].map(OsString::from));
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_old_qemu_is_doubted() {
        let qemu = |version: &str| Qemu {
            name: "qemu-aarch64",
            version: version.to_owned(),
            program: "/q".into(),
            shell: None,
            cpu: None,
            outer: Vec::new(),
            bubblewrap: None,
        };
        assert!(qemu("7.2.22").doubt(true, "").unwrap().contains("qemu-aarch64 7.2.22 ended it"));
        assert!(qemu("7.2.22").doubt(false, "qemu: uncaught target signal 11 (Segmentation fault)").is_some());
        assert_eq!(qemu("7.2.22").doubt(false, "error: no such file"), None);
        assert_eq!(qemu("10.0.13").doubt(true, ""), None);
        assert_eq!(qemu("7.2.22").of_level(CpuLevel::V1).unwrap().doubt(true, ""), None);
    }

    #[test]
    fn a_level_is_a_processor_of_qemu() {
        let qemu = Qemu {
            name: "qemu-x86_64",
            version: "10.0".to_owned(),
            program: "/q".into(),
            shell: None,
            cpu: None,
            outer: Vec::new(),
            bubblewrap: None,
        };
        let words = |level| qemu.clone().of_level(level).map(|qemu| qemu.start().words);
        assert_eq!(words(CpuLevel::V2).unwrap(), [INSIDE, "-cpu", "Nehalem"]);
        assert_eq!(words(CpuLevel::V4), None);
    }
}
