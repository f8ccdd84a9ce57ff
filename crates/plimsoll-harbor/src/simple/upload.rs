//! An upload as it came: a form whose fields stand in memory and whose file lies in a temporary one, read and hashed, but not yet judged.

use std::io::{self, Read, Write};
use std::path::Path;

use blake2::Blake2b;
use blake2::digest::Digest as _;
use blake2::digest::consts::U32;
use plimsoll_model::{Digest, Hasher};
use tempfile::NamedTempFile;

use super::disposition::boundary_of;
use super::multipart::{Multipart, NoPart};
use super::refused::Refused;

/// How much the fields of one form may hold together, in bytes: a description is as long as a README.
pub(super) const MAX_FIELDS: u64 = 4 << 20;
/// How many parts one form may have: classifiers and requirements are one part each.
const MAX_PARTS: usize = 2000;

/// Why there is no upload.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoUpload {
    /// It is refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It could not be read, or could not be kept.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<NoPart> for NoUpload {
    fn from(no_part: NoPart) -> Self {
        match no_part {
            NoPart::Malformed(why) => Self::Refused(Refused::Form(why.to_owned())),
            NoPart::TooLong(limit) => Self::Refused(Refused::Form(format!("the fields are longer than {limit} bytes"))),
            NoPart::Io(error) => Self::Io(error),
        }
    }
}

/// What came.
pub(super) struct Received {
    /// Names and values, as often as they came.
    pub fields: Vec<(String, String)>,
    pub file: ReceivedFile,
}

/// The file that came. It is gone when this is dropped.
pub(super) struct ReceivedFile {
    pub name: String,
    pub file: NamedTempFile,
    pub size: u64,
    pub sha256: Digest,
    /// In lower case.
    pub blake2_256: String,
}

impl Received {
    /// Reads a form to its end. Its file is put into `folder`, and may have `largest` bytes.
    pub(super) fn read(content_type: &str, body: &mut dyn Read, folder: &Path, largest: u64) -> Result<Self, NoUpload> {
        let boundary = boundary_of(content_type).map_err(|why| Refused::Form(why.to_owned()))?;
        let mut form = Multipart::new(body, boundary);
        let (mut fields, mut file, mut left) = (Vec::new(), None, MAX_FIELDS);
        let mut part = form.first()?;
        for _ in 0..MAX_PARTS {
            let Some(name) = part else { break };
            if name.name == "content" {
                let file_name = name.file_name.ok_or_else(|| Refused::Form("`content` is no file".to_owned()))?;
                let (received, next) = ReceivedFile::read(file_name, &mut form, folder, largest)?;
                if file.replace(received).is_some() {
                    return Err(Refused::Form("there are two files".to_owned()).into());
                }
                part = next;
                continue;
            }
            let mut value = Vec::new();
            let (length, next) = form.next(left, &mut value)?;
            left -= length;
            let value = String::from_utf8(value).map_err(|_| Refused::Field(name.name.clone(), "is not UTF-8".to_owned()))?;
            fields.push((name.name, value));
            part = next;
        }
        if part.is_some() {
            return Err(Refused::Form(format!("the form has more than {MAX_PARTS} fields")).into());
        }
        Ok(Self { fields, file: file.ok_or(Refused::NoFile)? })
    }

    /// The value of a field that stands once or not at all. An empty one is none: clients send them for what a package does not say.
    pub(super) fn field(&self, name: &str) -> Result<Option<&str>, Refused> {
        let mut values = self.fields.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Refused::Field(name.to_owned(), "stands twice".to_owned())),
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
        }
    }
}

impl ReceivedFile {
    fn read(
        name: String,
        form: &mut Multipart<'_>,
        folder: &Path,
        largest: u64,
    ) -> Result<(Self, Option<super::disposition::PartName>), NoUpload> {
        let file = NamedTempFile::new_in(folder)?;
        let mut sink = HashingFile { file, sha256: Hasher::new(), blake2_256: Blake2b::new() };
        let (size, next) = form.next(largest, &mut sink).map_err(|error| match error {
            NoPart::TooLong(limit) => NoUpload::Refused(Refused::TooLarge(limit)),
            other => other.into(),
        })?;
        let blake2_256 = sink.blake2_256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((Self { name, file: sink.file, size, sha256: sink.sha256.finish().digest(), blake2_256 }, next))
    }
}

/// A file, and the digests of what is written to it.
struct HashingFile {
    file: NamedTempFile,
    sha256: Hasher,
    blake2_256: Blake2b<U32>,
}

impl Write for HashingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_all(bytes)?;
        self.sha256.update(bytes);
        self.blake2_256.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
