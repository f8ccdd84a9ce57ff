//! What a killed fetch leaves beside its destination is taken away by the next one, and what another one works in is not.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::forged::{Forged, Member, said};
use crate::project::TARGET;

/// Serves the files of a registry, and keeps the connection of the one that asks for the archive: half of it was sent by then.
struct Half {
    url: String,
    /// Told when half of the archive was sent; the rest comes when the connection is used to ask for it.
    waiting: Receiver<TcpStream>,
}

fn half(registry: PathBuf) -> Half {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, waiting) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, registry, sender) = (stream.unwrap(), registry.clone(), sender.clone());
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).unwrap_or_default();
                let text = String::from_utf8_lossy(&request[..read]).into_owned();
                let path = text.split(' ').nth(1).unwrap_or("/").trim_start_matches('/').to_owned();
                let Ok(bytes) = fs::read(registry.join(&path)) else { return };
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len());
                let sent = if path.ends_with(".tar.xz") { bytes.len() / 2 } else { bytes.len() };
                if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&bytes[..sent])).is_ok() && sent < bytes.len() {
                    let _ = sender.send(stream);
                }
            });
        }
    });
    Half { url, waiting }
}

fn sound() -> Forged {
    Forged::archive(&[Member::File("root/tool", 0o755, b"x")])
}

/// A fetch without a cache, so that the download lies beside the destination.
fn start(url: &str, to: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.args(["fetch", "tool", "--target", TARGET, "--from", url, "--to"]).arg(to);
    for variable in ["HOME", "XDG_CACHE_HOME", "PLIMSOLL_FETCH_CACHE", "CARGO_NET_OFFLINE"] {
        command.env_remove(variable);
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn stages(forged: &Forged) -> Vec<String> {
    let names = fs::read_dir(forged.to().parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".plimsoll-fetch-")).collect()
}

#[test]
fn what_a_killed_fetch_left_goes_with_the_next_one() {
    let forged = sound();
    let server = half(forged.registry());
    let mut killed = start(&server.url, &forged.to());
    let _connection = server.waiting.recv_timeout(Duration::from_secs(60)).unwrap();
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(stages(&forged).len(), 1);
    // As a version without locks, and one that was killed at once, leave them.
    let parent = forged.to().parent().unwrap().to_owned();
    fs::create_dir_all(parent.join(".plimsoll-fetch-Ab12Cd/unpacked/root")).unwrap();
    fs::create_dir(parent.join(".plimsoll-fetch-Ab12Ce")).unwrap();
    forged.fetch(0);
    assert_eq!(stages(&forged), Vec::<String>::new());
    assert!(forged.to().join("tool").is_file());
}

#[test]
fn a_fetch_that_lives_keeps_its_folder() {
    let forged = sound();
    let server = half(forged.registry());
    let other = forged.folder.path().join("landing/other");
    let mut living = start(&server.url, &other);
    let mut connection = server.waiting.recv_timeout(Duration::from_secs(60)).unwrap();
    let before = stages(&forged);
    assert_eq!(before.len(), 1);
    forged.fetch(0);
    assert_eq!(stages(&forged), before);
    let archive = fs::read(forged.release().join("tool.tar.xz")).unwrap();
    connection.write_all(&archive[archive.len() / 2..]).unwrap();
    drop(connection);
    assert!(living.wait().unwrap().success());
    assert!(other.join("tool").is_file());
    assert_eq!(stages(&forged), Vec::<String>::new());
}

#[test]
fn what_only_looks_like_it_stays() {
    let forged = sound();
    let parent = forged.to().parent().unwrap().to_owned();
    let kept = forged.folder.path().join("kept");
    fs::create_dir_all(kept.join("unpacked")).unwrap();
    fs::create_dir_all(parent.join(".plimsoll-fetch-backup/mine")).unwrap();
    fs::create_dir_all(parent.join(".plimsoll-fetch-old-one/unpacked")).unwrap();
    fs::write(parent.join(".plimsoll-fetch-abcdef"), "x").unwrap();
    std::os::unix::fs::symlink(&kept, parent.join(".plimsoll-fetch-linked")).unwrap();
    let output = forged.command().output().unwrap();
    said(&output, 0);
    assert_eq!(stages(&forged).len(), 4);
    assert!(kept.join("unpacked").is_dir());
}
