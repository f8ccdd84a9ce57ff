//! qemu in user mode: this machine's where it is new and needs no library, else Debian's newest, unpacked once into the store.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_inspect::inspect;
use plimsoll_model::{CpuLevel, Digest};

use super::{Death, Start, marked, processors};
use crate::libc::Processor;
use crate::recipe::Recipe;
use crate::{Roots, Unavailable, distribution};
use plimsoll_exec::bubblewrap::Isolation;
use plimsoll_exec::launcher::{Finished, Launch};
use plimsoll_exec::locate::Toolbox;
use plimsoll_exec::tool::{at_least, version_in};

/// From here on a crash is believed. qemu 7.2, which Debian 12 has, crashes where real machines and qemu 10 load a library.
const BELIEVED: &[u32] = &[10, 0];

/// Where the root sees it, and the shell.
const INSIDE: &str = "/plimsoll/qemu";
const SHELL: &str = "/plimsoll/sh";

/// Words by which qemu says that it is asked for what it does not have.
const LACKING: [&str; 4] =
    ["qemu: uncaught target signal", "Unsupported syscall", "qemu: unhandled CPU exception", "unable to find CPU model"];

/// SIGILL, and qemu's words for it.
const ILLEGAL: i32 = 4;
const ILLEGAL_SAID: &str = "uncaught target signal 4 ";

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
    /// Another processor than qemu's own choice.
    cpu: Option<&'static str>,
    /// The level of x86-64 that this processor stands for, where it is to have no more.
    level: Option<CpuLevel>,
    /// Words that start a program where the kernel runs this processor's programs by qemu.
    outer: Vec<OsString>,
    /// A bubblewrap that the kernel starts by itself all the same, where the processor is this machine's own.
    bubblewrap: Option<PathBuf>,
    /// The programs of this machine that a root is given for it.
    pub(super) programs: BTreeMap<&'static str, Digest>,
}

impl Qemu {
    /// The newest that this machine can have.
    pub(crate) fn find(roots: &Roots<'_>, processor: &Processor, on_line: &mut dyn FnMut(&str)) -> Result<Self, Unavailable> {
        let made = Recipe::qemu().map_or(Ok(()), |recipe| distribution::obtain(roots, &recipe, on_line).map(|_| ()));
        Self::after(roots, processor, made)
    }

    /// The newest that is here after an attempt to make Debian's.
    pub(crate) fn after(roots: &Roots<'_>, processor: &Processor, made: Result<(), Unavailable>) -> Result<Self, Unavailable> {
        match (Self::here(roots, processor), made) {
            (Some(qemu), _) => Ok(qemu),
            (None, Err(reason)) => Err(reason),
            (None, Ok(())) => Err(Unavailable::Elsewhere(format!("no {} that needs no library of a root is installed", processor.qemu))),
        }
    }

    /// The one that [`Qemu::find`] would take where it can make none.
    pub(crate) fn here(roots: &Roots<'_>, processor: &Processor) -> Option<Self> {
        let kept = Recipe::qemu().and_then(|recipe| distribution::kept(&roots.folder, &recipe));
        let kept = kept.and_then(|root| Self::of_root(roots.toolbox, processor, &root.folder));
        Self::newest(kept, Self::of_host(roots.toolbox, processor))
    }

    /// Debian's has the shell beside it; a newer one of the host's does without.
    fn newest(unpacked: Option<Self>, own: Option<Self>) -> Option<Self> {
        unpacked.into_iter().chain(own).max_by_key(|qemu| (at_least(&qemu.version, BELIEVED), qemu.shell.is_some()))
    }

    /// Name, version, and where it lies: in the store, whose folder of roots is given, or on this machine.
    pub(crate) fn label(&self, roots: &Path) -> String {
        let place = if self.program.starts_with(roots) { "in the store" } else { "of this machine" };
        format!("{} {} {place}", self.name, self.version)
    }

    /// The same at no more than a level of x86-64; none where qemu has no such processor.
    pub(crate) fn of_level(self, level: CpuLevel) -> Option<Self> {
        let cpu = Some(processors::of_level(level)?);
        Some(Self { cpu, level: Some(level), ..self })
    }

    fn of_host(toolbox: &Toolbox, processor: &Processor) -> Option<Self> {
        let program = toolbox.program(&format!("{}-static", processor.qemu)).or_else(|| toolbox.program(processor.qemu))?;
        Self::ask(toolbox, processor, program, None)
    }

    fn of_root(toolbox: &Toolbox, processor: &Processor, root: &Path) -> Option<Self> {
        let shell = Some(root.join("usr/bin/bash-static")).filter(|path| path.is_file());
        Self::ask(toolbox, processor, root.join("usr/bin").join(processor.qemu), shell)
    }

    fn ask(toolbox: &Toolbox, processor: &Processor, program: PathBuf, shell: Option<PathBuf>) -> Option<Self> {
        let bytes = std::fs::read(&program).ok()?;
        if !inspect(&bytes).is_ok_and(|facts| facts.linkage.is_static()) {
            return None;
        }
        let mut programs = BTreeMap::from([("qemu", Digest::of(&bytes))]);
        if let Some(shell) = &shell {
            programs.insert("shell", Digest::of(&std::fs::read(shell).ok()?));
        }
        let launch = Launch::new(&program, "/").args(["--version"]).deadline(Duration::from_secs(30));
        let said = toolbox.launcher().output(&launch).ok().filter(Finished::succeeded)?.stdout_text();
        let (version, cpu) = (version_in(&said)?, processors::baseline(processor.arch));
        Some(Self { name: processor.qemu, version, program, shell, cpu, level: None, outer: Vec::new(), bubblewrap: None, programs })
    }

