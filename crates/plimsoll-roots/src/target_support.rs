//! How programs of a target would be run on this machine, for `doctor` and `init`: looks at what is here, and makes nothing.

use std::env::consts::{ARCH, OS};

use plimsoll_model::{RootName, Target};

use super::emulator::{Qemu, Wine};
use super::libc::Processor;
use super::recipe::{Recipe, processor_of};
use super::{Roots, Runtime, distribution};
use plimsoll_exec::availability::Availability;
use plimsoll_exec::bubblewrap::NoIsolation;
use plimsoll_exec::tool::Tool;

/// What a target's programs would be run by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetSupport {
    /// `qemu-aarch64`, `wine`; none on a machine of the target's own kind, and where only another machine could.
    pub emulator: Option<&'static str>,
    /// Whether it serves, and where it comes from.
    pub state: Availability,
}

impl Roots<'_> {
    /// What would run programs of `target` here, as [`Roots::exec_env`] would have it.
    pub fn target_support(&self, target: &Target) -> TargetSupport {
        let processor = processor_of(target);
        let is_own_processor = target.arch() == ARCH || processor.is_some_and(|processor| processor.arch == ARCH);
        match (target.os(), processor) {
            (OS, _) if is_own_processor => TargetSupport { emulator: None, state: Availability::Ready { how: self.native(target) } },
            ("linux", Some(processor)) if OS == "linux" => self.emulated(processor.qemu, || self.qemu(processor)),
            ("windows", _) if OS == "linux" && target.arch() == ARCH => self.emulated("wine", || self.wine()),
            _ => TargetSupport { emulator: None, state: elsewhere(target) },
        }
    }

    /// How a runtime in the root of that name would load what is for `target` here, as [`Roots::with_runtime`] would have it.
    pub fn runtime_support(&self, runtime: Runtime, name: &RootName, target: &Target) -> Availability {
        let (recipe, processor) = match runtime.recipe(name, target, OS) {
            Ok(found) => found,
            Err(reason) => return Availability::Elsewhere { reason },
        };
        if let Some(state) = self.not_isolated() {
            return state;
        }
        let missing = |what: &str, brings: String| Availability::Missing { what: format!("{what}, which {brings}") };
        let is_kept = distribution::kept(&self.folder, &recipe).is_some();
        if !is_kept && self.toolbox.locate(Tool::Mmdebstrap).is_err() {
            return missing("mmdebstrap", format!("brings {} of {name}", runtime.brought()));
        }
        if !is_kept && recipe.source.is_some() && self.toolbox.locate(Tool::Zig).is_err() {
            return missing("zig", "builds a BEAM for musl".to_owned());
        }
        if recipe.architecture.is_some()
            && let Availability::Missing { what } = self.qemu(processor)
        {
            return Availability::Missing { what };
        }
        let how = if is_kept { "made before" } else { "made from Debian when it is first needed (mmdebstrap)" };
        Availability::Ready { how: how.to_owned() }
    }

    /// What keeps programs of a declared level of x86-64 from being tried on a processor that has no more; none where nothing does.
    pub fn level_support(&self, target: &Target) -> Option<Availability> {
        let processor = processor_of(target).filter(|processor| processor.arch == "x86_64");
        match (target.arch(), target.os(), processor) {
            ("x86_64", "windows", _) => {
                Some(Availability::Elsewhere { reason: "needs a processor of the declared level: wine runs on this one".to_owned() })
            }
            (_, "linux", Some(processor)) if OS == "linux" => {
                let lacks = || Availability::Missing {
                    what: format!("mmdebstrap, which brings {} from Debian 13, for the declared level of the processor", processor.qemu),
                };
                let has = || self.toolbox.locate(Tool::Mmdebstrap).is_ok() || Qemu::here(self, processor).is_some();
                self.not_isolated().or_else(|| (!has()).then(lacks))
            }
            _ => None,
        }
    }

    /// How programs of this machine's own kind are run: those of x86-64 once more on a plain processor, where one can be emulated.
    fn native(&self, target: &Target) -> String {
        let processor = processor_of(target).filter(|processor| OS == "linux" && processor.arch == "x86_64");
        let Some(processor) = processor else { return "native".to_owned() };
        let kept = Recipe::qemu().is_some_and(|recipe| distribution::kept(&self.folder, &recipe).is_some());
        match (self.isolation, Qemu::here(self, processor), self.toolbox.locate(Tool::Mmdebstrap)) {
            (Err(_), ..) => format!("native; {PLAIN_NOT_TRIED}, which needs a bubblewrap that may make namespaces"),
            (Ok(_), here, Ok(_)) if !kept || here.is_none() => format!("native; on a plain processor by {}", from_debian(processor.qemu)),
            (Ok(_), Some(qemu), _) => format!("native; on a plain processor by {}", qemu.label(&self.folder)),
            (Ok(_), None, _) => format!("native; {PLAIN_NOT_TRIED}, which needs mmdebstrap, to bring {} from Debian 13", processor.qemu),
        }
    }

    fn emulated(&self, emulator: &'static str, look: impl FnOnce() -> Availability) -> TargetSupport {
        TargetSupport { emulator: Some(emulator), state: self.not_isolated().unwrap_or_else(look) }
    }

    /// Why nothing can be isolated here; none where it can.
    fn not_isolated(&self) -> Option<Availability> {
        match self.isolation {
            Ok(_) => None,
            Err(error @ NoIsolation::OtherSystem) => Some(Availability::Elsewhere { reason: error.to_string() }),
            Err(NoIsolation::Tool(error)) => Some(Availability::Missing { what: error.to_string() }),
            Err(_) => Some(Availability::Elsewhere { reason: "needs a bubblewrap that may make namespaces: see isolation".to_owned() }),
        }
    }

    fn qemu(&self, processor: &Processor) -> Availability {
        let kept = |recipe: Option<Recipe>| recipe.is_some_and(|recipe| distribution::kept(&self.folder, &recipe).is_some());
        let maker = self.toolbox.locate(Tool::Mmdebstrap).is_ok();
        // Debian's is brought before this machine's is taken: the newer one is believed.
        let here = if maker && !kept(Recipe::qemu()) { None } else { Qemu::here(self, processor) };
        match (here, kept(Recipe::foreign_libraries(processor)), maker) {
            (Some(qemu), true, _) => Availability::Ready { how: qemu.label(&self.folder) },
            (Some(qemu), false, true) => Availability::Ready {
                how: format!("{}, C libraries from Debian 13 when first needed (mmdebstrap)", qemu.label(&self.folder)),
            },
            (None, _, true) => Availability::Ready { how: from_debian(processor.qemu) },
            (Some(_), false, false) => {
                Availability::Missing { what: format!("mmdebstrap, which brings the C libraries of {} from Debian 13", processor.arch) }
            }
            (None, _, false) => Availability::Missing { what: format!("mmdebstrap, which brings {} from Debian 13", processor.qemu) },
        }
    }

    fn wine(&self) -> Availability {
        match (Wine::here(self), self.toolbox.locate(Tool::Mmdebstrap)) {
            (Some(Ok(version)), _) => Availability::Ready { how: format!("wine {version} in the store") },
            (Some(Err(reason)), _) => Availability::Missing { what: reason.to_string() },
            (None, Ok(_)) => Availability::Ready { how: from_debian("wine") },
            (None, Err(_)) => Availability::Missing { what: "mmdebstrap, which brings wine from Debian 13".to_owned() },
        }
    }
}

