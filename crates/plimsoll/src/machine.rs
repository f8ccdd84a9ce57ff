//! What this machine has: plimsoll's own tools, the system's, and the ways to isolate a program.

use std::path::PathBuf;

use plimsoll_store::Store;

use crate::build::ZigTools;
use crate::environment;
use crate::roots::Roots;
use crate::session;
use crate::tools::bubblewrap::{Isolation, NoIsolation};
use crate::tools::launcher::Launcher;
use crate::tools::locate::Toolbox;
use crate::tools::tool::Tool;

/// Variables that tools are asked and installed with.
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
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
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
pub struct Machine {
    /// Finds tools.
    pub toolbox: Toolbox,
    /// bubblewrap, or why nothing can be isolated.
    pub isolation: Result<Isolation, NoIsolation>,
    /// Whether builds can have fixed paths.
    pub bubblewrap: Option<PathBuf>,
    /// cargo-zigbuild and zig.
    pub zig: Option<ZigTools>,
    /// Identity of the machine's C compiler.
    pub linker: String,
}

/// The toolbox of a store.
pub fn toolbox(store: &Store, launcher: &Launcher) -> Toolbox {
    let env = environment::inherited(TOOL_VARIABLES).into_iter().collect();
    Toolbox::new(tools_folder(store), store.root().join("memory/tools.json"), env, launcher.clone())
}

/// plimsoll's own tools.
pub fn tools_folder(store: &Store) -> PathBuf {
    store.root().join("tools")
}

impl Machine {
    /// Looks for everything once.
    pub fn look(store: &Store, launcher: &Launcher) -> Self {
        let toolbox = toolbox(store, launcher);
        let isolation = Isolation::examine(&toolbox);
        let bubblewrap = isolation
            .as_ref()
            .ok()
            .filter(|isolation| isolation.try_fixed_path(launcher).is_ok())
            .map(|isolation| isolation.program.clone());
        let zig = zig(&toolbox);
        let linker = toolbox.locate(Tool::Cc).ok().map(|cc| {
            let digest = toolbox.digest(&cc.path).map(|digest| digest.to_string()).unwrap_or_default();
            format!("{} {digest}", cc.version)
        });
        Self { toolbox, isolation, bubblewrap, zig, linker: linker.unwrap_or_default() }
    }

    /// Clean places, kept in the store.
    pub fn roots(&self, store: &Store) -> Roots<'_> {
        Roots {
            folder: store.roots(),
            toolbox: &self.toolbox,
            isolation: self.isolation.as_ref(),
            debian_mirror: environment::text("PLIMSOLL_DEBIAN_MIRROR"),
            now: session::now(),
        }
    }
}

fn zig(toolbox: &Toolbox) -> Option<ZigTools> {
    let cargo_zigbuild = toolbox.locate(Tool::CargoZigbuild).ok()?;
    let zig = toolbox.locate(Tool::Zig).ok()?;
    let identity = format!("{}, {}", cargo_zigbuild.label(), zig.label());
    Some(ZigTools { cargo_zigbuild: cargo_zigbuild.path, zig: zig.path, identity })
}
