//! `RECORD`: every file of a wheel with its digest and length.
//! <https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file>

use plimsoll_model::Digest;
use plimsoll_model::python::url_safe;

/// The lines, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Record(String);

impl Record {
    pub(super) fn add(&mut self, path: &str, digest: &Digest, size: u64) {
        self.0.push_str(&format!("{},sha256={},{size}\n", field(path), url_safe(digest.as_bytes())));
    }

    /// The text, with its own line, which has neither digest nor length.
    pub(super) fn finish(self, path: &str) -> String {
        format!("{}{},,\n", self.0, field(path))
    }
}

/// A field of CSV, quoted only if it must be, as Python's `csv` writes it.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_commas_and_quotes_are_quoted() {
        let mut record = Record::default();
        let digest = Digest::of(b"");
        record.add("a,b.txt", &digest, 0);
        record.add("say \"x\"", &digest, 0);
        record.add("plain é", &digest, 7);
        let empty = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
        let expected = format!(
            "\"a,b.txt\",sha256={empty},0\n\"say \"\"x\"\"\",sha256={empty},0\nplain é,sha256={empty},7\n\"x,y.dist-info/RECORD\",,\n"
        );
        assert_eq!(record.finish("x,y.dist-info/RECORD"), expected);
    }
}
