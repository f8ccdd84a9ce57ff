//! How the map that a project has committed differs from the one of the sealed bytes, line by line.

use std::fmt;

use plimsoll_model::Digest;

use super::error::ChecksumSyntax;
use super::syntax;
use super::{ChecksumMap, quoted};

/// What a comparison came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The same text.
    Same,
    /// The same entries in another order or form. Consumers read both; the file is not what would be written.
    Form,
    /// Other entries; at least one.
    Entries(Vec<Difference>),
}

/// One archive about which the two maps disagree. Displayed, it is one line or two, as in a unified difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The archive.
    pub file_name: String,
    /// What is committed, and on which line, from 1; none: it is missing there.
    pub committed: Option<(Digest, u32)>,
    /// What was sealed; none: there is no such archive.
    pub sealed: Option<Digest>,
}

pub(super) fn compare(sealed: &ChecksumMap, committed: &str) -> Result<Comparison, ChecksumSyntax> {
    let lines = syntax::parse(committed)?;
    let names = sealed.entries.keys().chain(lines.keys()).collect::<std::collections::BTreeSet<_>>();
    let differences = names.into_iter().filter_map(|name| {
        let (ours, theirs) = (sealed.entries.get(name).copied(), lines.get(name).copied());
        let differs = ours != theirs.map(|(digest, _)| digest);
        differs.then(|| Difference { file_name: name.clone(), committed: theirs, sealed: ours })
    });
    let differences = differences.collect::<Vec<_>>();
    Ok(match (differences.is_empty(), committed == sealed.to_string()) {
        (false, _) => Comparison::Entries(differences),
        (true, false) => Comparison::Form,
        (true, true) => Comparison::Same,
    })
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = quoted(&self.file_name);
        if let Some((digest, line)) = self.committed {
            write!(f, "line {line}: - {name} => \"sha256:{digest}\",")?;
        }
        if self.committed.is_some() && self.sealed.is_some() {
            f.write_str("\n")?;
        }
        if let Some(digest) = self.sealed {
            let place = self.committed.map_or("missing".to_owned(), |(_, line)| format!("line {line}"));
            write!(f, "{place}: + {name} => \"sha256:{digest}\",")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_stale_and_changed_entries_show_their_lines() {
        let mut sealed = ChecksumMap::new();
        sealed.insert("a", Digest::of(b"a"));
        sealed.insert("b", Digest::of(b"b"));
        sealed.insert("c", Digest::of(b"c"));
        assert_eq!(sealed.compare(&sealed.to_string()).unwrap(), Comparison::Same);
        assert_eq!(sealed.compare(&sealed.to_string().replace(",\n", "\n ,")).unwrap(), Comparison::Form);
        let mut committed = ChecksumMap::new();
        committed.insert("a", Digest::of(b"a"));
        committed.insert("b", Digest::of(b"old"));
        committed.insert("z", Digest::of(b"z"));
        let Comparison::Entries(found) = sealed.compare(&committed.to_string()).unwrap() else { panic!("no difference") };
        let (b, old, c, z) = (Digest::of(b"b"), Digest::of(b"old"), Digest::of(b"c"), Digest::of(b"z"));
        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                format!("line 3: - \"b\" => \"sha256:{old}\",\nline 3: + \"b\" => \"sha256:{b}\","),
                format!("missing: + \"c\" => \"sha256:{c}\","),
                format!("line 4: - \"z\" => \"sha256:{z}\","),
            ]
        );
        assert!(sealed.compare("System.halt()").is_err());
    }
}
