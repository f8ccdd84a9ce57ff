//! Which files of a project are its licences: patterns, and what they match.
//! <https://packaging.python.org/en/latest/specifications/pyproject-toml/#license-files>

use crate::shown::shown;
use crate::tree::TreePath;

/// A pattern of PEP 639: `*`, `?`, `[a-z]`, and `**` for any number of folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicensePattern(String);

/// Why a text is no pattern of licence files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no pattern of licence files: a path below the project's folder with `/` between, without `..`, and with `*`, `?`, `[…]` or `**`"
)]
pub struct InvalidLicensePattern(String);

/// Which files are licences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LicenseFiles {
    /// The usual names in the project's folder, if they are there.
    Usual,
    /// What these match; each must match a file. With the key that names them.
    Named(Vec<(String, LicensePattern)>),
}

/// A pattern that matches nothing: a licence that is named and absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unmatched {
    pub key: String,
    pub pattern: String,
}

/// What PEP 639 gives as an example of what tools take if a project says nothing.
const USUAL: [&str; 4] = ["LICEN[CS]E*", "COPYING*", "NOTICE*", "AUTHORS*"];

impl LicensePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It climbs, is absolute, or has what is no part of a path.
    pub fn parse(text: &str) -> Result<Self, InvalidLicensePattern> {
        let sound = |c: char| c.is_alphanumeric() || "_-. ()+@*?".contains(c);
        let part_is_sound = |part: &str| {
            let Some(bare) = without_sets(part) else { return false };
            !part.is_empty() && part != "." && !part.contains("..") && bare.chars().all(sound) && (part == "**" || !part.contains("**"))
        };
        if text.len() <= 1024 && text.split('/').all(part_is_sound) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidLicensePattern(shown(text)))
        }
    }

    /// The very path, with nothing that stands for something else.
    pub fn of_path(path: &TreePath) -> Self {
        let escaped = |c: char| if "*?[".contains(c) { format!("[{c}]") } else { c.to_string() };
        Self(path.as_str().chars().map(escaped).collect())
    }

    fn matches(&self, path: &TreePath) -> bool {
        let pattern = self.0.split('/').collect::<Vec<_>>();
        let path = path.components().collect::<Vec<_>>();
        // Which beginnings of the path the pattern's parts so far match, by length.
        let mut reached = vec![false; path.len() + 1];
        reached[0] = true;
        for part in pattern {
            let mut next = vec![false; path.len() + 1];
            for at in 0..=path.len() {
                if part == "**" {
                    next[at] = reached[at] || at > 0 && next[at - 1];
                } else if at > 0 {
                    next[at] = reached[at - 1] && part_matches(part, path[at - 1]);
                }
            }
            reached = next;
        }
        reached[path.len()]
    }
}

/// The part without its `[…]`; none if one of them is not closed or odd.
fn without_sets(part: &str) -> Option<String> {
    let mut bare = String::new();
    let mut rest = part;
    while let Some((before, set)) = rest.split_once('[') {
        let (set, after) = set.split_once(']')?;
        let sound = |c: char| c.is_alphanumeric() || "_-.*?[".contains(c);
        if set.is_empty() || !set.chars().all(sound) {
            return None;
        }
        bare.push_str(before);
        rest = after;
    }
    bare.push_str(rest);
    Some(bare)
}

/// What one place of a part stands for.
enum Place {
    Any,
    Set(Vec<char>),
    One(char),
    Many,
}

impl Place {
    fn is(&self, character: char) -> bool {
        match self {
            Self::Any => true,
            Self::One(own) => *own == character,
            Self::Set(set) => in_set(set, character),
            Self::Many => false,
        }
    }
}

fn in_set(set: &[char], character: char) -> bool {
    let mut at = 0;
    while at < set.len() {
        if set.get(at + 1) == Some(&'-') && at + 2 < set.len() {
            if (set[at]..=set[at + 2]).contains(&character) {
                return true;
            }
            at += 3;
        } else {
            if set[at] == character {
                return true;
            }
            at += 1;
        }
    }
    false
}

fn part_matches(part: &str, name: &str) -> bool {
    let name = name.chars().collect::<Vec<_>>();
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for place in places(part) {
        let mut next = vec![false; name.len() + 1];
        for at in 0..=name.len() {
            next[at] = match place {
                Place::Many => reached[at] || at > 0 && next[at - 1],
                _ => at > 0 && reached[at - 1] && place.is(name[at - 1]),
            };
        }
        reached = next;
    }
    reached[name.len()]
}

