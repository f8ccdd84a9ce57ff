//! The form of release tags: `v{version}`, `{version}`, `name-v{version}`.

use semver::Version;

/// What the version is put in.
const PLACEHOLDER: &str = "{version}";

/// A form of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagForm {
    before: String,
    after: String,
}

/// Why a text is no form of tags.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTag {
    /// Every release would have the same tag, or it is not clear which part is the version.
    #[error("`tag` must have `{{version}}` in it, once")]
    Placeholder,
    /// git would refuse the name (git-check-ref-format(1)).
    #[error("git takes no tag of the form `{0}`")]
    Name(String),
}

impl Default for TagForm {
    fn default() -> Self {
        Self { before: "v".to_owned(), after: String::new() }
    }
}

impl TagForm {
    /// Reads a form.
    ///
    /// # Errors
    /// [`InvalidTag`].
    pub fn parse(text: &str) -> Result<Self, InvalidTag> {
        let (before, after) = text.split_once(PLACEHOLDER).ok_or(InvalidTag::Placeholder)?;
        if after.contains(PLACEHOLDER) {
            return Err(InvalidTag::Placeholder);
        }
        let sample = format!("{before}1.2.3{after}");
        let refused = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with(".lock");
        let strange = |character: char| character.is_whitespace() || character.is_control() || "~^:?*[\\{}".contains(character);
        if sample.starts_with('-')
            || sample.ends_with('.')
            || sample.contains("..")
            || sample.contains("@{")
            || sample.contains(strange)
            || sample.split('/').any(refused)
        {
            return Err(InvalidTag::Name(text.chars().take(60).collect()));
        }
        Ok(Self { before: before.to_owned(), after: after.to_owned() })
    }

    /// The forms that tags of releases usually have, for a project that does not say which it takes; `names` are its own.
    pub fn usual<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<Self> {
        let of_name = |name: &str| ["-v", "-", "/v", "/", "@v", "@", "_v", "_"].map(|between| format!("{name}{between}"));
        let named = names.into_iter().flat_map(of_name);
        let before = ["v", "V", "", "release-", "release/"].map(str::to_owned).into_iter().chain(named);
        before.map(|before| Self { before, after: String::new() }).collect()
    }

    /// The name that the form has in it, as in `name-v{version}`.
    pub fn name(&self) -> Option<&str> {
        let name = self.before.strip_suffix(['v', 'V']).unwrap_or(&self.before).trim_end_matches(['-', '@', '/', '_', '.']);
        (name.len() < self.before.len() && !name.is_empty() && name != "release").then_some(name)
    }

    /// The tag of a version.
    pub fn tag(&self, version: &Version) -> String {
        self.with(&version.to_string())
    }

    /// The tag with a text in the version's place, such as a name that stands for it.
    pub fn with(&self, version: &str) -> String {
        format!("{}{version}{}", self.before, self.after)
    }

    /// The version of a tag of this form.
    pub fn version(&self, tag: &str) -> Option<Version> {
        tag.strip_prefix(&self.before)?.strip_suffix(&self.after)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_made_and_read() {
        for (form, tag) in [
            ("v{version}", "v1.2.3-rc.1"),
            ("{version}", "1.2.3-rc.1"),
            ("ht-v{version}", "ht-v1.2.3-rc.1"),
            ("ht/{version}", "ht/1.2.3-rc.1"),
        ] {
            let form = TagForm::parse(form).unwrap();
            let version = "1.2.3-rc.1".parse().unwrap();
            assert_eq!(form.tag(&version), tag);
            assert_eq!(form.version(tag), Some(version));
        }
        let name = |form: &str| TagForm::parse(form).unwrap().name().map(str::to_owned);
        assert_eq!((name("ht-v{version}").as_deref(), name("ht@{version}").as_deref()), (Some("ht"), Some("ht")));
        assert_eq!((name("v{version}"), name("{version}"), name("release-{version}")), (None, None, None));
        let form = TagForm::default();
        assert_eq!((form.version("1.2.3"), form.version("v1.2"), form.version("ht-v1.2.3")), (None, None, None));
    }

    #[test]
    fn usual_tags_are_the_project_s_own() {
        let forms = TagForm::usual(["ht"]);
        let read = |tag: &str| forms.iter().find_map(|form| form.version(tag)).map(|version| version.to_string());
        for tag in ["v1.2.3", "1.2.3", "ht-v1.2.3", "ht-1.2.3", "ht@1.2.3", "ht/v1.2.3"] {
            assert_eq!(read(tag).as_deref(), Some("1.2.3"), "{tag}");
        }
        for tag in ["other-v1.2.3", "latest", "v1", "nightly-2026-01-02", "xht-v1.2.3"] {
            assert_eq!(read(tag), None, "{tag}");
        }
    }

    #[test]
    fn forms_that_git_refuses_are_refused() {
        for text in [
            "",
            "v1",
            "{version}{version}",
            "a b{version}",
            "v{version}.",
            "a..{version}",
            "-{version}",
            "x/.{version}",
            "v{name}{version}",
            "{version}.lock",
        ] {
            assert!(TagForm::parse(text).is_err(), "{text}");
        }
    }
}