/// Of programs that run here natively.
const PLAIN_NOT_TRIED: &str = "not tried on a plain processor";

fn from_debian(emulator: &str) -> String {
    format!("{emulator}, made from Debian 13 when first needed (mmdebstrap)")
}

fn elsewhere(target: &Target) -> Availability {
    // Of a Mac any will do: each runs programs of both processors.
    let processor = match target.os() {
        "windows" | "linux" => format!("{} on {}", target.system(), target.arch()),
        _ => target.runner(),
    };
    Availability::Elsewhere { reason: format!("needs {processor}; here it is inspected only") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::*;
    use crate::distribution;
    use plimsoll_exec::bubblewrap::Isolation;
    use plimsoll_exec::launcher::Launcher;
    use plimsoll_exec::locate::Toolbox;

    fn written(path: &Path, script: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What a machine with these programs would run a target's programs by.
    fn target_support(folder: &Path, programs: &[(&str, &str)], triple: &str) -> TargetSupport {
        with_roots(folder, programs, |roots| roots.target_support(&triple.parse().unwrap()))
    }

    /// Asks the roots of a machine with these programs, beside those that it has already.
    fn with_roots<T>(folder: &Path, programs: &[(&str, &str)], ask: impl FnOnce(&Roots<'_>) -> T) -> T {
        for (name, script) in programs {
            written(&folder.join("bin").join(name), script);
        }
        let env = BTreeMap::from([("PATH".into(), folder.join("bin").into())]);
        let toolbox = Toolbox::new(folder.join("tools"), folder.join("memory.json"), env, Launcher::new().unwrap());
        let isolation = Isolation::examine(&toolbox);
        ask(&Roots::offline(folder.join("roots"), &toolbox, isolation.as_ref()))
    }

    const BWRAP: (&str, &str) = ("bwrap", "case \"$*\" in --version) echo bubblewrap 0.8.0;; esac");

    #[test]
    fn what_only_another_machine_could_is_told_as_that() {
        let folder = tempfile::tempdir().unwrap();
        let own = format!("{ARCH}-unknown-linux-gnu");
        if OS == "linux" {
            assert!(matches!(target_support(folder.path(), &[], &own).state, Availability::Ready { how } if how.starts_with("native")));
            let mac = target_support(folder.path(), &[], "aarch64-apple-darwin");
            assert!(
                matches!(mac, TargetSupport { emulator: None, state: Availability::Elsewhere { reason } } if reason == "needs a macOS runner; here it is inspected only")
            );
        }
    }

    #[test]
    fn whether_a_plain_processor_is_tried_is_told() {
        if !test_needs::met(&[test_needs::Need::X86_64Linux]) {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let how = |programs: &[(&str, &str)]| match target_support(folder.path(), programs, "x86_64-unknown-linux-gnu").state {
            Availability::Ready { how } => how,
            state => panic!("{state:?}"),
        };
        assert_eq!(how(&[]), "native; not tried on a plain processor, which needs a bubblewrap that may make namespaces");
        assert_eq!(how(&[BWRAP]), "native; not tried on a plain processor, which needs mmdebstrap, to bring qemu-x86_64 from Debian 13");
        let made = how(&[("mmdebstrap", "echo mmdebstrap 1.3.5")]);
        assert_eq!(made, "native; on a plain processor by qemu-x86_64, made from Debian 13 when first needed (mmdebstrap)");
    }

    #[test]
    fn an_emulator_is_made_where_something_makes_it() {
        if OS != "linux" {
            test_needs::not_run(None, "this is no Linux");
            return;
        }
        let foreign = if ARCH == "aarch64" { "x86_64-unknown-linux-gnu" } else { "aarch64-unknown-linux-musl" };
        let folder = tempfile::tempdir().unwrap();
        let state = |programs: &[(&str, &str)]| target_support(folder.path(), programs, foreign).state;
        assert!(matches!(state(&[]), Availability::Missing { what } if what.contains("bwrap") || what.contains("bubblewrap")));
        assert!(matches!(state(&[BWRAP]), Availability::Missing { what } if what.starts_with("mmdebstrap, which brings qemu-")));
        let made = state(&[("mmdebstrap", "echo mmdebstrap 1.3.5")]);
        assert!(
            matches!(&made, Availability::Ready { how } if how.ends_with("made from Debian 13 when first needed (mmdebstrap)")),
            "{made:?}"
        );
        let forbidden = ("bwrap", "case \"$*\" in --version) echo bubblewrap 0.8.0;; *) exit 1;; esac");
        assert!(matches!(state(&[forbidden]), Availability::Elsewhere { .. }));
    }

    #[test]
    fn a_beam_needs_what_makes_its_root() {
        if !test_needs::met(&[test_needs::Need::X86_64Linux]) {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let state = |programs: &[(&str, &str)], root: &str, triple: &str| {
            with_roots(folder.path(), programs, |roots| {
                roots.runtime_support(Runtime::Beam, &root.parse().unwrap(), &triple.parse().unwrap())
            })
        };
        let (gnu, musl) = ("x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl");
        assert!(matches!(state(&[], "debian:12", gnu), Availability::Missing { what } if what.contains("bwrap")));
        let what = |state: Availability| if let Availability::Missing { what } = state { what } else { panic!("{state:?}") };
        assert_eq!(what(state(&[BWRAP], "debian:12", gnu)), "mmdebstrap, which brings the Erlang and Elixir of debian:12");
        let made = [("mmdebstrap", "echo mmdebstrap 1.3.5")];
        assert!(matches!(state(&made, "debian:12", gnu), Availability::Ready { .. }));
        assert_eq!(what(state(&[], "debian:13", musl)), "zig, which builds a BEAM for musl");
        assert!(matches!(state(&[("zig", "echo 0.17.0")], "debian:13", musl), Availability::Ready { .. }));
        assert!(matches!(state(&[], "alpine:3.20", gnu), Availability::Elsewhere { reason } if reason.contains("no BEAM is known")));
        assert!(
            matches!(state(&[], "debian:12", "x86_64-pc-windows-gnu"), Availability::Elsewhere { reason } if reason.starts_with("needs a BEAM on"))
        );
    }

    #[test]
    fn a_python_needs_what_makes_its_root() {
        if !test_needs::met(&[test_needs::Need::X86_64Linux]) {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let state = |programs: &[(&str, &str)], root: &str, triple: &str| {
            with_roots(folder.path(), programs, |roots| {
                roots.runtime_support(Runtime::Python, &root.parse().unwrap(), &triple.parse().unwrap())
            })
        };
        let (gnu, musl) = ("x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl");
        let what = |state: Availability| if let Availability::Missing { what } = state { what } else { panic!("{state:?}") };
        assert_eq!(what(state(&[BWRAP], "debian:12", gnu)), "mmdebstrap, which brings the Python of debian:12");
        let made = [("mmdebstrap", "echo mmdebstrap 1.3.5")];
        for triple in [gnu, musl] {
            assert!(matches!(state(&made, "debian:11", triple), Availability::Ready { how } if how.starts_with("made from Debian")));
        }
        let elsewhere = |root: &str, triple: &str| {
            if let Availability::Elsewhere { reason } = state(&[], root, triple) { reason } else { panic!("{root} {triple}") }
        };
        assert!(elsewhere("alpine:3.20", musl).contains("no Python is known in the root alpine:3.20"));
        assert_eq!(elsewhere("debian:12", "x86_64-pc-windows-gnu"), "needs Python on a Windows runner");
        assert_eq!(elsewhere("debian:12", "aarch64-apple-darwin"), "needs Python on a macOS runner");
    }

    #[test]
    fn a_declared_level_needs_qemu() {
        if !test_needs::met(&[test_needs::Need::X86_64Linux]) {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let state = |programs: &[(&str, &str)], triple: &str| {
            with_roots(folder.path(), programs, |roots| roots.level_support(&triple.parse().unwrap()))
        };
        let gnu = "x86_64-unknown-linux-gnu";
        assert!(
            matches!(state(&[BWRAP], gnu), Some(Availability::Missing { what }) if what.starts_with("mmdebstrap, which brings qemu-x86_64"))
        );
        assert!(matches!(state(&[], "x86_64-pc-windows-gnu"), Some(Availability::Elsewhere { .. })));
        assert_eq!(state(&[("mmdebstrap", "echo mmdebstrap 1.3.5")], gnu), None);
        assert_eq!(state(&[], "aarch64-unknown-linux-gnu"), None);
    }

    #[test]
    fn an_emulator_in_the_store_is_told_with_its_version() {
        if !test_needs::met(&[test_needs::Need::X86_64Linux]) {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let recipe = Recipe::wine().unwrap();
        let place = folder.path().join("roots").join(&recipe.folder);
        std::fs::create_dir_all(place.join("root")).unwrap();
        let document = distribution::Document {
            format: distribution::FORMAT,
            name: recipe.name.clone(),
            digest: plimsoll_model::Digest::of(b""),
            libc: None,
            made_by: "mmdebstrap 1.3.5".to_owned(),
            made: 0,
            packages: recipe.packages.iter().map(|package| (*package).to_owned()).collect(),
            way: recipe.way(),
        };
        std::fs::write(place.join("root.json"), serde_json::to_string(&document).unwrap()).unwrap();
        let says = ("bwrap", "case \"$*\" in --version) echo bubblewrap 0.8.0;; *wine64*) echo wine-10.0;; esac");
        let found = target_support(folder.path(), &[says], "x86_64-pc-windows-gnu");
        assert_eq!(
            found,
            TargetSupport { emulator: Some("wine"), state: Availability::Ready { how: "wine 10.0 in the store".to_owned() } }
        );
    }
}
