//! `plimsoll fetch NAME`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use plimsoll_fetch::unpack::Limits;
use plimsoll_fetch::{Environment, FetchError, Fetched, Fit, Machine, Network, Request, Wish, fetch};
use plimsoll_model::{Class, Failure, KindName, Name, Target};
use plimsoll_store::outputs::RELEASE_FOLDER;
use serde::Serialize;

use super::{Common, Ending, Outcome, paint_output};
use crate::report::{self, Download, Text, bytes, print_json};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The release's name.
    name: Name,
    /// The version; the latest that is no pre-release unless said otherwise.
    #[arg(long, value_name = "VERSION")]
    version: Option<semver::Version>,
    /// Let pre-releases count as latest.
    #[arg(long, conflicts_with = "version")]
    pre: bool,
    /// The registry: a folder or a URL; or the folder of one sealed release, such as dist/. PLIMSOLL_REGISTRY names one for good.
    #[arg(long, value_name = "REGISTRY", env = "PLIMSOLL_REGISTRY", hide_env_values = true)]
    from: String,
    /// The folder to make or replace; the release's name unless said otherwise.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// The artifact, if it does not have the release's name.
    #[arg(long, value_name = "NAME")]
    artifact: Option<Name>,
    /// The artifact's kind, as in KIND.NAME; programs if none is given.
    #[arg(long, value_name = "KIND")]
    kind: Option<KindName>,
    /// A target other than this machine.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<Target>,
}

/// The document that `--json` prints.
#[derive(Debug, Serialize)]
struct Document<'a> {
    version: String,
    file_name: String,
    sha256: String,
    folder: &'a PathBuf,
    programs: &'a [PathBuf],
    from_cache: bool,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let environment = Environment::from_process();
    let to = arguments.to.clone().unwrap_or_else(|| PathBuf::from(arguments.name.as_str()));
    let wish = match &arguments.version {
        Some(version) => Wish::Exact(version.clone()),
        None => Wish::Latest { pre_releases: arguments.pre },
    };
    let request = Request {
        source: super::verify::source(&place(arguments, common))?,
        name: arguments.name.clone(),
        version: wish,
        release_sha256: None,
        artifact: arguments.artifact.clone(),
        kind: arguments.kind.clone(),
        fit: arguments.target.clone().map_or_else(|| Fit::Machine(Machine::here()), Fit::Target),
        to,
        cache: environment.cache_folder(),
        limits: Limits::default(),
    };
    let network = Network::from_environment(&environment);
    let mut download = Download::new(!common.json && !common.quiet && std::io::stderr().is_terminal());
    let fetched = fetch(&request, &network, &mut |done, all| download.show(done, all)).map_err(|error| failure(&error))?;
    download.finish();
    if common.json {
        print_json(&document(&fetched))?;
    } else {
        report::print(&told(&fetched))?;
    }
    Ok(Ending::Done)
}

/// `dist` is the project's own, if there is none here.
fn place(arguments: &Arguments, common: &Common) -> String {
    let is_here = Path::new(&arguments.from).exists();
    if arguments.from == RELEASE_FOLDER && !is_here { common.dist().display().to_string() } else { arguments.from.clone() }
}

fn document(fetched: &Fetched) -> Document<'_> {
    Document {
        version: fetched.version.to_string(),
        file_name: fetched.artifact.file_name.to_string(),
        sha256: fetched.artifact.sha256.to_string(),
        folder: &fetched.folder,
        programs: &fetched.programs,
        from_cache: fetched.from_cache,
    }
}

fn told(fetched: &Fetched) -> Text {
    let origin = if fetched.from_cache { ", from the cache" } else { "" };
    let artifact = &fetched.artifact;
    let mut text = Text::new(paint_output());
    text.good("fetched").put(format!(" {} {}{origin}, verified", artifact.file_name, bytes(artifact.size))).end();
    for program in &fetched.programs {
        text.put(format!("  {}", program.display())).end();
    }
    text
}

/// Nothing that fits is told with the way from source; a mismatch with both digests.
fn failure(error: &FetchError) -> Failure {
    match error {
        FetchError::NoFit(no_fit) => {
            let mut failure = Failure::new(Class::NotProven, "no-fit", error.to_string());
            for (artifact, refusal) in &no_fit.refused {
                failure = failure.cause(artifact.as_str(), refusal.to_string());
            }
            if !no_fit.names.is_empty() {
                let names = no_fit.names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                return failure.hint(format!("the release has {names}: choose one with --artifact"));
            }
            match &no_fit.from_source {
                Some(command) => failure.hint(format!("build it from source: {command}")),
                None if no_fit.refused.iter().any(|(_, refusal)| refusal.is_of_processor()) => {
                    failure.hint("fetch it on a machine with that processor, or for one: --target TRIPLE asks nothing of this machine")
                }
                None => failure,
            }
        }
        _ => crate::harbor::fetch_failure(error),
    }
}
