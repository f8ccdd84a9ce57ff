//! Paths of the machine that built a file, left in its bytes: they tell a user nothing, differ between builders, and name people.
//!
//! Compressed sections are not searched; release files have none.

use aho_corasick::{AhoCorasick, MatchKind};
use serde::{Deserialize, Serialize};

/// Different paths that are reported of one file; the fault is the same with more.
const MAX_LEAKS: usize = 32;

/// Longest path that is shown, in bytes.
const MAX_SHOWN: usize = 256;

/// Folders that hold the folders of users.
const HOMES: [&str; 4] = ["/home/", "/Users/", "/root/", ":\\Users\\"];

/// Places below a home that only a Rust toolchain writes paths of into a program.
const TOOLCHAIN_FOLDERS: [&str; 6] =
    ["/.cargo/registry/", "/.cargo/git/", "/.rustup/toolchains/", "\\.cargo\\registry\\", "\\.cargo\\git\\", "\\.rustup\\toolchains\\"];

/// A path found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Leak {
    /// The path, from where the prefix begins to the first byte that paths do not have. May run into text behind it, since strings in a
    /// program need not end.
    pub path: String,
    /// Where in the file it first begins, in bytes.
    pub offset: u64,
}

impl Leak {
    /// The path lies in a folder of cargo or rustup: it comes from a compiler, and cannot be an example in a help text.
    pub fn is_from_toolchain(&self) -> bool {
        TOOLCHAIN_FOLDERS.iter().any(|folder| self.path.contains(folder))
    }
}

/// Occurrences of forbidden folders, each different path once, at most 32, in order of offset. One pass over the bytes.
///
/// A folder of one part (`/root`) only counts as a whole path's beginning, followed by a slash: it is too short to be told otherwise
/// from `/rootfs` or `https://host/root`. Longer ones count wherever they stand, because strings in a program stand side by side.
/// Empty entries and `/` are ignored; a slash at the end makes no difference.
pub fn leaked_paths(bytes: &[u8], forbidden: &[String]) -> Vec<Leak> {
    let folders = forbidden.iter().map(|path| path.trim_end_matches('/')).filter(|path| !path.is_empty()).collect::<Vec<_>>();
    search(bytes, &folders, |found| {
        let has_parts = found.folder.trim_start_matches('/').contains('/');
        has_parts || (found.rest.starts_with(b"/") && !found.before.is_some_and(is_name_byte))
    })
}

/// Paths in anybody's home: `/home/NAME/…`, `/Users/NAME/…`, `…:\\Users\\NAME\\…`, and cargo's and rustup's folders below `/root`. At most 32,
/// as above.
///
/// Suspects, not faults: a help text may show such a path. See [`Leak::is_from_toolchain`].
pub fn generic_leaks(bytes: &[u8]) -> Vec<Leak> {
    search(bytes, &HOMES, |found| {
        if found.folder == "/root/" {
            return found.rest.starts_with(b".cargo/") || found.rest.starts_with(b".rustup/");
        }
        let name = found.rest.iter().take_while(|byte| is_name_byte(**byte)).count();
        let slash = found.folder.as_bytes().last();
        let is_path = found.rest.get(name) == slash && found.rest.get(name + 1).is_some_and(|byte| is_name_byte(*byte));
        (1..=32).contains(&name) && is_path
    })
}

/// A place where a folder's name stands.
struct Found<'a> {
    folder: &'a str,
    before: Option<u8>,
    rest: &'a [u8],
}

