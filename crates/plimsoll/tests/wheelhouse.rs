//! Packages that others publish: resolved by uv and brought by pip, from wherever these are told to ask, and locked by name and digest alone.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

use std::fs;
use std::path::Path;
use std::process::Command;

use project::Project;
use test_needs::Need;

mod project;

/// Leaves a wheel that asks for another one, that other one, one for an older Python alone, and pip itself, which Python brings along.
const WHEELS: &str = r#"
import ensurepip, glob, os, shutil, sys, zipfile
folder = sys.argv[1]
def wheel(name, version, requires=(), tags="py3-none-any"):
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(f"{folder}/{name}-{version}-{tags}.whl", "w") as file:
        file.writestr(f"{name}.py", "")
        lines = [f"Requires-Dist: {one}\n" for one in requires]
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(lines))
        file.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tags}\n")
        file.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
wheel("outer_thing", "1.2", ["inner-thing>=2", 'older-thing; python_version < "3.10"'])
wheel("inner_thing", "2.0", tags="cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64")
wheel("inner_thing", "2.0", tags="cp39-abi3-musllinux_1_2_x86_64")
wheel("older_thing", "0.1")
shutil.copy(glob.glob(os.path.dirname(ensurepip.__file__) + "/_bundled/pip-*.whl")[0], folder)
"#;

fn from(folder: &Path, project: &Project, arguments: &[&str], code: i32) -> String {
    let mut command = project.command(arguments);
    let place = folder.display().to_string();
    command.env("UV_OFFLINE", "1").env("UV_FIND_LINKS", &place).env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", &place);
    for (variable, name) in [("UV_CACHE_DIR", "cache of uv"), ("UV_TOOL_DIR", "tools of uv")] {
        command.env(variable, project.folder.path().join(name));
    }
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

#[test]
fn what_others_publish_is_locked_for_each_python_by_name_and_digest_alone() {
    if !test_needs::met(&[Need::X86_64Linux, Need::Bubblewrap, Need::PythonVenv, Need::PythonClients]) {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    assert!(Command::new("python3").args(["-c", WHEELS]).arg(place.path()).status().unwrap().success());
    let project = Project::required();
    project.write(
        "app/plimsoll.toml",
        "name = \"app\"\ntargets = [\"x86_64-unknown-linux-gnu\"]\n[wheel.app]\n[test.suite]\ninstall = [\"app\"]\nrequirements = [\"outer-thing >=1\"]\n\
         run = \"python -m outer_thing\"\n",
    );
    project.commit();
    let said = from(place.path(), &project, &["plan"], 2);
    assert!(said.contains("`outer-thing>=1` for Python 3.") && said.contains("plimsoll lock update tests"), "{said}");
    let said = from(place.path(), &project, &["lock", "update", "tests"], 0);
    assert!(said.contains("new") && said.contains("outer_thing-1.2-py3-none-any.whl") && said.contains("commit it"), "{said}");
    let lock = fs::read_to_string(project.path().join("plimsoll.lock")).unwrap();
    assert!(!lock.contains("://") && !lock.contains(&place.path().display().to_string()), "{lock}");
    let entries = lock.split("[[wheelhouse]]").skip(1).collect::<Vec<_>>();
    assert_eq!(entries.len(), 2, "{lock}");
    for entry in entries {
        // What a marker leaves out is left out by the Python that is asked for, whichever runs here.
        assert_eq!(entry.contains("older_thing-0.1"), entry.contains("python = \"3.9\""), "{entry}");
        assert!(
            entry.contains("inner_thing-2.0-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl") && !entry.contains("musllinux"),
            "{entry}"
        );
    }
    from(place.path(), &project, &["plan"], 0);
    assert!(from(place.path(), &project, &["lock", "update", "tests"], 0).contains("up to date"));
    // Other words are another question, whatever meets them.
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    project.write("app/plimsoll.toml", &manifest.replace(">=1", ">=1.1"));
    assert!(from(place.path(), &project, &["plan"], 2).contains("`outer-thing>=1.1`"));
    // What nobody has is told with the words of who looked for it, and the lock stays as it is.
    project.write("app/plimsoll.toml", &manifest.replace(">=1", ">=9"));
    let said = from(place.path(), &project, &["lock", "update", "tests"], 4);
    assert!(said.contains("outer-thing>=9") && said.contains("cannot be had from the index"), "{said}");
    assert_eq!(fs::read_to_string(project.path().join("plimsoll.lock")).unwrap(), lock);
}
