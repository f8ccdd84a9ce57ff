//! Strings in files: where they end, and how long they may be.

/// Longest string that is taken from a file, in bytes; PATH_MAX of Linux, and more than that of macOS and Windows.
pub(crate) const MAX_STRING: usize = 4096;

/// Longest name of a symbol that is kept, in bytes; longer ones are cut.
pub(crate) const MAX_SYMBOL_NAME: usize = 512;

/// The string that begins at an offset, without its NUL. None where it has no end within [`MAX_STRING`] bytes.
pub(crate) fn string_at(strings: &[u8], offset: u64) -> Option<&[u8]> {
    let rest = strings.get(usize::try_from(offset).ok()?..)?;
    let window = &rest[..rest.len().min(MAX_STRING + 1)];
    window.iter().position(|byte| *byte == 0).map(|end| &window[..end])
}

/// The name that begins at an offset, cut at [`MAX_SYMBOL_NAME`]: what is looked for is told by its beginning.
pub(crate) fn symbol_name_at(strings: &[u8], offset: u64) -> Option<&[u8]> {
    let rest = strings.get(usize::try_from(offset).ok()?..)?;
    let window = &rest[..rest.len().min(MAX_SYMBOL_NAME)];
    Some(window.iter().position(|byte| *byte == 0).map_or(window, |end| &window[..end]))
}

/// The string in a field of fixed size, which need not end with a NUL.
pub(crate) fn fixed(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// As text; what is not UTF-8 is replaced.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_at_a_nul_within_bounds() {
        assert_eq!(string_at(b"ab\0cd", 0), Some(&b"ab"[..]));
        assert_eq!(string_at(b"ab\0cd", 3), None);
        assert_eq!(string_at(b"ab", 9), None);
        assert_eq!(string_at(&[b'a'; 5000], 0), None);
        assert_eq!(symbol_name_at(&[b'a'; 5000], 0).map(<[u8]>::len), Some(MAX_SYMBOL_NAME));
        assert_eq!(symbol_name_at(b"x\0y", 2), Some(&b"y"[..]));
        assert_eq!(fixed(b"__TEXT\0\0"), b"__TEXT");
    }
}
