//! A package of somebody else's by the name of its file: what makes pip bring just that one. Others write theirs in more forms than we do: with build
//! numbers, capital letters, and tags in any order.
//! <https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-format>

use plimsoll_model::FileName;

/// What pip is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// `name==version`.
    pub(crate) release: String,
    /// Options that leave one file of it.
    pub(crate) tags: Vec<String>,
}

/// What pip is asked for to have a file; none if its name is that of no wheel.
pub(crate) fn package(file: &FileName) -> Option<Package> {
    let parts = file.as_str().strip_suffix(".whl")?.split('-').collect::<Vec<_>>();
    let ([name, version, python, abi, platform] | [name, version, _, python, abi, platform]) = parts.as_slice() else { return None };
    if parts.iter().any(|part| part.is_empty()) {
        return None;
    }
    Some(Package { release: format!("{name}=={version}"), tags: options(python, abi, platform) })
}

fn options(python: &str, abi: &str, platform: &str) -> Vec<String> {
    let each = |option: &'static str, tags: &str| tags.split('.').flat_map(|tag| [option.to_owned(), tag.to_owned()]).collect::<Vec<_>>();
    let mut words = [each("--platform", platform), each("--abi", abi)].concat();
    // `cp39`, `py3`: an implementation, and a version if it is more than the first number.
    let of = |tag: &str| Some((tag.get(..2)?.to_owned(), tag.get(2..)?.to_owned()));
    let last = python.split('.').filter_map(of).max_by_key(|(_, version)| version.len());
    if let Some((implementation, version)) = last {
        words.extend(["--implementation".to_owned(), implementation]);
        if let Some((major, minor)) = version.split_at_checked(1).filter(|(_, minor)| !minor.is_empty()) {
            words.extend(["--python-version".to_owned(), format!("{major}.{minor}")]);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str) -> Option<String> {
        package(&name.parse().unwrap()).map(|package| format!("{} {}", package.release, package.tags.join(" ")))
    }

    #[test]
    fn pip_is_told_the_tags_of_a_file() {
        let pure = told("pytest-8.4.2-py3-none-any.whl").unwrap();
        assert_eq!(pure, "pytest==8.4.2 --platform any --abi none --implementation py");
        assert_eq!(
            told("MarkupSafe-2.1-1-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl").unwrap(),
            "MarkupSafe==2.1 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 --abi abi3 --implementation cp --python-version 3.9"
        );
        assert_eq!(told("six-1.16.0-py2.py3-none-any.whl").unwrap(), "six==1.16.0 --platform any --abi none --implementation py");
        for other in ["pytest-8.4.2.tar.gz", "pytest-8.4.2-py3-none.whl", "a--py3-none-any.whl", "a-1-1-2-py3-none-any.whl", "a.whl"] {
            assert_eq!(told(other), None, "{other}");
        }
    }
}
