//! How artifacts are installed where they are tried, and what is tried of several together.

use std::collections::BTreeSet;

use plimsoll_model::{Client, KindPlan, Probe, RootName, Target};

use super::{nif, wheel};
use crate::manifest::Manifest;
use crate::prove::client::InstallClient;
use crate::prove::unpack::Unpack;

/// The way that a trial names.
pub(crate) fn install_client(client: Client) -> &'static dyn InstallClient {
    match client {
        Client::Unpack => &Unpack,
        Client::Beam => &nif::client::Beam,
        Client::Venv => &wheel::client::Venv,
    }
}

/// Whether what is installed so stands among programs of a root and packages of others, any of which a test may start.
pub(crate) const fn starts_anything(client: Client) -> bool {
    match client {
        Client::Unpack | Client::Beam => false,
        Client::Venv => true,
    }
}

/// What must hold of artifacts that are installed together, with packages of others: what the client has to show, and then what is declared.
pub(crate) fn steps_together(client: Client, requirements: &BTreeSet<String>, declared: Vec<Probe>) -> Vec<Probe> {
    match client {
        Client::Unpack | Client::Beam => declared,
        Client::Venv => wheel::steps_together(requirements, declared),
    }
}

/// Where artifacts are tried together on a target; none if that is for the target to say.
pub(crate) fn roots_together<'p>(
    client: Client,
    manifest: &Manifest,
    target: Option<&Target>,
    plans: impl IntoIterator<Item = &'p KindPlan>,
) -> Option<Vec<RootName>> {
    match client {
        Client::Unpack | Client::Beam => None,
        Client::Venv => wheel::roots_together(manifest, target, plans),
    }
}

/// The name under which an index has an artifact, if it is a package.
pub(crate) fn published_as(kind: &KindPlan) -> Option<&str> {
    match kind {
        KindPlan::Wheel { wheel } => Some(&wheel.distribution),
        KindPlan::Archive { .. } | KindPlan::Nif { .. } | KindPlan::Static | KindPlan::File => None,
    }
}

/// What an artifact requires of packages that others publish.
pub(crate) fn requires(kind: &KindPlan) -> &[String] {
    match kind {
        KindPlan::Wheel { wheel } => &wheel.requires,
        KindPlan::Archive { .. } | KindPlan::Nif { .. } | KindPlan::Static | KindPlan::File => &[],
    }
}
