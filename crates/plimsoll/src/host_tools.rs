//! What this machine has: plimsoll's own tools, the system's, and the ways to isolate a program.

use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_fetch::Network;
use plimsoll_store::Store;

use crate::build::builders::{Builders, CrossTools, NoCross, Stand, ZigTools};
use crate::project;
use plimsoll_exec::bubblewrap::{Isolation, NoIsolation};
use plimsoll_exec::engine::Engine;
use plimsoll_exec::environment;
use plimsoll_exec::launcher::{Finished, Launch, Launcher};
use plimsoll_exec::locate::{LocateError, Located, Toolbox};
use plimsoll_exec::remembered::{self, Remembered};
use plimsoll_exec::tool::Tool;
use plimsoll_roots::{Roots, Sources};

/// A compiler that does not answer within this time does not answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Variables that tools are asked and installed with, beside [`environment::NETWORK_VARIABLES`] and [`environment::ENGINE_VARIABLES`].
const TOOL_VARIABLES: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "TMPDIR",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "RUSTUP_DIST_SERVER",
    "RUSTUP_UPDATE_ROOT",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_CERT",
    "PIP_CONFIG_FILE",
    "PIP_FIND_LINKS",
    "PIP_NO_INDEX",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_TRUSTED_HOST",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "DEBIAN_FRONTEND",
];

/// The tools of this machine, as a run needs them.
pub struct HostTools {
    /// Finds tools.
    pub toolbox: Toolbox,
    /// bubblewrap, or why nothing can be isolated.
    pub isolation: Result<Isolation, NoIsolation>,
    /// Whether builds can have fixed paths.
    pub bubblewrap: Option<PathBuf>,
    /// What builds for other machines, and the identity of what builds for this one.
    pub builders: Builders,
}

/// The toolbox of a store.
pub fn toolbox(store: &Store, launcher: &Launcher) -> Toolbox {
    let env = [TOOL_VARIABLES, environment::NETWORK_VARIABLES, environment::ENGINE_VARIABLES]
        .into_iter()
        .flat_map(environment::inherited)
        .collect();
    Toolbox::new(tools_folder(store), store.root().join("memory/tools.json"), env, launcher.clone())
}

/// plimsoll's own tools.
pub fn tools_folder(store: &Store) -> PathBuf {
    store.root().join("tools")
}

impl HostTools {
    /// Looks for everything once.
    pub fn look(store: &Store, launcher: &Launcher) -> Self {
        let toolbox = toolbox(store, launcher);
        let isolation = Isolation::examine(&toolbox);
        let bubblewrap = isolation
            .as_ref()
            .ok()
            .filter(|isolation| isolation.try_fixed_path(launcher).is_ok())
            .map(|isolation| isolation.program.clone());
        let builders = Builders {
            zig: zig(&toolbox),
            xwin: stand(&toolbox, Tool::CargoXwin),
            cross: cross(&toolbox),
            linker: linker(&toolbox, Remembered::open(store.root().join("memory/linker.json"))),
        };
        Self { toolbox, isolation, bubblewrap, builders }
    }

    /// Clean places, kept in the store; `sources` say where named ones come from.
    pub fn roots<'a>(&'a self, store: &'a Store, sources: Sources) -> Roots<'a> {
        Roots {
            folder: store.roots(),
            toolbox: &self.toolbox,
            isolation: self.isolation.as_ref(),
            sources,
            network: Network::from_environment(&plimsoll_fetch::Environment::from_process()),
            debian_mirror: environment::text("PLIMSOLL_DEBIAN_MIRROR"),
            patience: store.patience(),
            now: project::now(),
        }
    }
}

/// Versions are not enough: a distribution's build of zig differs from the project's own of the same version.
fn zig(toolbox: &Toolbox) -> Option<ZigTools> {
    let cargo_zigbuild = toolbox.locate(Tool::CargoZigbuild).ok()?;
    let zig = toolbox.locate(Tool::Zig).ok()?;
    let name = |tool: &Located| Some(format!("{} {}", tool.label(), toolbox.digest(&tool.path).ok()?));
    let identity = format!("{}, {}", name(&cargo_zigbuild)?, name(&zig)?);
    Some(ZigTools { cargo_zigbuild: cargo_zigbuild.path, zig: zig.path, identity })
}

/// A program that is called in cargo's place.
fn stand(toolbox: &Toolbox, tool: Tool) -> Option<Stand> {
    let located = toolbox.locate(tool).ok()?;
    let identity = format!("{} {}", located.label(), toolbox.digest(&located.path).ok()?);
    Some(Stand { program: located.path, identity })
}

/// `cross`, and an engine that answers; the engine is asked only where there is a `cross` to use it.
fn cross(toolbox: &Toolbox) -> Result<CrossTools, NoCross> {
    let located = match toolbox.locate(Tool::Cross) {
        Ok(located) => located,
        Err(LocateError::Missing { .. }) => return Err(NoCross::Missing),
        Err(error) => return Err(NoCross::Unusable(error.to_string())),
    };
    let digest = toolbox.digest(&located.path).map_err(|error| NoCross::Unusable(error.to_string()))?;
    let engine = Engine::find(toolbox).ok_or(NoCross::NoEngine)?;
    Ok(CrossTools { identity: format!("{} {digest}", located.label()), program: located.path, engine })
}