fn places(part: &str) -> Vec<Place> {
    let mut places = Vec::new();
    let mut characters = part.chars();
    while let Some(character) = characters.next() {
        places.push(match character {
            '*' => Place::Many,
            '?' => Place::Any,
            '[' => Place::Set(characters.by_ref().take_while(|c| *c != ']').collect()),
            other => Place::One(other),
        });
    }
    places
}

impl LicenseFiles {
    /// The licences among the project's files, sorted, each once.
    pub(super) fn among<'f>(&self, files: impl IntoIterator<Item = &'f TreePath>) -> Result<Vec<TreePath>, Unmatched> {
        let files = files.into_iter().collect::<Vec<_>>();
        let of =
            |pattern: &LicensePattern| files.iter().filter(|path| pattern.matches(path)).map(|path| (*path).clone()).collect::<Vec<_>>();
        let mut found = Vec::new();
        match self {
            Self::Usual => found.extend(USUAL.into_iter().flat_map(|pattern| of(&LicensePattern(pattern.to_owned())))),
            Self::Named(patterns) => {
                for (key, pattern) in patterns {
                    let matched = of(pattern);
                    if matched.is_empty() {
                        return Err(Unmatched { key: key.clone(), pattern: pattern.0.clone() });
                    }
                    found.extend(matched);
                }
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(patterns: &[&str], files: &[&str]) -> Result<Vec<String>, String> {
        let patterns = patterns.iter().map(|text| ("key".to_owned(), LicensePattern::parse(text).unwrap())).collect();
        let files = files.iter().map(|path| path.parse().unwrap()).collect::<Vec<TreePath>>();
        let found = LicenseFiles::Named(patterns).among(&files).map_err(|unmatched| unmatched.pattern)?;
        Ok(found.iter().map(TreePath::to_string).collect())
    }

    #[test]
    fn patterns_match_as_pep_639_says() {
        let files = ["LICENSE", "LICENSE.txt", "LICENCE", "a/LICENSE", "a/b/LICENSE", "a/x.py", "COPYING"];
        assert_eq!(found(&["LICENSE"], &files).unwrap(), ["LICENSE"]);
        assert_eq!(found(&["LICEN[CS]E*"], &files).unwrap(), ["LICENCE", "LICENSE", "LICENSE.txt"]);
        assert_eq!(found(&["**/LICENSE"], &files).unwrap(), ["LICENSE", "a/LICENSE", "a/b/LICENSE"]);
        assert_eq!(found(&["a/**"], &files).unwrap(), ["a/LICENSE", "a/b/LICENSE", "a/x.py"]);
        assert_eq!(found(&["?OPYIN[A-H]", "COPYING"], &files).unwrap(), ["COPYING"]);
        assert_eq!(found(&["*"], &files).unwrap().len(), 4);
        assert_eq!(found(&[], &files).unwrap().len(), 0);
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_told_and_the_usual_names_need_not_be_there() {
        assert_eq!(found(&["LICENSE", "NOTICE"], &["LICENSE"]), Err("NOTICE".to_owned()));
        assert_eq!(LicenseFiles::Usual.among(&[]), Ok(vec![]));
        let files = ["NOTICE.md", "src/LICENSE", "README", "LICENSE-MIT"].map(|path| path.parse().unwrap());
        let usual = LicenseFiles::Usual.among(&files).unwrap();
        assert_eq!(usual.iter().map(TreePath::as_str).collect::<Vec<_>>(), ["LICENSE-MIT", "NOTICE.md"]);
    }

    #[test]
    fn patterns_that_climb_or_are_odd_are_refused() {
        for text in ["", "/LICENSE", "../LICENSE", "a/../b", "a\\b", "a//b", "LICENSE/", "[", "a]b[", "[]", "a**", "{a,b}", "a\n", "./a"] {
            assert!(LicensePattern::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_path_stands_for_itself_alone_and_stars_end() {
        let odd: TreePath = "a*[b]?".parse().unwrap();
        assert!(LicensePattern::of_path(&odd).matches(&odd));
        assert!(!LicensePattern::of_path(&odd).matches(&"axbx".parse().unwrap()));
        let many = LicensePattern::parse(&"*a".repeat(60)).unwrap();
        assert!(!many.matches(&"ab".repeat(127).parse().unwrap()));
    }
}
