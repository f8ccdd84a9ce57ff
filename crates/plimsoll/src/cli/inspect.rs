//! `plimsoll inspect FILE…`.

use std::fs;
use std::path::PathBuf;

use plimsoll_inspect::{floor_names, inspect, measured_floor, named_floor};
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
    /// The glibc that must do: a version (2.28), or a name that has one (debian:12, rhel:8, manylinux_2_28). What needs a newer one fails,
    /// with the symbols to blame.
    #[arg(long, value_name = "NAME", value_parser = floor)]
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

/// A version or a name; the message of an error names the nearest one.
fn floor(text: &str) -> Result<GlibcVersion, String> {
    named_floor(text).ok_or_else(|| {
        let near = floor_names().min_by_key(|name| strsim::damerau_levenshtein(&text.to_lowercase(), name)).unwrap_or_default();
        format!("no glibc version (such as 2.28) and no known name; did you mean `{near}`?")
    })
}

fn look(path: &PathBuf) -> Inspected {
    let file = path.display().to_string();
    let read = fs::metadata(path).and_then(|metadata| {
        if !metadata.is_file() {
            return Err(std::io::Error::other("is no regular file"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_floor_is_told_the_nearest_name() {
        assert_eq!(floor("rhel:8"), Ok(GlibcVersion::new(2, 28)));
        assert_eq!(floor("2.31"), Ok(GlibcVersion::new(2, 31)));
        assert!(floor("debain:12").unwrap_err().contains("`debian:12`"));
        assert!(floor("manylinux-2-28").unwrap_err().contains("`manylinux_2_28`"));
    }
}
