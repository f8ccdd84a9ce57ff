//! What is read, and each mistake with its key.

use super::*;

fn cargo() -> CargoPackage {
    let text = |text: &str| Some(text.to_owned());
    CargoPackage {
        version: Some("1.2.0rc1".parse().unwrap()),
        description: text("Two\n lines"),
        readme: text("README.md"),
        license: text("MIT/Apache-2.0"),
        license_file: None,
        authors: vec!["J. Doe <j@example.org>".to_owned(), "Nobody".to_owned()],
        keywords: vec!["terminal".to_owned()],
        homepage: text("https://example.org"),
        repository: text("https://example.org/git"),
        documentation: None,
    }
}

fn read(text: &str) -> Result<Project, ProjectError> {
    Project::read(text, &cargo())
}

fn of(rest: &str) -> Result<Project, ProjectError> {
    read(&format!("[project]\nname = \"Htty.Core\"\nversion = \"1.0\"\n{rest}"))
}

#[test]
fn dynamic_keys_come_from_cargo_and_others_do_not() {
    let project = read("[project]\nname = \"htty-core\"\ndynamic = [\"version\", \"description\", \"readme\", \"license\", \"authors\", \"keywords\", \"urls\"]").unwrap();
    assert_eq!((project.version.to_string(), project.description.as_deref()), ("1.2.0rc1".to_owned(), Some("Two lines")));
    assert_eq!(project.readme_file().map(TreePath::as_str), Some("README.md"));
    assert_eq!(project.license, Some(License::Expression("MIT OR Apache-2.0".parse().unwrap())));
    assert_eq!(project.authors[0].address().as_deref(), Some("\"J. Doe\" <j@example.org>"));
    assert_eq!((project.authors[1].name.as_deref(), &project.authors[1].email), (Some("Nobody"), &None));
    assert_eq!(project.urls.len(), 2);
    let plain = of("").unwrap();
    assert_eq!((plain.description, plain.readme, plain.license, plain.urls.len()), (None, None, None, 0));
    assert_eq!(plain.license_files, LicenseFiles::Usual);
}

#[test]
fn both_forms_of_a_licence_are_read() {
    let expression = of("license = \"MIT or X\"").unwrap();
    assert_eq!(expression.license, Some(License::Expression("MIT OR X".parse().unwrap())));
    let text = of("license = { text = \"Own\\nterms\" }").unwrap();
    assert_eq!(text.license, Some(License::Text("Own\nterms".to_owned())));
    let file = of("license = { file = \"docs/LICENSE\" }").unwrap();
    let files = ["docs/LICENSE", "LICENSE"].map(|path| path.parse().unwrap());
    assert_eq!(file.license, None);
    assert_eq!(file.licenses_among(&files).unwrap(), files[..1]);
    let absent = file.licenses_among(&files[1..]).unwrap_err().to_string();
    assert_eq!(absent, "`project.license.file`: no file of the project matches `docs/LICENSE`: a licence that is named must be there");
    let none = of("license-files = []").unwrap();
    assert_eq!(none.licenses_among(&files).unwrap(), []);
}

/// Each mistake, by what is added to a sound table.
#[test]
fn each_mistake_names_its_key() {
    let cases: &[(&str, &str)] = &[
        ("foo = 1", "`project.foo`: is no key that is known here: there are name, dynamic, version,"),
        ("dynamic = [\"foo\"]", "`project.dynamic[0]`: `foo` is nothing that can be dynamic: there are version,"),
        ("dynamic = [\"name\"]", "`project.dynamic[0]`: the name alone must stand in the table"),
        ("dynamic = [\"version\"]", "`project.version`: stands in the table and in `project.dynamic`"),
        ("dynamic = [\"scripts\"]", "`project.dynamic[0]`: Cargo.toml has nothing for `scripts`"),
        ("description = \"a\\nb\"", "`project.description`: must be one line, without control characters"),
        ("description = \"\"", "`project.description`: is empty"),
        ("description = 1", "`project.description`: must be a text"),
        ("readme = \"README\"", "`project.readme`: is neither .md nor .rst nor .txt"),
        ("readme = \"README.TXT\"\nlicense = 1", "`project.license`"),
        ("readme = \"../README.md\"", "`project.readme`: must be a file in the project's folder"),
        ("readme = { file = \"a.md\" }", "`project.readme.content-type`: is missing"),
        (
            "readme = { file = \"a.md\", text = \"x\", content-type = \"text/plain\" }",
            "`project.readme`: must have either `file` or `text`",
        ),
        (
            "readme = { text = \"x\", content-type = \"text/html\" }",
            "`project.readme.content-type`: `text/html` is nothing that an index shows",
        ),
        (
            "readme = { text = \"x\", content-type = \"text/plain; variant=GFM\" }",
            "`project.readme.content-type`: `text/plain; variant=GFM`",
        ),
        ("readme = { path = \"x\" }", "`project.readme.path`: is no key that is known here: there are file, text, content-type"),
        ("requires-python = \"3.8+\"", "`project.requires-python`: `3.8+` is no condition on a version"),
        ("license = \"MIT License\"", "`project.license`: `MIT License` is no SPDX expression"),
        ("license = 1", "`project.license`: must be an SPDX expression"),
        ("license = { }", "`project.license`: must have either `file` or `text`"),
        ("license = { name = \"x\" }", "`project.license.name`: is no key that is known here: there are file, text"),
        ("license = { text = \" \" }", "`project.license.text`: is empty"),
        ("license = { text = \"Own\\rClassifier: x\" }", "`project.license.text`: has a control character"),
        ("license = { text = \"x\" }\nlicense-files = []", "`project.license-files`: goes with a `license` that is an SPDX expression"),
        ("license-files = [\"../LICENSE\"]", "`project.license-files[0]`: `../LICENSE` is no pattern of licence files"),
        ("authors = [{ }]", "`project.authors[0]`: must have a `name`, an `email`, or both"),
        ("authors = [\"J\"]", "`project.authors[0]`: must be a table"),
        ("authors = [{ name = \"J, K\" }]", "`project.authors[0]`: the name `J, K` has a comma"),
        ("maintainers = [{ email = \"j\" }]", "`project.maintainers[0]`: `j` is no address of mail"),
        ("keywords = [\"a\", \"b,c\"]", "`project.keywords[1]`: has a comma"),
        ("keywords = \"a\"", "`project.keywords`: must be a list"),
        ("urls = { Home = \"example.org\" }", "`project.urls.Home`: `example.org` is no address that PyPI takes"),
        ("urls = { \"a,b\" = \"https://x\" }", "`project.urls.\"a,b\"`: a label has at most 32 characters and no comma"),
        ("scripts = { a = \"m\" }", "`project.scripts.a`: `m` is no function of a module"),
        ("scripts = { a = \"m:f\" }\ngui-scripts = { A = \"m:f\" }", "`project.gui-scripts.A`: `A` is a command twice"),
        ("entry-points.console_scripts = { a = \"m:f\" }", "`project.entry-points.console_scripts`: belongs into `project.scripts`"),
        ("entry-points.\"a b\" = { a = \"m:f\" }", "`project.entry-points.\"a b\".a`: `a b` is no group of entry points"),
        ("dependencies = [\"a\", \"b @ https://x\"]", "`project.dependencies[1]`: `b @ https://x` requires what lies at a URL"),
        ("dependencies = [\"a b\"]", "`project.dependencies[0]`: `a b` is no requirement"),
        ("optional-dependencies = { x = [\"a b\"] }", "`project.optional-dependencies.x[0]`: `a b` is no requirement"),
        ("optional-dependencies = { a-b = [], A_b = [] }", "is the extra `a-b` once more"),
        ("optional-dependencies = { \"-\" = [] }", "`project.optional-dependencies.-`: is no name of an extra"),
    ];
    for (rest, expected) in cases {
        let error = of(rest).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(expected), "{rest}\n  {error}");
    }
}

