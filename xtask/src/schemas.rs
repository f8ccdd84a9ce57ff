//! JSON schemas of the documents that other programs read, from the types themselves.

use schemars::{JsonSchema, schema_for};

use crate::documents::Page;

/// Folder of the schemas.
const FOLDER: &str = "docs/reference/schemas";

/// One schema a document.
pub fn pages() -> Vec<Page> {
    let mut pages = vec![
        page::<plimsoll_model::Plan>("plan", "What `plimsoll plan --json` prints"),
        page::<plimsoll_model::ReleaseDocument>("release", "The file `release.json` of a sealed release"),
        page::<plimsoll_model::Statement>("evidence", "A file below `evidence/`: an in-toto Statement"),
        page::<plimsoll_model::Failure>("failure", "A failure, as `--json` prints it"),
        page::<plimsoll_inspect::Facts>("facts", "What `plimsoll inspect --json` tells of one binary file"),
        page::<plimsoll_inspect::Audit>("audit", "What `plimsoll inspect --json` tells of a wheel or an sdist, as `package`"),
    ];
    #[cfg(feature = "reference")]
    pages.extend([
        page::<plimsoll::report::load_line::LoadLine>("status", "What `plimsoll status --json` prints: the load line"),
        page::<plimsoll::report::rehearsal::RehearsalDocument>(
            "rehearse",
            "What `plimsoll rehearse --json` and `plimsoll release --json` print",
        ),
    ]);
    pages
}

fn page<T: JsonSchema>(name: &str, title: &str) -> Page {
    let mut schema = schema_for!(T);
    schema.insert("title".to_owned(), title.into());
    (format!("{FOLDER}/{name}.json"), format!("{:#}\n", schema.to_value()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_schema_is_an_object_of_its_own_name() {
        let pages = pages();
        assert!(pages.iter().all(|(_, text)| text.contains("\"properties\"") && text.ends_with("}\n")));
        let mut names = pages.iter().map(|(name, _)| name).collect::<Vec<_>>();
        names.dedup();
        assert_eq!(names.len(), pages.len());
    }
}
