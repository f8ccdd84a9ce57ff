//! `plimsoll completions SHELL`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Ending, Outcome};
use crate::report::{self, Text};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "plimsoll", &mut text);
    report::print(&Text::document(&String::from_utf8_lossy(&text)))?;
    Ok(Ending::Done)
}