/// What a C compiler is asked for: the files that decide the bytes of a linked program.
const LINKED_WITH: [&str; 3] = ["-print-prog-name=ld", "-print-file-name=crt1.o", "-print-file-name=libc.so.6"];

/// Names the compiler, and each file that it links with by its digest; empty where there is no compiler.
///
/// The compiler's answers are remembered as long as it is the same file; what they lead to is looked at each time.
fn linker(toolbox: &Toolbox, remembered: Remembered) -> String {
    let Ok(cc) = toolbox.locate(Tool::Cc) else { return String::new() };
    let digest = |path: &Path| toolbox.digest(path).map(|digest| digest.to_string());
    let mut identity = format!("{} {}", cc.version, digest(&cc.path).unwrap_or_default());
    let look = |answer: &str| linked_file(toolbox, answer).map_or(Ok(String::new()), |file| digest(&file));
    let kept = remembered.version(&cc.path).and_then(|answers| answers.lines().map(look).collect::<Result<Vec<_>, _>>().ok());
    let digests = kept.unwrap_or_else(|| {
        let stat = remembered::stamp(&cc.path);
        let answers = LINKED_WITH.map(|question| ask(toolbox, &cc, question));
        if let Ok(stat) = stat {
            remembered.keep_version(&cc.path, stat, &answers.join("\n"));
        }
        answers.iter().map(|answer| look(answer).unwrap_or_default()).collect()
    });
    let named = LINKED_WITH.iter().zip(digests).filter(|(_, digest)| !digest.is_empty());
    named.for_each(|(question, digest)| identity.push_str(&format!(" {question} {digest}")));
    identity
}

/// One line of a tool's answer; empty where it does not understand.
fn ask(toolbox: &Toolbox, tool: &Located, question: &str) -> String {
    let launch = Launch { env: toolbox.env().clone(), ..Launch::new(&tool.path, "/") }.args([question]).deadline(PATIENCE);
    let finished = toolbox.launcher().output(&launch).ok().filter(Finished::succeeded);
    finished.and_then(|finished| Some(finished.stdout_text().lines().next()?.trim().to_owned())).unwrap_or_default()
}

/// A compiler answers with a bare name where the file is in none of its own folders: then a program is found in `PATH`.
fn linked_file(toolbox: &Toolbox, answer: &str) -> Option<PathBuf> {
    if Path::new(answer).is_absolute() { Some(PathBuf::from(answer)) } else { toolbox.program(answer).filter(|_| !answer.is_empty()) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn write_program(path: &Path, script: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn toolbox_in(folder: &Path) -> Toolbox {
        let env = [("PATH".into(), format!("{}:/usr/bin:/bin", folder.display()).into())].into();
        Toolbox::new(folder.join("tools"), folder.join("memory.json"), env, Launcher::new().unwrap())
    }

    #[test]
    fn another_linker_or_c_library_is_another_identity() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let script = format!(
            "case $1 in\n*ld) echo x >> {count}; echo ld;;\n*crt1.o) echo {crt};;\n*libc.so.6) echo libc.so.6;;\n*) echo cc 12.2.0;;\nesac",
            count = at("count").display(),
            crt = at("crt1.o").display(),
        );
        write_program(&at("cc"), &script);
        write_program(&at("ld"), "one");
        fs::write(at("crt1.o"), "one").unwrap();
        let identity = || linker(&toolbox_in(folder.path()), Remembered::open(at("linker.json")));
        let first = identity();
        assert!(first.contains("-print-file-name=crt1.o "), "{first}");
        assert_eq!(identity(), first);
        write_program(&at("ld"), "another");
        let second = identity();
        assert_ne!(second, first);
        fs::write(at("crt1.o"), "another").unwrap();
        assert_ne!(identity(), second);
        assert_eq!(fs::read_to_string(at("count")).unwrap(), "x\n", "the compiler is asked once");
    }

    #[test]
    fn cross_needs_an_engine_that_answers() {
        let folder = tempfile::tempdir().unwrap();
        write_program(&folder.path().join("podman"), "case $1 in info) ;; --version) echo podman version 4.3.1;; *) exit 125;; esac");
        let found = |says: &str| {
            write_program(&folder.path().join("cross"), &format!("echo '{says}'"));
            cross(&toolbox_in(folder.path())).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(found("cross 0.2.5"), Ok(()));
        assert_eq!(found("cross 0.2.5 (e281947 2025-02-22)"), Ok(()));
        assert!(found("cross 0.2.1").unwrap_err().contains("is too old; 0.2.5 or later is needed"));
        write_program(&folder.path().join("podman"), "exit 1");
        write_program(&folder.path().join("docker"), "exit 1");
        assert_eq!(found("cross 0.2.5").unwrap_err(), NoCross::NoEngine.to_string());
    }

    #[test]
    fn zig_of_the_same_version_but_other_bytes_is_another_tool() {
        let folder = tempfile::tempdir().unwrap();
        write_program(&folder.path().join("cargo-zigbuild"), "echo cargo-zigbuild 99.0.0");
        write_program(&folder.path().join("zig"), "echo 99.0.0");
        let first = zig(&toolbox_in(folder.path())).unwrap().identity;
        write_program(&folder.path().join("zig"), "echo  99.0.0");
        assert_ne!(zig(&toolbox_in(folder.path())).unwrap().identity, first);
    }
}
