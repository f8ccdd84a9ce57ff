//! Wheels, installed without a network by the pip of a root with Python.

use std::time::Instant;

use plimsoll_exec::launcher::Launch;
use plimsoll_model::Outcome;
use plimsoll_roots::ExecEnv;
use plimsoll_roots::python::PIP;
use test_needs::Need;

use crate::fixture::{Fixture, NotRun, script};

/// Makes a wheel with a command, and with a program if one is named: `python3 make.py TAG [PROGRAM]`.
const MAKE: &str = r#"cat > make.py <<'END'
import base64, hashlib, sys, zipfile
tag, programs = sys.argv[1], sys.argv[2:]
info = "tiny-1.0.dist-info/"
files = {
    "tiny.py": b"def main():\n    print('tiny', __file__)\n",
    info + "METADATA": b"Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
    info + "WHEEL": ("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: %s\n" % tag).encode(),
    info + "entry_points.txt": b"[console_scripts]\ntiny = tiny:main\n",
}
for program in programs:
    files["tiny-1.0.data/scripts/program"] = open(program, "rb").read()
digest = lambda text: base64.urlsafe_b64encode(hashlib.sha256(text).digest()).decode().rstrip("=")
record = ["%s,sha256=%s,%d" % (name, digest(text), len(text)) for name, text in files.items()]
files[info + "RECORD"] = "\n".join(record + [info + "RECORD,,", ""])
with zipfile.ZipFile("tiny-1.0-%s.whl" % tag, "w") as wheel:
    for name, text in files.items():
        member = zipfile.ZipInfo(name)
        member.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
        wheel.writestr(member, text)
END
python3 make.py"#;
const PURE: &str = "py3-none-any";

/// Each script is a step, with what it must say.
fn goes_through(place: &Fixture, target: &str, steps: &[(&str, &str)]) -> Result<ExecEnv, NotRun> {
    let exec_env = place.with_python("debian:12", target)?;
    let mut session = place.begin(&exec_env)?;
    for (text, said) in steps {
        let began = Instant::now();
        let result = place.step(&mut session, &script(text));
        assert_eq!(result.outcome, Outcome::Passed, "{text}: {result:?}");
        assert!(result.said.contains(said), "{text}: {result:?}");
        println!("{:?}: {}", began.elapsed(), text.lines().last().unwrap_or_default());
    }
    drop(session);
    Ok(exec_env)
}

fn installed(place: &Fixture, target: &str) -> Result<(), NotRun> {
    let install = format!("\"/tmp/a v/bin/python\" {PIP} install --no-index tiny-1.0-{PURE}.whl");
    let listed = format!("\"/tmp/a v/bin/python\" {PIP} list --format freeze");
    goes_through(
        place,
        target,
        &[
            ("python3 -VV; uname -m", target.split('-').next().unwrap_or_default()),
            (&format!("{MAKE} {PURE}"), ""),
            ("python3 -m venv --without-pip '/tmp/a v'", ""),
            (&install, "Successfully installed tiny-1.0"),
            ("'/tmp/a v/bin/tiny'", "tiny /tmp/a v/lib/python3.11/site-packages/tiny.py"),
            (&listed, "tiny==1.0"),
            (&format!("[ \"$({listed})\" = tiny==1.0 ] && ! python3 -c 'import pip' && echo alone"), "alone"),
        ],
    )
    .map(drop)
}

pub fn a_wheel_is_installed(place: &Fixture) -> Result<(), NotRun> {
    installed(place, "x86_64-unknown-linux-gnu")
}

pub fn a_wheel_is_installed_under_qemu(place: &Fixture) -> Result<(), NotRun> {
    installed(place, "aarch64-unknown-linux-gnu")
}

/// What users type, and what plimsoll's quicker way stands in for.
pub fn an_environment_has_its_own_pip(place: &Fixture) -> Result<(), NotRun> {
    let make = format!("{MAKE} {PURE}");
    let steps = [(make.as_str(), ""), ("python3 -m venv /tmp/v && /tmp/v/bin/pip --version", "pip 23.0.1 from /tmp/v/lib/python3.11/")];
    goes_through(place, "x86_64-unknown-linux-gnu", &steps).map(drop)
}

/// glibc's Python installs a program for musl, which musl's loader starts.
pub fn a_program_of_musl_is_installed_and_runs(place: &Fixture) -> Result<(), NotRun> {
    if let Some((need, reason)) = test_needs::lacking(&[Need::MuslCompiler]) {
        return Err(NotRun(Some(need), reason));
    }
    let source = place.path().join("program.c");
    std::fs::write(&source, "#include <stdio.h>\nint main(void) { return puts(\"a program of musl\") < 0; }\n").unwrap();
    let launch = Launch::new("musl-gcc", place.path()).env([("PATH", "/usr/bin:/bin")]).args(["-o", "plimsoll probe/bin/of-musl"]);
    let compiled = place.launcher().output(&launch.args([source])).unwrap();
    assert!(compiled.succeeded(), "{compiled:?}");
    let tag = "py3-none-musllinux_1_2_x86_64";
    let make = format!("{MAKE} {tag} '/opt/plimsoll probe/bin/of-musl'");
    let platform = "--platform musllinux_1_2_x86_64 --only-binary :all:";
    let install = format!("python3 {PIP} install --no-index --target '/tmp/a t' {platform} tiny-1.0-{tag}.whl");
    let steps = [
        (make.as_str(), ""),
        (&install, "Successfully installed tiny-1.0"),
        ("'/tmp/a t/bin/program'", "a program of musl"),
        // What is tried is told as it is: nothing of glibc's could stand in for musl's loader.
        ("/lib/ld-musl-x86_64.so.1 --list '/tmp/a t/bin/program'", "ld-musl-x86_64.so.1"),
    ];
    let exec_env = goes_through(place, "x86_64-unknown-linux-musl", &steps)?;
    let record = exec_env.record(&"debian:12".parse().unwrap(), Some(&place.isolation));
    assert!(record.libc.as_deref().is_some_and(|libc| libc.starts_with("musl 1.2.")), "{record:?}");
    Ok(())
}
