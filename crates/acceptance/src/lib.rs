//! Acceptance tests: what README and issues promise, shown on the released command with real compilers, roots and files.
//!
//! A test has passed, failed, or not run for a reason; one that did not run never counts as passed. `scripts/test NAME` runs one, on the program
//! that `PLIMSOLL_BIN` names.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests of the whole command: they start programs, and their output is read by people"
)]

mod aged;
mod catalogue;
mod checks;
mod climbing;
mod example;
mod foreign;
mod formats;
mod fuzz;
mod gates;
mod golden;
mod harness;
mod itself;
mod levels;
mod negative_control;
mod nif;
mod platforms;
mod platforms_ripgrep;
mod processors;
mod project;
mod published;
mod rebuild;
mod rehearsal;
mod reproducible;
mod ripgrep;
mod roots;
mod survival;
mod system;
mod testbed;
mod verify;
mod version;
mod wheels;
mod windows;

pub use harness::main;

use checks::{Checks, Trouble, note};
