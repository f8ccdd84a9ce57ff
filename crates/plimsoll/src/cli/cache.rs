//! `plimsoll cache` and `plimsoll cache trim`.

use std::time::{Duration, SystemTime};

use plimsoll_store::Store;
use plimsoll_store::trim::{Part, Trim};
use serde::Serialize;

use super::{Common, Ending, Outcome, print_json, store_folder};
use crate::report::{self, bytes};
use crate::store_failure;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Remove what was not used for a while, and what killed runs left.
    Trim {
        /// Days without use after which results are removed.
        #[arg(long, value_name = "N", default_value_t = 30)]
        unused_days: u32,
        /// Remove work folders (source mirrors, cargo's target folders, zig's cache) too; the next build starts from nothing.
        #[arg(long)]
        work: bool,
        /// Remove clean roots too; the next proof makes them again.
        #[arg(long)]
        roots: bool,
        /// Remove plimsoll's own tools too; `plimsoll doctor --install` gets them again.
        #[arg(long)]
        tools: bool,
    },
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let folder = store_folder()?;
    if let Some(Action::Trim { unused_days, work, roots, tools }) = arguments.action {
        let trim = Trim { unused_for: Duration::from_secs(u64::from(unused_days) * 86_400), work, roots, tools };
        let freed = trim.run(&folder, SystemTime::now(), &super::patience(&super::launcher()?)).map_err(store_failure)?;
        if common.json {
            #[derive(Serialize)]
            struct Document {
                freed: u64,
            }
            print_json(&Document { freed })?;
        } else {
            report::print(&format!("freed {}\n", bytes(freed)))?;
        }
        return Ok(Ending::Done);
    }
    let usage = Store::open(&folder).map_err(store_failure)?.usage();
    if common.json {
        print_json(&usage)?;
        return Ok(Ending::Done);
    }
    let line =
        |name: &str, part: Part, meaning: &str| format!("  {name:<10} {:>9}  {:>8} files  {meaning}\n", bytes(part.bytes), part.files);
    let text = [
        format!("{}\n", folder.display()),
        line("blobs", usage.blobs, "outputs by digest"),
        line("actions", usage.actions, "what was done"),
        line("work", usage.work, "source mirrors and target folders"),
        line("zig-cache", usage.zig_cache, "what zig compiled once"),
        line("xwin-cache", usage.xwin_cache, "Microsoft's SDK"),
        line("roots", usage.roots, "clean roots"),
        line("tools", usage.tools, "plimsoll's own tools"),
        line("memory", usage.memory, "what is known of files"),
        line("temporary", usage.temporary, "in use, or left by runs that were killed"),
    ];
    report::print(&text.concat())?;
    Ok(Ending::Done)
}
