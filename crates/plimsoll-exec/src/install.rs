//! Installing what is missing: pinned wheels into the private folder, packages by the system's manager, targets by rustup.
//!
//! Asks nobody: whoever calls has the user's consent. No address of a registry is known here; pip's own configuration decides.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use plimsoll_model::{Digest, Hashed, Target};
use plimsoll_store::{StoreError, durable, locks};

use super::launcher::{Keep, Launch, LaunchError, Stream};
use super::locate::{LocateError, Toolbox};
use super::pins::{Pin, Wheel, this_machine};
use super::tool::Tool;

/// What apt says where another process holds a lock; who may not take one hears something else.
const LOCKED: &str = "Could not get lock";
/// As long as apt itself waits for dpkg's.
const LOCK_PATIENCE: Duration = Duration::from_secs(300);
const LOCK_PAUSE: Duration = Duration::from_secs(1);

/// Why an installation did not come about.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The file system refused.
    #[error("cannot write {}", path.display())]
    Io {
        /// What could not be written or read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The release pins no file for machines of this kind.
    #[error("{package} {version} has no file for {machine}")]
    NoWheel {
        /// The package.
        package: String,
        /// The pinned version.
        version: String,
        /// The kind of machine.
        machine: String,
    },
    /// What came is not what was pinned.
    #[error("{file} has the digest {found}, but {pinned} is pinned")]
    Hash {
        /// The file's name.
        file: String,
        /// Digest of what came.
        found: Digest,
        /// Digest in `pins.toml`.
        pinned: Digest,
    },
    /// A wheel without the program that it is pinned for.
    #[error("{file} does not hold {}", program.display())]
    NoProgram {
        /// The file's name.
        file: String,
        /// The program's path in it.
        program: PathBuf,
    },
    /// A command ended badly.
    #[error("`{command}` failed: {said}")]
    Command {
        /// The command.
        command: String,
        /// The last lines that it printed.
        said: String,
    },
    /// What installs is itself missing.
    #[error(transparent)]
    Locate(#[from] LocateError),
    /// A command could not be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The turn at installing did not come.
    #[error(transparent)]
    Lock(#[from] StoreError),
}

/// Installs a pinned wheel below the toolbox's private folder and returns the program's path; at once where it is there already.
///
/// Two processes at once wait for each other; a killed one leaves an `.incoming-…` folder that the next one continues.
///
/// # Errors
/// [`InstallError`].
pub fn install_pinned(toolbox: &Toolbox, pin: &Pin, on_line: &mut dyn FnMut(&str)) -> Result<PathBuf, InstallError> {
    let private = toolbox.private();
    let program = pin.program_in(private);
    let machine = this_machine();
    let wheel = pin.wheel_for(&machine).ok_or_else(|| InstallError::NoWheel {
        package: pin.name.clone(),
        version: pin.version.clone(),
        machine,
    })?;
    create(private)?;
    let lock_path = private.join(format!(".lock-{}-{}", pin.name, pin.version));
    let lock = File::create(&lock_path).map_err(io_at(&lock_path))?;
    let waits = &mut || on_line("waiting for another plimsoll that installs the same");
    locks::hold(&lock, &lock_path, &|| toolbox.launcher().is_cancelled(), waits)?;
    if program.is_file() {
        return Ok(program);
    }
    let incoming = private.join(format!(".incoming-{}-{}", pin.name, pin.version));
    let file = fetch_wheel(toolbox, pin, wheel, &incoming.join("wheels"), on_line)?;
    let tree = incoming.join("tree");
    remove(&tree)?;
    unpack(toolbox, &file, &tree, on_line)?;
    if !tree.join(&pin.program).is_file() {
        return Err(InstallError::NoProgram { file: wheel.file.clone(), program: pin.program.clone() });
    }
    let folder = pin.folder_in(private);
    remove(&folder)?;
    // Later runs only look whether the program is there.
    durable::sync_file_system(&tree).map_err(io_at(&tree))?;
    fs::rename(&tree, &folder).map_err(io_at(&folder))?;
    remove(&incoming)?;
    Ok(program)
}

/// Lets rustup add the standard library of a target, for the toolchain that is chosen in `project`.
///
/// # Errors
/// [`InstallError`].
pub fn add_rust_target(toolbox: &Toolbox, target: &Target, project: &Path, on_line: &mut dyn FnMut(&str)) -> Result<(), InstallError> {
    let rustup = toolbox.locate(Tool::Rustup)?;
    let launch = Launch::new(rustup.path, project).args(["target", "add", target.as_str()]);
    run(toolbox, launch, on_line)
}

/// Runs one command line of the system's package manager; again and again while another process holds a lock of apt's, which waits for some of
/// them only.
///
/// # Errors
/// [`InstallError`].
pub fn run_system_command(toolbox: &Toolbox, words: &[String], on_line: &mut dyn FnMut(&str)) -> Result<(), InstallError> {
    let Some((program, args)) = words.split_first() else { return Ok(()) };
    // Nobody is there to answer: standard input is empty.
    let launch = Launch::new(program, "/").args(args).env([("DEBIAN_FRONTEND", "noninteractive"), ("LC_ALL", "C")]);
    let begun = Instant::now();
    loop {
        match run(toolbox, launch.clone(), on_line) {
            Err(InstallError::Command { said, .. })
                if said.contains(LOCKED) && begun.elapsed() < LOCK_PATIENCE && !toolbox.launcher().is_cancelled() =>
            {
                on_line("waiting for another process that installs packages");
                std::thread::sleep(LOCK_PAUSE);
            }
            ended => return ended,
        }
    }
}

fn fetch_wheel(toolbox: &Toolbox, pin: &Pin, wheel: &Wheel, folder: &Path, on_line: &mut dyn FnMut(&str)) -> Result<PathBuf, InstallError> {
    let file = folder.join(&wheel.file);
    if check(&file, wheel).is_ok() {
        return Ok(file);
    }
    remove(folder)?;
    create(folder)?;
    let requirements = folder.join("requirements.txt");
    let text = format!("{}=={} --hash=sha256:{}\n", pin.name, pin.version, wheel.sha256);
    fs::write(&requirements, text).map_err(io_at(&requirements))?;
    on_line(&format!("downloading {} {} ({} MB)", pin.name, pin.version, wheel.size.div_ceil(1_000_000)));
    let args = ["download", "--no-deps", "--require-hashes", "--only-binary=:all:", "--progress-bar=off", "--dest"];
    let launch = pip(toolbox)?.args(args).args([folder.as_os_str(), "-r".as_ref(), requirements.as_os_str()]);
    run(toolbox, launch, on_line)?;
    check(&file, wheel)?;
    Ok(file)
}

/// pip was told the hash as well; what counts is what lies there now.
fn check(file: &Path, wheel: &Wheel) -> Result<(), InstallError> {
    let mut reader = File::open(file).map_err(io_at(file))?;
    let found = Hashed::read(&mut reader).map_err(io_at(file))?.digest();
    if found == wheel.sha256 { Ok(()) } else { Err(InstallError::Hash { file: wheel.file.clone(), found, pinned: wheel.sha256 }) }
}

fn unpack(toolbox: &Toolbox, file: &Path, tree: &Path, on_line: &mut dyn FnMut(&str)) -> Result<(), InstallError> {
    on_line(&format!("unpacking {}", file.file_name().unwrap_or_default().display()));
    let args = ["install", "--no-deps", "--no-index", "--no-compile", "--no-warn-script-location", "--progress-bar=off", "--target"];
    let launch = pip(toolbox)?.args(args).args([tree.as_os_str(), file.as_os_str()]);
    run(toolbox, launch, on_line)
}

/// pip with the user's own configuration, but for what would put files elsewhere.
fn pip(toolbox: &Toolbox) -> Result<Launch, InstallError> {
    let python = toolbox.locate(Tool::Pip)?.path;
    let mut launch = Launch::new(python, "/").args(["-m", "pip"]);
    launch.env = toolbox.env().clone();
    for name in ["PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONPATH", "PYTHONHOME"] {
        launch.env.remove(&OsString::from(name));
    }
    let set = [
        ("PIP_USER", "0"),
        ("PIP_REQUIRE_VIRTUALENV", "0"),
        ("PIP_NO_INPUT", "1"),
        ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
        ("PIP_ROOT_USER_ACTION", "ignore"),
    ];
    Ok(launch.env(set))
}

fn run(toolbox: &Toolbox, mut launch: Launch, on_line: &mut dyn FnMut(&str)) -> Result<(), InstallError> {
    for (name, value) in toolbox.env() {
        launch.env.entry(name.clone()).or_insert_with(|| value.clone());
    }
    (launch.capture_limit, launch.keep) = (16 * 1024, Keep::Tail);
    let mut last = Vec::new();
    let finished = toolbox.launcher().run(&launch, &mut |stream, line| {
        on_line(line);
        if stream == Stream::Error && !line.trim().is_empty() {
            last.push(line.to_owned());
            last.drain(..last.len().saturating_sub(8));
        }
    })?;
    if finished.succeeded() {
        return Ok(());
    }
    if last.is_empty() {
        last.extend(finished.stdout_text().lines().rev().take(4).map(str::to_owned));
    }
    Err(InstallError::Command { command: launch.command_line(), said: last.join("\n") })
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> InstallError {
    move |source| InstallError::Io { path: path.to_owned(), source }
}

fn create(folder: &Path) -> Result<(), InstallError> {
    fs::create_dir_all(folder).map_err(io_at(folder))
}

fn remove(folder: &Path) -> Result<(), InstallError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_at(folder)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::launcher::Launcher;
    use super::*;

    const WHEEL: &[u8] = b"what pip brings";

    /// A pip that brings `$WHEEL_TEXT` and unpacks by writing `bin/it`; each call is noted.
    const PIP: &str = r#"#!/bin/sh
case "$*" in *--version*) echo "pip 23.0 from /x (python 3.11)"; exit;; esac
echo "$3" >> "$NOTES"
case "$3" in
download) while [ "$1" != --dest ]; do shift; done; printf %s "$WHEEL_TEXT" > "$2/it-1.0-py3-none-any.whl";;
install) while [ "$1" != --target ]; do shift; done; mkdir -p "$2/bin"; cp "$3" "$2/bin/it"; chmod +x "$2/bin/it";;
esac
"#;

    fn toolbox(folder: &Path, text: &[u8]) -> Toolbox {
        let python = folder.join("python3");
        std::fs::write(&python, PIP).unwrap();
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.display());
        let notes = folder.join("notes").to_string_lossy().into_owned();
        let text = String::from_utf8(text.to_vec()).unwrap();
        let env = BTreeMap::from([("PATH", path), ("NOTES", notes), ("WHEEL_TEXT", text)]);
        let env = env.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Toolbox::new(folder.join("tools"), folder.join("memory.json"), env, Launcher::new().unwrap())
    }

    fn pin() -> Pin {
        let wheel = Wheel { file: "it-1.0-py3-none-any.whl".into(), machines: vec![this_machine()], size: 15, sha256: Digest::of(WHEEL) };
        Pin { name: "it".into(), version: "1.0".into(), program: "bin/it".into(), wheels: vec![wheel] }
    }

    #[test]
    fn a_wheel_is_brought_and_put_in_place_once() {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = toolbox(folder.path(), WHEEL);
        let threads = || {
            std::thread::scope(|scope| {
                let both = [0, 1].map(|_| scope.spawn(|| install_pinned(&toolbox, &pin(), &mut |_| {}).unwrap()));
                both.map(|thread| thread.join().unwrap())
            })
        };
        let [one, two] = threads();
        assert_eq!((&one, std::fs::read(&one).unwrap().as_slice()), (&two, WHEEL));
        assert_eq!(std::fs::read_to_string(folder.path().join("notes")).unwrap(), "download\ninstall\n");
        assert!(!toolbox.private().join(".incoming-it-1.0").exists());
    }

    #[test]
    fn other_bytes_are_refused_and_nothing_is_put_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = toolbox(folder.path(), b"something else");
        assert!(matches!(install_pinned(&toolbox, &pin(), &mut |_| {}), Err(InstallError::Hash { .. })));
        assert!(!pin().folder_in(toolbox.private()).exists());
    }

    #[test]
    fn what_a_killed_process_had_downloaded_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = toolbox(folder.path(), b"not asked again");
        let wheels = toolbox.private().join(".incoming-it-1.0/wheels");
        std::fs::create_dir_all(&wheels).unwrap();
        std::fs::write(wheels.join("it-1.0-py3-none-any.whl"), WHEEL).unwrap();
        install_pinned(&toolbox, &pin(), &mut |_| {}).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("notes")).unwrap(), "install\n");
    }

    #[test]
    fn who_waits_for_another_installation_is_told_so_and_can_be_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = toolbox(folder.path(), WHEEL);
        std::fs::create_dir_all(toolbox.private()).unwrap();
        let other = File::create(toolbox.private().join(".lock-it-1.0")).unwrap();
        other.lock().unwrap();
        let mut told = Vec::new();
        let stopped = install_pinned(&toolbox, &pin(), &mut |line| {
            told.push(line.to_owned());
            toolbox.launcher().cancel();
        });
        assert!(matches!(stopped, Err(InstallError::Lock(StoreError::Interrupted))), "{stopped:?}");
        assert_eq!(told, ["waiting for another plimsoll that installs the same"]);
    }

    #[test]
    fn the_words_of_a_failing_command_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = toolbox(folder.path(), WHEEL);
        let words = ["sh", "-c", "echo E: Unable to locate package >&2; exit 100"].map(str::to_owned);
        let error = run_system_command(&toolbox, &words, &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains("Unable to locate package"), "{error}");
    }

    #[test]
    fn another_process_that_installs_packages_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = toolbox(folder.path(), WHEEL);
        let script = "echo x >> \"$NOTES\"; [ \"$(wc -l < \"$NOTES\")\" -gt 1 ] || \
             { echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)' >&2; exit 100; }";
        let words = ["sh", "-c", script].map(str::to_owned);
        let mut heard = Vec::new();
        run_system_command(&toolbox, &words, &mut |line| heard.push(line.to_owned())).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("notes")).unwrap(), "x\nx\n");
        assert!(heard.contains(&"waiting for another process that installs packages".to_owned()), "{heard:?}");
    }

    #[test]
    fn rustup_is_called_in_the_project_with_just_these_words() {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = toolbox(folder.path(), WHEEL);
        let rustup = folder.path().join("rustup");
        let script = "#!/bin/sh\ncase \"$*\" in --version) echo rustup 1.28.2;; *) echo \"$PWD: $*\" >> \"$NOTES\";; esac\n";
        std::fs::write(&rustup, script).unwrap();
        std::fs::set_permissions(&rustup, std::fs::Permissions::from_mode(0o755)).unwrap();
        let project = folder.path().canonicalize().unwrap();
        let target = "x86_64-unknown-linux-musl".parse().unwrap();
        add_rust_target(&toolbox, &target, &project, &mut |_| {}).unwrap();
        let notes = std::fs::read_to_string(folder.path().join("notes")).unwrap();
        assert_eq!(notes, format!("{}: target add x86_64-unknown-linux-musl\n", project.display()));
    }
}
