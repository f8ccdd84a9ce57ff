//! A virtual environment as a client: pip of the root's Python installs wheels, and what they bring is run from there.

use std::collections::BTreeMap;

use plimsoll_model::{ArtifactPlan, Class, Digest, Failure, KindPlan, Outcome, Probe, ProbeResult, RootName, Start, Trial};
use plimsoll_pack::wheel::WheelFileName;
use plimsoll_roots::Runtime;
use plimsoll_roots::python::module_gap;
use plimsoll_roots::python::versions::PythonRoot;

use super::script::{self, Environment, From, OfOthers};
use crate::prove::client::{InstallClient, InstallContext, Installer, Supply};
use crate::prove::provisions::Provisions;
use crate::prove::{Installed, Trying};

/// Installs by pip.
#[derive(Debug)]
pub(crate) struct Venv;

impl InstallClient for Venv {
    fn runtime(&self) -> Option<Runtime> {
        Some(Runtime::Python)
    }

    fn unfit(&self, root: &RootName, artifact: &ArtifactPlan) -> Option<String> {
        let KindPlan::Wheel { wheel } = &artifact.kind else { return None };
        let gap = artifact.fits.one().filter(|_| wheel.compiled).and_then(module_gap);
        let one = wheel.python.as_ref().zip(PythonRoot::of(root));
        let other = one.filter(|(python, root)| !root.python.starts_with(&format!("{python}.")));
        let gap = gap.or_else(|| other.map(|(python, root)| format!("it is for Python {python}, and {} has {}", root.name, root.python)));
        gap.or_else(|| {
            let requires = wheel.requires_python.as_ref()?.parse().ok()?;
            PythonRoot::of(root)?.unfit(Some(&requires))
        })
    }

    fn identity(&self, trying: Trying<'_>, _: InstallContext<'_>) -> Result<BTreeMap<String, (Digest, bool)>, Failure> {
        Ok(provisions(trying).identity().into_iter().map(|(path, known)| (path.to_owned(), known)).collect())
    }

    fn install(&self, trying: Trying<'_>, context: InstallContext<'_>, supply: Supply<'_>) -> Result<Installed, Failure> {
        let provisions = match supply {
            Supply::Store => provisions(trying),
            // Nothing of the store's can be taken for what was downloaded.
            Supply::Harbor { .. } => Provisions::default(),
        };
        Ok(Installed::laid_out(provisions.lay_out(context.store)?))
    }

    fn installer(&self, _: Trying<'_>, _: InstallContext<'_>, _: Supply<'_>) -> Result<Option<Installer>, Failure> {
        Ok(None)
    }

    fn step(&self, trying: Trying<'_>, step: &Probe, _: InstallContext<'_>, supply: Supply<'_>) -> Result<Probe, Failure> {
        let environment = Environment { target: trying.trial.target.as_ref() };
        let url = match supply {
            Supply::Store => None,
            Supply::Harbor { at, .. } => Some(at.index.clone()),
        };
        let start = match &step.start {
            Start::Run(_) | Start::Script(_) => step.start.clone(),
            Start::Client { name, arguments } => {
                let line = || arguments.first().map_or("", String::as_str);
                Start::Script(match name.as_str() {
                    script::INSTALL => environment.install(
                        &wheels(trying)?,
                        url.as_deref().map_or(From::Files, From::Index),
                        &of_others(trying, arguments),
                    ),
                    script::CHECK => environment.check(),
                    script::IMPORT => environment.import(arguments),
                    script::RUN => environment.run(line()),
                    _ => return Err(Failure::new(Class::NotProven, "plan", format!("a virtual environment knows no step `{name}`"))),
                })
            }
        };
        let mut env = step.env.clone();
        for (name, value) in environment.variables() {
            env.entry(name.to_owned()).or_insert(value);
        }
        Ok(Probe { start, env, ..step.clone() })
    }

    fn day<'t>(&self, trial: &'t Trial) -> Option<&'t Probe> {
        trial.steps.first()
    }

    fn fetches(&self) -> bool {
        true
    }

    fn lacking(&self, result: &ProbeResult) -> Option<String> {
        let requirement = unmet(result)?;
        Some(format!(
            "it needs `{requirement}`, which neither the release nor plimsoll.lock has: `plimsoll lock update tests` locks what pyproject.toml and tests \
             require"
        ))
    }

    fn explain(&self, _: &ProbeResult) -> Option<Failure> {
        None
    }
}

/// The wheels of a trial.
fn wheels<'t>(trying: Trying<'t>) -> Result<Vec<script::Wheel<'t>>, Failure> {
    let of = |subject: &crate::prove::Subject<'t>| {
        let file = subject.artifact.file_name.as_str();
        let name = file.parse::<WheelFileName>().map_err(|error| Failure::from_error(Class::NotProven, "plan", &error))?;
        Ok(script::Wheel {
            file,
            requirement: format!("{}=={}", name.distribution, name.version),
            platforms: name.tags.platform.iter().map(str::to_owned).collect(),
            is_own: trying.id.is_of(subject.id),
        })
    };
    trying.subjects.iter().map(of).collect()
}

/// What is asked of packages that others publish: by a step, and by wheels.
fn of_others<'t>(trying: Trying<'t>, asked: &'t [String]) -> OfOthers<'t> {
    let given = &trying.trial.given;
    OfOthers { asked, required: &given.requirements, are_there: !given.wheelhouse.is_empty() }
}

/// The wheels as they were packed.
fn provisions(trying: Trying<'_>) -> Provisions<'_> {
    let mut provisions = Provisions::default();
    for subject in trying.subjects {
        provisions.blob(subject.artifact.file_name.as_str(), subject.digest);
    }
    provisions
}

/// What pip found nowhere, if that is why a step failed.
fn unmet(result: &ProbeResult) -> Option<&str> {
    if !matches!(result.outcome, Outcome::Failed(_)) || result.probe != script::INSTALL {
        return None;
    }
    let begin = "Could not find a version that satisfies the requirement ";
    let rest = result.said.lines().find_map(|line| line.split_once(begin)).map(|(_, rest)| rest)?;
    Some(rest.split(" (from ").next().unwrap_or(rest).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pip_finds_nowhere_is_told() {
        let said =
            "Processing ./a.whl\nERROR: Could not find a version that satisfies the requirement rich>=13 (from a) (from versions: none)\n";
        let result = ProbeResult {
            cpu: None,
            probe: script::INSTALL.to_owned(),
            definition: Digest::of(b""),
            ran: Vec::new(),
            outcome: Outcome::Failed("exit status 1, expected 0".to_owned()),
            status: Some(1),
            signal: None,
            said: said.to_owned(),
            milliseconds: 1,
        };
        assert_eq!(unmet(&result), Some("rich>=13"));
        assert_eq!(unmet(&ProbeResult { probe: "import".to_owned(), ..result.clone() }), None);
        assert_eq!(unmet(&ProbeResult { outcome: Outcome::Passed, ..result }), None);
    }
}
