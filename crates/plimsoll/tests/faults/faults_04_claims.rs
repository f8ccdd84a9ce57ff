//! Nothing is claimed that evidence does not show: releases that a forger made fit outwardly, with every digest, id and checksum line right.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::{Digest, canonical_json, document_json};
use serde_json::{Value, json};

use crate::project::Project;

const OTHER_TARGET: &str = "aarch64-unknown-linux-gnu";

/// A sealed release of a project, of which forgeries are made.
struct Sealed {
    project: Project,
}

/// A release that is being forged.
struct Forgery {
    folder: PathBuf,
    release: Value,
    /// The only statement, and its file below `evidence/`.
    statement: Value,
    statement_file: String,
}

impl Sealed {
    fn new() -> Self {
        let project = Project::required();
        project.expect(&["rehearse"], 0);
        project.expect(&["verify"], 0);
        Self { project }
    }

    fn dist(&self) -> PathBuf {
        self.project.path().join("dist")
    }

    /// A copy with a change, made to fit outwardly.
    fn forged(&self, change: impl FnOnce(&mut Forgery)) -> PathBuf {
        let folder = self.project.folder.path().join("forged");
        let _ = fs::remove_dir_all(&folder);
        copy(&self.dist(), &folder);
        let mut forgery = Forgery::read(&folder);
        change(&mut forgery);
        forgery.write(true);
        folder
    }

    /// What `verify` says of it, which must be that it is not as sealed.
    fn refused(&self, change: impl FnOnce(&mut Forgery)) -> String {
        let folder = self.forged(change);
        self.project.expect(&["verify", folder.to_str().unwrap()], 1)
    }
}

impl Forgery {
    fn read(folder: &Path) -> Self {
        let read = |path: &Path| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap();
        let release = read(&folder.join("release.json"));
        let statement_file = release["evidence"].as_object().unwrap().keys().next().unwrap().clone();
        let statement = read(&folder.join("evidence").join(&statement_file));
        Self { folder: folder.to_owned(), release, statement, statement_file }
    }

    fn artifact(&mut self) -> &mut Value {
        &mut self.release["artifacts"][0]
    }

    fn evidence(&mut self) -> &mut Value {
        &mut self.statement["predicate"]["plimsoll"]
    }

    fn result(&mut self) -> &mut Value {
        &mut self.evidence()["results"][0]
    }

    /// Writes the statement, the document with the id that it then has, and its checksum file.
    fn write(&mut self, with_statement: bool) {
        if with_statement && self.release["evidence"].get(&self.statement_file).is_some() {
            let bytes = document_json(&self.statement);
            self.release["evidence"][&self.statement_file] = json!(Digest::of(&bytes));
            fs::write(self.folder.join("evidence").join(&self.statement_file), bytes).unwrap();
        }
        self.release["id"] = json!("0".repeat(64));
        self.release["id"] = json!(Digest::of(&canonical_json(&self.release)));
        self.write_text(&String::from_utf8(document_json(&self.release)).unwrap());
    }

