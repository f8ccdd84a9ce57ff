//! How documents write what the types of this crate hold in one another: flat. Read by hand, because serde reads flattened and tagged forms by
//! keeping everything that stands beside them, unknown fields too, and a hostile document has millions of those.

use serde::{Deserialize, Deserializer};

use crate::digest::Digest;
use crate::evidence::{Means, Outcome, ProbeResult};
use crate::floor::CpuLevel;
use crate::json::bounded_list;
use crate::names::{ArtifactId, RootName, TrialId};
use crate::probe::MOST_WORDS;
use crate::release::{Gap, GapKind, Won};

/// A word of a closed set that is none of it.
fn unknown<E: serde::de::Error>(word: &str, words: &'static [&'static str]) -> E {
    E::unknown_variant(&word.chars().take(80).collect::<String>(), words)
}

fn means<E: serde::de::Error>(how: &str, emulator: Option<String>, version: Option<String>) -> Result<Means, E> {
    match how {
        "inspected" => Ok(Means::Inspected),
        "native" => Ok(Means::Native),
        "emulated" => Ok(Means::Emulated {
            emulator: emulator.ok_or_else(|| E::missing_field("emulator"))?,
            version: version.ok_or_else(|| E::missing_field("version"))?,
        }),
        other => Err(unknown(other, &["inspected", "native", "emulated"])),
    }
}

fn outcome<E: serde::de::Error>(outcome: &str, reason: Option<String>) -> Result<Outcome, E> {
    let reason = || reason.ok_or_else(|| E::missing_field("reason"));
    match outcome {
        "passed" => Ok(Outcome::Passed),
        "failed" => reason().map(Outcome::Failed),
        "not-run" => reason().map(Outcome::NotRun),
        other => Err(unknown(other, &["passed", "failed", "not-run"])),
    }
}

fn gap_kind<E: serde::de::Error>(gap: &str, reason: String) -> Result<GapKind, E> {
    match gap {
        "elsewhere" => Ok(GapKind::Elsewhere(reason)),
        "planned" => Ok(GapKind::Planned(reason)),
        "deferred" => Ok(GapKind::Deferred(reason)),
        "failed" => Ok(GapKind::Failed(reason)),
        other => Err(unknown(other, &["elsewhere", "planned", "deferred", "failed"])),
    }
}

impl<'de> Deserialize<'de> for Means {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written {
            how: String,
            emulator: Option<String>,
            version: Option<String>,
        }
        let Written { how, emulator, version } = Written::deserialize(deserializer)?;
        means(&how, emulator, version)
    }
}

impl<'de> Deserialize<'de> for ProbeResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written {
            probe: String,
            definition: Digest,
            cpu: Option<CpuLevel>,
            #[serde(deserialize_with = "bounded_list::<_, _, MOST_WORDS>")]
            ran: Vec<String>,
            outcome: String,
            reason: Option<String>,
            status: Option<i32>,
            signal: Option<i32>,
            said: String,
            milliseconds: u64,
        }
        let written = Written::deserialize(deserializer)?;
        Ok(Self {
            probe: written.probe,
            definition: written.definition,
            cpu: written.cpu,
            ran: written.ran,
            outcome: outcome(&written.outcome, written.reason)?,
            status: written.status,
            signal: written.signal,
            said: written.said,
            milliseconds: written.milliseconds,
        })
    }
}

impl<'de> Deserialize<'de> for Won {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written {
            trial: Option<TrialId>,
            root: RootName,
            libc: Option<String>,
            how: String,
            emulator: Option<String>,
            version: Option<String>,
            plain_not_tried: Option<String>,
        }
        let written = Written::deserialize(deserializer)?;
        Ok(Self {
            trial: written.trial,
            root: written.root,
            libc: written.libc,
            means: means(&written.how, written.emulator, written.version)?,
            plain_not_tried: written.plain_not_tried,
        })
    }
}

impl<'de> Deserialize<'de> for Gap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written {
            artifact: ArtifactId,
            gap: String,
            reason: String,
        }
        let Written { artifact, gap, reason } = Written::deserialize(deserializer)?;
        Ok(Self { artifact, kind: gap_kind(&gap, reason)? })
    }
}

impl<'de> Deserialize<'de> for GapKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written {
            gap: String,
            reason: String,
        }
        let Written { gap, reason } = Written::deserialize(deserializer)?;
        gap_kind(&gap, reason)
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::*;

    fn returns<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        let mut document = serde_json::to_value(value).unwrap();
        document["later"] = serde_json::json!([{}, {}]);
        let text = serde_json::to_vec(&document).unwrap();
        assert_eq!(serde_json::from_slice::<T>(&text).unwrap(), *value);
        assert_eq!(serde_json::from_value::<T>(document).unwrap(), *value);
    }

    #[test]
    fn what_is_written_is_read_with_more_beside_it() {
        let emulated = || Means::Emulated { emulator: "wine".to_owned(), version: "10.0".to_owned() };
        for means in [Means::Inspected, Means::Native, emulated()] {
            returns(&means);
            let won = Won { trial: None, root: "sandbox".parse().unwrap(), libc: None, means, plain_not_tried: Some("no qemu".to_owned()) };
            returns(&won);
            returns(&Won { trial: "archive.a/sandbox".parse().ok(), libc: Some("glibc 2.36".to_owned()), plain_not_tried: None, ..won });
        }
        let why = || "why".to_owned();
        for outcome in [Outcome::Passed, Outcome::Failed(why()), Outcome::NotRun(why())] {
            let evidence = crate::evidence::tests::evidence(Means::Native, &[outcome]);
            returns(&evidence.results[0]);
            returns(&ProbeResult {
                cpu: Some(CpuLevel::V3),
                status: Some(1),
                signal: Some(9),
                ran: vec![why()],
                ..evidence.results[0].clone()
            });
        }
        for kind in [GapKind::Elsewhere(why()), GapKind::Planned(why()), GapKind::Deferred(why()), GapKind::Failed(why())] {
            returns(&kind);
            returns(&Gap { artifact: "archive.a".parse().unwrap(), kind });
        }
    }

    #[test]
    fn what_is_missing_or_unknown_is_told() {
        let said = |text: &str| serde_json::from_str::<Means>(text).unwrap_err().to_string();
        assert!(said(r#"{"how":"seen"}"#).contains("unknown variant `seen`, expected one of `inspected`"));
        assert!(said(r#"{"how":"emulated","emulator":"wine"}"#).contains("missing field `version`"));
        assert!(said("{}").contains("missing field `how`"));
        let gap = serde_json::from_str::<Gap>(r#"{"artifact":"archive.a","gap":"lost","reason":""}"#).unwrap_err();
        assert!(gap.to_string().contains("unknown variant `lost`"));
    }
}
