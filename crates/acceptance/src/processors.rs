//! armv7 and riscv64, for glibc and musl: built by zig, and run under qemu in roots of those processors.

use super::foreign::buoy;
use super::rehearsal::Rehearsal;
use super::testbed::Testbed;
use super::{Checks, Trouble, project};

/// A target, the emulator that its evidence must name, and what its C program calls the processor.
struct Other {
    target: &'static str,
    emulator: &'static str,
    processor: &'static str,
}

const OTHERS: [Other; 4] = [
    Other { target: "armv7-unknown-linux-gnueabihf", emulator: "qemu-arm", processor: "armv7" },
    Other { target: "armv7-unknown-linux-musleabihf", emulator: "qemu-arm", processor: "armv7" },
    Other { target: "riscv64gc-unknown-linux-gnu", emulator: "qemu-riscv64", processor: "riscv64gc" },
    Other { target: "riscv64gc-unknown-linux-musl", emulator: "qemu-riscv64", processor: "riscv64gc" },
];

/// Programs in C, which make builds.
pub fn in_c(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = project::fixture(testbed, "tender")?;
    let targets = OTHERS.iter().map(|other| format!("\"{}\"", other.target)).collect::<Vec<_>>().join(", ");
    let script = "[archive.tender]\nprobe = { name = \"script\", script = \"test -x /proc/self/exe; tender\", \
         expect = \"tender {version} on {arch}\" }\n";
    let core = "[core.tender]\ncommand = \"make -s out/tender\"\noutput = \"out\"\nbinaries = [\"tender\"]\n";
    let head = format!("name = \"tender\"\nversion = \"1.0.0\"\ntargets = [{targets}]\nepoch = 1700000000\n");
    project::write(&project.join("plimsoll.toml"), &format!("{head}\n{core}\n{script}"))?;
    let built = Rehearsal::kept(testbed, &project)?;
    told(checks, &built, "tender", &OTHERS.iter().collect::<Vec<_>>())
}

/// Programs in Rust, linked to glibc.
pub fn in_rust_with_glibc(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    in_rust(testbed, checks, "gnu")
}

/// Programs in Rust, linked to musl.
pub fn in_rust_with_musl(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    in_rust(testbed, checks, "musl")
}

fn in_rust(testbed: &Testbed, checks: &mut Checks, libc: &str) -> Result<(), Trouble> {
    let others = OTHERS.iter().filter(|other| other.target.contains(libc)).collect::<Vec<_>>();
    let programs = others.iter().map(|other| other.target).collect::<Vec<_>>();
    let built = Rehearsal::kept(testbed, &buoy(testbed, "rust", &programs, "[archive.buoy]\n")?)?;
    told(checks, &built, "buoy", &others)
}

/// Each is proven under its emulator; a mirror that lags makes the test `not run`.
fn told(checks: &mut Checks, rehearsal: &Rehearsal, name: &str, others: &[&Other]) -> Result<(), Trouble> {
    rehearsal.answered()?;
    checks.that(&format!("{name}: all {} are proven and fetched back", others.len()), rehearsal.fetched_back() == others.len(), || {
        rehearsal.all()
    });
    for Other { target, emulator, processor } in others {
        let artifact = rehearsal.artifact(target);
        let proven = artifact["proven"].to_string();
        let holds = proven.contains(&format!("\"{emulator}\"")) && proven.contains("sandbox");
        checks.that(&format!("{name} on {processor}, {target}: under {emulator}"), holds, || artifact.to_string());
    }
    Ok(())
}
