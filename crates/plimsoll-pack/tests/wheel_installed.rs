//! pip installs a wheel of ours into a clean environment, without an index: its program and its console script run.
#![allow(clippy::unwrap_used, reason = "clippy takes functions that tests call for no tests")]
#![allow(clippy::disallowed_methods, reason = "pip and the compiler are programs")]

use std::num::NonZeroU32;
use std::path::Path;
use std::process::Command;

use plimsoll_model::GlibcVersion;
use plimsoll_pack::wheel::{CargoPackage, Description, Project, ProjectFiles, SystemFloor, WheelFileName, WheelSpec};
use plimsoll_pack::{MemoryBlobs, MemoryScratch, Mode, Spec, Tree};
use test_needs::Need;

const PROGRAM: &str = "#include <stdio.h>\nint main(void) { puts(\"ht 1.2.0rc1\"); return 0; }\n";

const PYPROJECT: &str = r#"
[project]
name = "htty-core"
version = "1.2.0-rc.1"
description = "A terminal, without one"
readme = { text = "A terminal, without one.", content-type = "text/plain" }
requires-python = ">=3.8"
license = "MIT"
license-files = ["LICENSE"]
authors = [{ name = "J. Doe", email = "j@example.org" }]
classifiers = ["Programming Language :: Rust"]
dependencies = ["typing-extensions; python_version < '3'"]
optional-dependencies = { test = ["pytest>=7"] }
urls = { Source = "https://example.org/git" }
scripts = { htty-py = "htty_core:main" }
entry-points = { "htty.plugins" = { own = "htty_core" } }
"#;

/// What Python itself makes of the installed metadata, and whether each file is as RECORD says.
const METADATA: &str = r"
import base64, hashlib, importlib.metadata as m
d = m.distribution('htty-core')
for f in d.files:
    if f.hash:
        found = hashlib.sha256(f.locate().read_bytes()).digest()
        assert f.hash.mode == 'sha256' and f.hash.value == base64.urlsafe_b64encode(found).rstrip(b'=').decode(), f
names = [f.name for f in d.files]
assert 'a,b \u00e9.txt' in names and 'LICENSE' in names, names
print(d.version, d.metadata['Summary'], d.requires, sorted((e.group, e.name, e.value) for e in d.entry_points), sep='|')
";

fn said(command: &mut Command) -> String {
    let output = command.env_remove("PYTHONPATH").env("PIP_NO_INPUT", "1").env("PIP_DISABLE_PIP_VERSION_CHECK", "1").output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    assert!(output.status.success(), "{command:?}\n{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Writes the wheel of a program of this machine into `folder`; gives back its name.
fn write_wheel(folder: &Path) -> String {
    std::fs::write(folder.join("ht.c"), PROGRAM).unwrap();
    said(Command::new("cc").arg("-o").arg(folder.join("ht")).arg(folder.join("ht.c")));
    let project = Project::read(PYPROJECT, &CargoPackage::default()).unwrap();
    let licenses = project.licenses_among(&["LICENSE".parse().unwrap()]).unwrap();
    let files = ProjectFiles { readme: None, licenses };
    // The newest symbol of a program by a current linker is that of 2.34, where the start of programs changed.
    let floor = SystemFloor::Glibc(GlibcVersion::new(2, 34));
    let target = "x86_64-unknown-linux-gnu".parse().unwrap();
    let name = WheelFileName::of_programs(&project, &target, floor).unwrap().to_string().parse().unwrap();
    let spec = WheelSpec::new(name, Description::new(&project, files).unwrap(), target, 1_700_000_000).unwrap();
    let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
    let mut add = |path: &str, bytes: &[u8], mode| {
        let hashed = blobs.insert(bytes);
        tree.insert_file(path.parse().unwrap(), hashed.digest(), hashed.size(), mode).unwrap();
    };
    add(&spec.program_path("ht"), &std::fs::read(folder.join("ht")).unwrap(), Mode::Executable);
    add("htty_core/__init__.py", b"def main():\n    print('from python')\n", Mode::Regular);
    add("htty_core/a,b é.txt", b"comma", Mode::Regular);
    add(&spec.license_path(&"LICENSE".parse().unwrap()), b"Do as you like.\n", Mode::Regular);
    let mut bytes = Vec::new();
    let packed = plimsoll_pack::pack(&Spec::Wheel(Box::new(spec)), &tree, &blobs, &MemoryScratch, NonZeroU32::MIN, &mut bytes).unwrap();
    std::fs::write(folder.join(&packed.file_name), bytes).unwrap();
    packed.file_name
}

#[test]
fn pip_installs_a_program_beside_a_console_script() {
    if !test_needs::met(&[Need::X86_64Linux, Need::CCompiler, Need::PythonVenv]) {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let name = write_wheel(folder);
    assert_eq!(name, "htty_core-1.2.0rc1-py3-none-manylinux_2_34_x86_64.whl");
    let environment = folder.join("environment");
    said(Command::new("python3").args(["-m", "venv"]).arg(&environment));
    let program = |name: &str| Command::new(environment.join("bin").join(name));
    said(program("python").args(["-m", "zipfile", "-t"]).arg(folder.join(&name)));
    said(program("pip").args(["install", "--no-index"]).arg(folder.join(&name)));
    assert_eq!(said(&mut program("ht")), "ht 1.2.0rc1");
    assert_eq!(said(&mut program("htty-py")), "from python");
    assert_eq!(said(program("pip").arg("check")), "No broken requirements found.");
    let metadata = "1.2.0rc1|A terminal, without one|\
        ['typing-extensions; python_version < \"3\"', 'pytest>=7; extra == \"test\"']|\
        [('console_scripts', 'htty-py', 'htty_core:main'), ('htty.plugins', 'own', 'htty_core')]";
    assert_eq!(said(program("python").args(["-c", METADATA])), metadata);
    said(program("pip").args(["uninstall", "--yes", "htty-core"]));
    assert!(!environment.join("bin/ht").exists() && !environment.join("bin/htty-py").exists());
}
