//! What plimsoll tells the process that enters namespaces, as words of a command line: written and read here only.

use std::ffi::OsString;

use super::Overlay;
use super::network::Namespace;

/// The word by which plimsoll is told to enter namespaces.
pub(super) const ENTER: &str = "__enter";

const NETWORK: &str = "--network";
const OVERLAY: &str = "--overlay";
const OWNER: &str = "--owner";
const LOWER: &str = "--lower";
const COVERED: &str = "--covered";
const OWNERSHIP: &str = "--answer-ownership";
const COMMAND: &str = "--";

/// What is entered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Request {
    pub(super) network: Option<Namespace>,
    pub(super) overlay: Option<Overlay>,
    /// Whether bubblewrap is left a filter by which changes of owners and users succeed.
    pub(super) answers_ownership: bool,
}

impl Request {
    pub(super) const fn is_empty(&self) -> bool {
        self.network.is_none() && self.overlay.is_none() && !self.answers_ownership
    }

    pub(super) fn words(&self, command: Vec<OsString>) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![ENTER.into()];
        if let Some(Namespace { process, inode }) = self.network {
            words.extend([NETWORK.into(), process.to_string().into(), inode.to_string().into()]);
        }
        if let Some(overlay) = &self.overlay {
            words.extend([OVERLAY.into(), overlay.folder.clone().into()]);
            words.extend(overlay.owner.into_iter().flat_map(|owner| [OWNER.into(), owner.to_string().into()]));
            words.extend(overlay.lowers.iter().flat_map(|lower| [LOWER.into(), lower.clone().into()]));
            words.extend(overlay.covered.iter().flat_map(|place| [COVERED.into(), place.clone().into()]));
        }
        words.extend(self.answers_ownership.then(|| OWNERSHIP.into()));
        words.push(COMMAND.into());
        words.extend(command);
        words
    }

    /// The request of what follows [`ENTER`], and the command after it.
    pub(super) fn parse(words: &mut impl Iterator<Item = OsString>) -> Result<(Self, Vec<OsString>), String> {
        let mut request = Self::default();
        while let Some(word) = words.next() {
            let option = word.to_str().unwrap_or_default();
            if option == COMMAND {
                return Ok((request, words.collect()));
            }
            if option == OWNERSHIP {
                request.answers_ownership = true;
                continue;
            }
            let mut value = || words.next().ok_or_else(|| format!("{option} says nothing"));
            match (option, &mut request.overlay) {
                (NETWORK, _) => {
                    request.network = Some(Namespace { process: number(&value()?)?, inode: number(&value()?)? });
                }
                (OVERLAY, overlay) => {
                    let folder = value()?.into();
                    *overlay = Some(Overlay { folder, owner: None, lowers: Vec::new(), covered: Vec::new() });
                }
                (OWNER, Some(overlay)) => overlay.owner = Some(number(&value()?)?),
                (LOWER, Some(overlay)) => overlay.lowers.push(value()?.into()),
                (COVERED, Some(overlay)) => overlay.covered.push(value()?.into()),
                _ => return Err(format!("{option} is no word of plimsoll's")),
            }
        }
        Err(format!("{COMMAND} is missing"))
    }
}

fn number<T: std::str::FromStr>(word: &OsString) -> Result<T, String> {
    word.to_str().and_then(|word| word.parse().ok()).ok_or_else(|| format!("{} is no number", word.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        let overlay = Overlay {
            folder: "/a, b:c/session".into(),
            owner: Some(65534),
            lowers: vec!["/--lower".into(), "/--".into()],
            covered: vec!["opt/plimsoll probe".into()],
        };
        let request =
            Request { network: Some(Namespace { process: 7, inode: 4_026_531_840 }), overlay: Some(overlay), answers_ownership: true };
        let command = vec![OsString::from("bwrap"), "--".into(), "--overlay".into()];
        let words = request.words(command.clone());
        assert_eq!(words[0], ENTER);
        assert_eq!(Request::parse(&mut words.into_iter().skip(1)), Ok((request, command)));
        let refused = |words: &[&str]| Request::parse(&mut words.iter().map(OsString::from)).unwrap_err();
        assert_eq!(refused(&["--owner", "7", "--"]), "--owner is no word of plimsoll's");
        assert_eq!(refused(&["--network", "7", "x", "--"]), "x is no number");
        assert_eq!(refused(&["--overlay", "/x"]), "-- is missing");
    }
}
