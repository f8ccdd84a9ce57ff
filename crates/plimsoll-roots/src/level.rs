//! A root once more on a lesser processor: an emulated one of x86-64 that has no more than a level.

use std::fs;

use plimsoll_model::{CpuLevel, Target};
use serde::{Deserialize, Serialize};

use super::emulator::{Emulator, Qemu};
use super::libc::Processor;
use super::recipe::{Recipe, processor_of};
use super::{ExecEnv, NetworkAccess, Root, Roots, Unavailable, distribution};

/// Seconds for which nobody is asked again for a qemu that could not be brought: without a network, asking takes longer than all the rest.
const ASKED_AGAIN: u64 = 60 * 60;

/// Why qemu could not be brought, kept beside its place.
#[derive(Debug, Serialize, Deserialize)]
struct Refusal {
    /// When, in seconds since 1970 (UTC).
    when: u64,
    /// The mirror that was asked, where it is another than the tools' own default.
    #[serde(default)]
    mirror: Option<String>,
    reason: String,
}

impl Roots<'_> {
    /// The same place on an emulated processor that has no more than a level; qemu is brought where it is not here yet. Who declared no level is
    /// not kept waiting more than once an hour.
    ///
    /// # Errors
    /// [`Unavailable`] where that cannot be had here.
    pub fn lesser(
        &self,
        exec_env: &ExecEnv,
        target: &Target,
        (level, is_declared): (CpuLevel, bool),
        on_line: &mut dyn FnMut(&str),
    ) -> Result<ExecEnv, Unavailable> {
        let elsewhere = |reason: &str| Err(Unavailable::Elsewhere(reason.to_owned()));
        let qemu = match (&exec_env.emulator, &exec_env.root) {
            (Some(Emulator::Wine(_)), _) => return elsewhere("wine runs on the processor of this machine"),
            (_, Root::Scrubbed) => return elsewhere("the root `scrubbed` is this machine itself"),
            (Some(Emulator::Qemu(qemu)), _) => qemu.clone(),
            (None, _) => {
                self.isolation()?;
                let Some(processor) = processor_of(target) else { return elsewhere("no qemu is known for this processor") };
                if is_declared { Qemu::find(self, processor, on_line)? } else { self.patient(processor, on_line)? }
            }
        };
        let qemu = qemu.of_level(level).ok_or_else(|| Unavailable::Elsewhere(format!("qemu has no processor of level {level}")))?;
        Ok(ExecEnv { root: exec_env.root.clone(), emulator: Some(Emulator::Qemu(qemu)), network: NetworkAccess::None })
    }

    /// The same for programs that start programs, as package managers do: whatever is started is emulated.
    ///
    /// # Errors
    /// [`Unavailable`] where the kernel of this machine does not let a namespace say so.
    pub fn everywhere(&self, exec_env: ExecEnv) -> Result<ExecEnv, Unavailable> {
        let Some(Emulator::Qemu(qemu)) = exec_env.emulator else { return Ok(exec_env) };
        let isolation = self.isolation()?;
        let is_own_kind = Processor::this().is_some_and(|machine| machine.qemu == qemu.name);
        let qemu = if is_own_kind { qemu.of_own_kind(self.toolbox, isolation, &self.folder) } else { qemu.registered(self.toolbox) };
        let qemu = qemu.map_err(Unavailable::Elsewhere)?;
        Ok(ExecEnv { emulator: Some(Emulator::Qemu(qemu)), ..exec_env })
    }

    /// [`Qemu::find`], which asks no mirror again that was asked in vain a while ago.
    fn patient(&self, processor: &Processor, on_line: &mut dyn FnMut(&str)) -> Result<Qemu, Unavailable> {
        let Some(recipe) = Recipe::qemu() else { return Qemu::find(self, processor, on_line) };
        let note = self.folder.join(&recipe.folder).with_added_extension("refused");
        let text = fs::read(&note).ok();
        let refusal = text.and_then(|text| serde_json::from_slice::<Refusal>(&text).ok());
        let is_recent = |refusal: &Refusal| (refusal.when..refusal.when.saturating_add(ASKED_AGAIN)).contains(&self.now);
        let refusal = refusal.filter(|refusal| is_recent(refusal) && refusal.mirror == self.debian_mirror);
        if let (Some(refusal), None) = (refusal, distribution::kept(&self.folder, &recipe)) {
            return Qemu::here(self, processor).ok_or(Unavailable::Failed(refusal.reason));
        }
        let made = distribution::obtain(self, &recipe, on_line).map(|_| ());
        if let Err(Unavailable::Failed(reason)) = &made
            && !self.toolbox.launcher().is_cancelled()
        {
            let refusal = Refusal { when: self.now, mirror: self.debian_mirror.clone(), reason: reason.clone() };
            // Best effort: without it the mirror is asked each time.
            let _ = fs::write(&note, plimsoll_model::document_json(&refusal));
        }
        Qemu::after(self, processor, made)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::*;
    use plimsoll_exec::bubblewrap::Isolation;
    use plimsoll_exec::launcher::Launcher;
    use plimsoll_exec::locate::Toolbox;

    /// The answer of a machine whose mmdebstrap reaches no mirror, at a time; each call of mmdebstrap leaves a line in `calls`.
    fn asked(folder: &Path, now: u64, mirror: Option<&str>) -> Unavailable {
        let programs = folder.join("bin");
        fs::create_dir_all(&programs).unwrap();
        let script = format!(
            "#!/bin/sh\ncase $1 in --version) echo mmdebstrap 1.3.5;; *) echo call >>'{}'; echo 'E: no mirror' >&2; exit 1;; esac\n",
            folder.join("calls").display()
        );
        fs::write(programs.join("mmdebstrap"), script).unwrap();
        fs::set_permissions(programs.join("mmdebstrap"), fs::Permissions::from_mode(0o755)).unwrap();
        let env = BTreeMap::from([("PATH".into(), programs.into_os_string())]);
        let toolbox = Toolbox::new(folder.join("tools"), folder.join("memory.json"), env, Launcher::new().unwrap());
        let isolation = Isolation::examine(&toolbox);
        let roots =
            Roots { debian_mirror: mirror.map(str::to_owned), now, ..Roots::offline(folder.join("roots"), &toolbox, isolation.as_ref()) };
        roots.patient(Processor::of("x86_64").unwrap(), &mut |_| {}).unwrap_err()
    }

    #[test]
    fn a_mirror_that_did_not_answer_is_asked_again_after_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let calls = || fs::read_to_string(folder.path().join("calls")).unwrap_or_default().lines().count();
        let first = asked(folder.path(), 10_000, None);
        assert!(matches!(&first, Unavailable::Failed(reason) if reason.contains("no mirror")), "{first:?}");
        let once = calls();
        assert_eq!(asked(folder.path(), 10_000 + ASKED_AGAIN - 1, None), first);
        assert_eq!(calls(), once);
        assert_eq!(asked(folder.path(), 10_000 + ASKED_AGAIN, None), first);
        // A clock that was set back is no reason to wait for days.
        assert_eq!(asked(folder.path(), 5_000, None), first);
        assert_eq!(calls(), 3 * once);
        // Nor is another mirror one to wait for.
        asked(folder.path(), 5_001, Some("http://127.0.0.1:9/debian"));
        assert_eq!(calls(), 4 * once);
    }

    #[test]
    fn what_runs_on_the_machine_itself_has_no_lesser_processor() {
        let folder = tempfile::tempdir().unwrap();
        let toolbox =
            Toolbox::new(folder.path().join("tools"), folder.path().join("memory.json"), BTreeMap::new(), Launcher::new().unwrap());
        let isolation = Isolation::examine(&toolbox);
        let roots = Roots::offline(folder.path().join("roots"), &toolbox, isolation.as_ref());
        let exec_env = ExecEnv { root: Root::Scrubbed, emulator: None, network: NetworkAccess::None };
        let target = "x86_64-unknown-linux-gnu".parse().unwrap();
        let refused = roots.lesser(&exec_env, &target, (CpuLevel::V3, true), &mut |_| {}).unwrap_err();
        assert_eq!(refused, Unavailable::Elsewhere("the root `scrubbed` is this machine itself".to_owned()));
    }
}
