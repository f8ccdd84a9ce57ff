//! A token: it goes to the program that needs it, and nowhere else. No form of it can be shown, and nothing writes it into a document.

use std::fmt;

/// What nobody is to see. It has no `Display` and no `Serialize`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret; none if the text is empty.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        Some(text.into()).filter(|text| !text.is_empty()).map(Self)
    }

    /// The text, for the environment of the program that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What a program said, without it.
    pub fn hidden_in(&self, said: &str) -> String {
        said.replace(&self.0, "[secret]")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_in_nothing_that_is_told() {
        let secret = Secret::new("pypi-abc").unwrap();
        assert_eq!((format!("{secret:?}"), format!("{:?}", Some(&secret))), ("[secret]".to_owned(), "Some([secret])".to_owned()));
        assert_eq!(secret.hidden_in("403 for pypi-abc"), "403 for [secret]");
        assert_eq!(Secret::new(""), None);
    }
}
