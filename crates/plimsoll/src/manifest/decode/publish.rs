//! `[publish.pypi]`, as it is written. Judges nothing but types.

use super::super::diagnostic::Diagnostics;
use super::super::reader::{Table, Value};
use super::super::written::PypiTable;

pub(crate) fn pypi(value: &Value<'_>, out: &mut Diagnostics) -> Option<PypiTable> {
    let mut table = Table::of("publish.pypi", "publish.pypi".to_owned(), value, out)?;
    let mut read = PypiTable { place: value.span(), ..PypiTable::default() };
    if let Some(value) = table.take("repository") {
        read.repository = Some(value.span());
        if let Some(mut repository) = Table::of("publish.pypi.repository", "publish.pypi.repository".to_owned(), value, out) {
            read.upload = repository.string("upload", out);
            read.index = repository.string("index", out);
            repository.finish(out);
        }
    }
    table.finish(out);
    Some(read)
}
