//! Several services at one address, told apart by how paths begin. It answers nothing itself, and takes nothing off a path.

use std::io;
use std::sync::Arc;

use crate::transport::{Request, Response, Service};

/// Services, each below some prefixes, and one that has all other paths.
pub struct Router {
    /// Prefix, a slash at its end → service.
    routes: Vec<(&'static str, Arc<dyn Service>)>,
    rest: Arc<dyn Service>,
}

impl Router {
    /// Everything goes to `rest`.
    pub fn new(rest: Arc<dyn Service>) -> Self {
        Self { routes: Vec::new(), rest }
    }

    /// Paths that begin with one of the prefixes go to `service`; a prefix begins and ends with a slash. Of two that fit the earlier one counts.
    #[must_use]
    pub fn with(mut self, prefixes: &[&'static str], service: &Arc<dyn Service>) -> Self {
        self.routes.extend(prefixes.iter().map(|prefix| (*prefix, Arc::clone(service))));
        self
    }

    /// Whose path it is; one that cannot be decoded is nobody's in particular.
    fn service(&self, path: Option<&str>) -> &dyn Service {
        let is_below = |path: &str, prefix: &str| path.starts_with(prefix) || prefix.strip_suffix('/') == Some(path);
        let found = path.and_then(|path| self.routes.iter().find(|(prefix, _)| is_below(path, prefix)));
        found.map_or(&*self.rest, |(_, service)| &**service)
    }
}

impl Service for Router {
    fn answer(&self, request: &mut Request<'_>) -> io::Result<Response> {
        self.service(request.path()).answer(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::answers;

    struct Named(&'static str);

    impl Service for Named {
        fn answer(&self, request: &mut Request<'_>) -> io::Result<Response> {
            Ok(Response::text(200, &format!("{} {}", self.0, request.path().unwrap_or("?"))))
        }
    }

    #[test]
    fn a_path_goes_whole_to_the_service_of_its_prefix() {
        let index: Arc<dyn Service> = Arc::new(Named("index"));
        let router = Router::new(Arc::new(Named("rest"))).with(&["/simple/", "/files/"], &index);
        for (target, expected) in [
            ("/simple/", "index /simple/"),
            ("/simple", "index /simple"),
            ("/simple/a/?x=/y/", "index /simple/a/"),
            ("/files/a.whl", "index /files/a.whl"),
            ("/simpler", "rest /simpler"),
            ("/", "rest /"),
            ("/app/files/a", "rest /app/files/a"),
            ("/simple/%2e%2e/app", "index /simple/../app"),
            ("/%", "rest ?"),
        ] {
            let answer = String::from_utf8(answers(&router, format!("GET {target} HTTP/1.1\r\n\r\n").as_bytes())).unwrap();
            assert!(answer.ends_with(&format!("\r\n\r\n{expected}\n")), "{target}: {answer}");
        }
    }
}
