//! A user's day: a trial's subjects are installed once more by their client, this time from a registry on this machine, and its first step is run on
//! what arrived, or every step.

use plimsoll_model::{Class, Evidence, Failure, Plan};
use plimsoll_store::{ActionRecord, KeyBuilder};

use super::client::{HarborAddress, Served, Supply};
use super::{ProveStage, Trying, identity};
use crate::graph::Stop;
use crate::project::now;
use plimsoll_roots::{ExecEnv, NetworkAccess, Root};

/// Number of the way such days go.
const FORMAT: u32 = 2;

/// Stands for the registry's address, which is another one each time.
const NOWHERE: &str = "http://127.0.0.1:1/";

/// How much of a trial such a day has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The step that its users take first.
    FirstStep,
    /// Every step.
    EveryStep,
}

/// What came of one.
#[derive(Debug)]
pub(crate) enum Day {
    /// It was had.
    Had(Box<Had>),
    /// Nothing is there that could use it.
    Nobody,
}

/// A day that was had.
#[derive(Debug)]
pub(crate) struct Had {
    /// What its steps showed.
    pub(crate) evidence: Evidence,
    /// Whether that was remembered.
    pub(crate) remembered: bool,
    /// What installed, in few words, if something in the root did.
    pub(crate) by: Option<String>,
}

impl ProveStage<'_> {
    /// A user's day with what is served, which is known to be the subjects' bytes. Success is remembered by them: a registry that serves the same is asked
    /// again only if something else has changed.
    ///
    /// # Errors
    /// If the subjects cannot be fetched or installed. That the root cannot be had is a failure here, whatever the reason: they were proven in it.
    pub(crate) fn day(&self, trying: Trying<'_>, plan: &Plan, (served, extent): (&Served, Extent)) -> Result<Day, Failure> {
        let client = trying.client();
        let Some(first) = client.day(trying.trial) else { return Ok(Day::Nobody) };
        let steps = match extent {
            Extent::FirstStep => std::slice::from_ref(first),
            Extent::EveryStep => &trying.trial.steps,
        };
        let exec_env = self.once_had(trying)?;
        // What is tried on the machine as it is has the machine's network.
        let alone = served.alone.as_ref().filter(|_| !matches!(exec_env.root, Root::Scrubbed));
        let network = match alone {
            _ if !client.fetches() => NetworkAccess::None,
            Some((network, _)) => NetworkAccess::Harbor(network.clone()),
            None => NetworkAccess::Open,
        };
        let is_alone = matches!(network, NetworkAccess::Harbor(_));
        let exec_env = ExecEnv { network, ..exec_env };
        let record = self.record(&exec_env, &trying.trial.root);
        let supply = Supply::Harbor { served, at: alone.map_or(&served.here, |(_, address)| address) };
        let started = self.started(trying, supply, steps)?;
        // The address of the registry is another one each time, and what is asked of it is known by the digests that it serves.
        let files = NOWHERE.parse().map_err(|error| Failure::from_error(Class::NotProven, "harbor", &error))?;
        let nowhere = HarborAddress { files, index: NOWHERE.to_owned() };
        let asked = self.started(trying, Supply::Harbor { served, at: &nowhere }, steps)?;
        let installer = client.installer(trying, self.install_context(), supply)?;
        let by = installer.as_ref().map(|installer| installer.by.clone());
        let key = self.key((FORMAT, "day"), trying, &asked, &exec_env, &record)?;
        let key = key
            .part("release", &(&served.name, served.version.to_string()))
            .part("alone", &is_alone)
            .part("installer", &identity(installer.as_ref()));
        let lasting = !matches!(exec_env.root, Root::Scrubbed);
        if let Some(evidence) = self.remembered_day(&key).filter(|evidence| lasting && evidence.subjects == trying.files()) {
            return Ok(Day::Had(Box::new(Had { evidence, remembered: true, by })));
        }
        let installed = client.install(trying, self.install_context(), supply)?.beside(self.given(trying, plan)?);
        let began = now();
        let results = self.run_steps((trying, &started), &exec_env, &installed).map_err(|stop| match stop {
            Stop::Failed(failure) => *failure,
            Stop::NotRun(reason) => Failure::new(Class::NotProven, "root-gone", reason).about(trying.about()).hint("run the command again"),
        })?;
        let evidence = self.evidence((trying, plan), &exec_env, (record, &installed, installer), results, began);
        if lasting && evidence.passed() {
            let facts = serde_json::to_value(&evidence).unwrap_or_default();
            let record = ActionRecord { outputs: [].into(), facts, finished: now(), milliseconds: 0 };
            self.store.remember(&key, &record).map_err(Failure::from)?;
        }
        Ok(Day::Had(Box::new(Had { evidence, remembered: false, by })))
    }

    fn remembered_day(&self, key: &KeyBuilder) -> Option<Evidence> {
        let record = self.store.recall(key.key())?;
        serde_json::from_value::<Evidence>(record.facts).ok().filter(Evidence::passed)
    }

    /// The place that the subjects were proven in a moment ago.
    fn once_had(&self, trying: Trying<'_>) -> Result<ExecEnv, Failure> {
        self.exec_env(trying, &mut |_| {}).map_err(|reason| {
            let root = &trying.trial.root;
            let message = format!("cannot be tried as a user has it: the root {root} was there, and now {reason}");
            Failure::new(Class::NotProven, "root-gone", message).about(trying.about()).hint("run the command again")
        })
    }
}
