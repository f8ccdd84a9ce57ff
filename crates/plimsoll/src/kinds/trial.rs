//! The clients by which artifacts are installed where they are tried.

use plimsoll_model::Client;

use super::{nif, wheel};
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
