//! The index over HTTP: which path means what.

use std::fs::File;
use std::io;

use plimsoll_model::python::{is_valid_name, normalised_name};

use super::Simple;
use super::accept::PageForm;
use super::index::HeldFile;
use super::pages::{FILES, METADATA_SUFFIX, project_page, projects_page};
use super::refused::Refused;
use super::upload::NoUpload;
use crate::transport::{Request, Response, Service};

impl Service for Simple {
    fn answer(&self, request: &mut Request<'_>) -> io::Result<Response> {
        let Some(path) = request.path() else { return Ok(Response::empty(400)) };
        if path == "/legacy/" {
            return self.uploaded_by(request);
        }
        if !matches!(request.method(), "GET" | "HEAD") {
            return Ok(Response::empty(405).header("Allow", "GET, HEAD"));
        }
        if let Some(file_name) = path.strip_prefix(FILES) {
            return Ok(self.file(file_name).unwrap_or_else(|| Response::empty(404)));
        }
        match path.strip_prefix("/simple") {
            Some("") => Ok(Response::empty(301).header("Location", "/simple/")),
            Some("/") => Ok(self.projects(request)),
            Some(rest) => Ok(self.project(request, rest.strip_prefix('/').unwrap_or_default())),
            None => Ok(Response::empty(404)),
        }
    }
}

impl Simple {
    fn uploaded_by(&self, request: &mut Request<'_>) -> io::Result<Response> {
        if request.method() != "POST" {
            return Ok(Response::empty(405).header("Allow", "POST"));
        }
        // By the head alone, so that nobody without the token sends a body.
        let taken = if self.is_authorized(request.header("Authorization")) {
            let content_type = request.header("Content-Type").unwrap_or_default();
            self.take(content_type, request.body())
        } else {
            Err(Refused::Token.into())
        };
        match taken {
            Ok(()) => Ok(Response::empty(200)),
            Err(NoUpload::Refused(refused)) => Ok(Response::text(refused.status(), &refused.to_string())),
            Err(NoUpload::Io(error)) => Err(error),
        }
    }

    fn file(&self, name: &str) -> Option<Response> {
        let index = self.index();
        if let Some(file) = name.strip_suffix(METADATA_SUFFIX).and_then(|name| index.file(name)) {
            let metadata = file.metadata.as_ref()?;
            return Some(Response::bytes(200, "text/plain; charset=utf-8", metadata.bytes.to_vec()));
        }
        let path = index.file(name)?.path.clone();
        drop(index);
        Response::file("application/octet-stream", File::open(path).ok()?).ok()
    }

    fn projects(&self, request: &Request<'_>) -> Response {
        page(request, |form| projects_page(form, &self.index().projects()))
    }

    /// What follows `/simple/`: a name and a slash.
    fn project(&self, request: &Request<'_>, rest: &str) -> Response {
        let name = rest.strip_suffix('/').unwrap_or(rest);
        if !is_valid_name(name) {
            return Response::empty(404);
        }
        let normal = normalised_name(name, '-');
        if rest != format!("{normal}/") {
            return Response::empty(301).header("Location", &format!("/simple/{normal}/"));
        }
        let index = self.index();
        let files = index.files().filter(|file| file.project == normal).collect::<Vec<&HeldFile>>();
        if files.is_empty() {
            return Response::empty(404);
        }
        page(request, |form| project_page(form, &normal, &files))
    }
}

/// A page in the form that the client wants.
fn page(request: &Request<'_>, text: impl Fn(PageForm) -> String) -> Response {
    let Some(form) = PageForm::wanted(request.header("Accept")) else { return Response::empty(406) };
    // Clients that wait for a file must not look at what they kept.
    Response::bytes(200, form.content_type(), text(form)).header("Vary", "Accept").header("Cache-Control", "no-cache")
}
