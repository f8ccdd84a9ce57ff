//! `plimsoll inspect FILE…`: binaries, and packages that hold them.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_inspect::{
    Audit, ExpectedLinkage, Floor, FloorReason, Format, Host, NamedFloor, Policy, audit, floor_names, floor_reasons, inspect, judge_bytes,
    measured_system, named_floor, system_reasons,
};
use plimsoll_model::{Class, Failure, Target};

use super::{Common, Ending, Outcome, paint_output};
use crate::report::facts::{self, Inspected};
use crate::report::{self, packages, print_json};

/// Files above this size are not read whole; no program that a package ships is near it.
const LARGEST: u64 = 4 << 30;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Binaries to look at, and packages of Python's: wheels (.whl) and sdists (.tar.gz), which are audited with all that is in them.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The system that must do: a glibc (2.28), macos:11.0, windows:10.0, or a name that stands for its libstdc++ and libgcc_s too (rhel:9,
    /// ubuntu:22.04, alpine:3.20, manylinux_2_28). What needs newer ones fails, with the symbols or the load command to blame.
    #[arg(long, value_name = "NAME", value_parser = floor)]
    floor: Option<NamedFloor>,
    /// Judge binaries as programs or libraries of this target: what its gates refuse fails.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<Target>,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let policy = arguments.target.as_ref().map(|target| policy(target, arguments.floor.as_ref()));
    let inspected = arguments.files.iter().map(|file| look(file, policy.as_ref())).collect::<Vec<_>>();
    if common.json {
        print_json(&inspected)?;
    } else {
        for one in &inspected {
            match (&one.facts, &one.package) {
                (Some(_), _) => report::print(&facts::render(one, paint_output()))?,
                (None, Some(audit)) => report::print(&packages::render(&one.file, audit, paint_output()))?,
                (None, None) => {}
            }
        }
    }
    let mut failures = Vec::new();
    for one in &inspected {
        if let Some(error) = &one.error {
            failures.push(Failure::new(Class::NotProven, "unreadable", error.clone()).about(one.file.clone()));
        }
        if let Some(audit) = &one.package {
            failures.extend(not_publishable(&one.file, audit));
            if arguments.floor.is_some() || arguments.target.is_some() {
                failures.push(tagged(&one.file));
            }
        }
        if let Some(finding) = one.findings.first() {
            failures.push(refused(one, finding.code.as_str()));
        }
        match &arguments.floor {
            Some(NamedFloor::System(limit)) if one.findings.is_empty() => failures.extend(too_high(one, limit)),
            Some(NamedFloor::Host(host)) if one.findings.is_empty() => failures.extend(lacking(one, host)),
            Some(_) | None => {}
        }
    }
    match (failures.is_empty(), common.json) {
        (true, _) => Ok(Ending::Done),
        (false, true) => Ok(Ending::Ended(failures.iter().map(|failure| failure.class).collect())),
        (false, false) => Ok(Ending::Failed(failures)),
    }
}

/// What an artifact of a target may ask for, with the floor that is given, where it is one of the target's system.
fn policy(target: &Target, named: Option<&NamedFloor>) -> Policy {
    let floor = named.and_then(NamedFloor::floor);
    let glibc = floor.as_ref().and_then(|floor| if let Floor::Glibc(version) = floor { Some(*version) } else { None });
    let mut policy = Policy::for_target(target, ExpectedLinkage::Any, glibc);
    match floor {
        Some(Floor::Macos(version)) => policy = policy.with_macos_floor(Some(version)),
        Some(Floor::Windows(version)) if policy.windows_floor.is_some() => policy.windows_floor = Some(version),
        Some(Floor::Glibc(_) | Floor::Windows(_)) | None => {}
    }
    if let Some(NamedFloor::Host(host)) = named { policy.with_host(host) } else { policy }
}

/// A version or a name; the message of an error names the nearest one.
fn floor(text: &str) -> Result<NamedFloor, String> {
    named_floor(text).ok_or_else(|| {
        let system = text.split_once(':').map(|(system, _)| format!("{system}:")).filter(|system| *system != ":");
        let releases = system.map(|system| floor_names().filter(|name| name.starts_with(&system)).collect::<Vec<_>>()).unwrap_or_default();
        if releases.len() > 1 {
            return format!("no release that is known here; known are {}", releases.join(", "));
        }
        let near = floor_names().min_by_key(|name| strsim::damerau_levenshtein(&text.to_lowercase(), name)).unwrap_or_default();
        format!("no glibc version (such as 2.28) and no known name; did you mean `{near}`?")
    })
}

fn look(path: &Path, policy: Option<&Policy>) -> Inspected {
    let file = path.display().to_string();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let read = fs::metadata(path).and_then(|metadata| {
        if !metadata.is_file() {
            return Err(std::io::Error::other("is no regular file"));
        }
        if metadata.len() > LARGEST {
            return Err(std::io::Error::other("is larger than 4 GiB"));
        }
        fs::read(path)
    });
    let none = Inspected { file, facts: None, package: None, floor: None, findings: Vec::new(), error: None };
    let bytes = match read {
        Ok(bytes) => bytes,
        Err(error) => return Inspected { error: Some(error.to_string()), ..none },
    };
    if let Some(audit) = audit(&name, &bytes) {
        return Inspected { package: Some(audit), ..none };
    }
    let judged = policy.map_or_else(|| inspect(&bytes).map(|facts| (facts, Vec::new())), |policy| judge_bytes(&bytes, policy));
    match judged {
        Ok((facts, findings)) => Inspected { floor: measured_system(&facts), facts: Some(facts), findings, ..none },
        Err(error) => Inspected { error: Some(error.to_string()), ..none },
    }
}

