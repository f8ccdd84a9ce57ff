//! Local registries with faults on demand: what a rehearsal publishes to and installs from, and what tests break on purpose.
//!
//! `transport` speaks HTTP/1.1 on the loopback address and knows no service; each service is one file or folder beside it and opens no socket.
//! Nothing here listens elsewhere.

mod folder;
mod router;
mod simple;
mod transport;

pub use folder::Folder;
pub use router::Router;
pub use simple::{
    Clock, FileType, INDEX_PREFIXES, LARGEST_PYPI_FILE, Simple, SimpleOptions, Upload, UploadCheck, UploadedFile, WheelhouseFile,
};
pub use transport::{
    Body, DEFAULT_BODY_LIMIT, Effect, Fault, Faults, Harbor, Logged, Moment, PathPattern, Request, Response, ServeOptions, Service, Which,
    answers,
};
