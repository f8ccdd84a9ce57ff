//! Where symbolic links lead, judged in the folder that is placed and not in the archive: users have a single root folder taken away, and what
//! lies beside it for an archive is another's for them.
//!
//! A way is followed by its text. That is where it leads on every system only if no step passes another link, and none climbs out of what is
//! no folder: on a file system that folds case, `UP` may be the link `up`.

use super::error::{LinkProblem, NameProblem, UnpackError, shown};
use super::path::{MAX_PATH, component_problem};
use super::tree::Member;

/// A link to be made when everything else is there.
pub(super) struct Link {
    pub path: String,
    pub target: Vec<u8>,
}

impl Link {
    fn refused(&self, problem: LinkProblem) -> UnpackError {
        UnpackError::Link { path: self.path.clone(), target: shown(&self.target), problem }
    }

    /// Its target as text: relative, and of characters that paths have.
    fn text(&self) -> Result<&str, UnpackError> {
        let text = std::str::from_utf8(&self.target).map_err(|_| self.refused(LinkProblem::NotPlain))?;
        if text.starts_with('/') {
            return Err(self.refused(LinkProblem::Absolute));
        }
        if text.is_empty() || text.len() > MAX_PATH || text.contains('\\') || text.chars().any(char::is_control) {
            return Err(self.refused(LinkProblem::NotPlain));
        }
        Ok(text.trim_end_matches('/'))
    }

    /// Whether its text stays in the archive; the rest is known when everything is there.
    pub(super) fn check_text(&self) -> Result<(), UnpackError> {
        self.follow("", |_, _| Ok(()))
    }

    /// Whether it stays in the folder `placed` of the archive, which is empty if that is the whole archive.
    pub(super) fn check<'m>(&self, placed: &str, member: impl Fn(&str) -> Option<&'m Member>) -> Result<(), UnpackError> {
        self.follow(placed, |at, climbs| match member(at) {
            Some(Member::Symlink) => Err(LinkProblem::ThroughLink),
            None | Some(Member::File) if climbs => Err(LinkProblem::NoFolder),
            _ => Ok(()),
        })
    }

    /// Walks to the target; `pass` gets each place that is left on the way, and whether it is left upwards.
    fn follow(&self, placed: &str, pass: impl Fn(&str, bool) -> Result<(), LinkProblem>) -> Result<(), UnpackError> {
        let refused = |problem| self.refused(problem);
        let mut at = self.path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        for component in self.text()?.split('/').filter(|component| *component != ".") {
            let climbs = match component_problem(component) {
                None => false,
                Some(NameProblem::Climbs) => true,
                Some(_) => return Err(refused(LinkProblem::NotPlain)),
            };
            if climbs && at == placed {
                return Err(refused(if placed.is_empty() { LinkProblem::Leaves } else { LinkProblem::LeavesFolder }));
            }
            if !at.is_empty() {
                pass(&at, climbs).map_err(refused)?;
            }
            if climbs {
                at.truncate(at.rfind('/').unwrap_or_default());
            } else {
                if !at.is_empty() {
                    at.push('/');
                }
                at.push_str(component);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(path: &str, target: &[u8], placed: &str, members: &[(&str, Member)]) -> Option<LinkProblem> {
        let link = Link { path: path.to_owned(), target: target.to_owned() };
        let member = |wanted: &str| members.iter().find(|(name, _)| *name == wanted).map(|(_, member)| member);
        match link.check_text().and_then(|()| link.check(placed, member)) {
            Ok(()) => None,
            Err(UnpackError::Link { problem, .. }) => Some(problem),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn text_alone_refuses_what_is_no_plain_way_inside() {
        for target in [b"..".as_slice(), b"x/../../y", b"/x", b"", b"a\\b", b"a//b", b"\xff", b"c:/x", b"a\nb", b"//", b"./.."] {
            assert!(Link { path: "link".to_owned(), target: target.to_owned() }.check_text().is_err(), "{target:?}");
        }
    }

    #[test]
    fn a_link_is_judged_in_the_folder_that_is_placed() {
        let members = [("root", Member::Folder), ("root/d", Member::ImpliedFolder), ("root/f", Member::File), ("root/up", Member::Symlink)];
        let found = |path, target: &str| problem(path, target.as_bytes(), "root", &members);
        for (path, target) in [("root/l", "."), ("root/l", "f/"), ("root/d/l", ".."), ("root/d/l", "../f"), ("root/l", "d/../f")] {
            assert_eq!(found(path, target), None, "{target}");
        }
        for (path, target) in
            [("root/l", ".."), ("root/l", "../x"), ("root/l", "./../root/f"), ("root/d/l", "../../root"), ("root/l", "d/../..")]
        {
            assert_eq!(found(path, target), Some(LinkProblem::LeavesFolder), "{target}");
        }
        assert_eq!(found("root/l", "../.."), Some(LinkProblem::Leaves));
        assert_eq!(found("root/l", "up/../f"), Some(LinkProblem::ThroughLink));
        assert_eq!(found("root/l", "up/f"), Some(LinkProblem::ThroughLink));
        assert_eq!(found("root/l", "up"), None, "the last one is checked in its own turn");
        assert_eq!(found("root/l", "UP/../f"), Some(LinkProblem::NoFolder), "a file system may take it for `up`");
        assert_eq!(found("root/l", "f/../d"), Some(LinkProblem::NoFolder));
        assert_eq!(found("root/l", "none/file"), None, "a link to nothing leads nowhere else");
        assert_eq!(problem("l", b"..", "", &members), Some(LinkProblem::Leaves));
    }
}
