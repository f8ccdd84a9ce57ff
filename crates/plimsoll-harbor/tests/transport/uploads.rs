//! A service that takes uploads, and counts what it was asked.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use plimsoll_harbor::{Faults, Harbor, Request, Response, ServeOptions, Service};

/// What was uploaded, by path.
#[derive(Default)]
pub struct Uploads {
    stored: Mutex<BTreeMap<String, Vec<u8>>>,
    asked: AtomicUsize,
}

impl Uploads {
    /// How many requests it saw.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// What was uploaded to a path, if it came whole.
    pub fn stored(&self, path: &str) -> Option<Vec<u8>> {
        self.stored.lock().unwrap().get(path).cloned()
    }

    /// How many uploads came whole.
    pub fn count(&self) -> usize {
        self.stored.lock().unwrap().len()
    }

    fn store(&self, path: &str, bytes: Vec<u8>) -> Response {
        self.stored.lock().unwrap().insert(path.to_owned(), bytes);
        Response::empty(201)
    }
}

impl Service for Uploads {
    fn answer(&self, request: &mut Request<'_>) -> io::Result<Response> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let Some(path) = request.path() else { return Ok(Response::empty(400)) };
        match (request.method(), path) {
            ("GET" | "HEAD", path) => {
                let stored = self.stored(path);
                Ok(stored.map_or(Response::empty(404), |bytes| Response::bytes(200, "application/octet-stream", bytes)))
            }
            // By the head alone.
            (_, "/forbidden") => Ok(Response::text(403, "nobody may")),
            (_, "/ignored") => Ok(Response::empty(204)),
            (_, "/broken") => Err(io::Error::other("the disk is full")),
            (_, "/panic") => panic!("a service that is not sound"),
            (_, "/counted") => {
                let length = io::copy(request.body(), &mut io::sink())?;
                Ok(self.store(path, length.to_string().into_bytes()))
            }
            (_, "/small") => {
                let bytes = request.body().read_whole(8)?;
                Ok(self.store(path, bytes))
            }
            (_, path) => {
                let mut bytes = Vec::new();
                request.body().read_to_end(&mut bytes)?;
                Ok(self.store(path, bytes))
            }
        }
    }
}

/// A harbor with uploads.
pub fn harbor(faults: Faults) -> (Arc<Uploads>, Harbor) {
    let uploads = Arc::new(Uploads::default());
    let harbor = Harbor::serve(uploads.clone(), ServeOptions { faults, ..ServeOptions::default() }).unwrap();
    (uploads, harbor)
}
