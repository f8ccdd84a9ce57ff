//! The command `plimsoll`. Reads the command line, runs it, and ends with the documented exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    plimsoll_exec::inherited::keep_from_children();
    if let Some(code) = plimsoll_exec::itself::run() {
        return ExitCode::from(code);
    }
    ExitCode::from(plimsoll::cli::run())
}
