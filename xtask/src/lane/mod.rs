//! The slow lanes: what issue and README promise, shown on the released command with real compilers, roots and files.
//!
//! A lane says `passed N`, `failed`, or `not run` with the reason; a lane that did not run never counts as passed.

mod aged;
mod bench;
mod climbing;
mod example;
mod foreign;
mod formats;
mod fuzz;
mod gates;
mod levels;
mod negative_control;
#[cfg(feature = "reference")]
mod nif;
mod platforms;
mod platforms_ripgrep;
mod processors;
mod project;
mod published;
mod rebuild;
mod rehearsal;
mod reproducible;
mod ripgrep;
mod roots;
mod survival;
mod system;
mod verify;
mod version;

use std::path::Path;
use std::process::ExitCode;

use bench::Bench;

/// A slow lane.
pub struct Lane {
    /// Its name, as `lane NAME` runs it.
    pub name: &'static str,
    run: fn(&Bench, &mut Checks) -> Result<(), Trouble>,
}

const fn lane(name: &'static str, run: fn(&Bench, &mut Checks) -> Result<(), Trouble>) -> Lane {
    Lane { name, run }
}

/// All lanes, those that warm caches for others first.
pub const LANES: &[Lane] = &[
    lane("rehearse-example", example::run),
    lane("verify-flips", verify::run),
    lane("climbing-member", climbing::run),
    lane("gates", gates::run),
    lane("older-mtime", rebuild::older_mtime),
    lane("version-bump", rebuild::version_bump),
    lane("version-bumps", version::bumps),
    lane("version-kill-9", version::killed),
    lane("version-line", version::line),
    lane("two-processes", survival::two_processes),
    lane("flipped-blob", survival::flipped_blob),
    lane("kill-9", survival::killed),
    lane("full-disk", survival::full_disk),
    #[cfg(feature = "reference")]
    lane("nif-loaded", nif::loaded),
    #[cfg(feature = "reference")]
    lane("nif-faults", nif::faults),
    #[cfg(feature = "reference")]
    lane("nif-consumed", nif::consumed),
    #[cfg(feature = "reference")]
    lane("nif-rehearsal", nif::rehearsal),
    #[cfg(feature = "reference")]
    lane("nif-refused", nif::refused),
    #[cfg(feature = "reference")]
    lane("nif-varied", nif::varied),
    #[cfg(feature = "reference")]
    lane("nif-made", nif::made),
    #[cfg(feature = "reference")]
    lane("nif-vendored", nif::vendored),
    #[cfg(feature = "reference")]
    lane("nif-weight", nif::weight),
    lane("reproducible", reproducible::run),
    lane("platforms", platforms::run),
    lane("inspect-system", system::run),
    lane("inspect-formats", formats::run),
    lane("fuzz", fuzz::run),
    lane("negative-control", negative_control::run),
    lane("roots-archive", roots::archive),
    lane("roots-image", roots::image),
    lane("roots-ubuntu", roots::ubuntu),
    lane("roots-forbidden", roots::forbidden),
    lane("foreign-roots", foreign::roots),
    lane("foreign-faults", foreign::faults),
    lane("foreign-aged", aged::run),
    lane("foreign-processors", processors::run),
    lane("foreign-commands", foreign::commands),
    lane("cpu-level", levels::levels),
    lane("rehearse-ripgrep", ripgrep::run),
    lane("platforms-ripgrep", platforms_ripgrep::run),
];

/// Why a lane ended before its end.
#[derive(Debug)]
pub enum Trouble {
    /// Something that it needs is not here.
    NotRun(String),
    /// It could not do what it set out to do.
    Broken(String),
}

impl Trouble {
    /// A file operation that failed.
    pub fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Broken(format!("{}: {error}", path.display()))
    }
}

/// What a lane has looked at.
#[derive(Debug, Default)]
pub struct Checks {
    passed: usize,
    failed: Vec<String>,
}

impl Checks {
    /// Counts a check, and says what is wrong where it does not hold.
    pub fn that(&mut self, name: &str, holds: bool, detail: impl FnOnce() -> String) {
        if holds {
            self.passed += 1;
            println!("  ok      {name}");
        } else {
            let detail = detail();
            println!("  FAILED  {name}");
            for line in detail.lines().take(60) {
                println!("          {line}");
            }
            self.failed.push(name.to_owned());
        }
    }
}

/// A measured number or another fact worth a line.
pub fn note(text: &str) {
    println!("  note    {text}");
}

/// Runs the lane `name` and prints one line about it last.
pub fn run(root: &Path, name: &str) -> ExitCode {
    let Some(lane) = LANES.iter().find(|lane| lane.name == name) else {
        eprintln!("error: there is no lane `{name}`; `cargo xtask lanes` lists them");
        return ExitCode::from(2);
    };
    let mut checks = Checks::default();
    let ended = Bench::new(root).and_then(|bench| (lane.run)(&bench, &mut checks));
    let (line, code) = verdict(name, &checks, ended);
    println!("{line}");
    ExitCode::from(code)
}

/// The lane's last line and exit status.
fn verdict(name: &str, checks: &Checks, ended: Result<(), Trouble>) -> (String, u8) {
    match ended {
        Err(Trouble::NotRun(reason)) if checks.failed.is_empty() => {
            (format!("lane {name}: not run: {}", reason.replace('\n', " ")), crate::NOT_RUN)
        }
        Err(Trouble::NotRun(reason) | Trouble::Broken(reason)) => {
            let failed = checks.failed.len() + 1;
            (format!("{reason}\nlane {name}: passed {}, failed {failed}", checks.passed), 1)
        }
        Ok(()) if !checks.failed.is_empty() => (format!("lane {name}: passed {}, failed {}", checks.passed, checks.failed.len()), 1),
        Ok(()) if checks.passed == 0 => (format!("it looked at nothing\nlane {name}: passed 0, failed 1"), 1),
        Ok(()) => (format!("lane {name}: passed {}", checks.passed), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(passed: usize, failed: usize) -> Checks {
        Checks { passed, failed: vec!["x".to_owned(); failed] }
    }

    #[test]
    fn only_a_lane_that_looked_and_found_no_fault_passes() {
        let broken = || Err(Trouble::Broken("no".to_owned()));
        let not_run = || Err(Trouble::NotRun("no tool".to_owned()));
        let last = |checks, ended| {
            let (line, code) = verdict("l", &checks, ended);
            (line.lines().last().unwrap_or_default().to_owned(), code)
        };
        assert_eq!(last(checks(2, 0), Ok(())), ("lane l: passed 2".to_owned(), 0));
        assert_eq!(last(checks(2, 1), Ok(())), ("lane l: passed 2, failed 1".to_owned(), 1));
        assert_eq!(last(checks(0, 0), Ok(())), ("lane l: passed 0, failed 1".to_owned(), 1));
        assert_eq!(last(checks(2, 0), broken()), ("lane l: passed 2, failed 1".to_owned(), 1));
        assert_eq!(last(checks(0, 0), not_run()), ("lane l: not run: no tool".to_owned(), 77));
        assert_eq!(last(checks(2, 1), not_run()), ("lane l: passed 2, failed 2".to_owned(), 1));
    }

    #[test]
    fn no_two_lanes_have_one_name() {
        let mut names = LANES.iter().map(|lane| lane.name).collect::<Vec<_>>();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