/// What a package is for is said by its tags, and it is judged by these.
fn tagged(file: &str) -> Failure {
    let failure = Failure::new(
        Class::Usage,
        "tagged",
        "is a package, which says by its own tags what it is for: `--floor` and `--target` are for binaries",
    );
    failure.about(file.to_owned()).hint("leave them out for packages; to try a tag, rename a copy of the file")
}

/// One failure for all that is wrong with a package.
fn not_publishable(file: &str, audit: &Audit) -> Option<Failure> {
    let first = audit.findings.first()?;
    let mut failure = Failure::new(Class::NotProven, first.code.as_str(), "did not pass the audit").about(file.to_owned());
    for finding in &audit.findings {
        failure = failure.cause(finding.code.as_str(), finding.to_string());
    }
    let mut hints = audit.findings.iter().map(|finding| finding.hint.as_str()).collect::<Vec<_>>();
    let mut seen = HashSet::new();
    hints.retain(|hint| seen.insert(*hint));
    Some(failure.hint(hints.join("\n")))
}

/// One failure for all findings of a file; its code is that of the first.
fn refused(one: &Inspected, code: &str) -> Failure {
    let mut failure = Failure::new(Class::NotProven, code, "did not pass inspection").about(one.file.clone());
    for finding in &one.findings {
        failure = failure.cause(&finding.code.to_string(), finding.message.clone());
    }
    let mut hints = one.findings.iter().map(|finding| finding.hint.as_str()).collect::<Vec<_>>();
    hints.dedup();
    failure.hint(hints.join("\n"))
}

/// None if a system at the limit is new enough, and for a file that asks for no system at all.
fn too_high(one: &Inspected, limit: &Floor) -> Option<Failure> {
    let facts = one.facts.as_ref()?;
    let failure = match one.floor.as_ref().map(|floor| (floor, floor.is_above(limit))) {
        Some((floor, Some(true))) => Failure::new(Class::NotProven, "floor-too-high", format!("needs {floor}, above {}", limit.version())),
        Some((floor, None)) => Failure::new(Class::NotProven, "floor-too-high", format!("needs {floor}, and no {limit} does")),
        Some((_, Some(false))) => return None,
        None if matches!((facts.format, limit), (Format::Elf, Floor::Glibc(_))) => return None,
        None => Failure::new(Class::NotProven, "floor-too-high", format!("names no minimum of {}", limit.system())),
    };
    // All that is above a glibc's floor must go, and not only the highest.
    let reasons = match limit {
        Floor::Glibc(limit) => floor_reasons(facts).iter().filter(|reason| reason.version > *limit).map(FloorReason::describe).collect(),
        Floor::Macos(_) | Floor::Windows(_) => system_reasons(facts),
    };
    let failure = reasons.into_iter().fold(failure.about(one.file.clone()), |failure, reason| failure.cause("demands", reason));
    Some(failure.hint(match limit {
        Floor::Glibc(_) => "build with a lower floor (`glibc = …` for the target), or avoid these symbols".to_owned(),
        Floor::Macos(version) => format!("set MACOSX_DEPLOYMENT_TARGET={version} when it is built"),
        Floor::Windows(version) => format!(
            "look functions up while it runs (`GetProcAddress`) and do without if they are missing; what its header says is set by \
             `/SUBSYSTEM:CONSOLE,{version}`"
        ),
    }))
}

/// One failure for everything that a named system lacks.
fn lacking(one: &Inspected, host: &Host) -> Option<Failure> {
    let lacks = host.lacks(one.facts.as_ref()?);
    let (first, others) = lacks.split_first()?;
    let mut failure = Failure::new(Class::NotProven, "floor-too-high", first.what.clone()).about(one.file.clone());
    for demand in &first.demands {
        failure = failure.cause("demands", demand);
    }
    for other in others {
        failure = failure.cause("also", &other.what);
        for demand in &other.demands {
            failure = failure.cause("demands", demand);
        }
    }
    Some(failure.hint(match host.glibc() {
        Some(_) => "build on such a system or with a lower floor (`glibc = …` for the target), link the compiler's libraries statically, or avoid these symbols",
        None => "build for a musl target (`*-linux-musl`), statically or on such a system",
    }))
}

#[cfg(test)]
mod tests {
    use plimsoll_model::GlibcVersion;

    use super::*;

    #[test]
    fn an_unknown_floor_is_told_the_nearest_name() {
        let glibc = |text: &str| floor(text).unwrap().floor();
        assert_eq!(glibc("rhel:8"), Some(Floor::Glibc(GlibcVersion::new(2, 28))));
        assert_eq!(glibc("2.31"), Some(Floor::Glibc(GlibcVersion::new(2, 31))));
        assert_eq!(floor("rhel:11").unwrap_err(), "no release that is known here; known are rhel:7, rhel:8, rhel:9, rhel:10");
        assert!(floor("macos:11.0").is_ok() && floor("macos-11.0").unwrap_err().contains("`macos:11.0`"));
        assert!(floor("debain:12").unwrap_err().contains("`debian:12`"));
        assert!(floor("manylinux-2-28").unwrap_err().contains("`manylinux_2_28`"));
    }
}
