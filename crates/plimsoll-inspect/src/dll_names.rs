//! Names of DLLs as Windows' loader reads them.

/// The file that is looked for: a name without a suffix gets `.dll`, and capitals are of no consequence.
pub(crate) fn completed(name: &str) -> String {
    let suffix = if name.contains('.') { "" } else { ".dll" };
    format!("{}{suffix}", name.to_ascii_lowercase())
}

/// Whether a completed name leads to a place, where a name is expected: such a library is loaded from there, whatever its name begins with.
pub(crate) fn is_path(name: &str) -> bool {
    name.contains(['/', '\\', ':'])
}

/// Whether a completed name is one of an API set that begins so: `api-ms-win-core-synch-l1-2-0.dll` for `api-ms-win-`.
///
/// Any other name is that of a file, which is looked for beside the program first. The form is that of
/// <https://learn.microsoft.com/windows/win32/apiindex/windows-apisets>: letters, digits and dashes, then `l`, and three numbers.
pub(crate) fn is_api_set(name: &str, prefix: &str) -> bool {
    let Some(contract) = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(".dll")) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = contract.rsplitn(4, '-');
    let numbers = parts.by_ref().take(2).filter(|part| is_number(part)).count();
    let has_level = parts.next().and_then(|part| part.strip_prefix('l')).is_some_and(is_number);
    let group = parts.next().unwrap_or_default();
    numbers == 2 && has_level && !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_completes_a_name_without_a_suffix() {
        for (name, file) in [("KERNEL32", "kernel32.dll"), ("WinSpool.DRV", "winspool.drv"), ("a.b", "a.b"), ("", ".dll")] {
            assert_eq!(completed(name), file);
        }
    }

    #[test]
    fn api_sets_are_known_by_their_form() {
        for name in ["api-ms-win-core-synch-l1-2-0.dll", "api-ms-win-crt-heap-l1-1-0.dll", "api-ms-win-shcore-stream-winrt-l1-1-0.dll"] {
            assert!(is_api_set(name, "api-ms-win-"), "{name}");
        }
        for name in [
            "api-ms-win-evil.dll",
            "api-ms-win-l1-1-0.dll",
            "api-ms-win-x-l1-1.dll",
            "api-ms-win-x-1-1-0.dll",
            "api-ms-win-x-l-1-0.dll",
            "api-ms-win-x-l1-1-0",
            "api-ms-win-x-l1-1-0.drv",
            "api-ms-win-x-l1-1-.dll",
            "api-ms-win-x\\..\\..\\evil-l1-1-0.dll",
            "api-ms-win-x.y-l1-1-0.dll",
            "ext-ms-win-x-l1-1-0.dll",
        ] {
            assert!(!is_api_set(name, "api-ms-win-"), "{name}");
        }
    }
}
