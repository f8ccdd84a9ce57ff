//! Installing what is missing, with the user's consent and never without.

use std::io::{BufRead, IsTerminal};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use plimsoll_model::{Class, Failure};

use super::Wishes;
use crate::cli::Bench;
use crate::doctor::{Action, Examination, Remedy, heal};
use crate::host_tools;
use crate::report::{self, Event, Paint, Text};
use plimsoll_exec::bubblewrap::Isolation;
use plimsoll_exec::launcher::Launcher;
use plimsoll_exec::pins;

/// How often it is looked whether the user stopped everything while he was asked.
const LOOK: Duration = Duration::from_millis(100);

impl Wishes {
    /// Installs what an examination found to be missing, as far as that can be done here; asks first unless `yes`. Gives back what could not be
    /// installed; none if the user did not want it.
    ///
    /// # Errors
    /// If there is nobody to ask, and on Ctrl-C.
    pub(in crate::cli) fn install(
        &self,
        bench: &Bench,
        project: &Path,
        found: &Examination,
        yes: bool,
    ) -> Result<Option<Vec<Failure>>, Failure> {
        let wanted = found.remedies.iter().filter(|remedy| remedy.by_doctor).collect::<Vec<_>>();
        if !wanted.is_empty() && !yes && !consent(&wanted, &host_tools::tools_folder(&bench.store), &bench.launcher)? {
            report::note("nothing was installed");
            return Ok(None);
        }
        Ok(Some(wanted.iter().filter_map(|remedy| self.heal(bench, project, remedy).err()).collect()))
    }

    fn heal(&self, bench: &Bench, project: &Path, remedy: &Remedy) -> Result<(), Failure> {
        let project = project.canonicalize().unwrap_or_else(|_| project.to_owned());
        bench.reporter.done("installing", told(remedy, &host_tools::tools_folder(&bench.store)), "");
        // The standard library of a target is needed by each toolchain.
        let for_each = matches!(remedy.action, Action::RustTarget { .. });
        for folder in self.toolchain_folders(&project).into_iter().take(if for_each { usize::MAX } else { 1 }) {
            let toolbox = host_tools::toolbox(&bench.store, &bench.launcher).of_project(&folder);
            let isolation = Isolation::examine(&toolbox);
            let mut hear = |line: &str| {
                if line.to_lowercase().starts_with("waiting for") {
                    bench.reporter.tell(Event::Warning(line.to_owned()));
                }
            };
            let healed =
                self.ask(&bench.store, (&project, &folder), &toolbox, isolation.as_ref(), |question| heal(question, remedy, &mut hear));
            healed.map_err(|error| {
                Failure::from_error(Class::ToolMissing, "install", &error).about(remedy.why.clone()).hint(remedy.commands.join("\n"))
            })?;
        }
        bench.reporter.done("installed", remedy.why.clone(), "");
        Ok(())
    }
}

/// What is about to be done, in full: the command, or the package with its version and the folder that it goes to.
fn told(remedy: &Remedy, private: &Path) -> String {
    match &remedy.action {
        Action::Pinned { package } => {
            let version = pins::find(package).map(|pin| pin.version.clone()).unwrap_or_default();
            format!("{package} {version} from PyPI, checked by its hash, into {}", private.display())
        }
        Action::System { .. } | Action::RustTarget { .. } | Action::Manual => remedy.commands.join(" && "),
    }
}

/// Shows what would be done, and asks; without a terminal there is nobody to ask.
fn consent(remedies: &[&Remedy], private: &Path, launcher: &Launcher) -> Result<bool, Failure> {
    report::note("this would be installed:");
    for remedy in remedies {
        report::note(format!("  {}", told(remedy, private)));
    }
    if !std::io::stdin().is_terminal() {
        return Err(
            Failure::new(Class::Usage, "no-consent", "there is no terminal to ask on").hint("add --yes to install without being asked")
        );
    }
    report::print_error(Text::new(Paint::PLAIN).put("run it? [y/N] "));
    let answer = line(launcher)?.map_err(|error| Failure::from_error(Class::Usage, "no-consent", &error))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// What is typed on standard input, up to the end of the line; reading goes on in a thread of its own, because a signal does not end it.
fn line(launcher: &Launcher) -> Result<std::io::Result<String>, Failure> {
    let (sender, typed) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        // Nobody may be there any more to hear it.
        let _ = sender.send(read.map(|_| line));
    });
    loop {
        match typed.recv_timeout(LOOK) {
            Ok(line) => return Ok(line),
            Err(_) if launcher.is_cancelled() => return Err(Failure::interrupted()),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(Ok(String::new())),
        }
    }
}
