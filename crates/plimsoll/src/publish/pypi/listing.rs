//! What an index has of a project, as its Simple API says it (PEP 691): read only, and nothing of it believed but names and digests.

use std::collections::BTreeMap;

use plimsoll_fetch::{Network, OpenError, Source};
use plimsoll_model::{Class, Digest, Failure};
use serde::Deserialize;

/// The form that is asked for.
const JSON: &str = "application/vnd.pypi.simple.v1+json";
/// The Simple API's major version that is understood.
const MAJOR: &str = "1";

/// The files of a project on an index: name → digest; none if the index does not say one.
pub(super) type Listing = BTreeMap<String, Option<Digest>>;

#[derive(Deserialize)]
struct Page {
    meta: Meta,
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "api-version")]
    api_version: String,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

/// Asks an index; a project that it does not know has no files.
///
/// # Errors
/// Class network if it does not answer, or not in that form.
pub(super) fn listing(index: &Source, project: &str, network: &Network) -> Result<Listing, Failure> {
    let subject = || format!("{}/", index.subject(project));
    match index.read_page(project, &network.clone().accepting(JSON)) {
        Ok(bytes) => parse(&bytes).map_err(|why| unreadable(&why).about(subject())),
        Err(OpenError::NotFound { .. }) => Ok(Listing::new()),
        Err(error) => Err(Failure::from_error(Class::Network, "index", &error)),
    }
}

fn parse(bytes: &[u8]) -> Result<Listing, String> {
    let page = serde_json::from_slice::<Page>(bytes).map_err(|error| error.to_string())?;
    if page.meta.api_version.split('.').next() != Some(MAJOR) {
        return Err(format!("it has the version {} of the Simple API", page.meta.api_version.chars().take(20).collect::<String>()));
    }
    Ok(page.files.into_iter().map(|file| (file.filename, file.hashes.get("sha256").and_then(|digest| digest.parse().ok()))).collect())
}

fn unreadable(why: &str) -> Failure {
    Failure::new(Class::Network, "index-page", "the index did not answer in JSON (PEP 691), so what it has is not known")
        .cause("because", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_digests_are_read_and_nothing_else_is_needed() {
        let digest = Digest::of(b"a");
        let page = format!(
            r#"{{"meta":{{"api-version":"1.4","x":1}},"name":"a","files":[
                {{"filename":"a-1.whl","url":"../x","hashes":{{"md5":"0","sha256":"{digest}"}},"yanked":"why"}},{{"filename":"b","hashes":{{}}}},
                {{"filename":"c","hashes":{{"sha256":"no"}}}}]}}"#
        );
        let wanted = [("a-1.whl", Some(digest)), ("b", None), ("c", None)].map(|(name, digest)| (name.to_owned(), digest));
        assert_eq!(parse(page.as_bytes()).unwrap(), Listing::from(wanted));
        assert_eq!(parse(br#"{"meta":{"api-version":"1.0"}}"#).unwrap(), Listing::new());
        for bad in
            ["<html>", "{}", r#"{"meta":{"api-version":"2.0"},"files":[]}"#, r#"{"meta":{"api-version":"1.0"},"files":[{"filename":1}]}"#]
        {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
