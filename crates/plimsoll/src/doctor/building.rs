//! What would build for a target on this machine: as the project chooses, or as is usual.

use std::path::PathBuf;

use plimsoll_model::Target;
use plimsoll_model::plan::Builder;

use super::{Question, TargetQuestion};
use plimsoll_exec::availability::Availability;
use plimsoll_exec::engine::Engine;
use plimsoll_exec::launcher::Finished;
use plimsoll_exec::locate::Toolbox;
use plimsoll_exec::tool::Tool;

/// What rustc says about itself in the project's folder; no rustc that the project brings is asked.
pub(super) struct Rust {
    pub(super) host: Option<Target>,
    sysroot: Option<PathBuf>,
}

impl Rust {
    pub(super) fn ask(question: &Question<'_>) -> Self {
        let Some(rustc) = question.toolbox.path(Tool::Rustc) else { return Self { host: None, sysroot: None } };
        if question.toolbox.locate(Tool::Rustc).is_err() {
            return Self { host: None, sysroot: None };
        }
        let ask = |args: &[&str]| {
            let launch = question.toolbox.rust(&rustc).args(args);
            let finished = question.toolbox.launcher().output(&launch).ok().filter(Finished::succeeded)?;
            Some(finished.stdout_text())
        };
        let host = ask(&["-vV"]).and_then(|text| text.lines().find_map(|line| line.strip_prefix("host: ")?.trim().parse().ok()));
        let sysroot = ask(&["--print", "sysroot"]).map(|text| PathBuf::from(text.trim()));
        Self { host, sysroot }
    }

    pub(super) fn has(&self, target: &Target) -> bool {
        self.sysroot.as_ref().is_some_and(|root| root.join("lib/rustlib").join(target.as_str()).join("lib").is_dir())
    }

    /// Whether a program of LLVM's came with rustc.
    fn brings(&self, program: &str) -> bool {
        let (Some(root), Some(host)) = (&self.sysroot, &self.host) else { return false };
        root.join("lib/rustlib").join(host.as_str()).join("bin").join(program).is_file()
    }
}

/// Whether a target can be built for here, and by what.
pub(super) fn buildable(asked: &TargetQuestion, toolbox: &Toolbox, rust: &Rust, ready: &dyn Fn(Tool) -> bool) -> Availability {
    let target = &asked.target;
    let native = rust.host.as_ref().is_some_and(|host| host.arch() == target.arch() && host.os() == target.os());
    let is_msvc = target.as_str().ends_with("-windows-msvc");
    let found = Found { target, rust, ready };
    match asked.builder {
        Some(Builder::Command) => Availability::Ready { how: "the project's own command".to_owned() },
        Some(Builder::Cross) => found.by_cross(toolbox),
        Some(Builder::Xwin) => found.by_xwin(toolbox, ""),
        None if is_msvc && !native && ready(Tool::CargoXwin) && rust.has(target) => found.by_xwin(toolbox, ", with builder = \"xwin\""),
        None if is_msvc && !native => Availability::Elsewhere { reason: format!("needs {}, or builder = \"xwin\"", target.runner()) },
        Some(Builder::Native) if !native => Availability::Elsewhere { reason: format!("needs {}", target.runner()) },
        Some(Builder::Native) => found.linked(false, true),
        Some(Builder::Zig) => found.linked(true, false),
        None if !native && !Builder::zig_links(target) => Availability::Elsewhere { reason: format!("needs {}", target.runner()) },
        None => found.linked(Builder::zig_links(target), native),
    }
}

/// What a build by cargo finds here.
struct Found<'a> {
    target: &'a Target,
    rust: &'a Rust,
    ready: &'a dyn Fn(Tool) -> bool,
}

impl Found<'_> {
    /// What every such build needs and is not here.
    fn missing(&self) -> Vec<String> {
        let tools = [Tool::Cargo, Tool::Rustc].into_iter().filter(|tool| !(self.ready)(*tool)).map(|tool| tool.to_string());
        let library = Some(format!("the standard library for {}", self.target)).filter(|_| !self.rust.has(self.target));
        tools.chain(library).collect()
    }

    /// By zig, or by this machine's own linker; by the latter only if the project chooses it, where both could.
    fn linked(&self, by_zig: bool, by_cc: bool) -> Availability {
        let mut missing = self.missing();
        let zig = by_zig && (self.ready)(Tool::Zig) && (self.ready)(Tool::CargoZigbuild);
        let cc = by_cc && (self.ready)(Tool::Cc);
        match (by_zig, by_cc) {
            (true, _) if zig => {}
            (true, true) if cc => missing.push("zig and cargo-zigbuild, or builder = \"native\"".to_owned()),
            (true, _) => missing.push("zig and cargo-zigbuild".to_owned()),
            (false, _) if cc => {}
            (false, _) => missing.push("cc".to_owned()),
        }
        let how = match (missing.is_empty(), zig, cc) {
            (false, ..) => return Availability::Missing { what: missing.join(", ") },
            (true, true, true) => "zig, native",
            (true, true, false) => "zig",
            (true, false, _) => "native",
        };
        Availability::Ready { how: how.to_owned() }
    }

    /// By `cross`, which brings the C compiler in its image.
    fn by_cross(&self, toolbox: &Toolbox) -> Availability {
        let mut missing = self.missing();
        if !(self.ready)(Tool::Cross) {
            missing.push("cross".to_owned());
        }
        if !missing.is_empty() {
            return Availability::Missing { what: missing.join(", ") };
        }
        match Engine::find(toolbox) {
            Some(engine) => Availability::Ready { how: format!("cross, by {}", engine.label()) },
            None => Availability::Elsewhere { reason: "needs podman or docker for cross, and neither answers here".to_owned() },
        }
    }

    /// By cargo-xwin. A program in Rust alone needs no further compiler.
    fn by_xwin(&self, toolbox: &Toolbox, note: &str) -> Availability {
        let mut missing = self.missing();
        if !(self.ready)(Tool::CargoXwin) {
            missing.push("cargo-xwin".to_owned());
        }
        if !missing.is_empty() {
            return Availability::Missing { what: missing.join(", ") };
        }
        let is_here = |names: &[&str]| names.iter().any(|name| toolbox.program(name).is_some());
        // cargo-xwin calls clang by the other name, and rustc's own archiver too.
        let c = [("clang", is_here(&["clang-cl", "clang"])), ("llvm-lib", is_here(&["llvm-lib"]) || self.rust.brings("llvm-ar"))];
        let lacking = c.into_iter().filter(|(_, here)| !here).map(|(name, _)| name).collect::<Vec<_>>().join(" and ");
        let c = if lacking.is_empty() { String::new() } else { format!("; C code needs {lacking}, not found here") };
        Availability::Ready { how: format!("xwin{note}; Microsoft's SDK is downloaded when it is first needed{c}") }
    }
}
