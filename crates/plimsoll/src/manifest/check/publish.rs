//! `[publish.pypi]`: which index, and that something goes there.

use plimsoll_fetch::Source;

use crate::kinds;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::{Manifest, PypiPlace, PypiTable, Written};

/// The index, if the manifest names one and it can be used.
pub(super) fn pypi(manifest: &Manifest, out: &mut Diagnostics) -> Option<PypiPlace> {
    let table = manifest.publish_pypi.as_ref()?;
    if !manifest.artifacts.iter().any(|artifact| kinds::goes_to_index(artifact.own.kind())) {
        let span = table.place.clone();
        let nothing =
            Diagnostic::new("nothing-to-publish", &span, "`[publish.pypi]` is given, and nothing of the release goes to a Python index");
        out.push(nothing.label("what would be uploaded?").hint("archives and the like go to `[publish.folder]`"));
        return None;
    }
    own(table, out)
}

fn own(table: &PypiTable, out: &mut Diagnostics) -> Option<PypiPlace> {
    let Some(place) = &table.repository else { return Some(PypiPlace::Usual) };
    let (Some(upload), Some(index)) = (&table.upload, &table.index) else {
        let message = "`publish.pypi.repository` needs `upload` and `index`: where files are uploaded, and where it is asked what is there";
        out.push(Diagnostic::new("missing-key", place, message).label("one of them is missing"));
        return None;
    };
    let (sound_upload, sound_index) = (is_url(upload, "upload", out), is_url(index, "index", out));
    (sound_upload && sound_index).then(|| PypiPlace::Own { upload: upload.value.clone(), index: index.value.clone() })
}

fn is_url(written: &Written<String>, key: &str, out: &mut Diagnostics) -> bool {
    let sound = matches!(written.value.parse::<Source>(), Ok(Source::Http(_)));
    if !sound {
        let message = format!("`publish.pypi.repository.{key}` is no http or https URL");
        let bad = Diagnostic::new("bad-url", &written.span, message).label("no URL of an index");
        out.push(bad.hint("no credentials, query or fragment: the token is `UV_PUBLISH_TOKEN`"));
    }
    sound
}
