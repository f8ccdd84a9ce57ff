//! Which form of a page a client asks for, by its `Accept` (PEP 691, section *Version + Format Selection*).

/// The forms of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageForm {
    /// `application/vnd.pypi.simple.v1+json`.
    Json,
    /// `application/vnd.pypi.simple.v1+html`.
    Html,
    /// The same as `text/html`.
    PlainHtml,
}

impl PageForm {
    /// Of two that are asked for alike, the one that stands first here is sent; without a wish, the last.
    const ALL: [Self; 3] = [Self::Json, Self::Html, Self::PlainHtml];

    /// The form that a client wants most; none if it takes no form.
    pub(super) fn wanted(accept: Option<&str>) -> Option<Self> {
        let Some(accept) = accept.map(str::trim).filter(|accept| !accept.is_empty()) else { return Some(Self::PlainHtml) };
        let mut best = None;
        for form in Self::ALL {
            // What names a form counts before what means any.
            let named = weight(accept, |range| form.names().contains(&range));
            let any_text = || weight(accept, |range| form == Self::PlainHtml && range == "text/*");
            let any = || weight(accept, |range| form == Self::PlainHtml && range == "*/*");
            let weight = named.or_else(any_text).or_else(any).unwrap_or(0);
            if weight > best.map_or(0, |(most, _)| most) {
                best = Some((weight, form));
            }
        }
        best.map(|(_, form)| form)
    }

    /// What it is sent as.
    pub(super) fn content_type(self) -> &'static str {
        self.names()[0]
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.latest+json"],
            Self::Html => &["application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.latest+html"],
            Self::PlainHtml => &["text/html"],
        }
    }
}

/// The weight in thousandths of the first range that is meant; none if none is.
fn weight(accept: &str, is_meant: impl Fn(&str) -> bool) -> Option<u32> {
    accept.split(',').find_map(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default().to_ascii_lowercase();
        if !is_meant(&range) {
            return None;
        }
        let quality = parts.find_map(|parameter| parameter.strip_prefix("q=")).map_or(Some(1.0), |text| text.parse::<f64>().ok());
        // What is no number weighs nothing; the range is that of the RFC, so the cast is exact enough.
        Some((quality.filter(|quality| (0.0..=1.0).contains(quality)).unwrap_or(0.0) * 1000.0) as u32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_get_the_form_that_they_want_most() {
        let pip = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for (accept, form) in [
            (None, Some(PageForm::PlainHtml)),
            (Some(""), Some(PageForm::PlainHtml)),
            (Some("*/*"), Some(PageForm::PlainHtml)),
            (Some("text/*;q=0.1"), Some(PageForm::PlainHtml)),
            (Some(browser), Some(PageForm::PlainHtml)),
            (Some(pip), Some(PageForm::Json)),
            (Some("application/vnd.pypi.simple.latest+json"), Some(PageForm::Json)),
            (Some("application/vnd.pypi.simple.v1+json;q=0.2, application/vnd.pypi.simple.v1+html;q=0.3"), Some(PageForm::Html)),
            (Some("application/vnd.pypi.simple.v1+json;q=0, */*;q=0.001"), Some(PageForm::PlainHtml)),
            (Some("text/html;q=0, */*"), None),
            (Some("application/vnd.pypi.simple.v2+json"), None),
            (Some("application/json"), None),
            (Some("text/html;q=x"), None),
            (Some("text/html;q=NaN"), None),
        ] {
            assert_eq!(PageForm::wanted(accept), form, "{accept:?}");
        }
    }
}
