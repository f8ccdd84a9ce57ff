//! What a release wrote to its channels, or would write, as a script and as a person reads it.

use std::path::Path;

use plimsoll_version::date;
use serde::Serialize;

use super::{Paint, Style, Text, bytes, count};
use crate::publish::write::ActWord;
use crate::publish::{ChannelAccount, Deed, Ledger, LedgerEntry, WriteAccount};

/// Width of the column of what is done.
const DEED: usize = 15;

/// What was published, or would be.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PublicationDocument {
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// The file that keeps what was written for this release, a line of JSON a write. It is there once something was written from this
    /// machine, and nothing depends on it.
    pub ledger: String,
    /// What it told of earlier runs.
    pub earlier: Vec<LedgerEntry>,
    /// Every write in its order, channel by channel.
    pub channels: Vec<ChannelAccount>,
}

impl PublicationDocument {
    /// Of what was done, or would be; `earlier` is what the ledger held before.
    pub fn new(dry_run: bool, ledger: &Ledger, earlier: Vec<LedgerEntry>, channels: Vec<ChannelAccount>) -> Self {
        Self { dry_run, ledger: ledger.path().display().to_string(), earlier, channels }
    }
}

/// Every write of a dry run.
pub fn render(channels: &[ChannelAccount], paint: Paint) -> Text {
    let mut text = Text::new(paint);
    for channel in channels {
        text.strong(&channel.channel).put("  ").put(&channel.place).end();
        let width = channel.writes.iter().map(|write| write.name.chars().count()).max().unwrap_or_default();
        for write in &channel.writes {
            line(&mut text, write, width);
        }
    }
    text
}

/// `  would write    app.tar.xz  1.6 MB  sha256 0123456789ab`.
fn line(text: &mut Text, write: &WriteAccount, width: usize) {
    let (style, deed) = deed(write);
    text.put("  ").styled(style, format!("{deed:<DEED$}")).put(" ");
    let facts = [write.size.map(bytes), write.sha256.map(|digest| format!("sha256 {}", digest.short())), write.why.clone()];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join("  ");
    if facts.is_empty() {
        text.put(&write.name).end();
    } else {
        text.put(format!("{:<width$}  ", write.name)).faint(facts).end();
    }
}

fn deed(write: &WriteAccount) -> (Style, &'static str) {
    match (write.outcome, write.act) {
        (Deed::ThereAlready, _) => (Style::Faint, "there already"),
        (Deed::WouldWrite, ActWord::Put) => (Style::Good, "would write"),
        (Deed::WouldWrite, ActWord::Reveal) => (Style::Good, "would reveal"),
        (Deed::WouldWrite, ActWord::List) => (Style::Good, "would list in"),
        (Deed::WouldPutBack, _) => (Style::Warning, "would put back"),
        (Deed::Refused, _) => (Style::Bad, "refused"),
        (Deed::Written, _) => (Style::Good, "written"),
        (Deed::PutBack, _) => (Style::Good, "put back"),
        (Deed::Confirmed, _) => (Style::Good, "confirmed"),
        (Deed::Failed, _) => (Style::Bad, "failed"),
    }
}

/// What became of a channel, in a few words: `complete`, `was there already`, `was there already, without a.tar.xz: put back`.
pub fn outcome(channel: &ChannelAccount) -> String {
    let done = channel.named(Deed::is_done);
    match (done.len(), channel.was_public) {
        (0, _) => "was there already".to_owned(),
        (_, true) => format!("was there already, without {}: put back", done.join(", ")),
        (number, false) if number == channel.writes.len() => "complete".to_owned(),
        (number, false) => format!("complete: {} of {} were left to do", number, count(channel.writes.len(), "write")),
    }
}

/// What a dry run would do to a channel, in a few words.
pub fn intention(channel: &ChannelAccount) -> String {
    let place = &channel.place;
    let open = channel.named(Deed::is_open);
    match (open.len(), channel.was_public) {
        _ if channel.writes.iter().any(|write| write.outcome == Deed::Refused) => format!("publish nothing: it is refused, in {place}"),
        (0, _) => format!("publish nothing: the release is there already, in {place}"),
        (_, true) => format!("put back {} in {place}", open.join(", ")),
        (number, false) => format!("publish to {place}: {} of {}", number, count(channel.writes.len(), "write")),
    }
}

