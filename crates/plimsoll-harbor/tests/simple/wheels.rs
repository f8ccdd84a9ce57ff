//! Tiny packages, and the forms by which they are uploaded.

use std::io::{Cursor, Write};

use plimsoll_model::Digest;
use plimsoll_model::python::url_safe;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A wheel with a module and the command `tiny-NAME`, whose output is `says`. `name` has underscores.
pub fn wheel(name: &str, version: &str, requires: &[&str], says: &str) -> Vec<u8> {
    let info = format!("{name}-{version}.dist-info");
    let requires = requires.iter().map(|requirement| format!("Requires-Dist: {requirement}\n")).collect::<String>();
    let project = name.replace('_', "-");
    let files = [
        (format!("{name}.py"), format!("def main():\n    print({says:?})\n")),
        (
            format!("{info}/METADATA"),
            format!("Metadata-Version: 2.1\nName: {project}\nVersion: {version}\nRequires-Python: >=3.8\n{requires}"),
        ),
        (format!("{info}/WHEEL"), "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned()),
        (format!("{info}/entry_points.txt"), format!("[console_scripts]\ntiny-{project} = {name}:main\n")),
    ];
    let mut record = format!("{info}/RECORD,,\n");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o644);
    for (path, text) in &files {
        let digest = url_safe(Digest::of(text.as_bytes()).as_bytes());
        record.push_str(&format!("{path},sha256={digest},{}\n", text.len()));
        zip.start_file(path.as_str(), options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.start_file(format!("{info}/RECORD"), options).unwrap();
    zip.write_all(record.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

/// The name of such a wheel.
pub fn wheel_name(name: &str, version: &str) -> String {
    format!("{name}-{version}-py3-none-any.whl")
}

/// An upload that is not sent yet.
#[derive(Clone)]
pub struct Form {
    pub fields: Vec<(String, String)>,
    pub file_name: String,
    pub bytes: Vec<u8>,
}

impl Form {
    /// As clients send a wheel.
    pub fn of_wheel(name: &str, version: &str, says: &str) -> Self {
        Self::of(name, version, wheel_name(name, version), wheel(name, version, &[], says))
            .with("filetype", "bdist_wheel")
            .with("pyversion", "py3")
    }

    /// As clients send an sdist.
    pub fn of_sdist(name: &str, version: &str, bytes: &[u8]) -> Self {
        Self::of(name, version, format!("{name}-{version}.tar.gz"), bytes.to_vec()).with("filetype", "sdist").with("pyversion", "source")
    }

    fn of(name: &str, version: &str, file_name: String, bytes: Vec<u8>) -> Self {
        let form = Self { fields: Vec::new(), file_name, bytes };
        let form = form.with(":action", "file_upload").with("protocol_version", "1").with("metadata_version", "2.1");
        form.with("name", &name.replace('_', "-")).with("version", version).hashed()
    }

    /// With the digest of its bytes.
    pub fn hashed(self) -> Self {
        let digest = Digest::of(&self.bytes).to_string();
        self.with("sha256_digest", &digest)
    }

    /// With a field, instead of one of its name.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a field more.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without a field.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(key, _)| key != name);
        self
    }

    /// With another file name.
    pub fn named(mut self, file_name: &str) -> Self {
        file_name.clone_into(&mut self.file_name);
        self
    }

    /// The body, with the boundary `-b-`.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            body.extend(format!("---b-\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        let head = format!("---b-\r\nContent-Disposition: form-data; name=\"content\"; filename=\"{}\"\r\n", self.file_name);
        body.extend(head.bytes().chain(*b"Content-Type: application/octet-stream\r\n\r\n"));
        body.extend(self.bytes.iter().chain(b"\r\n---b---\r\n"));
        body
    }
}
