//! Changelogs as people write them.

use crate::project::{Project, TARGET};

fn project(changelog: &str) -> Project {
    let project = Project::required();
    write(&project, changelog);
    let version = "[version]\nsource = \"Cargo.toml\"\nchangelog = \"CHANGELOG.md\"";
    project.write("app/plimsoll.toml", &format!("targets = [\"{TARGET}\"]\n{version}\n[target.{TARGET}]\nbuilder = \"native\"\n"));
    project
}

fn write(project: &Project, changelog: &str) {
    project.write("app/CHANGELOG.md", changelog);
}

/// The notes, as they are printed.
fn notes(project: &Project, version: &str) -> String {
    project.expect(&["version", "notes", version], 0)
}

#[test]
fn a_heading_with_a_version_is_a_release_at_any_level() {
    // As tools write them that give minor releases a greater heading.
    let project = project(
        "# [1.3.0](https://example.org/compare/v1.2.1...v1.3.0) (2026-03-01)\n\n### Features\n\n* burns longer\n\n\
         ## [1.2.1](https://example.org/compare/v1.2.0...v1.2.1) (2026-02-01)\n\n### Bug Fixes\n\n* the glass holds\n\n\
         # [1.2.0](https://example.org) (2026-01-01)\n\n### Features\n\n* glass\n",
    );
    assert_eq!(notes(&project, "1.3.0"), "### Features\n\n* burns longer\n");
    assert_eq!(notes(&project, "1.2.1"), "### Bug Fixes\n\n* the glass holds\n");
    // A patch and what stands below it at one level.
    write(
        &project,
        "## 1.3.0\n\n### Features\n\n* a\n\n### 1.2.1 (2026-01-01)\n\n### Bug Fixes\n\n* b\n\n### Others\n\n* c\n\n## 1.2.0\n\n* d\n",
    );
    assert_eq!(notes(&project, "1.2.1"), "### Bug Fixes\n\n* b\n\n### Others\n\n* c\n");
    assert_eq!(notes(&project, "1.3.0"), "### Features\n\n* a\n");
    write(&project, "# Log\n\n### 1.2.1\n\n### Bug Fixes\n\n* b\n\n### Others\n\n* c\n\n### 1.2.0\n\n* d\n");
    assert_eq!(notes(&project, "1.2.1"), "### Bug Fixes\n\n* b\n\n### Others\n\n* c\n");
    // What is no release ends one as soon as it stands as high.
    write(&project, "## 1.2.1\n\n* b\n\n## Older releases\n\nSee elsewhere.\n");
    assert_eq!(notes(&project, "1.2.1"), "* b\n");
    write(&project, "## 1.2.1\n\n* b\n\n# Licence\n\nMIT\n");
    assert_eq!(notes(&project, "1.2.1"), "* b\n");
}

#[test]
fn versions_are_found_in_headings_of_every_form() {
    let project = project("");
    for heading in [
        "## **1.3.1**",
        "## app 1.3.1",
        "## app-v1.3.1",
        "## App v1.3.1 (2026-01-02)",
        "## app@1.3.1",
        "## `1.3.1`",
        "## [v1.3.1](https://example.org) (2026-01-02)",
        "## [1.3.1] - 2026-01-02 [YANKED]",
        "## <a name=\"1.3.1\"></a> 1.3.1",
        "## 1.3.1 ##",
        "##\t1.3.1",
        "   ### Release 1.3.1",
        "1.3.1\n-----",
        "Version 1.3.1 (2026-01-02)\n==========================",
    ] {
        for end in ["\n", "\r\n"] {
            let text =
                format!("\u{feff}# Changelog\n\n{heading}\n\nthis\n\n{}\n\nthat\n", heading.replace("1.3.1", "1.3.0")).replace('\n', end);
            write(&project, &text);
            assert_eq!(notes(&project, "1.3.1").replace("\r\n", "\n"), "this\n", "{heading}");
            assert_eq!(notes(&project, "1.3.0").replace("\r\n", "\n"), "that\n", "{heading}");
        }
    }
}

