//! pip, uv, pipx and twine, as users have them, on an index that is the only one they know.

#![allow(clippy::disallowed_methods, reason = "starts real clients")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use plimsoll_harbor::{Effect, Fault, Faults, Harbor, Logged, ServeOptions, WheelhouseFile};
use plimsoll_model::Digest;
use test_needs::Need;

use crate::index::TestIndex;
use crate::wheels::{wheel, wheel_name};

/// An index and a place for what clients write.
struct Clients {
    harbor: Harbor,
    index: TestIndex,
    place: tempfile::TempDir,
}

impl Clients {
    fn new(faults: Faults) -> Self {
        let place = tempfile::tempdir().unwrap();
        let bytes = wheel("tiny_base", "2.0", &[], "from the wheelhouse");
        let path = place.path().join("base");
        std::fs::write(&path, &bytes).unwrap();
        let given = WheelhouseFile { file_name: wheel_name("tiny_base", "2.0"), path, sha256: Digest::of(&bytes) };
        let index = TestIndex::with(|options| options.wheelhouse = vec![given]);
        let harbor = Harbor::serve(index.simple.clone(), ServeOptions { faults, ..ServeOptions::default() }).unwrap();
        Self { harbor, index, place }
    }

    /// A program that knows no other index, cache or configuration.
    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        let variables = std::env::vars_os().map(|(name, _)| name);
        for name in
            variables.filter(|name| ["PIP_", "UV_", "PIPX_", "TWINE_", "PYTHON"].iter().any(|of| name.to_string_lossy().starts_with(of)))
        {
            command.env_remove(name);
        }
        let home = self.place.path().join("home");
        std::fs::create_dir_all(&home).unwrap();
        command.current_dir(self.place.path()).env("HOME", &home).env("XDG_CONFIG_HOME", &home).env("XDG_CACHE_HOME", home.join("cache"));
        command.env("PIP_CONFIG_FILE", "/dev/null").env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_NO_INPUT", "1");
        command.env("PIP_INDEX_URL", self.simple()).env("UV_INDEX_URL", self.simple()).env("UV_NO_CONFIG", "1");
        command.env("UV_PYTHON_DOWNLOADS", "never").env("NO_COLOR", "1").env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
        command
    }

    fn simple(&self) -> String {
        format!("{}/simple/", self.harbor.url())
    }

    /// The wheel of `tiny-thing`, which needs the one of the wheelhouse.
    fn thing(&self, version: &str, says: &str) -> PathBuf {
        let dist = self.place.path().join("dist");
        std::fs::create_dir_all(&dist).unwrap();
        let path = dist.join(wheel_name("tiny_thing", version));
        std::fs::write(&path, wheel("tiny_thing", version, &["tiny-base>=2"], says)).unwrap();
        path
    }

    /// `uv publish` of one file.
    fn publish(&self, token: &str, file: &Path) -> Output {
        let mut uv = self.command("uv");
        uv.args(["publish", "--no-progress", "--trusted-publishing", "never", "--token", token, "--check-url", &self.simple()]);
        uv.args(["--publish-url", &format!("{}/legacy/", self.harbor.url())]).arg(file).output().unwrap()
    }

    /// A virtual environment without anything in it but pip.
    fn environment(&self, name: &str) -> PathBuf {
        let environment = self.place.path().join(name);
        done(self.command("python3").args(["-m", "venv"]).arg(&environment));
        environment
    }

    /// Uploads that were asked for.
    fn uploads(&self) -> Vec<Logged> {
        self.harbor.requests().into_iter().filter(|request| request.path == "/legacy/").collect()
    }
}

fn text(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)).trim().to_owned()
}

fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", text(&output));
    text(&output)
}

