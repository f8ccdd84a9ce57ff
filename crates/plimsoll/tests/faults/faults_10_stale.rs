//! A proof is recalled only if everything that was put into its root is what it was.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::Project;

/// A program that stands in for qemu: it tells a version, and otherwise starts what it is given after `-cpu MODEL`, or ends with a status.
fn emulator(folder: &Path, ends_with: Option<i32>) {
    let end = ends_with.map(|status| format!("return {status};")).unwrap_or_default();
    let source = format!(
        "#include <stdio.h>\n#include <string.h>\n#include <unistd.h>\nint main(int count, char **words) {{\n\
         if (count > 1 && strcmp(words[1], \"--version\") == 0) {{ puts(\"qemu-x86_64 version 10.0.0\"); return 0; }}\n\
         {end}\nexecv(words[3], words + 3);\nreturn 1;\n}}\n"
    );
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("emulator.c"), source).unwrap();
    let program = folder.join("qemu-x86_64-static");
    let built = Command::new("cc").args(["-static", "-w", "-o"]).arg(&program).arg(folder.join("emulator.c")).status().unwrap();
    assert!(built.success(), "cc -static");
}

fn rehearse(project: &Project, emulators: &Path) -> (Option<i32>, String) {
    let path = format!("{}:{}", emulators.display(), std::env::var("PATH").unwrap());
    let output = project.command(&["rehearse"]).env("PATH", path).output().unwrap();
    (output.status.code(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn another_emulator_of_the_same_version_recalls_no_proof() {
    let project = Project::required();
    let emulators = project.folder.path().join("emulators");
    emulator(&emulators, None);
    let (code, said) = rehearse(&project, &emulators);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("also on a plain processor"), "{said}");
    let (code, again) = rehearse(&project, &emulators);
    assert!(code == Some(0) && again.contains("remembered"), "{again}");

    emulator(&emulators, Some(7));
    let (code, said) = rehearse(&project, &emulators);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("exit status 7, expected 0"), "{said}");
}
