//! What a form says of itself and of its parts: the boundary in `Content-Type`, and names in `Content-Disposition` (RFC 7578, section 4.2).

/// What a part is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartName {
    /// The field.
    pub name: String,
    /// The file, if it is one.
    pub file_name: Option<String>,
}

impl PartName {
    /// Reads the headers of a part, without the empty line behind them.
    pub(super) fn read(head: &[u8]) -> Result<Self, &'static str> {
        let head = std::str::from_utf8(head).map_err(|_| "the head of a part is not UTF-8")?;
        let mut found = None;
        for line in head.split("\r\n").filter(|_| !head.is_empty()) {
            let (name, value) = line.split_once(':').ok_or("a header of a part has no colon")?;
            if value.chars().any(|c| c.is_control() && c != '\t') {
                return Err("a header of a part has control characters");
            }
            let value = value.trim_matches([' ', '\t']);
            if name.eq_ignore_ascii_case("content-disposition") {
                let part = Self::of_disposition(value)?;
                if found.replace(part).is_some() {
                    return Err("a part has two dispositions");
                }
            } else if name.eq_ignore_ascii_case("content-transfer-encoding") && !matches!(value, "7bit" | "8bit" | "binary") {
                return Err("a part is encoded");
            }
        }
        found.ok_or("a part has no disposition")
    }

    fn of_disposition(value: &str) -> Result<Self, &'static str> {
        let (kind, parameters) = value.split_once(';').unwrap_or((value, ""));
        if !kind.trim().eq_ignore_ascii_case("form-data") {
            return Err("a part is no field of a form");
        }
        let (mut name, mut file_name) = (None, None);
        for (key, value) in parameters_of(parameters)? {
            let place = match key {
                "name" => &mut name,
                "filename" => &mut file_name,
                _ => return Err("a disposition has a parameter that no form has"),
            };
            if place.replace(value.to_owned()).is_some() {
                return Err("a part has two names");
            }
        }
        Ok(Self { name: name.ok_or("a part has no name")?, file_name })
    }
}

/// The boundary in the `Content-Type` of a request.
pub(super) fn boundary_of(content_type: &str) -> Result<&str, &'static str> {
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err("the body is no multipart/form-data");
    }
    let parameters = parameters_of(parameters)?;
    let [("boundary", boundary)] = parameters.as_slice() else { return Err("the form has not just a boundary") };
    // RFC 2046, section 5.1.1.
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    let is_fine = (1..=70).contains(&boundary.len()) && boundary.bytes().all(is_allowed) && !boundary.ends_with(' ');
    if is_fine { Ok(boundary) } else { Err("the form's boundary is malformed") }
}

/// `; key=token; key="text"`, without the first semicolon. A backslash within quotation marks is read in several ways, so none is taken.
fn parameters_of(text: &str) -> Result<Vec<(&str, &str)>, &'static str> {
    const MALFORMED: &str = "a parameter of a header is malformed";
    let (mut found, mut rest) = (Vec::new(), text.trim());
    while !rest.is_empty() {
        let (key, value) = rest.split_once('=').ok_or(MALFORMED)?;
        let (value, behind) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or(MALFORMED)?,
            None => {
                let (token, behind) = value.split_at(value.find(';').unwrap_or(value.len()));
                (token.trim_end(), behind)
            }
        };
        let is_malformed =
            key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_lowercase()) || value.is_empty() || value.contains(['\\', '"']);
        let behind = behind.trim_start();
        let next = behind.strip_prefix(';').map(str::trim_start);
        if is_malformed || (next.is_none() && !behind.is_empty()) || next == Some("") {
            return Err(MALFORMED);
        }
        found.push((key, value));
        rest = next.unwrap_or_default();
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_one_name_each() {
        let read = |head: &str| PartName::read(head.as_bytes());
        let named = |file_name: Option<&str>| PartName { name: ":action".to_owned(), file_name: file_name.map(str::to_owned) };
        assert_eq!(read("Content-Disposition: form-data; name=\":action\""), Ok(named(None)));
        assert_eq!(read("Content-Disposition: form-data; name=:action ; filename=\"a \" "), Ok(named(Some("a "))));
        assert_eq!(read("Content-Type: x\r\ncontent-disposition:FORM-DATA;filename=\"a; b=c\";name=:action"), Ok(named(Some("a; b=c"))));
        for head in [
            "",
            "Content-Disposition",
            "Content-Disposition: attachment; name=\"a\"",
            "Content-Disposition: form-data",
            "Content-Disposition: form-data; filename=\"a\"",
            "Content-Disposition: form-data; name=\"a\"; name=\"b\"",
            "Content-Disposition: form-data; name=\"a\\\"\"; filename=\"b\"",
            "Content-Disposition: form-data; name=\"a",
            "Content-Disposition: form-data; name=\"a\" b",
            "Content-Disposition: form-data; name=\"a\"; filename*=utf-8''b",
            "Content-Disposition: form-data; name=\"a\";",
            "Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"a\"",
            "Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64",
            "Content-Disposition: form-data; name=\"a\u{1}\"",
            "Content-Disposition: form-data; name=\"a\"\r\n",
        ] {
            assert!(read(head).is_err(), "{head}");
        }
        assert!(PartName::read(b"Content-Disposition: form-data; name=\"\xff\"").is_err());
    }

    #[test]
    fn a_form_has_one_boundary() {
        assert_eq!(boundary_of("multipart/form-data; boundary=a-b"), Ok("a-b"));
        assert_eq!(boundary_of("Multipart/Form-Data;boundary=\"a b\""), Ok("a b"));
        for text in
            ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=a; boundary=b"]
        {
            assert!(boundary_of(text).is_err(), "{text}");
        }
        assert!(boundary_of(&format!("multipart/form-data; boundary={}", "a".repeat(71))).is_err());
        assert!(boundary_of("multipart/form-data; boundary=a\"b").is_err());
    }
}