/// `12 writes, the last on 2026-01-02`, of what earlier runs wrote; none where there was no earlier run.
pub fn earlier(entries: &[LedgerEntry], ledger: &Path) -> Option<(String, String)> {
    let last = entries.last()?;
    let done = entries.iter().filter(|entry| entry.outcome.is_done()).count();
    let day = date(last.time);
    let last = if last.outcome.is_done() { format!("the last on {day}") } else { format!("and one that failed on {day}") };
    Some((format!("{} by earlier runs, {last}", count(done, "write")), format!("see {}", ledger.display())))
}

#[cfg(test)]
mod tests {
    use plimsoll_model::Digest;

    use super::*;

    fn write(name: &str, act: ActWord, outcome: Deed) -> WriteAccount {
        let is_file = act == ActWord::Put;
        WriteAccount {
            name: name.to_owned(),
            to: format!("/releases/app/{name}"),
            act,
            sha256: is_file.then(|| Digest::of(name.as_bytes())),
            size: is_file.then_some(1_600_000),
            outcome,
            why: (outcome == Deed::Refused).then(|| "was changed".to_owned()),
        }
    }

    fn channel(was_public: bool, outcomes: [Deed; 4]) -> ChannelAccount {
        let named =
            [("app.tar.xz", ActWord::Put), ("release.json", ActWord::Put), ("app 1.2.3", ActWord::Reveal), ("index.json", ActWord::List)];
        let writes = named.into_iter().zip(outcomes).map(|((name, act), outcome)| write(name, act, outcome)).collect();
        ChannelAccount { channel: "folder".to_owned(), place: "/releases".to_owned(), was_public, writes }
    }

    #[test]
    fn a_dry_run_tells_of_every_write() {
        use Deed::{Refused, ThereAlready, WouldPutBack, WouldWrite};
        let channels = [
            channel(false, [ThereAlready, WouldWrite, WouldWrite, WouldWrite]),
            channel(true, [Refused, WouldPutBack, ThereAlready, ThereAlready]),
        ];
        insta::assert_snapshot!(render(&channels, Paint::PLAIN), @r"
        folder  /releases
          there already   app.tar.xz    1.6 MB  sha256 edf261974387
          would write     release.json  1.6 MB  sha256 16903c7a4898
          would reveal    app 1.2.3
          would list in   index.json
        folder  /releases
          refused         app.tar.xz    1.6 MB  sha256 edf261974387  was changed
          would put back  release.json  1.6 MB  sha256 16903c7a4898
          there already   app 1.2.3
          there already   index.json
        ");
        let told = channels.iter().map(intention).chain([intention(&channel(true, [ThereAlready; 4]))]).collect::<Vec<_>>();
        insta::assert_snapshot!(told.join("\n"), @r"
        publish to /releases: 3 of 4 writes
        publish nothing: it is refused, in /releases
        publish nothing: the release is there already, in /releases
        ");
    }

    #[test]
    fn what_was_done_is_told_in_a_few_words() {
        use Deed::{Confirmed, PutBack, ThereAlready, Written};
        let told = [
            channel(false, [Written, Written, Confirmed, Written]),
            channel(false, [ThereAlready, Written, Written, Written]),
            channel(true, [PutBack, ThereAlready, ThereAlready, PutBack]),
            channel(true, [ThereAlready; 4]),
        ];
        insta::assert_snapshot!(told.iter().map(outcome).collect::<Vec<_>>().join("\n"), @r"
        complete
        complete: 3 of 4 writes were left to do
        was there already, without app.tar.xz, index.json: put back
        was there already
        ");
        let account = channel(false, [Written; 4]);
        let mut entries = account
            .writes
            .iter()
            .map(|write| LedgerEntry::new(1_700_000_000, ("folder", "/releases"), write, &write.to))
            .collect::<Vec<_>>();
        assert_eq!(earlier(&[], Path::new("/l")), None);
        insta::assert_snapshot!(earlier(&entries, Path::new("/l")).unwrap().0, @"4 writes by earlier runs, the last on 2023-11-14");
        entries.truncate(1);
        entries[0].outcome = Deed::Failed;
        insta::assert_snapshot!(earlier(&entries, Path::new("/l")).unwrap().0, @"0 writes by earlier runs, and one that failed on 2023-11-14");
    }
}
