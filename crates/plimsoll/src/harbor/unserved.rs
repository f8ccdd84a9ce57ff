//! A harbor that cannot serve: a failure each time, never a day that nobody had, and never what the store holds in its place.

use std::time::Duration;

use plimsoll_fetch::{Network, Patience, Source, registry};
use plimsoll_harbor::{Effect, Fault, Faults, Folder, Harbor, ServeOptions};
use plimsoll_model::{Class, Failure, Plan, Trial, TrialId};

use crate::prove::client::{HarborAddress, Served};
use crate::prove::tests::bare;
use crate::prove::{Day, Extent, ProveStage, Subject, Trying};
use crate::publish::tests::sealed::{SealedRelease, plan};
use crate::publish::{Channel, FolderChannel, Publication, Witness};

const MANIFEST: &str = "targets = [\"x86_64-unknown-linux-musl\"]\nstatic = { app = {} }\n";

/// The release in a registry, its bytes in the store as well.
struct Registry {
    plan: Plan,
    sealed: SealedRelease,
    folder: tempfile::TempDir,
}

impl Registry {
    fn new(stage: &ProveStage<'_>) -> Self {
        let plan = plan(MANIFEST);
        // A program that says its version, padded so that there are bytes to cut.
        let sealed = SealedRelease::of(&plan, &format!("#!/bin/sh\necho app 1.2.3\n#{}", "x".repeat(4096)), 1_700_000_000);
        for artifact in &sealed.release.document().artifacts {
            stage.store.put_bytes(&std::fs::read(sealed.dist().join(artifact.file_name.as_str())).unwrap()).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let document = sealed.release.document();
        let patience = plimsoll_store::Patience::default();
        let channel = FolderChannel::new(folder.path(), &document.name, &document.version, &patience);
        let channels: [&dyn Channel; 1] = [&channel];
        let publication = Publication::prepare(&sealed.release, sealed.dist(), &channels).unwrap();
        assert_eq!(publication.run(&mut Witness { stop: &|| false, record: &mut |_, _, _| {} }).failure, None);
        Self { plan, sealed, folder }
    }

    fn serve(&self, faults: Faults) -> Harbor {
        let service = std::sync::Arc::new(Folder::open(self.folder.path()).unwrap());
        Harbor::serve(service, ServeOptions { faults, ..ServeOptions::default() }).unwrap()
    }

    fn served(&self, url: &str) -> Served {
        let document = self.sealed.release.document();
        let source = url.parse::<Source>().unwrap();
        let files = source.below(&registry::release_folder(&document.name, &document.version)).unwrap();
        let patience = Patience { attempts: 2, pause: Duration::from_millis(1), silence: Duration::from_secs(2), ..Patience::default() };
        let network = Network::new(None, patience);
        let here = HarborAddress { files, index: String::new() };
        Served { source, here, name: document.name.clone(), version: document.version.clone(), network, alone: None }
    }

    /// The day of its only artifact, on this machine as it is.
    fn day(&self, stage: &ProveStage<'_>, url: &str, extent: Extent) -> Result<Day, Failure> {
        let released = &self.sealed.release.document().artifacts[0];
        let (id, artifact) = self.plan.artifacts.get_key_value(&released.id).unwrap();
        let (_, planned) = self.plan.trials_of(id).next().unwrap();
        let trial = Trial { root: "scrubbed".parse().unwrap(), ..planned.clone() };
        let trial_id = TrialId::new("app", None, &trial.root);
        let subject = Subject { id, artifact, digest: released.sha256 };
        stage.day(Trying { id: &trial_id, trial: &trial, subjects: &[subject] }, &self.plan, (&self.served(url), extent))
    }
}

#[test]
fn a_harbor_that_cannot_serve_is_a_failure_and_the_store_no_way_out() {
    bare(|stage| {
        let registry = Registry::new(stage);
        for extent in [Extent::FirstStep, Extent::EveryStep] {
            let sound = registry.serve(Faults::none());
            let Ok(Day::Had(day)) = registry.day(stage, &sound.url(), extent) else { panic!("a day that cannot be had") };
            assert!(day.evidence.passed() && !day.remembered && day.by.is_none(), "{:?}", day.evidence);
        }
        let file = "*/app-*";
        let faults = [
            ("500", Fault::new(file, Effect::Status(500))),
            ("404", Fault::new(file, Effect::Status(404))),
            ("no answer", Fault::new(file, Effect::NoAnswer)),
            // What comes piece by piece is continued; here no piece comes.
            ("cut off", Fault::new(file, Effect::Cut(0))),
            ("a length that is not so", Fault::new(file, Effect::ContentLength(9))),
            ("another byte", Fault::new(file, Effect::Flip(2000))),
            ("no release", Fault::new("*/release.json", Effect::Status(500))),
        ];
        for (what, fault) in faults {
            let harbor = registry.serve(Faults::none().with(fault));
            let failure = registry.day(stage, &harbor.url(), Extent::FirstStep).expect_err(what);
            // What is not there is no fault of the network.
            let class = if what == "404" { Class::NotProven } else { Class::Network };
            assert_eq!(failure.class, class, "{what}: {failure}");
        }
        let gone = registry.serve(Faults::none()).url();
        let failure = registry.day(stage, &gone, Extent::FirstStep).unwrap_err();
        assert_eq!(failure.class, Class::Network, "{failure}");
    });
}
