//! A wheel on its way to an index of the project's own: rehearsed in the harbor's, refused without a token, uploaded once.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

mod project;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use plimsoll_harbor::{Harbor, ServeOptions, Simple, SimpleOptions};
use project::{Project, TARGET};
use test_needs::Need;

/// The only Python that is asked for: a root with another takes a mirror and a minute.
const ROOT: &str = "debian:13";

/// The store that other tests keep roots in, if it has the one with Python.
fn kept_store() -> Option<PathBuf> {
    let store = PathBuf::from(std::env::var_os("PLIMSOLL_TEST_FOLDER")?).join("store");
    store.join("v1/roots/python-debian-13-x86_64").is_dir().then_some(store)
}

struct Index {
    simple: Arc<Simple>,
    harbor: Harbor,
    _folder: tempfile::TempDir,
}

impl Index {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let simple = Arc::new(Simple::new(folder.path(), SimpleOptions::new("a-token")).unwrap());
        let harbor = Harbor::serve(simple.clone(), ServeOptions::default()).unwrap();
        Self { simple, harbor, _folder: folder }
    }

    fn uploads(&self) -> usize {
        self.harbor.requests().iter().filter(|request| request.path == "/legacy/").count()
    }
}

fn project(index: &Index) -> Option<Project> {
    let project = Project::new()?;
    project.write("app/pyproject.toml", "[project]\nname = \"app\"\ndynamic = [\"version\"]\n");
    let url = index.harbor.url();
    let publish = format!("[publish.pypi.repository]\nupload = \"{url}/legacy/\"\nindex = \"{url}/simple/\"\n");
    let target = format!("[target.{TARGET}]\nbuilder = \"native\"\nglibc = \"2.41\"\nroots = [\"{ROOT}\"]\n");
    project.write("app/plimsoll.toml", &format!("targets = [\"{TARGET}\"]\n[wheel.app]\n{publish}{target}"));
    project.commit();
    Some(project)
}

/// Exit code and all that was said.
fn ended(command: &mut Command, token: Option<&str>) -> (Option<i32>, String) {
    for name in ["UV_PUBLISH_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "PYPI_ID_TOKEN", "TESTPYPI_ID_TOKEN"] {
        command.env_remove(name);
    }
    command.envs(token.map(|token| ("UV_PUBLISH_TOKEN", token)));
    let output = command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1").output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

#[test]
fn without_a_token_nothing_is_begun() {
    if !test_needs::met(&[Need::Uv]) {
        return;
    }
    let index = Index::new();
    let Some(project) = project(&index) else { return };
    let (code, said) = ended(&mut project.command(&["release"]), None);
    assert!(code == Some(2) && said.contains("nobody vouches for uploads") && !said.contains("built"), "{said}");
    assert_eq!(index.harbor.requests().len(), 0);
}

#[test]
fn a_wheel_is_rehearsed_in_an_index_and_released_to_one_once() {
    if !test_needs::met(&[Need::Uv]) {
        return;
    }
    let Some(store) = kept_store() else {
        test_needs::not_run(None, &format!("no store in PLIMSOLL_TEST_FOLDER has a root {ROOT} with Python"));
        return;
    };
    let index = Index::new();
    let Some(project) = project(&index) else { return };
    let run = |words: &[&str], token| ended(project.command(words).env("PLIMSOLL_STORE", &store), token);
    let (code, said) = run(&["release", "--dry-run"], None);
    assert!(said.contains("to the harbor's index: 1 file by uv ") && said.contains("fetched  app-0.3.0-py3-none-"), "{said}");
    assert!(code == Some(2) && said.contains("would write  ") && said.contains("nobody vouches"), "{said}");
    assert_eq!(index.uploads(), 0, "a dry run uploads nothing");
    let (code, said) = run(&["release"], Some("wrong"));
    assert!(code == Some(4) && said.contains("403") && !said.contains("wrong"), "{said}");
    assert_eq!((index.simple.uploaded().len(), index.uploads()), (0, 1));
    for _ in 0..2 {
        let (code, said) = run(&["release"], Some("a-token"));
        assert!(code == Some(0) && said.contains("published") && !said.contains("a-token"), "{said}");
        assert_eq!((index.simple.uploaded().len(), index.uploads()), (1, 2), "it is uploaded once");
    }
}
