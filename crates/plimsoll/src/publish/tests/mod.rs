//! Publishing, cut off wherever it can be.

mod cut;
mod folder;
mod memory;
mod pypi;
mod refused;
pub(crate) mod sealed;

use plimsoll_model::Failure;

use super::{Channel, Publication, Published, Witness};
use sealed::SealedRelease;

/// Publishes to the end, or to the first failure.
fn publish(sealed: &SealedRelease, channels: &[&dyn Channel]) -> Result<Published, Vec<Failure>> {
    let publication = Publication::prepare(&sealed.release, sealed.dist(), channels)?;
    Ok(publication.run(&mut Witness { stop: &|| false, record: &mut |_, _, _| {} }))
}

/// The same, and it must go well; gives back how many writes it took.
fn publish_well(sealed: &SealedRelease, channels: &[&dyn Channel]) -> usize {
    let published = publish(sealed, channels).unwrap_or_else(|failures| panic!("{failures:?}"));
    assert_eq!(published.failure, None);
    assert!(published.accounts.iter().all(super::ChannelAccount::is_complete), "{:?}", published.accounts);
    published.accounts.iter().map(|account| account.named(super::Deed::is_done).len()).sum()
}
