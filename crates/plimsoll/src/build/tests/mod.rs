//! Builds by programs that are scripts: strict about their words, their environment and what they are given, and silent otherwise. Neither
//! containers nor Microsoft's SDK are to be had everywhere; what is tried is what is asked of those who use them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use plimsoll_fetch::{Network, Offline, Patience};
use plimsoll_model::plan::{Builder, Compile, Strip, Want};
use plimsoll_model::{Digest, GivenFrom, ProductPlan, TargetPlan};
use plimsoll_store::Store;

use super::builders::{CrossTools, NoCross, Stand, ZigTools};
use super::cargo_config::OuterConfig;
use super::*;
use crate::given::GivenStore;
use crate::graph::Stop;
use crate::project::Loaded;
use plimsoll_exec::cores::Cores;
use plimsoll_exec::engine::Engine;
use plimsoll_exec::launcher::Launcher;
use plimsoll_exec::locate::Toolbox;

mod host;
mod reads;

const CROSS: &str = include_str!("cross.sh");
const PODMAN: &str = include_str!("podman.sh");
const CARGO_XWIN: &str = include_str!("cargo-xwin.sh");
/// The one that the project names, without a digest.
const IMAGE: &str = "images.example.org/cross/arm:1";

struct Bench {
    folder: tempfile::TempDir,
    launcher: Launcher,
    product: ProductPlan,
    target: TargetPlan,
    embedded: BTreeMap<String, (String, Digest)>,
    given: BTreeMap<Digest, GivenFrom>,
    variables: Vec<(&'static str, String)>,
    outer: &'static str,
}

impl Bench {
    fn new(triple: &str, builder: Builder, rustflags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let compile = Compile::Cargo {
            path: String::new(),
            package: "app".to_owned(),
            binaries: vec!["app".to_owned()],
            library: None,
            features: Vec::new(),
            default_features: true,
            profile: "release".to_owned(),
            rustflags: rustflags.iter().map(|flag| (*flag).to_owned()).collect(),
        };
        let product = ProductPlan {
            variant: None,
            core: "app".parse().unwrap(),
            target: triple.parse().unwrap(),
            compile,
            strip: Strip::None,
            cpu: None,
            env: BTreeMap::new(),
            inputs: Vec::new(),
            system: Vec::new(),
            embed: BTreeMap::new(),
            prebuilt: BTreeMap::new(),
            leaves: BTreeMap::new(),
        };
        let target = TargetPlan { want: Want::Wanted, glibc: None, macos: None, builder, roots: Vec::new(), native: false };
        let bench = Self {
            folder,
            launcher: Launcher::new().unwrap(),
            product,
            target,
            embedded: BTreeMap::new(),
            given: BTreeMap::new(),
            variables: Vec::new(),
            outer: "",
        };
        bench.write("project/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n");
        bench.write("project/Cargo.lock", "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n");
        bench.write("project/src/main.rs", "fn main() {}\n");
        bench.write("project/plimsoll.toml", "targets = [\"x86_64-unknown-linux-gnu\"]\n");
        fs::create_dir(bench.at("cargo-home")).unwrap();
        bench
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), text).unwrap();
    }

    fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.at("bin").join(name);
        self.write(&format!("bin/{name}"), &script.replace("@FOLDER@", self.at("").display().to_string().trim_end_matches('/')));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// This machine's own target.
    fn host(&self) -> String {
        Toolchain::detect(&self.at("project"), &self.launcher).unwrap().host.to_string()
    }

    /// Builds it as a run would, and gives back the product with the program's text.
    fn build(&self) -> Result<(Product, String), Stop> {
        let product = self.build_product()?;
        let text = Store::open(&self.at("store")).unwrap().read(product.programs["app"].digest).unwrap();
        Ok((product, String::from_utf8(text).unwrap()))
    }

    /// The same, whatever the program is.
    fn build_product(&self) -> Result<Product, Stop> {
        let store = Store::open(&self.at("store")).unwrap();
        store.put_bytes(b"helper").unwrap();
        let env = [("PATH", format!("{}:/usr/bin:/bin", self.at("bin").display())), ("XDG_RUNTIME_DIR", "/run/user/7".to_owned())];
        let env = env.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let toolbox = Toolbox::new(self.at("tools"), self.at("memory.json"), env, self.launcher.clone());
        let opened = Loaded::open(&self.at("project"), &store, &self.launcher, None).unwrap();
        let stand = |name: &str| Stand { program: self.at("bin").join(name), identity: format!("{name} of a test") };
        let cross = Engine::find(&toolbox).map(|engine| {
            let Stand { program, identity } = stand("cross");
            CrossTools { program, identity, engine }
        });
        let [cargo_zigbuild, zig] = ["cargo-zigbuild", "zig"].map(|name| self.at("bin").join(name));
        let zig = ZigTools { cargo_zigbuild, zig, identity: "zig of a test".to_owned() };
        let builders =
            Builders { zig: Some(zig), xwin: Some(stand("cargo-xwin")), cross: cross.ok_or(NoCross::NoEngine), linker: String::new() };
        let environment = BuildEnvironment::choose(self.variables.iter().map(|(name, value)| ((*name).into(), value.into())));
        let cores = Cores::new(NonZeroUsize::MIN).unwrap();
        let own = opened.workspaces.own();
        let network = Network::new(Some(Offline::Asked), Patience::default());
        let stage = BuildStage {
            store: &store,
            launcher: &self.launcher,
            cores: &cores,
            sources: &opened.sources,
            for_cargo: &opened.sources.without_settings(&[]),
            folder: &opened.sources.project.join(&own.path),
            called_in: &BTreeMap::new(),
            workspace: own.workspace_in(&opened.sources),
            toolchain: &own.toolchain,
            environment: &environment,
            outer: &OuterConfig { parents: self.outer.to_owned(), home: String::new() },
            cargo_home: &self.at("cargo-home"),
            toolbox: &toolbox,
            builders: &builders,
            bubblewrap: None,
            repository: None,
            given: GivenStore { store: &store, network: &network, project: &self.at("project"), launcher: &self.launcher },
            now: 7,
        };
        let binaries = BTreeSet::from(["app".to_owned()]);
        let request = BuildRequest {
            product: &self.product,
            target: &self.target,
            binaries: &binaries,
            embedded: &self.embedded,
            given: &self.given,
        };
        stage.run(request, &mut |_| {})
    }

    fn built(&self) -> (Product, String) {
        self.build().unwrap_or_else(|stop| panic!("{stop:?}"))
    }

    fn gap(&self) -> String {
        match self.build() {
            Err(Stop::NotRun(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }

    fn failure(&self) -> plimsoll_model::Failure {
        match self.build() {
            Err(Stop::Failed(failure)) => *failure,
            other => panic!("{other:?}"),
        }
    }
}

fn by_cross() -> Bench {
    let mut bench = Bench::new("aarch64-unknown-linux-gnu", Builder::Cross, &["-Cdebuginfo=0"]);
    bench.program("cross", CROSS);
    bench.program("podman", PODMAN);
    bench.write("digest", &Digest::of(b"one").to_string());
    bench.write("project/Cross.toml", &format!("[target.aarch64-unknown-linux-gnu]\nimage = \"{IMAGE}\"\n"));
    bench.write("reads", "/project/src/main.rs /cargo/registry/src/a/lib.rs /plimsoll/embedded/helper");
    bench.product.env.insert("TOKEN".to_owned(), "a b".to_owned());
    bench.embedded.insert("HELPER".to_owned(), ("helper".to_owned(), Digest::of(b"helper")));
    let here =
        [("NO_PROXY", "a.example"), ("CC", "gcc-12"), ("CFLAGS", "-O1"), ("CROSS_CONFIG", "/else/Cross.toml"), ("CROSS_REMOTE", "1")];
    bench.variables = here.map(|(name, value)| (name, value.to_owned())).into();
    bench.outer = "[net]\nretry = 1\n";
    bench
}

#[test]
fn what_a_container_made_is_found_and_its_image_is_part_of_the_key() {
    let bench = by_cross();
    let (product, text) = bench.built();
    let pinned = |digest| format!("made in images.example.org/cross/arm@sha256:{digest}");
    assert_eq!((text, product.uncacheable, product.remembered), (pinned(Digest::of(b"one")), None, false));
    assert!(bench.built().0.remembered);
    assert_eq!(fs::read_to_string(bench.at("brought")).unwrap(), "x\n", "what is there is not pulled again");
    bench.write("digest", &Digest::of(b"another").to_string());
    let (product, text) = bench.built();
    assert_eq!((text, product.remembered), (pinned(Digest::of(b"another")), false));
}

#[test]
fn what_no_key_covers_is_built_each_time() {
    let bench = by_cross();
    bench.write("reads", "/project/src/main.rs /usr/include/x.h");
    assert!(bench.built().0.uncacheable.unwrap().contains("/usr/include/x.h"));
    let bench = by_cross();
    let settings = format!("[target.aarch64-unknown-linux-gnu]\nimage = \"{IMAGE}\"\npre-build = [\"apt-get update\"]\n");
    bench.write("project/Cross.toml", &settings);
    assert!(bench.built().0.uncacheable.unwrap().contains("Cross.toml makes an image of its own"));
    assert!(!bench.built().0.remembered);
}

/// Nothing is pulled, and `cross` is told of no image that it was not told of before.
#[test]
fn an_image_that_cross_makes_or_chooses_is_left_to_it_and_its_product_is_not_remembered() {
    let tagged = "[target.aarch64-unknown-linux-gnu]\nimage = \"app-build\"\ndockerfile = \"Dockerfile\"\n";
    let variables = [("CROSS_TARGET_AARCH64_UNKNOWN_LINUX_GNU_IMAGE", "app-build"), ("CROSS_BUILD_DOCKERFILE", "Dockerfile")];
    let none: &[(&'static str, &str)] = &[];
    for (settings, variables, image, doubt) in [
        (tagged, none, "", "makes an image of its own"),
        ("[build.dockerfile]\nfile = \"Dockerfile\"\n", none, "", "makes an image of its own"),
        ("", &variables[..], "app-build", "makes an image of its own"),
        ("", none, "", "names no image for `cross`"),
    ] {
        let mut bench = by_cross();
        bench.write("project/Cross.toml", settings);
        bench.variables.extend(variables.iter().map(|(name, value)| (*name, (*value).to_owned())));
        bench.write("own", image);
        bench.write("dead", "");
        let (product, text) = bench.built();
        assert_eq!(text, format!("made in {image}"), "{settings}");
        assert!(product.uncacheable.unwrap().contains(doubt), "{settings}");
        assert!(!bench.built().0.remembered, "{settings}");
        assert!(!bench.at("brought").exists(), "{settings}");
    }
}

#[test]
fn an_image_that_cannot_be_had_is_a_gap_and_what_the_compiler_says_is_said_of_the_project() {
    let bench = by_cross();
    bench.write("dead", "");
    let expected = format!("needs the image {IMAGE}, which cannot be had here: podman pull: Error: no route to the registry");
    assert_eq!(bench.gap(), expected);
    fs::remove_file(bench.at("dead")).unwrap();
    bench.write("wrong", "");
    let said = serde_json::to_string(&bench.failure()).unwrap();
    assert!(said.contains(&format!("{}/src/main.rs:1:1", bench.at("project").display())), "{said}");
}

fn by_xwin(flags: &str) -> Bench {
    let bench = Bench::new("x86_64-pc-windows-msvc", Builder::Xwin, &["-Cdebuginfo=0"]);
    bench.program("cargo-xwin", CARGO_XWIN);
    bench.write("release", "10.0.1");
    let [work, home] = [bench.at("store/v1/work"), bench.at("cargo-home")].map(|path| path.display().to_string());
    bench.write("flags", &flags.replace("@WORK@", &work).replace("@HOME@", &home));
    bench
}

/// The flags of a build, without those that hide the work folder, whose name nobody knows here.
#[test]
fn cargo_xwin_keeps_our_flags_and_its_sdk_is_part_of_the_key() {
    let mut bench = by_xwin("");
    let failure = serde_json::to_string(&bench.failure()).unwrap();
    let flags = failure.split('`').nth(1).unwrap().to_owned();
    assert!(flags.starts_with("-Cdebuginfo=0 -Ctarget-feature=+crt-static --remap-path-prefix="), "{flags}");
    bench.write("flags", &flags);
    let (product, text) = bench.built();
    assert_eq!((text.as_str(), product.uncacheable, product.remembered), ("made with Win11SDK_10.0.1_headers.msi", None, false));
    assert!(bench.built().0.remembered);
    assert_eq!(fs::read_to_string(bench.at("downloads")).unwrap(), "x\n");
    bench.product.env.insert("XWIN_SDK_VERSION".to_owned(), "10.0.2".to_owned());
    let failure = serde_json::to_string(&bench.failure()).unwrap();
    bench.write("flags", failure.split('`').nth(1).unwrap());
    assert_eq!(bench.built().1, "made with Win11SDK_10.0.2_headers.msi");
    assert_eq!(fs::read_to_string(bench.at("downloads")).unwrap(), "x\nx\n");
}

#[test]
fn nothing_that_was_compiled_with_one_sdk_is_linked_with_another() {
    let bench = by_xwin("");
    for release in ["10.0.1", "10.0.2"] {
        bench.write("release", release);
        let failure = serde_json::to_string(&bench.failure()).unwrap();
        bench.write("flags", failure.split('`').nth(1).unwrap());
        assert_eq!(bench.built().1, format!("made with Win11SDK_{release}_headers.msi"));
        fs::remove_dir_all(bench.at("store/v1/xwin-cache")).unwrap();
        bench.write("flags", "");
    }
}

#[test]
fn an_sdk_of_which_nobody_knows_the_release_is_refused_and_brought_again() {
    let bench = by_xwin("");
    bench.write("old", "");
    for _ in 0..2 {
        let failure = bench.failure();
        assert_eq!(failure.code, "sdk");
        assert!(failure.message.contains("no list that says which SDK"), "{}", failure.message);
    }
    fs::remove_file(bench.at("old")).unwrap();
    assert_ne!(bench.failure().code, "sdk");
    assert_eq!(fs::read_to_string(bench.at("downloads")).unwrap(), "x\nx\nx\n");
}

#[test]
fn a_variable_of_the_user_is_joined_where_cargo_xwin_looks_for_it() {
    let mut bench = by_xwin("");
    bench.variables = vec![("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-feature=-crt-static\u{1f}-Cllvm-args=x".to_owned())];
    let failure = serde_json::to_string(&bench.failure()).unwrap();
    let flags = failure.split('`').nth(1).unwrap();
    let expected = "-Ctarget-feature=-crt-static -Cllvm-args=x -Cdebuginfo=0 --remap-path-prefix=";
    assert!(flags.starts_with(expected), "{flags}");
}

#[test]
fn an_sdk_that_cannot_be_downloaded_is_a_gap_and_one_that_is_broken_is_not() {
    let bench = by_xwin("");
    bench.write("dead", "");
    assert_eq!(
        bench.gap(),
        "needs Microsoft's SDK, which cannot be downloaded here: HTTP GET request for https://sdk.example/vs/17/release/channel failed: io: \
         failed to lookup address information: Name does not resolve; `builder = \"native\"` on a Windows machine needs no download"
    );
    fs::remove_file(bench.at("dead")).unwrap();
    bench.write("broken", "");
    let failure = bench.failure();
    assert_eq!((failure.code.as_str(), failure.message.as_str()), ("sdk", "cargo-xwin could not unpack Microsoft's SDK"));
}

#[test]
fn c_code_without_a_compiler_for_it_says_which_one() {
    let bench = by_xwin("");
    let failure = serde_json::to_string(&bench.failure()).unwrap();
    bench.write("flags", failure.split('`').nth(1).unwrap());
    bench.write("no-clang", "");
    assert!(bench.failure().hint.unwrap().contains("install clang and LLVM's tools"));
}
