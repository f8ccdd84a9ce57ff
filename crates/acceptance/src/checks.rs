//! What a test looks at, and what its looking comes to.

use std::path::Path;

use test_needs::Need;

/// Why a test ended before its end.
#[derive(Debug)]
pub enum Trouble {
    /// Something of the machine that it needs is not here.
    Lacking(Need, String),
    /// Something else outside of the test's reach, such as a mirror that does not answer.
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

/// What a test has looked at.
#[derive(Debug, Default)]
pub struct Checks {
    passed: usize,
    failed: Vec<String>,
}

/// What a test came to, unless it failed.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// So many checks hold.
    Passed(usize),
    /// It could not look.
    NotRun(Option<Need>, String),
}

impl Checks {
    /// Counts a check, and says what is wrong if it does not hold.
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

    /// The verdict at the test's end.
    ///
    /// # Errors
    /// With the test's failure. One that could not go on after a check had failed has failed.
    pub fn verdict(&self, ended: Result<(), Trouble>) -> Result<Outcome, String> {
        let failed = || format!("{} checks held; these did not: {}", self.passed, self.failed.join("; "));
        match ended {
            Err(Trouble::Lacking(need, reason)) if self.failed.is_empty() => Ok(Outcome::NotRun(Some(need), reason)),
            Err(Trouble::NotRun(reason)) if self.failed.is_empty() => Ok(Outcome::NotRun(None, reason)),
            Err(Trouble::Lacking(_, reason) | Trouble::NotRun(reason) | Trouble::Broken(reason)) if self.failed.is_empty() => Err(reason),
            Err(Trouble::Lacking(_, reason) | Trouble::NotRun(reason) | Trouble::Broken(reason)) => Err(format!("{reason}\n{}", failed())),
            Ok(()) if !self.failed.is_empty() => Err(failed()),
            Ok(()) if self.passed == 0 => Err("it looked at nothing".to_owned()),
            Ok(()) => Ok(Outcome::Passed(self.passed)),
        }
    }
}

/// A measured number or another fact worth a line.
pub fn note(text: &str) {
    println!("  note    {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(passed: usize, failed: usize) -> Checks {
        Checks { passed, failed: vec!["x".to_owned(); failed] }
    }

    #[test]
    fn only_a_test_that_looked_and_found_no_fault_passes() {
        let broken = || Err(Trouble::Broken("no".to_owned()));
        let not_run = || Err(Trouble::NotRun("no mirror".to_owned()));
        let lacking = || Err(Trouble::Lacking(Need::Elixir, "no tool".to_owned()));
        assert_eq!(checks(2, 0).verdict(Ok(())), Ok(Outcome::Passed(2)));
        assert_eq!(checks(0, 0).verdict(not_run()), Ok(Outcome::NotRun(None, "no mirror".to_owned())));
        assert_eq!(checks(2, 0).verdict(lacking()), Ok(Outcome::NotRun(Some(Need::Elixir), "no tool".to_owned())));
        for (looked, ended) in [(checks(2, 1), Ok(())), (checks(0, 0), Ok(())), (checks(2, 0), broken()), (checks(2, 1), not_run())] {
            assert!(looked.verdict(ended).is_err(), "{looked:?}");
        }
    }
}
