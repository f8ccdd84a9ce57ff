//! `plimsoll inspect FILE…`.

use std::fs;
use std::path::PathBuf;

use plimsoll_inspect::{inspect, measured_floor};
use plimsoll_model::{Class, Failure, GlibcVersion};

use super::{Common, Ending, Outcome, paint_output, print_json};
use crate::report;
use crate::report::facts::{self, Inspected};

/// Files above this size are not read whole; no program that a package ships is near it.
const LARGEST: u64 = 4 << 30;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Binaries to look at.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The glibc that must do; what needs a newer one fails, with the symbols to blame.
    #[arg(long, value_name = "VERSION")]
    floor: Option<GlibcVersion>,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let inspected = arguments.files.iter().map(look).collect::<Vec<_>>();
    if common.json {
        print_json(&inspected);
    } else {
        for one in inspected.iter().filter(|one| one.facts.is_some()) {
            report::print(&facts::render(one, paint_output()));
        }
    }
    let mut failures = Vec::new();
    for one in &inspected {
        if let Some(error) = &one.error {
            failures.push(Failure::new(Class::NotProven, "unreadable", error.clone()).about(one.file.clone()));
        }
        if let (Some(limit), Some(floor)) = (arguments.floor, one.floor)
            && floor > limit
        {
            failures.push(too_high(one, floor, limit));
        }
    }
    match (failures.is_empty(), common.json) {
        (true, _) => Ok(Ending::Done),
        (false, true) => Ok(Ending::Ended(failures.iter().map(|failure| failure.class).collect())),
        (false, false) => Ok(Ending::Failed(failures)),
    }
}

fn look(path: &PathBuf) -> Inspected {
    let file = path.display().to_string();
    let read = fs::metadata(path).and_then(|metadata| {
        if metadata.len() > LARGEST {
            return Err(std::io::Error::other("is larger than 4 GiB"));
        }
        fs::read(path)
    });
    let facts = read.map_err(|error| error.to_string()).and_then(|bytes| inspect(&bytes).map_err(|error| error.to_string()));
    match facts {
        Ok(facts) => Inspected { file, floor: measured_floor(&facts), facts: Some(facts), error: None },
        Err(error) => Inspected { file, facts: None, floor: None, error: Some(error) },
    }
}

fn too_high(one: &Inspected, floor: GlibcVersion, limit: GlibcVersion) -> Failure {
    let mut failure =
        Failure::new(Class::NotProven, "floor-too-high", format!("needs glibc {floor}, above {limit}")).about(one.file.clone());
    for reason in one.facts.as_ref().map(plimsoll_inspect::floor_reasons).unwrap_or_default() {
        if reason.version > limit {
            failure = failure.cause("demands", reason.describe());
        }
    }
    failure.hint("build with a lower floor (`glibc = …` for the target), or avoid these symbols")
}
