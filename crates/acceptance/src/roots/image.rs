//! A root out of an image: pushed to a registry on loopback, locked, brought by digest with real podman, and never run there.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use test_needs::Need;

use super::{PROCESSORS, hello, systems};
use crate::testbed::{self, Said, Testbed};
use crate::{Checks, Trouble, note, project};

/// A registry, and podman with settings and a storage of its own.
struct LocalRegistry {
    folder: PathBuf,
    address: String,
    process: Child,
}

impl Drop for LocalRegistry {
    fn drop(&mut self) {
        // Best effort: it ends with the machine at the latest.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let registry = LocalRegistry::open(testbed)?;
    let systems = systems(testbed)?;
    registry.push(&systems)?;
    let image = format!("{}/team/alpine:3.20", registry.address);
    let project = hello(testbed, "images", &format!("[root.\"alpine:3.20\"]\nimage = \"{image}\"\n"))?;
    let call = |words: &[&str]| -> Result<Said, Trouble> {
        let mut command = testbed.plimsoll(&testbed.store);
        registry.settings(&mut command);
        testbed::run(command.args(words).arg("--root").arg(&project))
    };

    let unlocked = call(&["prove"])?;
    let told = unlocked.stderr.contains("`plimsoll root update alpine:3.20` writes it");
    checks.that("without a lock entry it is not run, and says what to do", told && !unlocked.stderr.contains("proven"), || unlocked.all());
    let updated = call(&["root", "update"])?;
    let lock = fs::read_to_string(project.join("plimsoll.lock")).unwrap_or_default();
    println!("{}", lock.trim_end());
    let locked = updated.well() && lock.contains("\"linux/amd64\" = \"sha256:") && lock.contains("\"linux/arm64\" = \"sha256:");
    checks.that("`root update` locks a digest for each platform", locked, || updated.all());
    let again = call(&["root", "update"])?;
    checks.that("and a second time changes nothing", again.well() && again.stdout.contains("is up to date"), || again.all());
    let proven = call(&["prove"])?;
    note(proven.stderr.lines().filter(|line| line.contains("proven")).collect::<Vec<_>>().join(" / ").trim());
    let both = proven.well() && proven.stderr.matches("proven ").count() == 2;
    checks.that("both processors are proven in the image's root", both && proven.stderr.contains("qemu-aarch64"), || proven.all());
    let shown = call(&["root"])?;
    checks
        .that("`root` shows digest and C library", shown.stdout.contains("@sha256:") && shown.stdout.contains("(musl 1."), || shown.all());
    let containers = registry.podman(&["ps", "--all", "--quiet"])?;
    checks.that("no container is left", containers.stdout.trim().is_empty(), || containers.all());

    let digest = lock.split("sha256:").nth(1).and_then(|rest| rest.get(..64)).unwrap_or_default();
    project::replace(&project.join("plimsoll.lock"), digest, &"0".repeat(64))?;
    let gone = call(&["prove"])?;
    let refused = gone.code == Some(1) && gone.stderr.contains("podman pull");
    checks.that("a digest that the registry does not have is an error", refused, || gone.all());
    Ok(())
}

impl LocalRegistry {
    fn open(testbed: &Testbed) -> Result<Self, Trouble> {
        let folder = testbed.folder("registry")?;
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).map_err(Trouble::io(&folder))?.port();
        let (address, at) = (format!("127.0.0.1:{port}"), |name: &str| folder.join(name).display().to_string());
        let storage = format!("[storage]\ndriver = \"vfs\"\ngraphroot = \"{}\"\nrunroot = \"{}\"\n", at("images"), at("run"));
        project::write(&folder.join("storage.conf"), &storage)?;
        project::write(&folder.join("registries.conf"), &format!("[[registry]]\nlocation = \"{address}\"\ninsecure = true\n"))?;
        project::write(&folder.join("containers.conf"), "[engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"none\"\n")?;
        let settings = format!("version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {address}\n", at("registry"));
        project::write(&folder.join("registry.yml"), &settings)?;
        let mut serve = Command::new("docker-registry");
        serve.arg("serve").arg(folder.join("registry.yml")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = serve.spawn().map_err(|error| testbed::missing(&serve, &error))?;
        let registry = Self { folder, address, process };
        for _ in 0..100 {
            if std::net::TcpStream::connect(&registry.address).is_ok() {
                let info = registry.podman(&["info"])?;
                return if info.well() {
                    Ok(registry)
                } else {
                    Err(Trouble::Lacking(Need::Podman, format!("podman does not work here: {}", info.stderr)))
                };
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(Trouble::Broken("the registry does not answer".to_owned()))
    }

    fn settings(&self, command: &mut Command) {
        for (variable, file) in [
            ("CONTAINERS_CONF", "containers.conf"),
            ("CONTAINERS_REGISTRIES_CONF", "registries.conf"),
            ("CONTAINERS_STORAGE_CONF", "storage.conf"),
        ] {
            command.env(variable, self.folder.join(file));
        }
    }

    fn podman(&self, words: &[&str]) -> Result<Said, Trouble> {
        let mut command = Command::new("podman");
        self.settings(&mut command);
        testbed::run(command.args(words))
    }

    /// An image for each processor, and an index of both; then podman forgets them all.
    fn push(&self, systems: &Path) -> Result<(), Trouble> {
        let well = |words: &[&str]| {
            let said = self.podman(words)?;
            if said.well() { Ok(()) } else { Err(Trouble::Broken(format!("podman {words:?}\n{}", said.all()))) }
        };
        let index = format!("{}/team/alpine:3.20", self.address);
        let mut members = Vec::new();
        for (_, debian) in PROCESSORS {
            let (tar, image) = (systems.join(format!("{debian}.tar")), format!("{}/team/alpine:{debian}", self.address));
            well(&["import", "--quiet", "--os", "linux", "--arch", debian, &tar.to_string_lossy(), &image])?;
            well(&["push", "--quiet", &image])?;
            members.push(format!("docker://{image}"));
        }
        well(&["manifest", "create", &index])?;
        for member in &members {
            well(&["manifest", "add", &index, member])?;
        }
        well(&["manifest", "push", "--all", &index, &format!("docker://{index}")])?;
        well(&["rmi", "--all", "--force"])
    }
}
