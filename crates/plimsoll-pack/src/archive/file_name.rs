//! Default names of archives: `{name}-{target}` and the format's suffix. No version, so that links to the latest release stay.

use std::fmt;
use std::str::FromStr;

use plimsoll_model::Target;

use super::Format;
use crate::file_name::{FileNameError, Values, render, shown};

/// A default name, with its parts. cargo-binstall finds it unaided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveFileName {
    /// The artifact's name.
    pub name: String,
    /// The target.
    pub target: Target,
    /// The format.
    pub format: Format,
}

/// Text that is no default name of an archive for a known target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not named like an archive (such as tool-x86_64-unknown-linux-gnu.tar.xz)")]
pub struct InvalidArchiveFileName(String);

impl fmt::Display for ArchiveFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}{}", self.name, self.target, self.format.suffix())
    }
}

/// Targets are recognised if they are among [`Target::KNOWN`]: an unknown triple cannot be told from the end of a name.
impl FromStr for ArchiveFileName {
    type Err = InvalidArchiveFileName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let format = Format::of_file_name(text)?;
            let (name, target) = split_target(text.strip_suffix(format.suffix())?)?;
            Some(Self { name, target, format })
        };
        parse().ok_or_else(|| InvalidArchiveFileName(shown(text)))
    }
}

/// Splits `{name}-{target}` for a known target.
pub(crate) fn split_target(stem: &str) -> Option<(String, Target)> {
    Target::KNOWN.iter().find_map(|triple| {
        let name = stem.strip_suffix(triple)?.strip_suffix('-')?;
        if name.is_empty() { None } else { Some((name.to_owned(), triple.parse().ok()?)) }
    })
}

/// Suffixes that say what a file is: a template that ends in one of them is not given another.
const SUFFIXES: [&str; 12] =
    [".tar.xz", ".tar.gz", ".tar.zst", ".zip", ".tar.bz2", ".tar.lzma", ".tar", ".tgz", ".txz", ".tzst", ".tbz2", ".7z"];

/// The file name and format of a template. The format is the one asked for, else what the template's suffix says, else the target's default;
/// a template without an archive's suffix is given that of the format.
pub(super) fn from_template(template: &str, format: Option<Format>, values: Values<'_>) -> Result<(String, Format), FileNameError> {
    let format = format.or_else(|| Format::of_file_name(template)).unwrap_or_else(|| Format::default_for(values.target));
    let mut text = render(template, values)?;
    match SUFFIXES.into_iter().find(|suffix| template.ends_with(suffix)) {
        Some(found) if found != format.suffix() => {
            return Err(FileNameError::Suffix { template: shown(template), found, format });
        }
        Some(_) => {}
        None => text.push_str(format.suffix()),
    }
    Ok((text, format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_names_round_trip_for_every_known_target_and_format() {
        for triple in Target::KNOWN {
            for format in Format::ALL {
                let name = ArchiveFileName { name: "my-tool".to_owned(), target: triple.parse().unwrap(), format: *format };
                assert_eq!(name.to_string().parse::<ArchiveFileName>().unwrap(), name);
            }
        }
    }

    #[test]
    fn other_names_are_refused() {
        for text in ["tool.tar.xz", "tool-x86_64-unknown-linux-gnu", "x86_64-unknown-linux-gnu.zip", "-x86_64-unknown-linux-gnu.zip", ""] {
            assert!(text.parse::<ArchiveFileName>().is_err(), "{text}");
        }
    }

    #[test]
    fn templates_end_in_the_suffix_of_the_format() {
        let target = "x86_64-unknown-linux-gnu".parse().unwrap();
        let values = Values { name: "main", version: "1.0.0", target: &target };
        let made = |template, format| from_template(template, format, values);
        assert_eq!(made("{name}-{arch}", None), Ok(("main-x86_64.tar.xz".to_owned(), Format::TarXz)));
        assert_eq!(made("{name}-{version}", Some(Format::TarZst)), Ok(("main-1.0.0.tar.zst".to_owned(), Format::TarZst)));
        assert_eq!(made("{name}.tar.gz", None), Ok(("main.tar.gz".to_owned(), Format::TarGz)));
        for (template, format, suffix) in
            [("{name}.tar.gz", Some(Format::TarXz), ".tar.gz"), ("{name}.tgz", None, ".tgz"), ("{name}.tar", None, ".tar")]
        {
            let error = made(template, format).unwrap_err();
            assert!(matches!(error, FileNameError::Suffix { found, .. } if found == suffix), "{template}: {error}");
        }
    }
}
