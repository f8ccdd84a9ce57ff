//! Notes that are cut exactly, and sections that become releases.

use proptest::prelude::*;

use super::super::tag::TagForm;
use super::*;

const KEPT: &str = "\
# Changelog

Words before. See [Keep a Changelog].

## [Unreleased]

### Added

- A thing, see [#12].

## [1.1.0] - 2026-01-02

### Fixed

- Headings in code:

  ```markdown
  ## [0.0.1] - 1999-01-01
  ```

#### Deeper

~~~
# not one
## 9.9.9
~~~

<!--
## 8.8.8
-->

### Changed

- With [a reference][ref] and [#7].

## [1.0.0] - 2025-12-31

## [0.9.0]

- First.

[#7]: https://example.org/7
[#12]: https://example.org/12
[ref]: https://example.org/ref
[Keep a Changelog]: https://keepachangelog.com
[Unreleased]: https://example.org/compare/v1.1.0...HEAD
[1.1.0]: https://example.org/compare/v1.0.0...v1.1.0
";

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn notes(text: &str, of: &str) -> Result<String, ChangelogError> {
    Changelog::parse(text, &[]).notes(&version(of))
}

fn released(text: &str, of: &str) -> Result<String, ChangelogError> {
    Changelog::parse(text, &[]).release(&version(of), "2026-02-03", &TagForm::default())
}

#[test]
fn notes_are_cut_with_nested_headings_and_code_and_the_links_they_use() {
    let cut = notes(KEPT, "1.1.0").unwrap();
    let body = KEPT.split_once("## [1.1.0] - 2026-01-02\n\n").unwrap().1.split_once("\n## [1.0.0]").unwrap().0;
    assert_eq!(cut, format!("{body}\n[#7]: https://example.org/7\n[ref]: https://example.org/ref\n"));
    assert_eq!(notes(KEPT, "0.9.0").unwrap(), "- First.\n");
}

#[test]
fn a_missing_an_empty_and_a_doubled_section_are_errors() {
    assert_eq!(notes(KEPT, "1.2.0"), Err(ChangelogError::Missing(version("1.2.0"))));
    assert_eq!(notes(KEPT, "1.0.0"), Err(ChangelogError::Empty(version("1.0.0"))));
    assert_eq!(notes(KEPT, "9.9.9"), Err(ChangelogError::Missing(version("9.9.9"))));
    assert_eq!(notes("## 1.0.0\n\n### Added\n\n<!-- soon -->\n", "1.0.0"), Err(ChangelogError::Empty(version("1.0.0"))));
    assert_eq!(notes("## 1.0.0\n- a\n## v1.0.0\n- b\n", "1.0.0"), Err(ChangelogError::Twice(version("1.0.0"))));
    assert_eq!(notes("", "1.0.0"), Err(ChangelogError::Missing(version("1.0.0"))));
}

#[test]
fn headings_are_read_as_projects_write_them() {
    for heading in [
        "## 1.2.3",
        "## v1.2.3 (2026-01-02)",
        "## [1.2.3] - 2026-01-02",
        "## [v1.2.3](https://example.org)",
        "# Version 1.2.3",
        "### 1.2.3 ###",
        "## 1.2.3: words",
    ] {
        let text = format!("{heading}\n\n- x\n");
        assert_eq!(notes(&text, "1.2.3").as_deref(), Ok("- x\n"), "{heading}");
    }
    assert_eq!(notes("## 1.2.0rc1\n- x\n", "1.2.0-rc.1").as_deref(), Ok("- x\n"));
    for heading in ["##1.2.3", "    ## 1.2.3", "## 1.2", "## 1.2.3.4", "1.2.3"] {
        assert!(notes(&format!("{heading}\n\n- x\n"), "1.2.3").is_err(), "{heading}");
    }
}

#[test]
fn unreleased_becomes_the_release_and_links_move_along() {
    let new = released(KEPT, "1.2.0").unwrap();
    let expected = KEPT.replacen("## [Unreleased]\n\n", "## [Unreleased]\n\n## [1.2.0] - 2026-02-03\n\n", 1).replacen(
        "compare/v1.1.0...HEAD\n",
        "compare/v1.2.0...HEAD\n[1.2.0]: https://example.org/compare/v1.1.0...v1.2.0\n",
        1,
    );
    assert_eq!(new, expected);
    assert_eq!(notes(&new, "1.2.0").unwrap(), "### Added\n\n- A thing, see [#12].\n\n[#12]: https://example.org/12\n");
    assert_eq!(released(&new, "1.2.1"), Err(ChangelogError::NothingUnreleased));
    assert_eq!(released(KEPT, "1.1.0"), Err(ChangelogError::Released(version("1.1.0"))));
    assert_eq!(released("## 1.0.0\n- x\n", "1.1.0"), Err(ChangelogError::NoUnreleased));
}

#[test]
fn the_style_of_earlier_headings_is_kept() {
    let first = |text: &str| released(text, "1.1.0").unwrap().lines().nth(2).unwrap().to_owned();
    assert_eq!(first("## Unreleased\n\n- x\n\n## 1.0.0 (2026-01-02)\n- y\n"), "## 1.1.0 (2026-02-03)");
    assert_eq!(first("## Unreleased\n\n- x\n\n## v1.0.0\n- y\n"), "## v1.1.0");
    assert_eq!(first("### [Unreleased]\n- x\n\n### [v1.0.0] — 2026-01-02\n- y\n"), "### [v1.1.0] — 2026-02-03");
    assert_eq!(first("# Unreleased\n- x\n"), "# 1.1.0 (2026-02-03)");
    assert_eq!(first("## [Unreleased]\n- x\n"), "## [1.1.0] - 2026-02-03");
    assert_eq!(released("## [Unreleased]\r\n- x\r\n", "1.1.0").unwrap(), "## [Unreleased]\r\n\r\n## [1.1.0] - 2026-02-03\r\n\r\n- x\r\n");
}

#[test]
fn a_final_release_takes_in_its_candidates() {
    let first = released(KEPT, "1.2.0-rc.1").unwrap();
    assert_eq!(notes(&first, "1.2.0-rc.1").unwrap().lines().next(), Some("### Added"));
    let more = first.replacen("## [Unreleased]\n", "## [Unreleased]\n\nWords.\n\n### Fixed\n\n- A fix.\n\n### Added\n\n- More.\n", 1);
    let second = released(&more, "1.2.0-rc.2").unwrap();
    let last = released(&second, "1.2.0").unwrap();
    insta::assert_snapshot!(last.split_once("## [1.1.0]").unwrap().0);
    assert!(!last.contains("rc."), "{last}");
    assert!(
        last.contains(
            "[Unreleased]: https://example.org/compare/v1.2.0...HEAD\n[1.2.0]: https://example.org/compare/v1.1.0...v1.2.0\n[1.1.0]"
        ),
        "{last}"
    );
    // What is no candidate's keeps every byte.
    let tail = |text: &str| text.split_once("## [1.1.0]").unwrap().1.split_once("[Unreleased]").unwrap().0.to_owned();
    assert_eq!(tail(&last), tail(KEPT));
    // At the end of the file too.
    let last = released("## [Unreleased]\n\n## [1.2.0-rc.1] - 2026-01-02\n\n- a\n", "1.2.0").unwrap();
    assert_eq!(last, "## [Unreleased]\n\n## [1.2.0] - 2026-02-03\n\n- a\n");
    // A heading alone has the notes of its candidates.
    let bare = "## 2.0.0\n\n## 2.0.0-rc.2\n\n- b\n\n## 2.0.0-rc.1\n\n- a\n";
    assert_eq!(notes(bare, "2.0.0").unwrap(), "- a\n- b\n");
}

proptest! {
    #[test]
    fn any_text_is_read_and_what_is_released_is_cut_again(lines in prop::collection::vec("(## [Uu]nreleased|## 1\\.0\\.0|### Added|- [a-z]{1,6}|```|~~~|<!-- x|-->|    x|\\[a\\]: b|\\[Unreleased\\]: x/compare/a\\.\\.\\.HEAD|)", 0..24), crlf: bool) {
        let text = lines.join(if crlf { "\r\n" } else { "\n" });
        let _ = notes(&text, "1.0.0");
        if let Ok(new) = released(&text, "1.1.0") {
            // Everything that was there is still there.
            let mut rest = new.lines();
            for line in text.lines().filter(|line| !line.starts_with("[Unreleased]")) {
                prop_assert!(rest.any(|new| new == line), "{line:?} is gone\n{new}");
            }
            prop_assert!(Changelog::parse(&new, &[]).notes(&version("1.1.0")).is_ok() || text.matches("nreleased").count() > 1, "{new}");
        }
    }
}
