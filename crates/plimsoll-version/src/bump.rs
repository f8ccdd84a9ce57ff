//! The next version, and what is no next version. Pure.

use semver::{Prerelease, Version};

/// Which number goes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The last.
    Patch,
    /// The middle one.
    Minor,
    /// The first.
    Major,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bump {
    /// A number goes up; with a word, its first pre-release.
    Level(Level, Option<String>),
    /// The next pre-release of this word.
    Pre(String),
    /// The release that the pre-releases were for.
    Release,
}

/// Why there is no such version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BumpError {
    /// It is not clear what comes after a pre-release.
    #[error("{current} is a pre-release, and it is not clear what comes after it")]
    FromPre {
        /// The version in force.
        current: Version,
    },
    /// There is no pre-release to finish.
    #[error("{current} is a release already")]
    Released {
        /// The version in force.
        current: Version,
    },
    /// A pre-release of what?
    #[error("{current} is a release, and it is not clear which one the pre-release is for")]
    PreOfWhat {
        /// The version in force.
        current: Version,
    },
    /// A word that no pre-release has.
    #[error("`{word}` is no word for a pre-release: letters, as in `rc`")]
    Word {
        /// The word.
        word: String,
    },
    /// The number is the greatest there is.
    #[error("there is no number after that of {current}")]
    Overflow {
        /// The version in force.
        current: Version,
    },
    /// The new version would sort before the one in force.
    #[error("{next} comes before {current}")]
    Downgrade {
        /// The version in force.
        current: Version,
        /// The one that was asked for.
        next: Version,
    },
}

impl BumpError {
    /// What to do.
    pub fn hint(&self) -> String {
        match self {
            Self::FromPre { current } => {
                let release = Version::new(current.major, current.minor, current.patch);
                format!("`--release` makes {release} of it, `--pre rc` the next candidate, and `plimsoll version set X` anything else")
            }
            Self::Released { .. } | Self::PreOfWhat { .. } => {
                "say which number goes up: `--patch`, `--minor` or `--major`, for its first candidate together with `--pre rc`".to_owned()
            }
            Self::Word { .. } => "`alpha`, `beta` and `rc` can be said in every dialect".to_owned(),
            Self::Overflow { .. } => "name the version: `plimsoll version set X`".to_owned(),
            Self::Downgrade { .. } => "`plimsoll version set X --allow-downgrade` goes back on purpose".to_owned(),
        }
    }
}

impl Bump {
    /// The version after `current`.
    ///
    /// # Errors
    /// [`BumpError`].
    pub fn after(&self, current: &Version) -> Result<Version, BumpError> {
        let next = match self {
            Self::Level(..) if !current.pre.is_empty() => return Err(BumpError::FromPre { current: current.clone() }),
            Self::Level(level, word) => {
                let mut next = level.raised(current).ok_or_else(|| BumpError::Overflow { current: current.clone() })?;
                if let Some(word) = word {
                    next.pre = pre(word, 1)?;
                }
                next
            }
            Self::Pre(_) if current.pre.is_empty() => return Err(BumpError::PreOfWhat { current: current.clone() }),
            Self::Pre(word) => {
                let number = match current.pre.as_str().split_once('.') {
                    Some((own, number)) if own == word => {
                        let next = number.parse::<u64>().ok().and_then(|number| number.checked_add(1));
                        next.ok_or_else(|| BumpError::Overflow { current: current.clone() })?
                    }
                    _ => 1,
                };
                Version { pre: pre(word, number)?, ..Version::new(current.major, current.minor, current.patch) }
            }
            Self::Release if current.pre.is_empty() => return Err(BumpError::Released { current: current.clone() }),
            Self::Release => Version::new(current.major, current.minor, current.patch),
        };
        guard(current, &next)?;
        Ok(next)
    }
}

/// Refuses to go back.
///
/// # Errors
/// [`BumpError::Downgrade`].
pub fn guard(current: &Version, next: &Version) -> Result<(), BumpError> {
    if next < current {
        return Err(BumpError::Downgrade { current: current.clone(), next: next.clone() });
    }
    Ok(())
}

impl Level {
    fn raised(self, current: &Version) -> Option<Version> {
        Some(match self {
            Self::Patch => Version::new(current.major, current.minor, current.patch.checked_add(1)?),
            Self::Minor => Version::new(current.major, current.minor.checked_add(1)?, 0),
            Self::Major => Version::new(current.major.checked_add(1)?, 0, 0),
        })
    }
}

fn pre(word: &str, number: u64) -> Result<Prerelease, BumpError> {
    let refused = || BumpError::Word { word: word.chars().take(60).collect() };
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(refused());
    }
    Prerelease::new(&format!("{word}.{number}")).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(current: &str, bump: &Bump) -> String {
        bump.after(&current.parse().unwrap()).map_or_else(|error| format!("error: {error}"), |next| next.to_string())
    }

    #[test]
    fn versions_go_up() {
        let level = |level, word: Option<&str>| Bump::Level(level, word.map(str::to_owned));
        let pre = |word: &str| Bump::Pre(word.to_owned());
        assert_eq!(after("1.2.3", &level(Level::Patch, None)), "1.2.4");
        assert_eq!(after("1.2.3", &level(Level::Minor, None)), "1.3.0");
        assert_eq!(after("1.2.3+x", &level(Level::Major, Some("rc"))), "2.0.0-rc.1");
        assert_eq!(after("1.2.4-rc.9", &pre("rc")), "1.2.4-rc.10");
        assert_eq!(after("1.2.4-beta.3", &pre("rc")), "1.2.4-rc.1");
        assert_eq!(after("1.2.4-rc.2", &Bump::Release), "1.2.4");
    }

    #[test]
    fn what_is_not_clear_or_goes_back_is_refused_with_what_to_do() {
        let cases = [
            ("1.2.4-rc.1", Bump::Level(Level::Patch, None)),
            ("1.2.4", Bump::Release),
            ("1.2.4", Bump::Pre("rc".to_owned())),
            ("1.2.4", Bump::Level(Level::Minor, Some("rc.1".to_owned()))),
            ("1.2.18446744073709551615", Bump::Level(Level::Patch, None)),
            ("1.2.4-rc.1", Bump::Pre("beta".to_owned())),
            ("1.2.4-rc.x", Bump::Pre("rc".to_owned())),
        ];
        let lines = cases.map(|(current, bump)| {
            let error = bump.after(&current.parse().unwrap()).unwrap_err();
            format!("{error}\n  hint: {}", error.hint())
        });
        insta::assert_snapshot!(lines.join("\n"));
    }
}
