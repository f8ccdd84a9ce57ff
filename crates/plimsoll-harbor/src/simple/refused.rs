//! Why an upload is refused, in the words of PyPI if clients look for them.

use plimsoll_model::Digest;

/// Why an upload is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// The token is not there or not the one.
    #[error("Invalid or non-existent authentication information.")]
    Token,
    /// The body is no form as it should be.
    #[error("the form cannot be read: {0}")]
    Form(String),
    /// A field is missing or wrong.
    #[error("`{0}` {1}")]
    Field(String, String),
    /// There is no file.
    #[error("Upload payload does not have a file.")]
    NoFile,
    /// The file has more than so many bytes.
    #[error("File too large: at most {0} bytes are taken.")]
    TooLarge(u64),
    /// A digest is another than that of the file.
    #[error("The digest supplied does not match a digest calculated from the uploaded file: `{0}`.")]
    Digest(&'static str),
    /// The file name is none, or is not that of the project and the version.
    #[error("Invalid distribution file: `{0}` {1}")]
    FileName(String, String),
    /// Other bytes have this name.
    #[error("File already exists ({0}, with sha256 hash {1}). See https://pypi.org/help/#file-name-reuse for more information.")]
    Exists(String, Digest),
    /// Deleted bytes had this name.
    #[error("This filename has already been used, use a different version: `{0}`.")]
    Used(String),
    /// Another file of the release is an sdist.
    #[error("Only one sdist may be uploaded per release, and there is {0}.")]
    SecondSdist(String),
    /// The first file of the release is too old.
    #[error("{0} {1} was released more than 14 days ago and takes no new files: release another version.")]
    TooOld(String, String),
    /// The check that the index was given refuses the file.
    #[error("Invalid distribution file: {0}")]
    Check(String),
}

impl Refused {
    /// The status that is due.
    pub(super) fn status(&self) -> u16 {
        if *self == Self::Token { 403 } else { 400 }
    }
}
