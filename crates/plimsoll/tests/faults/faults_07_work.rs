//! Small inputs cost little, and slow servers are given up.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use plimsoll_fetch::{FetchError, Network, OpenError, Patience, Wish, resolve};

use plimsoll_model::Digest;

use crate::forged::{Forged, Member, said, within};
use crate::project::Project;

/// MiB of addresses: a tenth of what floods took when they were kept, and plenty for what they take as text.
const MEMORY: u32 = 300;

/// Empty objects of so many bytes.
fn objects(bytes: usize) -> String {
    format!("[{}{{}}]", "{},".repeat(bytes / 3))
}

#[test]
fn pax_headers_with_thousands_of_keys_are_refused() {
    let keys = |count: usize| {
        let mut records = String::new();
        for key in 0..count {
            writeln!(records, "8 {key:04}=").unwrap();
        }
        Member::Extension(b'x', records.into_bytes())
    };
    let names = (0..100).map(|number| format!("root/{number}")).collect::<Vec<_>>();
    let flood = |count| names.iter().flat_map(move |name| [keys(count), Member::File(name, 0o644, b"")]).collect::<Vec<_>>();
    Forged::archive(&flood(7000)).refused("more than 256 records");
    let global = Member::Extension(b'g', b"8 0000=\n".repeat(7000));
    Forged::archive(&[global, Member::File("root/tool", 0o755, b"x")]).refused("it gives `0000` twice");
    let sound = [flood(100), vec![Member::File("root/tool", 0o755, b"x")]].concat();
    Forged::archive(&sound).fetch(0);
}

#[test]
fn unknown_fields_of_a_release_are_read_over() {
    let flood = objects(6 << 20);
    for pointer in ["", "/artifacts/0", "/artifacts/0/measured", "/artifacts/0/proven/0", "/source"] {
        said(&Forged::flooded(pointer, "later", &flood).command_within(MEMORY).output().unwrap(), 0);
    }
}

#[test]
fn lists_of_a_release_have_an_end() {
    for (pointer, key, entry) in [("/artifacts/0/measured", "needed", "\"\""), ("/artifacts/0", "binaries", "\"tool\"")] {
        let flood = format!("[{}{entry}]", format!("{entry},").repeat(1 << 20));
        let said = said(&Forged::flooded(pointer, key, &flood).command_within(MEMORY).output().unwrap(), 4);
        assert!(said.contains("a list of at most 1000 entries"), "{said}");
    }
    let gap = r#"{"artifact":"archive.a","gap":"planned","reason":""}"#;
    let flood = format!("[{}{gap}]", format!("{gap},").repeat(100_000));
    let said = said(&Forged::flooded("", "gaps", &flood).command_within(MEMORY).output().unwrap(), 4);
    assert!(said.contains("a list of at most 10000 entries"), "{said}");
}

#[test]
fn other_documents_have_an_end() {
    let forged = Forged::flooded("", "later", "1");
    forged.write("tool/1.0.0/SHA256SUMS", &b"\n".repeat(16 << 20));
    let told = said(&forged.command_within(MEMORY).output().unwrap(), 4);
    assert!(told.contains("SHA256SUMS line 1 says"), "{told}");
    let versions = format!("[{}\"1.0.0\"]", "\"0.0.0\",".repeat(1 << 20));
    forged.write("tool/index.json", format!(r#"{{"schema":1,"name":"tool","versions":{versions}}}"#).as_bytes());
    let told = said(&forged.command_within(MEMORY).output().unwrap(), 1);
    assert!(told.contains("a list of at most 100000 entries"), "{told}");
}

#[test]
fn evidence_is_read_without_what_is_not_known() {
    let nothing = Digest::from_bytes([0; 32]);
    let flood = objects(15 << 20);
    for (means, result) in [(flood.as_str(), "0"), ("0", flood.as_str())] {
        let record = format!(
            r#"{{"subjects":{{}},"root":{{"name":"sandbox","isolation":""}},"means":{{"later":{means},"how":"native"}},"results":[{{"later":{result},"probe":"p","definition":"{nothing}","ran":[],"outcome":"passed","said":"","milliseconds":0}}],"started":0}}"#
        );
        let statement = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"https://in-toto.io/attestation/test-result/v0.1","predicate":{{"result":"PASSED","configuration":[],"passedTests":["p"],"failedTests":[],"plimsoll":{record}}}}}"#
        );
        let digest = Digest::of(statement.as_bytes()).to_string();
        let forged = Forged::document(b"", |document| document["evidence"]["statement.json"] = serde_json::json!(digest));
        std::fs::create_dir(forged.release().join("evidence")).unwrap();
        forged.write("tool/1.0.0/evidence/statement.json", statement.as_bytes());
        let mut verify = within(MEMORY);
        let told = said(&verify.arg("verify").arg(forged.release()).output().unwrap(), 1);
        assert!(told.contains("evidence/statement.json"), "{told}");
    }
}

