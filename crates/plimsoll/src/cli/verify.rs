//! `plimsoll verify DIR|URL`.

use plimsoll_fetch::{Environment, Network, Problem, Source, verify_each};
use plimsoll_model::{Class, Failure};

use super::{Common, Ending, Outcome, paint_output};
use crate::harbor::{findings_failure, network_failure};
use crate::measured;
use crate::report::{self, Text, print_json};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder of a sealed release, or the URL under which its files lie; the project's own unless it is given.
    #[arg(value_name = "DIR|URL")]
    place: Option<String>,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let place = arguments.place.clone().unwrap_or_else(|| common.dist().display().to_string());
    let source = source(&place)?;
    let network = Network::from_environment(&Environment::from_process());
    let report = verify_each(&source, &network, &mut measured::findings).map_err(|error| network_failure(&error))?;
    if common.json {
        print_json(&report)?;
        return Ok(if report.is_sound() { Ending::Done } else { Ending::Ended(vec![Class::NotProven]) });
    }
    match &report.release {
        Some(release) if report.is_sound() => {
            let told = format!(" {} {}: {} files as sealed", release.name, release.version, report.sound.len());
            report::print(Text::new(paint_output()).good("verified").put(told).end())?;
            Ok(Ending::Done)
        }
        _ if report.findings.iter().filter(|finding| finding.problem == Problem::Missing).count() == 2
            && report.release_sha256.is_none() =>
        {
            let failure = Failure::new(Class::NotProven, "no-release", "holds no sealed release").about(place);
            Ok(Ending::Failed(vec![failure.hint("name the folder or URL under which release.json lies; `plimsoll rehearse` makes dist/")]))
        }
        _ => Ok(Ending::Failed(vec![findings_failure(&report.findings).about(place)])),
    }
}

/// A registry or release as it is named on the command line.
pub(super) fn source(text: &str) -> Result<Source, Failure> {
    text.parse().map_err(|error: plimsoll_fetch::InvalidSource| {
        Failure::from_error(Class::Usage, "place", &error).hint("name a folder, or a URL that begins with https://")
    })
}
