//! Taking debug information out of programs, whatever built them: cargo never strips, so that a linker sees the same flags for every profile
//! (zig makes its C library anew for each set of them), and every kind of artifact gets the same bytes.
//!
//! The tool is the one that rustc itself strips with: it knows ELF, Mach-O (whose ad hoc signature it renews) and PE, for every processor.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use plimsoll_model::plan::Strip;
use plimsoll_model::{Class, Failure};
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store};

use crate::build::Toolchain;
use plimsoll_exec::launcher::{Ended, Launch, Launcher};
use plimsoll_exec::locate::Toolbox;

/// Number of the way programs are stripped.
const FORMAT: u32 = 1;

/// Far more than the largest program takes.
const PATIENCE: Duration = Duration::from_secs(600);

/// A program that strips, and what identifies it.
#[derive(Debug, Clone)]
pub struct StripTool {
    program: PathBuf,
    env: BTreeMap<OsString, OsString>,
    identity: String,
}

impl StripTool {
    /// rustc's own, or LLVM's of the system.
    pub fn look(toolchain: &Toolchain, toolbox: &Toolbox) -> Option<Self> {
        Self::of_rust(toolchain).or_else(|| {
            let program = toolbox.program("llvm-objcopy")?;
            let identity = format!("llvm-objcopy {}", toolbox.digest(&program).ok()?);
            Some(Self { program, env: BTreeMap::new(), identity })
        })
    }

    fn of_rust(toolchain: &Toolchain) -> Option<Self> {
        let rust = toolchain.rust.as_ref()?;
        let program = rust.sysroot.join("lib/rustlib").join(toolchain.host.as_str()).join("bin/rust-objcopy");
        // It finds the toolchain's libLLVM as it does when rustc starts it.
        let libraries = rust.sysroot.join("lib").into_os_string();
        let env = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"].map(|name| (OsString::from(name), libraries.clone()));
        let identity = format!("rust-objcopy of {}", rust.version);
        program.is_file().then(|| Self { program, env: env.into(), identity })
    }
}

/// Strips programs.
#[derive(Debug)]
pub struct Stripper<'a> {
    /// Where blobs are.
    pub store: &'a Store,
    /// Starts programs.
    pub launcher: &'a Launcher,
    /// What does it.
    pub tool: Option<&'a StripTool>,
    /// The clock, in seconds since 1970.
    pub now: u64,
}

impl Stripper<'_> {
    /// The program as it is shipped: the same blob where nothing is to be taken out.
    ///
    /// # Errors
    /// Class tool-missing where nothing here can strip; the tool's own words where it fails.
    pub fn run(&self, name: &str, program: &Output, level: Strip) -> Result<Output, Failure> {
        let word = match level {
            Strip::None => return Ok(program.clone()),
            Strip::Debug => "--strip-debug",
            Strip::Symbols => "--strip-all",
        };
        let tool = self.tool.ok_or_else(missing)?;
        let key = KeyBuilder::new("strip", FORMAT).part("program", &program.digest).part("word", &word).part("tool", &tool.identity);
        if let Some(output) = self.store.recall(key.key()).and_then(|record| record.outputs.get("program").cloned()) {
            return Ok(output);
        }
        let folder = self.store.temporary_folder().map_err(Failure::from)?;
        let (before, after) = (folder.path().join("before"), folder.path().join("after"));
        self.store.materialise(program.digest, &before, 0o755).map_err(Failure::from)?;
        let words: [OsString; 3] = [word.into(), before.into(), after.clone().into()];
        let launch = Launch { env: tool.env.clone(), ..Launch::new(&tool.program, folder.path()) }.args(words).deadline(PATIENCE);
        let finished = self.launcher.run(&launch, &mut |_, _| {}).map_err(|error| error.failure(Class::NotProven, "strip"))?;
        if finished.ended == Ended::Cancelled {
            return Err(Failure::interrupted());
        }
        if !finished.succeeded() {
            let failure = Failure::new(Class::NotProven, "strip", format!("`{name}` could not be stripped"));
            return Err(failure.cause("said", finished.stderr_text()).hint("set strip = \"none\" for the core to ship it as it is"));
        }
        let hashed = self.store.put_file(&after).map_err(Failure::from)?;
        let output = Output { digest: hashed.digest(), size: hashed.size() };
        let outputs = BTreeMap::from([("program".to_owned(), output.clone())]);
        let milliseconds = u64::try_from(finished.duration.as_millis()).unwrap_or(u64::MAX);
        let record = ActionRecord { outputs, facts: serde_json::json!({}), finished: self.now, milliseconds };
        self.store.remember(&key, &record).map_err(Failure::from)?;
        Ok(output)
    }
}

fn missing() -> Failure {
    Failure::new(Class::ToolMissing, "strip-missing", "neither rustc's rust-objcopy nor llvm-objcopy is installed")
        .hint("install Rust by rustup, or LLVM's tools (Debian: `apt-get install llvm`), or set strip = \"none\" for the core")
}
