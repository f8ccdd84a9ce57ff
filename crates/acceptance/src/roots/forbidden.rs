//! A machine that forbids namespaces to its users: a user namespace of the test's own in which `user.max_user_namespaces` is 0, and a user in
//! it who is not root. Settings of the machine itself are not touched.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use test_needs::Need;

use crate::testbed::{self, Said, Testbed, program};
use crate::{Checks, Trouble, project};

/// A user namespace; it ends with the process that holds it.
struct Forbidding {
    holder: Child,
}

impl Drop for Forbidding {
    fn drop(&mut self) {
        // Best effort: it ends by itself after a while.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let place = tempfile::Builder::new().prefix("plimsoll-forbidden-").tempdir_in("/tmp").map_err(Trouble::io(Path::new("/tmp")))?;
    let place = place.path();
    fs::set_permissions(place, fs::Permissions::from_mode(0o777)).map_err(Trouble::io(place))?;
    // The program itself may lie where only root can look.
    fs::copy(&testbed.plimsoll, place.join("plimsoll")).map_err(Trouble::io(place))?;
    let forbidding = Forbidding::make()?;
    let called = |user: &str, path: &str, words: &str| {
        let run = format!("setpriv --reuid {user} --regid {user} --clear-groups env -i HOME={place} PATH={path}", place = place.display());
        forbidding.enter(&format!("{run} PLIMSOLL_STORE={0}/store-{user} {0}/plimsoll {words}", place.display()))
    };
    let doctor = |user: &str, path: &str| called(user, path, &format!("doctor --root {}", place.display()));

    let forbidden = doctor("65534", "/usr/bin:/bin")?;
    if !forbidden.stdout.contains("isolation") {
        return Err(Trouble::Lacking(Need::Root, format!("no other user can be had here: {}", forbidden.all())));
    }
    let words = [
        "(user.max_user_namespaces = 0)",
        "only `scrubbed` serves, if the manifest asks for no more",
        "sudo sysctl -w user.max_user_namespaces=15000",
        "sudo chmod u+s /usr/bin/bwrap",
    ];
    for word in words {
        checks.that(&format!("where namespaces are forbidden, doctor says: {word}"), forbidden.stdout.contains(word), || forbidden.all());
    }
    let isolated =
        |said: &Said| said.stdout.lines().any(|line| line.trim_start().starts_with("ok   bubblewrap  ") && !line.contains("keeps"));

    let bubblewrap = program("bwrap")?;
    let own = place.join("bin");
    fs::create_dir(&own).and_then(|()| fs::copy(&bubblewrap, own.join("bwrap"))).map_err(Trouble::io(&own))?;
    fs::set_permissions(own.join("bwrap"), fs::Permissions::from_mode(0o4755)).map_err(Trouble::io(&own))?;
    let setuid = doctor("65534", &format!("{}:/usr/bin:/bin", own.display()))?;
    checks.that("bubblewrap with the set-user-id bit serves", isolated(&setuid), || setuid.all());
    let root = doctor("0", "/usr/bin:/bin")?;
    checks.that("root needs no user namespace", isolated(&root), || root.all());
    checks.that("and for neither is there anything to allow", !(setuid.stdout + &root.stdout).contains("sysctl"), String::new);

    let rehearsed = |name: &str, required: &str| {
        let folder = tender(testbed, place, name, required)?;
        called("65534", "/usr/bin:/bin", &format!("rehearse --json --root {}", folder.display()))
    };
    let scrubbed = rehearsed("scrubbed", "scrubbed")?;
    let proven = scrubbed.stdout.contains("\"root\": \"scrubbed\"") || scrubbed.stdout.contains("\"root\":\"scrubbed\"");
    checks.that("what asks for no more than `scrubbed` is built, proven and published", scrubbed.well() && proven, || scrubbed.all());
    let sandbox = rehearsed("sandbox", "sandbox")?;
    let told = sandbox.stdout.contains("user.max_user_namespaces = 0");
    checks.that("what asks for a sandbox is not begun, and what to allow is said", sandbox.code == Some(3) && told, || sandbox.all());
    checks.that("and no weaker root stands in for it", !sandbox.stdout.contains("scrubbed"), || sandbox.all());
    Ok(())
}

/// A project in C that make builds, which may be anybody's, and for which there need be no Rust.
fn tender(testbed: &Testbed, place: &Path, name: &str, required: &str) -> Result<PathBuf, Trouble> {
    let folder = place.join(name);
    project::copy_tree(&testbed.root.join("fixtures/tender"), &folder)?;
    let target = project::host();
    let manifest = format!(
        "name = \"tender\"\nversion = \"1.0.0\"\ntargets = [\"{target}\"]\nepoch = 1700000000\n\n[target.{target}]\nroots = [\"{required}\"]\n\n\
         [core.tender]\ncommand = \"make -s out/tender\"\noutput = \"out\"\nbinaries = [\"tender\"]\n\n[archive.tender]\n\
         probe = {{ run = \"tender\", expect = \"tender {{version}}\" }}\n"
    );
    project::write(&folder.join("plimsoll.toml"), &manifest)?;
    testbed::expect_well(Command::new("chmod").args(["-R", "a+rwX"]).arg(&folder))?;
    Ok(folder)
}

impl Forbidding {
    fn make() -> Result<Self, Trouble> {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "sleep", "600"]).stdin(Stdio::null());
        let holder = unshare.spawn().map_err(|error| testbed::missing(&unshare, &error))?;
        let made = Self { holder };
        let processes = Path::new("/proc").join(made.holder.id().to_string());
        let own = fs::read_link("/proc/self/ns/user").map_err(Trouble::io(Path::new("/proc/self/ns/user")))?;
        for _ in 0..50 {
            std::thread::sleep(Duration::from_millis(20));
            if fs::read_link(processes.join("ns/user")).is_ok_and(|namespace| namespace != own) {
                break;
            }
        }
        for map in ["uid_map", "gid_map"] {
            fs::write(processes.join(map), "0 0 65536").map_err(|error| Trouble::Lacking(Need::Root, format!("{map}: {error}")))?;
        }
        let set = made.enter("echo 0 > /proc/sys/user/max_user_namespaces")?;
        if set.well() { Ok(made) } else { Err(Trouble::Lacking(Need::Root, format!("namespaces cannot be forbidden here: {}", set.all()))) }
    }

    fn enter(&self, script: &str) -> Result<Said, Trouble> {
        let mut command = Command::new("nsenter");
        command.arg("--target").arg(self.holder.id().to_string());
        testbed::run(command.args(["--user", "--setuid", "0", "--setgid", "0", "sh", "-c", script]))
    }
}
