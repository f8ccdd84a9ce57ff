//! The list of keys agrees with itself and with the reference page.

use super::*;

#[test]
fn children_know_every_kind() {
    assert_eq!(
        children(""),
        [
            "archive", "core", "deferred", "epoch", "file", "gates", "generate", "name", "nif", "planned", "prebuilt", "previous",
            "publish", "root", "static", "target", "targets", "test", "version", "wheel"
        ]
    );
    assert!(children("archive.NAME").contains(&"files") && !children("archive.NAME").contains(&"binary"));
    assert!(children("static.NAME").contains(&"binary") && !children("static.NAME").contains(&"files"));
    assert_eq!(children("KIND.NAME.probe.expect"), ["output", "status"]);
    assert_eq!(children("target.TARGET"), ["builder", "glibc", "macos", "native", "roots"]);
}

#[test]
fn later_keys_are_known_in_their_place_only() {
    assert_eq!(later_subject("", "sdist"), Some("source distributions"));
    assert_eq!(later_subject("archive.NAME", "bundle"), Some("bundled libraries"));
    assert_eq!(later_subject("static.NAME", "bundle"), None);
    assert_eq!(later_subject("", "archive"), None);
}

#[test]
fn no_key_is_listed_twice_and_each_says_what_it_means() {
    let mut paths = keys().into_iter().map(|key| key.path).collect::<Vec<_>>();
    paths.sort_unstable();
    assert!(paths.windows(2).all(|pair| pair[0] != pair[1]));
    assert!(keys().iter().all(|key| key.meaning.ends_with('.') && !key.takes.is_empty()));
}

#[test]
fn the_reference_page_has_every_key_as_it_is_here() {
    // Lines are filled, so that white space does not count.
    let page = include_str!("../../../../../docs/reference/manifest.md").split_whitespace().collect::<Vec<_>>().join(" ");
    for key in keys() {
        let heading = format!("`{}`", key.path);
        assert!(page.contains(&heading), "{heading} is not in docs/reference/manifest.md");
        assert!(page.contains(key.meaning), "the meaning of {heading} differs in docs/reference/manifest.md");
    }
    for later in later_keys() {
        assert!(page.contains(&format!("`{}`", later.path)), "{} is not in docs/reference/manifest.md", later.path);
    }
}