#[test]
fn without_its_table_name_or_version_there_is_no_project() {
    let error = |text: &str| read(text).unwrap_err().to_string();
    assert!(error("[tool.x]").starts_with("`project`: is missing: a wheel's name and version come from it"));
    assert!(error("project = 1").starts_with("`project`: must be a table"));
    assert!(error("[project").starts_with("`pyproject.toml`: is no TOML: "));
    assert_eq!(error("[project]\nversion = \"1\""), "`project.name`: is missing");
    assert!(error("[project]\nname = \"a b\"\nversion = \"1\"").starts_with("`project.name`: `a b` is not the name of a distribution"));
    assert_eq!(read("[project]\nname = \"a\"").unwrap().version.to_string(), "1.2.0rc1");
    assert!(error("[project]\nname = \"a\"\nversion = \"1.0+x\"").starts_with("`project.version`: `1.0+x` has a local part"));
    assert!(error("[project]\nname = \"a\"\nversion = \"one\"").starts_with("`project.version`: `one` is no version of PEP 440"));
    let unsayable = Project::read("[project]\nname = \"a\"\ndynamic = [\"version\"]", &CargoPackage::default()).unwrap_err();
    assert_eq!(
        unsayable.to_string(),
        "`project.version`: is dynamic, and neither Cargo.toml nor the release has a version that PEP 440 can say"
    );
    let missing = Project::read("[project]\nname = \"a\"", &CargoPackage::default()).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "`project.version`: is missing, and neither Cargo.toml nor the release has a version that PEP 440 can say"
    );
    let long = format!("description = \"{}\"", "x".repeat(513));
    assert_eq!(of(&long).unwrap_err().to_string(), "`project.description`: has 513 characters, and PyPI takes 512");
}

#[test]
fn mistakes_of_cargo_name_its_key() {
    let dynamic = |key: &str, change: fn(&mut CargoPackage)| {
        let mut package = cargo();
        change(&mut package);
        let text = format!("[project]\nname = \"a\"\nversion = \"1\"\ndynamic = [\"{key}\"]");
        let project = Project::read(&text, &package)?;
        project.licenses_among(&[]).map(|_| ())
    };
    let told = |key: &str, change: fn(&mut CargoPackage)| dynamic(key, change).unwrap_err().to_string();
    assert!(told("license", |package| package.license = Some("Own terms".to_owned())).starts_with("`package.license of Cargo.toml`: "));
    assert!(
        told("license-files", |package| package.license_file = Some("L".to_owned()))
            .starts_with("`package.license-file of Cargo.toml`: no file")
    );
    assert!(told("readme", |package| package.readme = Some("../../README.md".to_owned())).starts_with("`package.readme of Cargo.toml`: "));
    assert!(told("urls", |package| package.homepage = Some("ftp://x".to_owned())).starts_with("`package.homepage of Cargo.toml`: "));
    assert!(told("authors", |package| package.authors = vec!["J <x>".to_owned()]).starts_with("`package.authors of Cargo.toml`: "));
}

#[test]
fn an_expression_supersedes_classifiers_of_licences() {
    let text = "[project]\nname = \"a\"\nversion = \"1\"\nlicense = \"MIT\"\nclassifiers = [\"License :: OSI Approved :: MIT License\", \"Topic :: Software\"]\n";
    assert_eq!(Project::read(text, &CargoPackage::default()).unwrap().classifiers, ["Topic :: Software"]);
    let text = text.replace("license = \"MIT\"\n", "");
    assert_eq!(Project::read(&text, &CargoPackage::default()).unwrap().classifiers.len(), 2);
}