#[test]
fn other_headings_with_versions_belong_to_their_release() {
    let body = "### Upgrade from 1.2.0 to 1.3.0\n\n- a\n\n### Changes since 1.2.0\n\n- b\n\n### 1.2.0 and older\n\n- c\n\n\
                #### tokio 1.40.0\n\n- d\n";
    let project = project(&format!("## 1.3.0\n\n{body}\n## 1.2.0\n\n- old\n"));
    assert_eq!(notes(&project, "1.3.0"), body);
    assert_eq!(notes(&project, "1.2.0"), "- old\n");
    project.expect(&["version", "notes", "1.40.0"], 1);
    // Packages that share a changelog: the project's own sections, ended by those of others.
    write(&project, "## 1.3.0\n\n- a\n\n## Fixed in 1.2.0\n\n- b\n\n## Python 3.12\n\n- c\n\n## 1.2.0\n\n- d\n");
    assert_eq!(notes(&project, "1.2.0"), "- d\n");
    project.expect(&["version", "notes", "3.12.0"], 1);
    write(&project, "## Fixed in 1.3.0\n\n- a\n\n## Fixed in 1.2.0\n\n- b\n");
    assert_eq!(notes(&project, "1.3.0"), "- a\n");
    write(&project, "## app 1.3.0\n\n- a\n\n## other 1.3.0\n\n- b\n\n## app 1.2.0\n\n- c\n");
    assert_eq!(notes(&project, "1.3.0"), "- a\n");
    assert_eq!(notes(&project, "1.2.0"), "- c\n");
}

#[test]
fn code_comments_and_quotations_hold_no_headings() {
    for block in [
        "1. x\n\n   ```\n   ## 1.2.0\n   ```\n",
        "+ ```sh\n  ## 1.2.0\n  ```\n",
        "10) ~~~\n    ## 1.2.0\n    ~~~\n",
        "* - + ```\n      # 1.2.0\n      ```\n",
        "> ```\n> ## 1.2.0\n> ```\n",
        "> ## 1.2.0\n",
        "- ## 1.2.0\n",
        "x <!-- y\n\n-->\n\n    ## 1.2.0\n",
        "<!--\n\n## 1.2.0\n\n-->\n\nx\n",
        "<pre>\n\n## 1.2.0\n\n</pre>\n",
        "````\n```\n## 1.2.0\n```\n````\n",
        "\\## 1.2.0\n",
    ] {
        let body = format!("{block}\n- last\n");
        let project = project(&format!("## 1.3.0\n\n{body}\n## 1.1.0\n\n- old\n"));
        assert_eq!(notes(&project, "1.3.0"), body, "{block}");
        project.expect(&["version", "notes", "1.2.0"], 1);
    }
    // Settings of a generator of pages.
    let project = project("---\ntitle: x\nversion: 1.3.0\n---\n\n## 1.3.0\n\n- a\n");
    assert_eq!(notes(&project, "1.3.0"), "- a\n");
}

#[test]
fn what_stands_before_the_next_heading_is_the_next_one_s() {
    for between in [
        "<a name=\"1.2.0\"></a>\n",
        "<a id='v1.2.0'></a>\n\n",
        "<a name=\"1.2.0\"/>\n\n<a name=\"v1.2.0\"></a>\n",
        "<a id=\"x\">\n</a>\n\n",
        "\n---\n\n<a name=\"1.2.0\"></a>\n\n",
        "\n[unused]: https://example.org\n\n<a NAME=\"x\"></a>\n",
    ] {
        let project = project(&format!("<a name=\"1.3.0\"></a>\n## 1.3.0\n\n- a\n\n{between}## 1.2.0\n\n- b\n"));
        assert_eq!(notes(&project, "1.3.0"), "- a\n", "{between}");
        assert_eq!(notes(&project, "1.2.0"), "- b\n", "{between}");
        // Directly below the list too.
        write(&project, &format!("## 1.3.0\n\n- a\n{between}## 1.2.0\n\n- b\n"));
        assert_eq!(notes(&project, "1.3.0"), "- a\n", "{between}");
    }
}

#[test]
fn the_next_heading_is_written_as_the_last_one() {
    let next = |text: &str| {
        let project = project(text);
        project.expect(&["version", "bump", "--patch", "--changelog"], 0);
        std::fs::read_to_string(project.path().join("CHANGELOG.md")).unwrap()
    };
    let body = "\n\n- x\n\n";
    let new = next(&format!("## Unreleased{body}## app 0.3.0 (2026-01-01)\n\n- y\n"));
    assert!(new.contains("\n## app 0.3.1 ("), "{new}");
    let new = next(&format!("Unreleased\n----------{body}0.3.0\n-----\n\n- y\n"));
    assert!(new.contains("\n0.3.1\n-----\n\n- x\n"), "{new}");
    let new = next(&format!("## Unreleased{body}### [v0.3.0](https://example.org/a/compare/v0.2.0...v0.3.0) (2026-01-01)\n\n- y\n"));
    assert!(new.contains("\n## [v0.3.1](https://example.org/a/compare/v0.3.0...v0.3.1) ("), "{new}");
    let new = next(&format!("## Unreleased{body}## **0.3.0**\n\n- y\n"));
    assert!(new.contains("\n## **0.3.1**\n\n- x\n"), "{new}");
}