    /// The same, known to the kernel of a user namespace of its own: programs then start programs. Since Linux 6.7 each such namespace has its
    /// own list (binfmt_misc), so nothing is changed for the machine.
    pub(crate) fn registered(mut self, toolbox: &Toolbox) -> Result<Self, String> {
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
    pub(crate) fn of_own_kind(mut self, toolbox: &Toolbox, isolation: &Isolation, folder: &Path) -> Result<Self, String> {
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

    pub(crate) fn start(&self) -> Start {
        if !self.outer.is_empty() {
            let mut start = Start { outer: self.outer.clone(), bubblewrap: self.bubblewrap.clone(), ..Start::default() };
            if let Some(cpu) = self.cpu {
                start.env.push(("QEMU_CPU", cpu.to_owned()));
            }
            if self.name == "qemu-x86_64" {
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

    pub(super) fn doubt(&self, death: Death, said: &str) -> Option<String> {
        let (name, version) = (self.name, &self.version);
        if self.level.is_some() && (death.signal == Some(ILLEGAL) || said.contains(ILLEGAL_SAID)) {
            // What the lesser processor is asked for.
            return None;
        }
        if self.level.is_some() && death.timed_out {
            // Where the same probe passed on the machine's own processor, an emulated one was slow.
            return Some(format!("{name} {version} emulates the processor, and is slower than it"));
        }
        if at_least(&self.version, BELIEVED) {
            return None;
        }
        let lacks = LACKING.iter().any(|words| said.contains(words));
        (death.signal.is_some() || death.timed_out || lacks).then(|| {
            let what = if death.timed_out { "did not come to an end" } else { "ended it" };
            format!("{name} {version} {what}, and is too old to be believed: use {name} 10.0 or later, or a real machine")
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

    fn qemu(name: &'static str, version: &str) -> Qemu {
        let (version, cpu) = (version.to_owned(), processors::baseline("aarch64"));
        Qemu {
            name,
            version,
            program: "/q".into(),
            shell: None,
            cpu,
            level: None,
            outer: Vec::new(),
            bubblewrap: None,
            programs: BTreeMap::new(),
        }
    }

    const fn death(signal: Option<i32>, timed_out: bool) -> Death {
        Death { signal, timed_out }
    }

    const CRASH: Death = death(Some(11), false);
    const ILL: Death = death(Some(ILLEGAL), false);
    const HANG: Death = death(None, true);
    const NONE: Death = death(None, false);
    const SAYS_CRASH: &str = "qemu: uncaught target signal 11 (Segmentation fault) - core dumped";
    const SAYS_ILL: &str = "qemu: uncaught target signal 4 (Illegal instruction) - core dumped";

    #[test]
    fn only_an_old_qemu_is_doubted() {
        let (old, new) = (qemu("qemu-aarch64", "7.2.22"), qemu("qemu-aarch64", "10.0.13"));
        assert!(old.doubt(CRASH, "").unwrap().contains("qemu-aarch64 7.2.22 ended it"));
        assert!(old.doubt(HANG, "").unwrap().contains("qemu-aarch64 7.2.22 did not come to an end"));
        assert!(old.doubt(ILL, "").is_some() && old.doubt(NONE, SAYS_CRASH).is_some());
        assert!(old.doubt(NONE, "qemu-aarch64: unable to find CPU model 'cortex-a53'").is_some());
        assert_eq!(old.doubt(NONE, "error: no such file"), None);
        for death in [CRASH, ILL, HANG, NONE] {
            assert_eq!(new.doubt(death, SAYS_CRASH), None);
        }
    }

    #[test]
    fn on_a_lesser_processor_an_instruction_that_it_lacks_is_the_finding_and_nothing_else_of_an_old_qemu() {
        let of = |version| qemu("qemu-x86_64", version).of_level(CpuLevel::V1).unwrap();
        let (old, new) = (of("7.2.22"), of("10.0.13"));
        for qemu in [&old, &new] {
            assert_eq!(qemu.doubt(ILL, ""), None);
            assert_eq!(qemu.doubt(NONE, SAYS_ILL), None);
            assert_eq!(qemu.doubt(NONE, "exit"), None);
            assert!(qemu.doubt(HANG, "").unwrap().starts_with("qemu-x86_64 "));
        }
        assert!(old.doubt(CRASH, "").is_some() && old.doubt(NONE, SAYS_CRASH).is_some());
        assert_eq!(new.doubt(CRASH, ""), None);
    }

    #[test]
    fn one_level_is_one_processor_however_it_is_started() {
        let plain = qemu("qemu-x86_64", "10.0").of_level(CpuLevel::V2).unwrap();
        let cpu = processors::of_level(CpuLevel::V2).unwrap();
        assert_eq!(plain.start().words, [INSIDE, "-cpu", cpu]);
        let registered = Qemu { outer: vec!["unshare".into()], ..plain };
        assert!(registered.start().env.contains(&("QEMU_CPU", cpu.to_owned())));
        assert!(qemu("qemu-x86_64", "10.0").of_level(CpuLevel::V4).is_none());
        assert_eq!(qemu("qemu-aarch64", "10.0").start().words, [INSIDE, "-cpu", "cortex-a53"]);
    }
}
