//! Wheels, installed without a network by the pip of a root with Python.

use std::time::Instant;

use plimsoll_model::Outcome;
use plimsoll_roots::python::PIP;

use crate::fixture::{Fixture, NotRun, script};

/// Makes a wheel with a command: `python3 MAKE`.
const MAKE: &str = r#"cat > make.py <<'END'
import base64, hashlib, zipfile
info = "tiny-1.0.dist-info/"
files = {
    "tiny.py": "def main():\n    print('tiny', __file__)\n",
    info + "METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
    info + "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    info + "entry_points.txt": "[console_scripts]\ntiny = tiny:main\n",
}
digest = lambda text: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
record = ["%s,sha256=%s,%d" % (name, digest(text), len(text)) for name, text in files.items()]
files[info + "RECORD"] = "\n".join(record + [info + "RECORD,,", ""])
with zipfile.ZipFile("tiny-1.0-py3-none-any.whl", "w") as wheel:
    for name, text in files.items():
        wheel.writestr(name, text)
END
python3 make.py"#;

/// Each script is a step, with what it must say.
fn goes_through(place: &Fixture, target: &str, steps: &[(&str, &str)]) -> Result<(), NotRun> {
    let exec_env = place.with_python("debian:12", target)?;
    let session = &mut place.begin(&exec_env)?;
    for (text, said) in steps {
        let began = Instant::now();
        let result = place.step(session, &script(text));
        assert_eq!(result.outcome, Outcome::Passed, "{text}: {result:?}");
        assert!(result.said.contains(said), "{text}: {result:?}");
        println!("{:?}: {}", began.elapsed(), text.lines().last().unwrap_or_default());
    }
    Ok(())
}

fn installed(place: &Fixture, target: &str) -> Result<(), NotRun> {
    let install = format!("\"/tmp/a v/bin/python\" {PIP} install --no-index tiny-1.0-py3-none-any.whl");
    let listed = format!("\"/tmp/a v/bin/python\" {PIP} list --format freeze");
    goes_through(
        place,
        target,
        &[
            ("python3 -VV; uname -m", target.split('-').next().unwrap_or_default()),
            (MAKE, ""),
            ("python3 -m venv --without-pip '/tmp/a v'", ""),
            (&install, "Successfully installed tiny-1.0"),
            ("'/tmp/a v/bin/tiny'", "tiny /tmp/a v/lib/python3.11/site-packages/tiny.py"),
            (&listed, "tiny==1.0"),
            (&format!("[ \"$({listed})\" = tiny==1.0 ] && ! python3 -c 'import pip' && echo alone"), "alone"),
        ],
    )
}

pub fn a_wheel_is_installed(place: &Fixture) -> Result<(), NotRun> {
    installed(place, "x86_64-unknown-linux-gnu")
}

pub fn a_wheel_is_installed_under_qemu(place: &Fixture) -> Result<(), NotRun> {
    installed(place, "aarch64-unknown-linux-gnu")
}

/// What users type, and what plimsoll's quicker way stands in for.
pub fn an_environment_has_its_own_pip(place: &Fixture) -> Result<(), NotRun> {
    let steps = [(MAKE, ""), ("python3 -m venv /tmp/v && /tmp/v/bin/pip --version", "pip 23.0.1 from /tmp/v/lib/python3.11/")];
    goes_through(place, "x86_64-unknown-linux-gnu", &steps)
}

/// glibc's Python installs for musl, and musl's loader is there.
pub fn a_root_for_musl_installs_and_has_musl(place: &Fixture) -> Result<(), NotRun> {
    let install = format!(
        "python3 {PIP} install --no-index --target /tmp/t --platform musllinux_1_2_x86_64 --only-binary :all: tiny-1.0-py3-none-any.whl"
    );
    let steps = [
        (MAKE, ""),
        (&install, "Successfully installed tiny-1.0"),
        // Without a program it tells what it is, and ends with 1.
        ("! /lib/ld-musl-x86_64.so.1", "musl libc (x86_64)"),
    ];
    goes_through(place, "x86_64-unknown-linux-musl", &steps)
}
