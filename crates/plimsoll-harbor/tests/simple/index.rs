//! An index for a test, and requests to it without a socket.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use plimsoll_harbor::{Simple, SimpleOptions, answers};

use crate::wheels::Form;

/// `__token__:t` in base64.
pub const AUTHORIZATION: &str = "Authorization: Basic X190b2tlbl9fOnQ=\r\n";

/// When the clock of an index begins, in seconds after 1970: 2026-11-30T19:46:16Z.
const BEGINNING: u64 = 1_796_067_976;

/// An index whose token is `t`.
pub struct TestIndex {
    pub simple: Arc<Simple>,
    seconds: Arc<AtomicU64>,
    pub folder: tempfile::TempDir,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl TestIndex {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut SimpleOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let seconds = Arc::new(AtomicU64::new(BEGINNING));
        let mut options = SimpleOptions::new("t");
        let clock = Arc::clone(&seconds);
        options.clock = Box::new(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst)));
        change(&mut options);
        let simple = Arc::new(Simple::new(folder.path(), options).unwrap());
        Self { simple, seconds, folder }
    }

    /// Lets time pass.
    pub fn pass(&self, days: u64, seconds: u64) {
        self.seconds.fetch_add(days * 86_400 + seconds, Ordering::SeqCst);
    }

    /// Files that lie in the folder of uploads.
    pub fn files(&self) -> usize {
        files_in(self.folder.path())
    }

    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
        let answer = answers(&*self.simple, [head.as_bytes(), body].concat().as_slice());
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: answer[end + 4..].to_vec() }
    }

    pub fn get(&self, path: &str, accept: &str) -> Answer {
        self.ask("GET", path, &format!("Accept: {accept}\r\n"), b"")
    }

    pub fn upload(&self, form: &Form) -> Answer {
        self.post(AUTHORIZATION, &form.body())
    }

    pub fn post(&self, headers: &str, body: &[u8]) -> Answer {
        self.ask("POST", "/legacy/", &format!("Content-Type: multipart/form-data; boundary=-b-\r\n{headers}"), body)
    }
}

fn files_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_in(&path) } else { 1 }).sum()
}
