//! From a request's target to its path in plain text. Knows no service; whoever needs the raw target has it.

/// The path of a target, decoded, without its query; none if it is not plain text, or an encoded slash in it would become a separator.
pub(super) fn decoded_path(target: &str) -> Option<String> {
    let path = target.split('?').next().unwrap_or_default();
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
        let value = (digit()? * 16 + digit()?) as u8;
        // An encoded slash is no separator for a client, so it must not become one here.
        if value == b'/' {
            return None;
        }
        decoded.push(value);
    }
    String::from_utf8(decoded).ok().filter(|path| !path.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_and_plain_paths_are_decoded() {
        assert_eq!(decoded_path("/a%20b/c?d=/../e").as_deref(), Some("/a b/c"));
        assert_eq!(decoded_path("/a+b%2B").as_deref(), Some("/a+b+"), "plus is a space in forms only");
        for target in ["/%", "/%2", "/%zz", "/%ff", "/a%2fb", "/a%2Fb", "/a%00b", "/%0a"] {
            assert_eq!(decoded_path(target), None, "{target}");
        }
    }
}