/// Serves whoever comes by `answer`, which gets the connection after the request was read.
fn server(answer: impl Fn(&mut std::net::TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = std::sync::Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answer) = (stream.unwrap(), answer.clone());
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                if stream.read(&mut request).is_ok() {
                    answer(&mut stream);
                }
            });
        }
    });
    url
}

/// Text, and then a byte every ten milliseconds until the client goes.
fn trickle(stream: &mut std::net::TcpStream, first: &str, then: &str) {
    let mut going = stream.write_all(first.as_bytes());
    for byte in then.bytes().cycle() {
        if going.is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
        going = stream.write_all(&[byte]);
    }
}

#[test]
fn a_server_that_trickles_is_given_up() {
    let pause = Duration::from_millis(1);
    let patience = Patience { pause, rate: 10_000, window: Duration::from_millis(300), ..Patience::default() };
    let slow = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n", " "),
        ("HTTP/1.1 200 OK\r\n\r\n", " "),
        ("HTTP/1.1 200 OK\r\nX-Slow: ", "x"),
        ("", "HTTP"),
        ("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"),
        ("HTTP/1.1 302 Found\r\nContent-Length: 100000\r\nLocation: /x\r\n\r\n", "x"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n \r\n0\r\n", "A: b\r\n"),
    ];
    for (first, then) in slow {
        let url = server(move |stream| trickle(stream, first, then));
        let network = Network::new(None, patience);
        let latest = Wish::Latest { pre_releases: false };
        let error = resolve(&url.parse().unwrap(), &"tool".parse().unwrap(), &latest, None, &network).unwrap_err();
        let is_given_up =
            matches!(&error, FetchError::Open(OpenError::TooSlow { .. } | OpenError::Redirect { .. } | OpenError::Unreachable { .. }));
        assert!(is_given_up && error.is_network(), "{first}{then}: {error}");
    }
}

#[test]
fn what_never_ends_is_not_read() {
    let project = Project::required();
    let endless = |name: &str| {
        let path = project.path().join(name);
        let kept = std::fs::read(&path).ok();
        drop(std::fs::remove_file(&path));
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        kept
    };
    let manifest = endless("plimsoll.toml").unwrap();
    for arguments in [["plan"], ["status"], ["doctor"]] {
        let said = within_of(&project, &arguments);
        assert!(arguments == ["doctor"] || said.contains("is no plain file"), "{said}");
    }
    std::fs::remove_file(project.path().join("plimsoll.toml")).unwrap();
    std::fs::write(project.path().join("plimsoll.toml"), manifest).unwrap();
    std::fs::create_dir(project.path().join("dist")).unwrap();
    endless("dist/release.json");
    assert!(within_of(&project, &["status"]).contains("is no plain file"));
    endless("plimsoll.lock");
    assert!(within_of(&project, &["plan"]).contains("is no plain file"));
}

/// What the command says with no more memory than cargo may need, which it starts.
fn within_of(project: &Project, arguments: &[&str]) -> String {
    let mut command = within(4096);
    command.args(arguments).current_dir(project.path()).env("PLIMSOLL_STORE", project.store());
    command.env("PLIMSOLL_DEBIAN_MIRROR", "http://127.0.0.1:9/debian").env("NO_COLOR", "1");
    let output = command.output().unwrap();
    assert!(output.status.code().is_some(), "{output:?}");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn members_of_a_few_bytes_make_few_folders() {
    let names = (0..3000).map(|number| format!("r/{number}{}", "/a".repeat(40))).collect::<Vec<_>>();
    let members = names.iter().map(|name| Member::File(name, 0o644, b"")).collect::<Vec<_>>();
    Forged::archive(&members).refused("more than");
}

#[test]
fn nobody_waits_for_the_other_end_of_a_fifo() {
    let project = Project::required();
    project.manifest("[version]\nsource = \"Cargo.toml\"\nchangelog = \"CHANGELOG.md\"\n");
    let mut command = std::process::Command::new("mkfifo");
    assert!(command.args(["CHANGELOG.md", "rust-toolchain.toml"]).current_dir(project.path()).status().unwrap().success());
    for arguments in [["plan", "-q"], ["status", "-q"], ["version", "notes"]] {
        let mut limited = std::process::Command::new("timeout");
        limited.args(["--kill-after=1", "60", env!("CARGO_BIN_EXE_plimsoll")]).args(arguments);
        let status = limited.current_dir(project.path()).env("PLIMSOLL_STORE", project.store()).output().unwrap().status;
        assert!(!matches!(status.code(), None | Some(124 | 137)), "{arguments:?}: {status}");
    }
}
