//! Which crate may depend on which, and what a pure crate may not depend on.

use super::rules::Breach;

/// Each crate with those of our own that it may use, tests left out.
const LAYERS: &[(&str, &[&str])] = &[
    ("plimsoll-model", &[]),
    ("plimsoll-inspect", &["plimsoll-model"]),
    ("plimsoll-pack", &["plimsoll-model", "plimsoll-inspect"]),
    ("plimsoll-store", &["plimsoll-model", "plimsoll-pack"]),
    ("plimsoll-elixir", &["plimsoll-model"]),
    ("plimsoll-exec", &["plimsoll-model", "plimsoll-store"]),
    ("plimsoll-version", &["plimsoll-model", "plimsoll-store", "plimsoll-elixir", "plimsoll-exec"]),
    ("plimsoll-roots", &["plimsoll-model", "plimsoll-inspect", "plimsoll-store", "plimsoll-exec", "plimsoll-fetch"]),
    ("plimsoll-fetch", &["plimsoll-model"]),
    ("plimsoll-harbor", &["plimsoll-model"]),
    ("plimsoll-version-line", &[]),
    (
        "plimsoll",
        &[
            "plimsoll-model",
            "plimsoll-inspect",
            "plimsoll-pack",
            "plimsoll-store",
            "plimsoll-elixir",
            "plimsoll-exec",
            "plimsoll-version",
            "plimsoll-roots",
            "plimsoll-fetch",
            "plimsoll-harbor",
        ],
    ),
];

/// Crates that see values only.
const PURE: [&str; 4] = ["plimsoll-model", "plimsoll-inspect", "plimsoll-pack", "plimsoll-elixir"];

/// Crates of the workspace that are never released: no crate that is may depend on them, tests left out.
const UNRELEASED: [&str; 3] = ["acceptance", "test-needs", "xtask"];

/// Packages whose whole point is an effect.
const EFFECTFUL: [&str; 12] =
    ["cargo_metadata", "ctrlc", "ignore", "indicatif", "jobserver", "rayon", "reqwest", "rustix", "tempfile", "tokio", "ureq", "walkdir"];

/// Whether a crate is released, by its `Cargo.toml`.
pub fn is_released(text: &str) -> bool {
    let manifest = text.parse::<toml::Table>().unwrap_or_default();
    let publish = manifest.get("package").and_then(|package| package.get("publish"));
    publish.and_then(toml::Value::as_bool).unwrap_or(true)
}

/// Holds one crate's `Cargo.toml` against the layers.
pub fn check(path: &str, text: &str) -> Vec<Breach> {
    let breach = |message: String| Breach { rule: "layers", place: path.to_owned(), message };
    let Ok(manifest) = text.parse::<toml::Table>() else { return vec![breach("is not TOML".to_owned())] };
    let table = |name: &str| manifest.get(name).and_then(toml::Value::as_table);
    let name = table("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str).unwrap_or_default();
    let Some((_, allowed)) = LAYERS.iter().find(|(known, _)| *known == name) else {
        return vec![breach(format!("`{name}` has no place in the layers; give it one in xtask/src/boundaries/layers.rs"))];
    };
    let dependencies = table("dependencies").into_iter().flat_map(|table| table.keys());
    dependencies
        .filter_map(|dependency| {
            if dependency.starts_with("plimsoll") && !allowed.contains(&dependency.as_str()) {
                Some(breach(format!("depends on {dependency}, which is not below it")))
            } else if UNRELEASED.contains(&dependency.as_str()) {
                Some(breach(format!("depends on {dependency}, which is never released")))
            } else if PURE.contains(&name) && EFFECTFUL.contains(&dependency.as_str()) {
                Some(breach(format!("is pure and depends on {dependency}")))
            } else {
                None
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(name: &str, dependency: &str) -> usize {
        let text =
            format!("[package]\nname = \"{name}\"\n[dependencies]\n{dependency}.workspace = true\n[dev-dependencies]\ntempfile = \"3\"\n");
        check("crates/x/Cargo.toml", &text).len()
    }

    #[test]
    fn a_crate_is_released_unless_it_says_otherwise() {
        assert!(is_released("[package]\nname = \"a\"\n"));
        assert!(!is_released("[package]\nname = \"a\"\npublish = false\n"));
    }

    #[test]
    fn crates_depend_downwards_and_pure_ones_on_no_effect() {
        assert_eq!(broken("plimsoll-fetch", "plimsoll-store"), 1);
        assert_eq!(broken("plimsoll-model", "plimsoll-pack"), 1);
        assert_eq!(broken("plimsoll-pack", "tempfile"), 1);
        assert_eq!(broken("plimsoll-new", "serde"), 1);
        assert_eq!(broken("plimsoll", "test-needs"), 1);
        assert_eq!((broken("plimsoll-store", "tempfile"), broken("plimsoll", "plimsoll-harbor")), (0, 0));
    }
}
