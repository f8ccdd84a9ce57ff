//! Names of extension modules, which say for which Python they are: `_core.cpython-312-x86_64-linux-gnu.so`, `_core.cp312-win_amd64.pyd`.

/// What a module's file name promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Suffix {
    /// One CPython: `cp312`, `cp313t`.
    Cpython(String),
    /// Any Python 3, by the stable ABI, or one that the name does not tell.
    Other,
}

/// None where it is no name of an extension module.
pub(super) fn read(path: &str) -> Option<Suffix> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, is_windows) = match (name.strip_suffix(".so"), name.strip_suffix(".pyd")) {
        (Some(stem), _) => (stem, false),
        (_, Some(stem)) => (stem, true),
        _ => return None,
    };
    let Some((_, tag)) = stem.split_once('.') else { return is_windows.then_some(Suffix::Other) };
    let mut parts = tag.split('-');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let version = if is_windows { first.strip_prefix("cp") } else { Some(second).filter(|_| first == "cpython") };
    let is_version = |text: &&str| text.starts_with('3') && text.len() < 8 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match version.filter(is_version) {
        Some(version) => Some(Suffix::Cpython(format!("cp{version}"))),
        None if is_windows || tag == "abi3" || tag == "abi3t" => Some(Suffix::Other),
        // A plain library may have dots in its name.
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_names() {
        let one = |version: &str| Some(Suffix::Cpython(version.to_owned()));
        assert_eq!(read("a/_core.cpython-312-x86_64-linux-gnu.so"), one("cp312"));
        assert_eq!(read("a/_core.cpython-313t-darwin.so"), one("cp313t"));
        assert_eq!(read("_core.cp39-win_amd64.pyd"), one("cp39"));
        assert_eq!(read("_core.abi3.so"), Some(Suffix::Other));
        assert_eq!(read("_core.pyd"), Some(Suffix::Other));
        for name in ["libfoo.so", "libfoo.1.2.so", "libfoo.so.1", "a.dll", "_core.py"] {
            assert_eq!(read(name), None, "{name}");
        }
    }
}
