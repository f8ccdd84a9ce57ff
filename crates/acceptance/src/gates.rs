//! Deliberately broken artifacts, each refused with its own message: the whole command on the projects of `fixtures/gates`.

use super::rehearsal::Rehearsal;
use super::testbed::{self, Testbed};
use super::{Checks, Trouble, project};

/// A broken project, what must be said of it, and the change that mends it: so that each is refused for the fault alone.
struct Broken {
    fixture: &'static str,
    says: &'static [&'static str],
    mend: (&'static str, &'static str),
}

const BROKEN: &[Broken] = &[
    Broken { fixture: "wrong-machine", says: &["wrong-machine", "aarch64"], mend: ("sh wrong-machine.sh", "cc -o program program.c") },
    Broken {
        fixture: "missing-library",
        says: &["missing-library", "libplimsollmissing.so.1"],
        mend: ("-L. -lplimsollmissing -DMISSING", ""),
    },
    Broken { fixture: "floor-too-high", says: &["floor-too-high", "GLIBC_2.36", "arc4random"], mend: ("-DTOO_NEW", "") },
    Broken { fixture: "not-static", says: &["not-static"], mend: ("cc -o", "cc -static -o") },
    Broken {
        fixture: "climbing-search-path",
        says: &["absolute-search-path", "$ORIGIN/../../tmp", "leads 2 folders up"],
        mend: ("$ORIGIN/../../tmp", "$ORIGIN"),
    },
    Broken { fixture: "leaked-path", says: &["leaked-path", "/.cargo/registry/"], mend: ("-DLEAK", "") },
];

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    for broken in BROKEN {
        let project = project::fixture(testbed, &format!("gates/{}", broken.fixture))?;
        let refused = Rehearsal::kept(testbed, &project)?.tried()?;
        let holds = refused.said.code == Some(1) && refused.artifacts().is_empty() && !project.join("dist").exists();
        checks.that(&format!("{}: refused, nothing sealed", broken.fixture), holds, || refused.all());
        let mut told = testbed.plimsoll(&testbed.store);
        let told = testbed::run(told.args(["rehearse", "--root"]).arg(&project))?;
        let json = refused.document["failures"].to_string();
        for word in broken.says {
            // The stable code stands in JSON, the words for people in both.
            let said = json.contains(word) && (told.stderr.contains(word) || word == &broken.says[0]);
            checks.that(&format!("{}: says {word}", broken.fixture), said, || format!("{json}\n{}", told.all()));
        }
        let message = told.stderr.lines().find(|line| line.starts_with("error:")).unwrap_or_default();
        println!("          {message}");
        let (from, to) = broken.mend;
        project::replace(&project.join("plimsoll.toml"), from, to)?;
        let mended = Rehearsal::kept(testbed, &project)?.tried()?;
        checks.that(&format!("{}: mended, it passes", broken.fixture), mended.said.well() && mended.fetched_back() == 1, || mended.all());
    }
    Ok(())
}
