//! A client that says exactly what it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use plimsoll_harbor::Harbor;

/// A connection.
pub struct Client(BufReader<TcpStream>);

impl Client {
    pub fn of(harbor: &Harbor) -> Self {
        let stream = TcpStream::connect(harbor.url().strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends bytes; whether they arrive is the server's business.
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.0.get_mut().write_all(bytes.as_ref());
        self
    }

    /// Whether all of these bytes are taken.
    pub fn can_say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.get_mut().write_all(bytes.as_ref()).is_ok()
    }

    /// Sends no more.
    pub fn end(&mut self) -> &mut Self {
        self.0.get_mut().shutdown(Shutdown::Write).unwrap();
        self
    }

    /// The head of the next answer; empty if the connection ended.
    pub fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if !matches!(self.0.read_line(&mut head), Ok(1..)) {
                break;
            }
        }
        head
    }

    /// The next answer, its body by its length: status and body. Status 0 if the connection ended.
    pub fn hear(&mut self) -> (u16, String) {
        let head = self.head();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        (status(&head), String::from_utf8(body).unwrap())
    }

    /// Whether the server ends the connection without another word.
    pub fn is_ended(&mut self) -> bool {
        let mut rest = Vec::new();
        let _ = self.0.read_to_end(&mut rest);
        rest.is_empty()
    }
}

pub fn status(head: &str) -> u16 {
    head.split(' ').nth(1).map_or(0, |status| status.parse().unwrap())
}