#[test]
fn uv_publishes_once_and_pip_uv_and_pipx_install() {
    if !test_needs::met(&[Need::PythonVenv, Need::PythonClients]) {
        return;
    }
    let clients = Clients::new(Faults::none());
    let file = clients.thing("1.0", "tiny is here");
    let first = clients.publish("t", &file);
    assert!(first.status.success(), "{}", text(&first));
    let held = clients.index.simple.uploaded();
    assert_eq!((held.len(), held[0].sha256), (1, Digest::of(&std::fs::read(&file).unwrap())));
    let again = clients.publish("t", &file);
    assert!(again.status.success() && text(&again).contains("already exists"), "{}", text(&again));
    assert_eq!(clients.uploads().len(), 1, "the second run uploads nothing");

    let by_pip = clients.environment("by-pip");
    done(clients.command(by_pip.join("bin/pip")).args(["download", "--no-deps", "--dest", "down", "tiny-thing"]));
    assert_eq!(
        std::fs::read(clients.place.path().join("down").join(wheel_name("tiny_thing", "1.0"))).unwrap(),
        std::fs::read(&file).unwrap()
    );
    done(clients.command(by_pip.join("bin/pip")).args(["install", "Tiny.Thing==1.0"]));
    assert_eq!(done(&mut clients.command(by_pip.join("bin/tiny-tiny-thing"))), "tiny is here");
    assert_eq!(done(&mut clients.command(by_pip.join("bin/tiny-tiny-base"))), "from the wheelhouse");

    let by_uv = clients.place.path().join("by-uv");
    done(clients.command("uv").args(["venv", "--python", "python3"]).arg(&by_uv));
    let before = clients.harbor.requests().len();
    done(clients.command("uv").args(["pip", "install", "--python"]).arg(&by_uv).arg("tiny_thing"));
    assert_eq!(done(&mut clients.command(by_uv.join("bin/tiny-tiny-thing"))), "tiny is here");
    let asked = clients.harbor.requests().split_off(before);
    let asked = asked.iter().map(|request| request.path.as_str()).collect::<Vec<_>>();
    assert!(asked.contains(&"/files/tiny_thing-1.0-py3-none-any.whl.metadata"), "uv resolves by the metadata alone: {asked:?}");

    // By its own means pipx first brings its pip up to date, which this index does not have.
    let bin = clients.place.path().join("bin");
    let mut pipx = clients.command("pipx");
    pipx.env("PIPX_HOME", clients.place.path().join("pipx")).env("PIPX_BIN_DIR", &bin).env("PIPX_DEFAULT_BACKEND", "uv");
    done(pipx.args(["install", "tiny-thing"]));
    assert_eq!(done(&mut clients.command(bin.join("tiny-tiny-thing"))), "tiny is here");
}

#[test]
fn uv_tells_why_an_upload_is_refused() {
    if !test_needs::met(&[Need::PythonClients]) {
        return;
    }
    let clients = Clients::new(Faults::none());
    let file = clients.thing("1.0", "one");
    let without = clients.publish("wrong", &file);
    assert!(!without.status.success() && text(&without).contains("403"), "{}", text(&without));
    assert!(clients.publish("t", &file).status.success());
    let other = clients.publish("t", &clients.thing("1.0", "two"));
    assert!(!other.status.success() && text(&other).contains("do not match"), "{}", text(&other));
    assert!(clients.index.simple.delete("tiny_thing-1.0-py3-none-any.whl").unwrap());
    let burned = clients.publish("t", &file);
    assert!(!burned.status.success() && text(&burned).contains("has already been used"), "{}", text(&burned));
    assert_eq!(clients.index.files(), 0);
}

#[test]
fn uv_goes_on_after_an_upload_that_was_cut() {
    if !test_needs::met(&[Need::PythonClients]) {
        return;
    }
    for fault in [Effect::CutRequest(900), Effect::Status(500)] {
        let clients = Clients::new(Faults::none().with(Fault::new("/legacy/", fault.clone())));
        let file = clients.thing("1.0", "one");
        let struck = clients.publish("t", &file);
        assert!(!struck.status.success() && clients.index.files() == 0, "{fault:?}: {}", text(&struck));
        let harbor = Harbor::serve(clients.index.simple.clone(), ServeOptions::default()).unwrap();
        let clients = Clients { harbor, ..clients };
        let again = clients.publish("t", &file);
        assert!(again.status.success() && clients.index.files() == 1, "{fault:?}: {}", text(&again));
    }
}

#[test]
fn twine_uploads_and_hears_what_is_there() {
    if !test_needs::met(&[Need::PythonClients]) {
        return;
    }
    let clients = Clients::new(Faults::none());
    let twine = |file: &Path| {
        let mut twine = clients.command("twine");
        twine.args(["upload", "--non-interactive", "--disable-progress-bar", "--username", "__token__", "--password", "t"]);
        twine.args(["--repository-url", &format!("{}/legacy/", clients.harbor.url())]).arg(file).output().unwrap()
    };
    for says in ["one", "one"] {
        let output = twine(&clients.thing("1.0", says));
        assert!(output.status.success(), "{}", text(&output));
        assert_eq!((clients.uploads().last().unwrap().status, clients.index.files()), (Some(200), 1));
    }
    let other = twine(&clients.thing("1.0", "two"));
    assert!(!other.status.success() && text(&other).contains("400"), "{}", text(&other));
    assert_eq!(clients.index.files(), 1);
}
