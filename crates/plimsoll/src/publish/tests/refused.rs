//! What is refused, before anything is written anywhere, and in which words.

use plimsoll_model::Failure;
use plimsoll_store::Patience;

use super::memory::MemoryChannel;
use super::sealed::SealedRelease;
use super::{publish, publish_well};
use crate::publish::{Channel, FolderChannel, Publication, Witness};
use crate::report::{Paint, failures};

fn told(failure: &Failure) -> String {
    failures::render(failure, Paint::PLAIN).to_string()
}

#[test]
fn what_stands_in_the_way_on_the_last_channel_stops_the_first() {
    let sealed = SealedRelease::new("bytes", 1);
    let [first, last] = [MemoryChannel::with_drafts(), MemoryChannel::without_drafts()];
    last.burned.borrow_mut().push("release.json".to_owned());
    // Named first, and yet not first: what is published there stays.
    let channels: [&dyn Channel; 2] = [&last, &first];
    let failure = publish(&sealed, &channels).unwrap().failure.unwrap();
    assert_eq!((first.written.get(), last.written.get()), (0, 0));
    insta::assert_snapshot!(told(&failure), @r"
    error: memory://memory-without-drafts: this version can never be published there
      but: release.json was deleted there
      hint: give the release a new version
    ");
    last.burned.borrow_mut().clear();
    last.files.borrow_mut().insert("SHA256SUMS".to_owned(), b"other".to_vec());
    let failure = publish(&sealed, &channels).unwrap().failure.unwrap();
    assert_eq!((first.written.get(), last.written.get()), (0, 0));
    insta::assert_snapshot!(told(&failure), @r"
    error: memory://memory-without-drafts: this version is published, and not as it was sealed
      but: SHA256SUMS is another file
      hint: what is published there stays: give the release a new version
    ");
    last.files.borrow_mut().clear();
    let publication = Publication::prepare(&sealed.release, sealed.dist(), &channels).unwrap();
    let mut order = Vec::new();
    publication.run(&mut Witness { stop: &|| false, record: &mut |account, _, _| order.push(account.channel.clone()) });
    order.dedup();
    assert_eq!(order, ["memory", "memory-without-drafts"]);
}

/// What is public somewhere is what is published everywhere.
#[test]
fn documents_that_are_public_on_one_channel_go_to_all() {
    let (first, second) = (SealedRelease::new("bytes", 1), SealedRelease::new("bytes", 2));
    let [empty, full] = [MemoryChannel::with_drafts(), MemoryChannel::without_drafts()];
    publish_well(&first, &[&full]);
    publish_well(&second, &[&empty, &full]);
    assert_eq!(*empty.files.borrow(), *full.files.borrow());
}

/// Between two looks at a channel another process may make this very release public, with documents of its own: nothing is damaged then.
#[test]
fn who_is_overtaken_finds_the_release_and_not_a_damaged_one() {
    let [ours, theirs, other] = [("bytes", 1), ("bytes", 2), ("other bytes", 3)].map(|(bytes, at)| SealedRelease::new(bytes, at));
    let memory = MemoryChannel::with_drafts();
    memory.overtaken_by.replace(Some(theirs));
    assert_eq!(publish_well(&ours, &[&memory]), 0);
    let memory = MemoryChannel::with_drafts();
    memory.overtaken_by.replace(Some(other));
    assert_eq!(publish(&ours, &[&memory]).unwrap_err()[0].code, "version-taken");
}

#[test]
fn another_release_is_refused_and_so_is_a_file_that_changed_since_it_was_sealed() {
    let (sealed, other) = (SealedRelease::new("bytes", 1), SealedRelease::new("other bytes", 1));
    let memory = MemoryChannel::with_drafts();
    publish_well(&sealed, &[&memory]);
    insta::assert_snapshot!(told(&publish(&other, &[&memory]).unwrap_err()[0]), @r"
    error: memory://memory: app 1.2.3 is published with other bytes
      published: archive.app/aarch64-unknown-linux-musl: app-aarch64-unknown-linux-musl.tar.xz sha256 48da3d0ef7daa8d51004db9e13416051bf94f1bd6bfaf930fb4ca9d2eef216a0
      sealed: archive.app/aarch64-unknown-linux-musl: app-aarch64-unknown-linux-musl.tar.xz sha256 112948c997a5ae5074ec5e0607f472d411342890d412b0254138edd5c0408e5d
      published: archive.app/riscv64gc-unknown-linux-gnu: app-riscv64gc-unknown-linux-gnu.tar.xz sha256 3718beba5008e2178449679f7d3daf6f2cc11f49ee2619252a5dfe69c3389e9d
      sealed: archive.app/riscv64gc-unknown-linux-gnu: app-riscv64gc-unknown-linux-gnu.tar.xz sha256 e13d2eb7c14b39a0bccd0dbe41b7db25862b3527a942a03a0ce7bb84cf67a478
      hint: a published version never changes: give the release a new version
    ");
    let folder = tempfile::tempdir().unwrap();
    let patience = Patience::default();
    let channel = FolderChannel::new(folder.path(), &"app".parse().unwrap(), &semver::Version::new(1, 2, 3), &patience);
    let artifact = sealed.dist().join(sealed.release.document().artifacts[0].file_name.as_str());
    std::fs::write(&artifact, "other").unwrap();
    let failure = publish(&sealed, &[&channel]).unwrap().failure.unwrap();
    let told = told(&failure).replace(&folder.path().display().to_string(), "FOLDER").replace(&sealed.dist().display().to_string(), "dist");
    insta::assert_snapshot!(told, @r"
    error: dist/app-aarch64-unknown-linux-musl.tar.xz: is not the file that was sealed
      sealed: 48da3d0ef7daa8d51004db9e13416051bf94f1bd6bfaf930fb4ca9d2eef216a0
      found: d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa
      while: writing FOLDER/app/1.2.3/app-aarch64-unknown-linux-musl.tar.xz
      channel: folder
      hint: something changed the file since it was sealed: delete it, and run the command again
    ");
    assert!(!folder.path().join("app/1.2.3").exists());
}
