//! The exports trie: names that other programs can look up, shared beginnings written once.
//!
//! Layout: comment at `dyld_info_command` of `mach-o/loader.h`. Only ways that lead to wanted names are followed, and every byte that is
//! looked at is counted, so that a trie whose ways meet again costs no more than one that is sound.

use crate::error::InspectError;
use crate::strings::{MAX_SYMBOL_NAME, lossy};

/// Names that are wanted whole, and beginnings of names that are wanted.
const WHOLE: &[u8] = b"_nif_init";
const BEGINNING: &[u8] = b"_PyInit_";

/// Names that are kept.
const MAX_NAMES: usize = 1024;

/// Ways that are known and not yet followed.
const MAX_OPEN: usize = 65_536;

/// Reader of one trie.
struct Trie<'data> {
    bytes: &'data [u8],
    offset: u64,
    /// Bytes that may still be looked at.
    budget: usize,
}

/// `nif_init` and `PyInit_*`, sorted, without the leading underscore. `offset` is where the trie begins in the file.
pub(super) fn entry_points(bytes: &[u8], offset: u64) -> Result<Vec<String>, InspectError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let mut trie = Trie { bytes, offset, budget: bytes.len().saturating_mul(2).saturating_add(64) };
    let mut found = Vec::new();
    let mut open = vec![(0, Vec::new())];
    while let Some((node, name)) = open.pop() {
        let children = trie.node(node, &name, &mut found)?;
        open.extend(children);
        if found.len() > MAX_NAMES || open.len() > MAX_OPEN {
            return Err(InspectError::TooMany { what: "exported entry points", limit: MAX_NAMES });
        }
    }
    let mut names = found.iter().map(|name| lossy(name.strip_prefix(b"_").unwrap_or(name))).collect::<Vec<_>>();
    names.sort();
    names.dedup();
    Ok(names)
}

impl Trie<'_> {
    /// Keeps the name if it ends here and is wanted; the wanted ones of the nodes below.
    fn node(&mut self, node: usize, name: &[u8], found: &mut Vec<Vec<u8>>) -> Result<Vec<(usize, Vec<u8>)>, InspectError> {
        let mut at = node;
        let size = self.number(&mut at)?;
        if size > 0 && (name == WHOLE || (name.starts_with(BEGINNING) && name.len() > BEGINNING.len())) {
            found.push(name.to_owned());
        }
        at = usize::try_from(size).ok().and_then(|size| at.checked_add(size)).ok_or_else(|| self.cut_off())?;
        let count = self.byte(&mut at)?;
        let mut children = Vec::new();
        for _ in 0..count {
            let mut longer = name.to_owned();
            loop {
                match self.byte(&mut at)? {
                    0 => break,
                    _ if longer.len() == MAX_SYMBOL_NAME => {}
                    byte => longer.push(byte),
                }
            }
            let child = self.number(&mut at)?;
            if WHOLE.starts_with(&longer) || BEGINNING.starts_with(&longer) || longer.starts_with(BEGINNING) {
                children.push((usize::try_from(child).map_err(|_| self.cut_off())?, longer));
            }
        }
        Ok(children)
    }

    fn byte(&mut self, at: &mut usize) -> Result<u8, InspectError> {
        let byte = self.bytes.get(*at).copied().ok_or_else(|| self.cut_off())?;
        self.budget = self.budget.checked_sub(1).ok_or_else(|| self.malformed("its ways meet again"))?;
        *at += 1;
        Ok(byte)
    }

    /// A ULEB128 number of at most 64 bits.
    fn number(&mut self, at: &mut usize) -> Result<u64, InspectError> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte(at)?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.malformed("it has a number of more than 64 bits"))
    }

    fn cut_off(&self) -> InspectError {
        self.malformed("a node lies outside of it")
    }

    fn malformed(&self, reason: &'static str) -> InspectError {
        InspectError::Malformed { what: "exports", offset: self.offset, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `_nif_init` and `_PyInit_a`, with `_other` beside them.
    const SOUND: &[u8] = b"\0\x01_\0\x05\0\x03nif_init\0\x22PyInit_a\0\x26other\0\x2a\x02\0\0\0\x02\0\0\0\x02\0\0\0";

    #[test]
    fn wanted_names_are_found() {
        assert_eq!(entry_points(SOUND, 0).unwrap(), ["PyInit_a", "nif_init"]);
        assert_eq!(entry_points(b"", 0).unwrap(), [""; 0]);
    }

    #[test]
    fn a_trie_that_leads_back_or_out_is_refused() {
        assert!(entry_points(b"\0\x01\0\0", 0).is_err(), "back to itself");
        assert!(entry_points(b"\0\x01_\0\x7f", 0).is_err());
        assert!(entry_points(b"\0\x02\0\0\0\0", 0).is_err(), "twice as many with each level");
        assert!(entry_points(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 0).is_err());
        for length in 1..SOUND.len() {
            let _ = entry_points(&SOUND[..length], 0);
        }
    }
}
