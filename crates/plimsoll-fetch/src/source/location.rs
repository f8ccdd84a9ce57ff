//! URLs: a base that files lie below, and where a redirect leads. Text only; nothing is asked of a network here.

use std::fmt;

use ureq::http::Uri;

/// An `http` or `https` URL without credentials, query and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    /// Without a slash at the end.
    text: String,
}

impl BaseUrl {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        check(text)?;
        if text.contains(['?', '#']) {
            return Err("a query or fragment has no place in a base URL");
        }
        Ok(Self { text: text.trim_end_matches('/').to_owned() })
    }

    pub(super) fn below(&self, path: &str) -> Self {
        Self { text: self.file(path) }
    }

    pub(super) fn file(&self, path: &str) -> String {
        format!("{}/{path}", self.text)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn check(text: &str) -> Result<Uri, &'static str> {
    let uri = text.parse::<Uri>().map_err(|_| "it is not a URL")?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err("only http and https are understood");
    }
    match uri.authority().map(|authority| authority.as_str()) {
        None | Some("") => Err("it names no host"),
        Some(authority) if authority.contains('@') => Err("credentials are not sent, so they must not be in the URL"),
        Some(_) => Ok(uri),
    }
}

/// The URL that a redirect from `from` leads to.
pub(super) fn follow(from: &str, location: &str) -> Result<String, &'static str> {
    let base = check(from)?;
    let (scheme, authority) = (base.scheme_str().unwrap_or_default(), base.authority().map_or("", |authority| authority.as_str()));
    let location = location.split('#').next().unwrap_or_default();
    let target = if location.is_empty() {
        return Err("it says no place");
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else if location.split(['/', '?']).next().is_some_and(|first| first.contains(':')) {
        location.to_owned()
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{location}")
    };
    let uri = check(&target)?;
    if scheme == "https" && uri.scheme_str() != Some("https") {
        return Err("it would leave https");
    }
    Ok(target)
}

/// Whether a URL names this machine itself, which no proxy can reach.
pub(super) fn is_loopback(url: &str) -> bool {
    let uri = url.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_resolve_and_never_leave_https() {
        let from = "https://a.example/x/y";
        assert_eq!(follow(from, "https://b.example/z").unwrap(), "https://b.example/z");
        assert_eq!(follow(from, "//b.example/z").unwrap(), "https://b.example/z");
        assert_eq!(follow(from, "/z?q#f").unwrap(), "https://a.example/z?q");
        assert_eq!(follow(from, "z").unwrap(), "https://a.example/x/z");
        assert_eq!(follow("http://a.example", "z").unwrap(), "http://a.example/z");
        assert_eq!(follow("http://a.example", "https://a.example/").unwrap(), "https://a.example/");
        for location in ["http://a.example/x/y", "", "#", "ftp://x/", "file:///etc/passwd", "https://u:p@b.example/", "https://", "a b"] {
            assert!(follow(from, location).is_err(), "{location}");
        }
    }

    #[test]
    fn this_machine_is_known() {
        assert!(is_loopback("http://127.0.0.1:8080/x") && is_loopback("http://localhost/") && is_loopback("http://[::1]:1/"));
        assert!(!is_loopback("http://127.0.0.1.example/") && !is_loopback("https://192.0.2.1/"));
    }
}
