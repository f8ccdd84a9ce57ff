//! Files that a shipped program makes: it is run once in a clean root, and what it leaves or prints is kept.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use plimsoll_model::{Class, Expectation, Failure, Name, Outcome, Probe, RootName, Start, Target};
use plimsoll_roots::Placement;
use plimsoll_roots::session::Session;
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store};

use crate::graph::Stop;
use crate::left;
use crate::project::now;
use crate::prove::ProveStage;

/// Number of the way programs are asked.
const FORMAT: u32 = 1;

/// Seconds that a program has: it only writes what it knows.
const TIMEOUT: u32 = 120;

/// What a program printed, in its working folder; no program leaves a file of this name.
const PRINTED: &str = ".plimsoll printed";

/// Asks programs.
pub struct GenerateStage<'a> {
    /// Where blobs are.
    pub store: &'a Store,
    /// Has the roots.
    pub prove: &'a ProveStage<'a>,
}

/// A program that makes files.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    /// What it was built for.
    pub target: &'a Target,
    /// All programs of its payload.
    pub binaries: &'a BTreeMap<String, Output>,
    /// Its name and its arguments.
    pub run: &'a [String],
    /// Where it is run.
    pub root: &'a RootName,
    /// What it is told as the time, in seconds since 1970.
    pub epoch: u64,
}

impl GenerateStage<'_> {
    /// The files that `output` means, from memory or made now.
    ///
    /// # Errors
    /// Not run, if this machine cannot run the program; a failure if it fails, or leaves nothing.
    pub fn run(
        &self,
        name: &Name,
        output: &str,
        program: Program<'_>,
        say: &mut dyn FnMut(&str),
    ) -> Result<(BTreeMap<String, Output>, bool), Stop> {
        let exec_env = self.prove.place(program.root, program.target, say).map_err(|stop| stop.about(format!("generate.{name}")))?;
        let key = KeyBuilder::new("generate", FORMAT)
            .part("output", &output)
            .part("run", &program.run)
            .part("binaries", program.binaries)
            .part("target", program.target)
            .part("epoch", &program.epoch)
            .part("means", &exec_env.means())
            .part("emulator", &exec_env.emulator_identity())
            .part("root", &self.prove.root_record(&exec_env, program.root));
        if let Some(record) = self.store.recall(key.key()) {
            return Ok((record.outputs, true));
        }
        let installed = self.store.temporary_folder().map_err(Failure::from)?;
        for (name, binary) in program.binaries {
            let path = installed.path().join(format!("{name}{}", program.target.executable_suffix()));
            self.store.materialise(binary.digest, &path, 0o755).map_err(Failure::from)?;
        }
        let placement = Placement { installed: installed.path(), programs: &[Path::new("").to_owned()], given: None };
        let scratch = self.store.temporary_folder().map_err(Failure::from)?;
        let step = step(name, program);
        let isolation = self.prove.roots.isolation.ok();
        let began = now();
        let mut session = Session::read_only(&exec_env, isolation, self.prove.launcher, scratch.path())
            .map_err(|reason| Stop::NotRun(reason.to_string()))?;
        let result = session.step(placement, &step);
        match &result.outcome {
            Outcome::Passed => {}
            Outcome::NotRun(reason) => return Err(Stop::NotRun(format!("generate.{name}: {reason}"))),
            Outcome::Failed(reason) => {
                let failure = Failure::new(Class::NotProven, "generate-failed", format!("`{}` failed: {reason}", program.run.join(" ")));
                return Err(failure.about(format!("generate.{name}")).cause("said", result.said).into());
            }
        }
        let files = found(&session.work_folder(), output).map_err(|failure| failure.about(format!("generate.{name}")))?;
        let files = left::keep(self.store, &files)?;
        let record =
            ActionRecord { outputs: files.clone(), facts: serde_json::Value::Null, finished: began, milliseconds: result.milliseconds };
        self.store.remember(&key, &record).map_err(Failure::from)?;
        Ok((files, false))
    }
}

/// The step that runs the program, with what it prints in a file.
fn step(name: &Name, program: Program<'_>) -> Probe {
    let words = program.run.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let env = [("SOURCE_DATE_EPOCH", program.epoch.to_string()), ("NO_COLOR", "1".to_owned()), ("COLUMNS", "80".to_owned())];
    Probe {
        name: format!("generate.{name}"),
        start: Start::Script(format!("{words} >'{PRINTED}'")),
        env: env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        setup: None,
        tty: false,
        until: None,
        timeout: TIMEOUT,
        expect: Expectation { status: 0, output: None },
    }
}

/// A word as the shell reads it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// What was left by the name of `output`; if that is one name and nothing has it, what was printed.
fn found(folder: &Path, output: &str) -> Result<BTreeMap<String, std::path::PathBuf>, Failure> {
    let printed = folder.join(PRINTED);
    let is_one_name = !output.contains(['*', '/']);
    let said = fs::symlink_metadata(&printed).is_ok_and(|data| data.is_file() && data.len() > 0);
    if is_one_name && said && !folder.join(output).exists() {
        let path = folder.join(output);
        fs::rename(&printed, &path).map_err(|error| Failure::io(&path, &error))?;
    }
    left::of_pattern(folder, output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_what_they_are() {
        assert_eq!(["a b", "it's", "$x", ""].map(quoted), ["'a b'", "'it'\\''s'", "'$x'", "''"]);
    }

    #[test]
    fn what_is_left_comes_before_what_is_printed() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let read = |output: &str| {
            let files = found(folder.path(), output)?;
            Ok::<_, Failure>(files.into_iter().map(|(name, path)| (name, fs::read_to_string(path).unwrap())).collect::<Vec<_>>())
        };
        write(PRINTED, "");
        assert_eq!(read("_app").unwrap_err().code, "generated");
        write(PRINTED, "printed");
        assert_eq!(read("_app").unwrap(), [("_app".to_owned(), "printed".to_owned())]);
        write("app.1", "page");
        write("app-sub.1", "another");
        write(PRINTED, "printed");
        assert_eq!(read("app.1").unwrap(), [("app.1".to_owned(), "page".to_owned())]);
        assert_eq!(read("*.1").unwrap().len(), 2);
        assert!(read("man/*.1").is_err());
    }
}
