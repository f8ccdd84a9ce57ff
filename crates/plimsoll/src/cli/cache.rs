//! `plimsoll cache` and `plimsoll cache trim`.

use std::time::{Duration, SystemTime};

use plimsoll_model::Failure;
use plimsoll_store::Store;
use plimsoll_store::trim::Trim;
use serde::Serialize;

use super::{Common, Ending, Outcome, paint_output, store_folder};
use crate::report::{self, Text, bytes, print_json};

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
        let freed = trim.run(&folder, SystemTime::now(), &super::patience(&super::launcher()?)).map_err(Failure::from)?;
        if common.json {
            #[derive(Serialize)]
            struct Document {
                freed: u64,
            }
            print_json(&Document { freed })?;
        } else {
            report::print(Text::new(paint_output()).put(format!("freed {}", bytes(freed))).end())?;
        }
        return Ok(Ending::Done);
    }
    let usage = Store::open(&folder).map_err(Failure::from)?.usage();
    if common.json {
        print_json(&usage)?;
        return Ok(Ending::Done);
    }
    let mut text = Text::new(paint_output());
    text.put(folder.display()).end();
    let parts = [
        ("blobs", usage.blobs, "outputs by digest"),
        ("actions", usage.actions, "what was done"),
        ("work", usage.work, "source mirrors and target folders"),
        ("zig-cache", usage.zig_cache, "what zig compiled once"),
        ("xwin-cache", usage.xwin_cache, "Microsoft's SDK"),
        ("roots", usage.roots, "clean roots"),
        ("tools", usage.tools, "plimsoll's own tools"),
        ("memory", usage.memory, "what is known of files"),
        ("temporary", usage.temporary, "in use, or left by runs that were killed"),
    ];
    for (name, part, meaning) in parts {
        text.put(format!("  {name:<10} {:>9}  {:>8} files  {meaning}", bytes(part.bytes), part.files)).end();
    }
    let total = parts.iter().map(|(_, part, _)| part.bytes).sum();
    text.put(format!("  {:<10} {:>9}  {:>8} files", "all", bytes(total), parts.iter().map(|(_, part, _)| part.files).sum::<u64>())).end();
    report::print(&text)?;
    Ok(Ending::Done)
}
