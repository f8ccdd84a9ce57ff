//! Wheels for the stable ABI: what their modules import of Python must be in it, and be so old as the oldest Python that the wheel is for.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::abi3_names::STABLE;
use super::contents::Contents;
use super::file_name::WheelName;
use crate::facts::Facts;
use crate::python::{Findings, PackageCode, printable};

/// The minor version of Python 3 that brought a name into the stable ABI.
static SINCE: LazyLock<HashMap<&str, u32>> =
    LazyLock::new(|| STABLE.iter().flat_map(|(minor, names)| names.split(' ').map(move |name| (name, *minor))).collect());

/// Names that are shown of each sort.
const SHOWN: usize = 4;

pub(super) fn judge(name: &WheelName, contents: &Contents, findings: &mut Findings) {
    if !name.abis.iter().any(|abi| abi == "abi3" || abi == "abi3t") {
        return;
    }
    let Some(oldest) = name.pythons.iter().filter_map(|python| python.strip_prefix("cp3")?.parse::<u32>().ok()).min() else {
        let message = format!("is tagged {} for the stable ABI, and no Python as cp39 says from which one on", name.pythons.join("."));
        findings.tell(PackageCode::FileName, message, "tag it with the oldest CPython that it is for, such as cp39-abi3");
        return;
    };
    for (path, facts) in contents.facts() {
        for image in facts.images() {
            judge_image(path, image, oldest, findings);
        }
    }
}

fn judge_image(path: &str, image: &Facts, oldest: u32, findings: &mut Findings) {
    let (mut unstable, mut newer) = (Vec::new(), BTreeMap::<u32, Vec<&str>>::new());
    for symbol in imports(image) {
        match SINCE.get(symbol) {
            None => unstable.push(symbol),
            Some(since) if *since > oldest => newer.entry(*since).or_default().push(symbol),
            Some(_) => {}
        }
    }
    if !unstable.is_empty() {
        let message = format!("imports {}, which is in no stable ABI", shown(&unstable));
        let hint = "build it with Py_LIMITED_API (pyo3: the feature abi3), or tag the wheel for one Python";
        findings.tell_of(path, PackageCode::NotStableAbi, message, hint);
    }
    if let Some((since, symbols)) = newer.last_key_value() {
        let message = format!("imports {}, which is in the stable ABI since 3.{since}, and the wheel is for 3.{oldest}", shown(symbols));
        let hint = format!("tag the wheel cp3{since}-abi3, or build it for an older one (pyo3: the feature abi3-py3{oldest})");
        findings.tell_of(path, PackageCode::NewerPython, message, hint);
    }
    for library in bound(image) {
        let message = format!("is linked with {}, which one Python alone has", printable(library));
        findings.tell_of(path, PackageCode::NotStableAbi, message, "link it with python3.dll");
    }
}

fn shown(symbols: &[&str]) -> String {
    let more = symbols.len().saturating_sub(SHOWN);
    let shown = symbols.iter().take(SHOWN).map(|symbol| printable(symbol)).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// What it takes of Python.
fn imports(image: &Facts) -> Vec<&str> {
    let is_python = |symbol: &&str| symbol.starts_with("Py") || symbol.starts_with("_Py");
    let of_dlls = image.pe.iter().flat_map(|own| &own.imports).filter(|import| is_python_dll(&import.library));
    let of_dlls = of_dlls.flat_map(|import| &import.symbols).map(String::as_str);
    image.host_imports.iter().map(String::as_str).chain(of_dlls).filter(is_python).collect()
}

fn is_python_dll(library: &str) -> bool {
    library.to_ascii_lowercase().strip_prefix("python3").is_some_and(|rest| rest.ends_with(".dll"))
}

/// Libraries of one Python: `python311.dll`, but not `python3.dll`.
fn bound(image: &Facts) -> impl Iterator<Item = &str> {
    let dlls = image.pe.iter().flat_map(|own| &own.imports).map(|import| import.library.as_str());
    dlls.filter(|library| is_python_dll(library) && !["python3.dll", "python3t.dll"].contains(&library.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_each_name_once_and_in_order() {
        let count = STABLE.iter().map(|(_, names)| names.split(' ').count()).sum::<usize>();
        assert_eq!(SINCE.len(), count);
        for (minor, names) in STABLE {
            let names = names.split(' ').collect::<Vec<_>>();
            assert!(names.is_sorted() && names.iter().all(|name| !name.is_empty()), "{minor}");
        }
        assert_eq!(SINCE["PyType_FromSpec"], 2);
        assert_eq!(SINCE["PyObject_GetBuffer"], 11);
        assert_eq!(SINCE.get("PyUnicode_AsUTF8AndSize"), Some(&10));
        assert!(!SINCE.contains_key("PyUnicode_Concat_"));
    }
}
