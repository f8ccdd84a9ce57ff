//! Text with placeholders: `{name}-{target}`. Braces are doubled where they are meant as they are; nothing else is special.

use plimsoll_model::{Name, Target};

/// What can be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder {
    Name,
    Version,
    Target,
    Arch,
    Os,
    GoArch,
    GoOs,
}

impl Placeholder {
    const ALL: [(&'static str, Self); 7] = [
        ("name", Self::Name),
        ("version", Self::Version),
        ("target", Self::Target),
        ("arch", Self::Arch),
        ("os", Self::Os),
        ("goarch", Self::GoArch),
        ("goos", Self::GoOs),
    ];

    /// Whether it stands for something of the target.
    const fn is_of_target(self) -> bool {
        !matches!(self, Self::Name | Self::Version)
    }
}

/// The names of all placeholders.
pub(crate) fn placeholder_names() -> impl Iterator<Item = &'static str> {
    Placeholder::ALL.iter().map(|(name, _)| *name)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Placeholder(Placeholder),
}

/// Parsed text; every placeholder is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

/// Text that is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidTemplate {
    /// A word in braces that stands for nothing.
    #[error("there is no placeholder `{{{0}}}`")]
    Unknown(String),
    /// A brace without its partner.
    #[error("a `{0}` stands alone")]
    Lone(char),
}

/// What stands for the target of what fits any.
const ANY: &str = "any";

/// What placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'a> {
    /// The artifact's name.
    pub(crate) name: &'a Name,
    /// The version of the artifact's core.
    pub(crate) version: &'a semver::Version,
    /// The artifact's target; none for what fits any.
    pub(crate) target: Option<&'a Target>,
}

impl Template {
    /// Parses `text`.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = rest.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else if rest.starts_with('}') {
                return Err(InvalidTemplate::Lone('}'));
            } else {
                let (word, after) = rest[1..].split_once('}').ok_or(InvalidTemplate::Lone('{'))?;
                if word.contains('{') {
                    return Err(InvalidTemplate::Lone('{'));
                }
                let known = Placeholder::ALL.iter().find(|(name, _)| *name == word);
                let (_, placeholder) = known.ok_or_else(|| InvalidTemplate::Unknown(word.chars().take(60).collect()))?;
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Placeholder(*placeholder));
                rest = after;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// Whether it says another thing for each target.
    pub(crate) fn depends_on_target(&self) -> bool {
        let of_target = |piece: &Piece| matches!(piece, Piece::Placeholder(placeholder) if placeholder.is_of_target());
        self.0.iter().any(of_target)
    }

    /// The text with everything filled in.
    pub(crate) fn fill(&self, values: Values<'_>) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Placeholder(Placeholder::Name) => text.push_str(values.name.as_str()),
                Piece::Placeholder(Placeholder::Version) => text.push_str(&values.version.to_string()),
                Piece::Placeholder(Placeholder::Target) => text.push_str(values.target.map_or(ANY, Target::as_str)),
                Piece::Placeholder(Placeholder::Arch) => text.push_str(values.target.map_or(ANY, Target::arch)),
                Piece::Placeholder(Placeholder::Os) => text.push_str(values.target.map_or(ANY, Target::os)),
                Piece::Placeholder(Placeholder::GoArch) => text.push_str(values.target.map_or(ANY, goarch)),
                Piece::Placeholder(Placeholder::GoOs) => text.push_str(values.target.map_or(ANY, goos)),
            }
        }
        text
    }
}

/// A target's processor as Go calls it, in whose words many projects name their files: `amd64`, `arm64`
/// (<https://go.dev/doc/install/source#environment>); a 32-bit ARM with its version, as GoReleaser writes it.
pub(crate) fn goarch(target: &Target) -> &str {
    match target.arch() {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "i586" | "i686" => "386",
        "armv7" | "thumbv7neon" => "armv7",
        "arm" => "armv6",
        "powerpc64" => "ppc64",
        "powerpc64le" => "ppc64le",
        "riscv64gc" => "riscv64",
        "loongarch64" => "loong64",
        arch => arch,
    }
}

/// A target's system as Go calls it.
pub(crate) fn goos(target: &Target) -> &str {
    match target.os() {
        "macos" => "darwin",
        os => os,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, InvalidTemplate> {
        let (name, target) = ("ht".parse().unwrap(), "aarch64-apple-darwin".parse().unwrap());
        Ok(Template::parse(text)?.fill(Values { name: &name, version: &semver::Version::new(1, 2, 3), target: Some(&target) }))
    }

    #[test]
    fn every_placeholder_is_filled_in_and_doubled_braces_stay() {
        assert_eq!(filled("{name} {version} {target} {arch} {os}").unwrap(), "ht 1.2.3 aarch64-apple-darwin aarch64 macos");
        assert_eq!(filled("{{\"version\":\"{version}\"}}").unwrap(), "{\"version\":\"1.2.3\"}");
        assert_eq!(filled("").unwrap(), "");
        assert_eq!(filled("{name}_{goos}_{goarch}").unwrap(), "ht_darwin_arm64");
    }

    #[test]
    fn what_says_another_thing_for_each_target_is_known() {
        let depends = |text: &str| Template::parse(text).unwrap().depends_on_target();
        assert!(
            depends("{name}-{os}")
                && depends("{goarch}")
                && depends("{goos}")
                && depends("{target}")
                && depends("{arch}")
                && !depends("{name}-{version}-{{os}}")
        );
    }

    #[test]
    fn lone_braces_and_unknown_words_are_errors() {
        assert_eq!(filled("{versoin}"), Err(InvalidTemplate::Unknown("versoin".into())));
        assert_eq!(filled("{}"), Err(InvalidTemplate::Unknown(String::new())));
        assert_eq!(filled("a{name"), Err(InvalidTemplate::Lone('{')));
        assert_eq!(filled("{name-{target}"), Err(InvalidTemplate::Lone('{')));
        assert_eq!(filled("a}"), Err(InvalidTemplate::Lone('}')));
    }
}