fn search(bytes: &[u8], folders: &[&str], is_leak: impl Fn(&Found<'_>) -> bool) -> Vec<Leak> {
    if folders.is_empty() {
        return Vec::new();
    }
    // Fails only where the patterns are gigabytes: then nothing was looked for, and that is reported as a fault rather than passed.
    let Ok(automaton) = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(folders) else {
        return vec![Leak { path: "(too many forbidden paths to search for)".to_owned(), offset: 0 }];
    };
    let mut leaks = Vec::<Leak>::new();
    let mut places = automaton.find_iter(bytes).peekable();
    while let Some(place) = places.next() {
        let before = place.start().checked_sub(1).and_then(|at| bytes.get(at)).copied();
        let folder = folders.get(place.pattern().as_usize()).copied().unwrap_or_default();
        let rest = bytes.get(place.end()..).unwrap_or_default();
        if !is_leak(&Found { folder, before, rest }) {
            continue;
        }
        let limit = places.peek().map_or(bytes.len(), |next| next.start()).min(place.start() + MAX_SHOWN);
        let tail = bytes.get(place.end()..limit).unwrap_or_default();
        let path =
            tail.iter().take_while(|byte| is_path_byte(**byte) || (**byte == b'\\' && folder.contains('\\'))).map(|byte| char::from(*byte));
        let path = folder.chars().chain(path).collect::<String>();
        if leaks.iter().all(|known| known.path != path) {
            leaks.push(Leak { path, offset: place.start() as u64 });
        }
        if leaks.len() == MAX_LEAKS {
            break;
        }
    }
    leaks
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b'\\' | b':' | b';' | b',' | b'(' | b')')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(bytes: &[u8], forbidden: &[&str]) -> Vec<String> {
        let forbidden = forbidden.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
        leaked_paths(bytes, &forbidden).into_iter().map(|leak| leak.path).collect()
    }

    #[test]
    fn a_path_is_found_amid_other_strings_and_shown_to_its_end() {
        let bytes = b"\0\x01error/home/ann/work/src/main.rs\0tail";
        assert_eq!(paths(bytes, &["/home/ann/work/"]), ["/home/ann/work/src/main.rs"]);
        let leak = &leaked_paths(bytes, &["/home/ann".to_owned()])[0];
        assert_eq!(leak.offset, 7);
        assert!(paths(bytes, &["/home/bob", "", "/"]).is_empty());
    }

    #[test]
    fn strings_side_by_side_are_two_paths_and_repeats_are_one() {
        let bytes = b"/w/a/x.rs/w/a/y.rs\0/w/a/x.rs\0";
        assert_eq!(paths(bytes, &["/w/a"]), ["/w/a/x.rs", "/w/a/y.rs"]);
        assert_eq!(paths(bytes, &["/w/a", "/w/a/y.rs"]), ["/w/a/x.rs", "/w/a/y.rs"], "of overlapping folders the longest counts");
    }

    #[test]
    fn a_short_folder_needs_clear_bounds() {
        assert_eq!(paths(b"\0/root/build/x.c\0", &["/root"]), ["/root/build/x.c"]);
        for innocent in [&b"/rootfs/x"[..], b"https://host.example/root/x", b"/root\0"] {
            assert!(paths(innocent, &["/root"]).is_empty(), "{innocent:?}");
        }
    }

    #[test]
    fn the_list_is_bounded_in_number_and_in_length() {
        let many = (0..1000).map(|n| format!("/w/a/{n}\0")).collect::<String>();
        assert_eq!(paths(many.as_bytes(), &["/w/a"]).len(), MAX_LEAKS);
        let long = format!("/w/a/{}", "x".repeat(100_000));
        assert_eq!(paths(long.as_bytes(), &["/w/a"])[0].len(), MAX_SHOWN);
    }

    #[test]
    fn homes_of_anybody_are_suspects() {
        let of = |bytes: &[u8]| generic_leaks(bytes).into_iter().map(|leak| leak.path).collect::<Vec<_>>();
        assert_eq!(of(b"\0/home/ann/.cargo/registry/src/x/lib.rs\0"), ["/home/ann/.cargo/registry/src/x/lib.rs"]);
        assert_eq!(of(b"\0/Users/ann/x\0/root/.cargo/registry/y\0"), ["/Users/ann/x", "/root/.cargo/registry/y"]);
        assert_eq!(of(b"C:\\Users\\ann\\.cargo\\git\\x\0"), [":\\Users\\ann\\.cargo\\git\\x"]);
        for innocent in [
            &b"/home/\0"[..],
            b"C:\\Users\\ann",
            b"C:\\Users/ann/x",
            b"/home/ann\0",
            b"/root/x\0",
            b"/home//x",
            b"/home/{user}/x",
            b"/home/ann/\0",
        ] {
            assert!(of(innocent).is_empty(), "{innocent:?}");
        }
        assert!(generic_leaks(b"/home/ann/.cargo/registry/x")[0].is_from_toolchain());
        assert!(!generic_leaks(b"/home/ann/notes.txt")[0].is_from_toolchain());
    }
}
