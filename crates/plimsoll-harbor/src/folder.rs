//! The folder service: the files below a folder, as they are at each request. It never writes and never leaves its folder.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::transport::{Faults, Harbor, Request, Response, ServeOptions, Service};

/// A folder that is served.
pub struct Folder {
    /// Canonical.
    root: PathBuf,
}

impl Folder {
    /// The folder at `path`.
    ///
    /// # Errors
    /// If `path` is no folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let root = path.canonicalize().map_err(named)?;
        if root.is_dir() { Ok(Self { root }) } else { Err(named(io::ErrorKind::NotADirectory.into())) }
    }

    /// The file at a decoded path; none if nothing is there that may be sent.
    fn file(&self, path: &str) -> Option<File> {
        let mut file = self.root.clone();
        for component in path.trim_start_matches('/').split('/') {
            if matches!(component, "" | "." | "..") {
                return None;
            }
            file.push(component);
        }
        // Symbolic links may point about inside of the folder, and not out of it.
        let file = file.canonicalize().ok()?;
        let is_plain = file.starts_with(&self.root) && file.is_file();
        is_plain.then(|| File::open(&file).ok()).flatten()
    }
}

impl Service for Folder {
    fn answer(&self, request: &mut Request<'_>) -> io::Result<Response> {
        if !matches!(request.method(), "GET" | "HEAD") {
            return Ok(Response::empty(405).header("Allow", "GET, HEAD"));
        }
        // A backslash is a separator on some systems and a part of a name on others.
        let Some(path) = request.path().filter(|path| !path.contains('\\')) else { return Ok(Response::empty(400)) };
        let file = self.file(path).and_then(|file| Response::file("application/octet-stream", file).ok());
        Ok(file.unwrap_or_else(|| Response::empty(404)))
    }
}

impl Harbor {
    /// Serves the files below `path`, as they are at each request.
    ///
    /// # Errors
    /// If `path` is no folder, or no port can be had.
    pub fn serve_folder(path: &Path, faults: Faults) -> io::Result<Self> {
        Self::serve(Arc::new(Folder::open(path)?), ServeOptions { faults, ..ServeOptions::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::answers;

    #[test]
    #[cfg(unix)]
    fn nothing_outside_of_the_folder_is_opened() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("root");
        std::fs::create_dir_all(root.join("in")).unwrap();
        std::fs::write(place.path().join("secret"), "s").unwrap();
        std::fs::write(root.join("in/file"), "file").unwrap();
        std::os::unix::fs::symlink("../secret", root.join("out")).unwrap();
        std::os::unix::fs::symlink("in/file", root.join("link")).unwrap();
        let folder = Folder::open(&root).unwrap();
        for path in ["/in/file", "/link"] {
            assert_eq!(folder.file(path).unwrap().metadata().unwrap().len(), 4, "{path}");
        }
        for path in ["/out", "/../secret", "/in/../../secret", "/in", "/", "//in/file//", "/./in/file", "/none"] {
            assert!(folder.file(path).is_none(), "{path}");
        }
    }

    #[test]
    fn malformed_paths_and_other_methods_are_refused() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let status = |method: &str, target: &str| {
            let answer = answers(&folder, format!("{method} {target} HTTP/1.1\r\nContent-Length: 0\r\n\r\n").as_bytes());
            String::from_utf8(answer).unwrap().split(' ').nth(1).unwrap().to_owned()
        };
        for target in ["/%", "/%ff", "/a%2fb", "/a%5Cb", "/a\\b", "/a%00b", "/%0a"] {
            assert_eq!((status("GET", target), status("PUT", target)), ("400".to_owned(), "405".to_owned()), "{target}");
        }
        assert_eq!((status("GET", "/a"), status("HEAD", "/a"), status("DELETE", "/a")), ("404".into(), "404".into(), "405".into()));
    }
}