    fn write_text(&self, release: &str) {
        let text = |artifact: &Value, key: &str| artifact[key].as_str().unwrap().to_owned();
        let artifacts = self.release["artifacts"].as_array().unwrap().iter();
        let mut lines = artifacts.map(|artifact| (text(artifact, "file_name"), text(artifact, "sha256"))).collect::<Vec<_>>();
        lines.push(("release.json".to_owned(), Digest::of(release.as_bytes()).to_string()));
        lines.sort();
        let sums = lines.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect::<String>();
        fs::write(self.folder.join("SHA256SUMS"), sums).unwrap();
        fs::write(self.folder.join("release.json"), release).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

#[test]
fn a_document_that_contradicts_itself_is_refused() {
    let sealed = Sealed::new();
    // A copy to which nothing was done is sound: what is refused below is refused for what was done.
    let untouched = sealed.forged(|_| {});
    sealed.project.expect(&["verify", untouched.to_str().unwrap()], 0);

    let second = sealed.refused(|forgery| {
        let mut second = forgery.artifact().clone();
        fs::write(forgery.folder.join("other.tar.xz"), "other bytes").unwrap();
        second["file_name"] = json!("other.tar.xz");
        second["size"] = json!(11);
        second["sha256"] = json!(Digest::of(b"other bytes"));
        forgery.release["artifacts"].as_array_mut().unwrap().push(second);
    });
    assert!(second.contains("twice"), "{second}");
    for (key, value) in [("name", "other"), ("kind", "static"), ("target", OTHER_TARGET)] {
        let said = sealed.refused(|forgery| forgery.artifact()[key] = json!(value));
        assert!(said.contains("says that archive.app/") && said.contains(value), "{key}: {said}");
    }
    let empty = sealed.refused(|forgery| {
        for file in [forgery.artifact()["file_name"].as_str().unwrap().to_owned(), format!("evidence/{}", forgery.statement_file)] {
            fs::remove_file(forgery.folder.join(file)).unwrap();
        }
        forgery.release["artifacts"] = json!([]);
        forgery.release["evidence"] = json!({});
    });
    assert!(empty.contains("holds no artifact"), "{empty}");
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let sealed = Sealed::new();
    let folder = sealed.forged(|_| {});
    let forgery = Forgery::read(&folder);
    let text = fs::read_to_string(folder.join("release.json")).unwrap();
    // The last one counts for the document's id.
    for key in ["\"epoch\"", "\"evidence\"", "\"sha256\""] {
        let doubled = text.replacen(key, &format!("{key}: null,\n{key}"), 1);
        forgery.write_text(&doubled);
        let said = sealed.project.expect(&["verify", folder.to_str().unwrap()], 1);
        assert!(said.contains("twice in one object"), "{key}: {said}");
    }
    let mut forgery = Forgery::read(&sealed.forged(|_| {}));
    let path = folder.join("evidence").join(&forgery.statement_file);
    let doubled =
        fs::read_to_string(&path).unwrap().replacen("\"later\"", "", 1).replacen("\"started\"", "\"x\": 1,\n\"x\": 2,\n\"started\"", 1);
    fs::write(&path, &doubled).unwrap();
    let file = forgery.statement_file.clone();
    forgery.release["evidence"][&file] = json!(Digest::of(doubled.as_bytes()));
    forgery.write(false);
    let said = sealed.project.expect(&["verify", folder.to_str().unwrap()], 1);
    assert!(said.contains("the key `x` stands twice"), "{said}");
}

#[test]
fn evidence_that_does_not_show_what_is_claimed_is_refused() {
    let sealed = Sealed::new();
    let status = sealed.refused(|forgery| forgery.result()["status"] = json!(3));
    assert!(status.contains("ended with exit status 3, where 0 is expected"), "{status}");
    let signal = sealed.refused(|forgery| forgery.result()["signal"] = json!(11));
    assert!(signal.contains("was ended by signal 11"), "{signal}");
    let no_end = sealed.refused(|forgery| {
        forgery.result().as_object_mut().unwrap().remove("status");
    });
    assert!(no_end.contains("has no exit status"), "{no_end}");
    let other_output = sealed.refused(|forgery| forgery.result()["said"] = json!("app 9.9.9\n"));
    assert!(other_output.contains("did not say `0.3.0`"), "{other_output}");
    let other_command = sealed.refused(|forgery| forgery.result()["ran"] = json!(["/opt/app", "--other"]));
    assert!(other_command.contains("ran something else"), "{other_command}");

    // Another probe, in each way that it can be told.
    let other_probe = sealed.refused(|forgery| {
        let other = json!(Digest::of(b"other"));
        forgery.result()["definition"] = other.clone();
        forgery.statement["predicate"]["configuration"][0]["digest"]["sha256"] = other;
    });
    assert!(other_probe.contains("its trial has no probe"), "{other_probe}");
    let edited = sealed.refused(|forgery| forgery.evidence()["trial"]["steps"][0]["expect"]["status"] = json!(3));
    assert!(edited.contains("it contradicts itself"), "{edited}");
    // Another plan: sound in itself, and not what the release required.
    let other_plan = sealed.refused(|forgery| {
        let mut probe = forgery.evidence()["trial"]["steps"][0].clone();
        probe["expect"]["status"] = json!(3);
        let definition = json!(Digest::of(&canonical_json(&probe)));
        forgery.evidence()["trial"]["steps"][0] = probe;
        forgery.result()["definition"] = definition.clone();
        forgery.result()["status"] = json!(3);
        forgery.statement["predicate"]["configuration"][0]["digest"]["sha256"] = definition;
        let required = json!(Digest::of(&canonical_json(&forgery.evidence()["trial"])));
        forgery.evidence()["required"] = required;
    });
    assert!(other_plan.contains("it is of another trial"), "{other_plan}");

    let other_root = sealed.refused(|forgery| forgery.artifact()["proven"][0]["root"] = json!("debian:11"));
    assert!(other_root.contains("has another root"), "{other_root}");
    let other_trial = sealed.refused(|forgery| forgery.artifact()["proven"][0]["trial"] = json!("archive.app/debian:11"));
    assert!(other_trial.contains("archive.app/debian:11 is claimed, and not required"), "{other_trial}");
    let dropped = sealed.refused(|forgery| {
        forgery.artifact()["required"]["archive.app/debian:11"] = json!(Digest::of(b"x"));
    });
    assert!(dropped.contains("trial archive.app/debian:11 is required, and nothing is claimed of it"), "{dropped}");
    let no_evidence = sealed.refused(|forgery| {
        fs::remove_file(forgery.folder.join("evidence").join(&forgery.statement_file)).unwrap();
        forgery.release["evidence"] = json!({});
    });
    assert!(no_evidence.contains("there is no statement of trial archive.app/"), "{no_evidence}");
    let older = sealed.refused(|forgery| {
        forgery.artifact().as_object_mut().unwrap().remove("required");
    });
    assert!(older.contains("an older plimsoll sealed it; rehearse it again"), "{older}");
}

#[test]
fn what_is_said_to_be_measured_is_measured_again() {
    let sealed = Sealed::new();
    for (key, value) in [("glibc", json!("2.2")), ("glibc", json!("2.99")), ("linkage", json!("static")), ("needed", json!(["libz.so.1"]))]
    {
        let said = sealed.refused(|forgery| forgery.artifact()["measured"][key] = value.clone());
        assert!(said.contains("and its bytes say glibc 2."), "{key} = {value}: {said}");
    }
    let no_floor = sealed.refused(|forgery| {
        forgery.artifact()["measured"].as_object_mut().unwrap().remove("glibc");
    });
    assert!(no_floor.contains("and its bytes say glibc 2."), "{no_floor}");
    let other_program = sealed.refused(|forgery| forgery.artifact()["binaries"] = json!(["other"]));
    assert!(other_program.contains("holds no program `other`"), "{other_program}");
    let other_format = sealed.refused(|forgery| forgery.artifact()["format"] = json!("zip"));
    assert!(other_format.contains("cannot be measured"), "{other_format}");
    // The same bytes for another processor, with all that names the artifact changed.
    let other_target = sealed.refused(|forgery| {
        let id = format!("archive.app/{OTHER_TARGET}");
        forgery.artifact()["id"] = json!(id);
        forgery.artifact()["target"] = json!(OTHER_TARGET);
        let evidence = forgery.evidence();
        let subject = evidence["trial"]["subjects"].as_object().unwrap().values().next().unwrap().clone();
        evidence["trial"]["subjects"] = json!({ id.as_str(): subject });
        evidence["trial"]["target"] = json!(OTHER_TARGET);
        let required = json!(Digest::of(&canonical_json(&evidence["trial"])));
        evidence["required"] = required.clone();
        let trial = format!("{id}/sandbox");
        forgery.artifact()["proven"][0]["trial"] = json!(trial);
        forgery.artifact()["required"] = json!({ trial: required });
        let file = format!("archive.app-{OTHER_TARGET}-sandbox.json");
        fs::rename(forgery.folder.join("evidence").join(&forgery.statement_file), forgery.folder.join("evidence").join(&file)).unwrap();
        forgery.statement_file = file.clone();
        forgery.release["evidence"] = json!({ file: "" });
    });
    assert!(other_target.contains("is for x86_64, not for aarch64"), "{other_target}");
}

#[test]
fn status_tells_no_claim_that_was_typed() {
    let sealed = Sealed::new();
    let told = |said: &str| said.lines().any(|line| line.contains(" proven "));
    let before = sealed.project.expect(&["status"], 0);
    assert!(told(&before), "{before}");
    let original = sealed.project.folder.path().join("original");
    fs::rename(sealed.dist(), &original).unwrap();
    let said = |change: &dyn Fn(&mut Forgery)| {
        let _ = fs::remove_dir_all(sealed.dist());
        copy(&original, &sealed.dist());
        let mut forgery = Forgery::read(&sealed.dist());
        change(&mut forgery);
        forgery.write(true);
        sealed.project.expect(&["status", "--json"], 0)
    };
    let state = |json: &str| serde_json::from_str::<Value>(json).unwrap()["cells"][0].clone();
    assert_eq!(state(&said(&|_| {}))["state"], "proven");
    let typed = said(&|forgery| {
        fs::remove_dir_all(forgery.folder.join("evidence")).unwrap();
        forgery.release["evidence"] = json!({});
        forgery.artifact()["proven"] = json!([{ "root": "debian:11", "libc": "glibc 2.31", "how": "native" }]);
    });
    let evidence = state(&typed);
    assert_eq!(evidence["state"], "gap", "{typed}");
    assert!(evidence["reason"].as_str().unwrap().contains("no evidence in dist/ shows it") && !typed.contains("2.31"), "{typed}");
    let floor = said(&|forgery| forgery.artifact()["measured"]["glibc"] = json!("2.2"));
    assert!(state(&floor)["reason"].as_str().unwrap().contains("and its bytes say glibc 2."), "{floor}");
    let failed = said(&|forgery| forgery.result()["status"] = json!(3));
    assert_eq!(state(&failed)["state"], "gap", "{failed}");
    let endless = said(&|forgery| {
        let path = forgery.folder.join("evidence").join(&forgery.statement_file);
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", path).unwrap();
        forgery.statement_file = "none.json".to_owned();
    });
    assert_eq!(state(&endless)["state"], "gap", "{endless}");
    let older = said(&|forgery| {
        forgery.artifact().as_object_mut().unwrap().remove("required");
    });
    assert_eq!(state(&older)["state"], "gap", "{older}");
    assert!(older.contains("an older plimsoll sealed this"), "{older}");
}

#[test]
fn a_program_that_is_not_told_of_hides_no_floor() {
    let sealed = Sealed::new();
    let change = |forgery: &mut Forgery| {
        forgery.artifact()["binaries"] = json!([]);
        forgery.artifact()["measured"] = json!({ "linkage": "" });
    };
    let said = sealed.refused(change);
    assert!(said.contains("declares no program") && said.contains("list of programs"), "{said}");
}

#[test]
fn status_holds_claims_against_the_plan_that_they_name() {
    let sealed = Sealed::new();
    let project = &sealed.project;
    assert!(project.expect(&["status"], 0).contains("proven"));
    project.manifest("[archive.app]\nprobe = [{ run = \"app --version\", expect = \"app 0.3.0\" }, { run = \"app --selftest\" }]\n");
    let plan = project.plimsoll(&["plan", "--json"]);
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    let mut forgery = Forgery::read(&sealed.dist());
    forgery.release["plan"] = json!(Digest::of(&canonical_json(&plan)));
    forgery.write(false);
    let said = project.expect(&["status"], 0);
    assert!(said.contains("it was not proven by what the plan requires"), "{said}");
}
