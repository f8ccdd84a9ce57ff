//! The command line: `fathom convert NUMBER UNIT UNIT`, `fathom units`.

mod units;

use std::io::{self, Write};
use std::process::ExitCode;

const USAGE: &str = "\
fathom converts the units of charts and logs

usage: fathom convert NUMBER UNIT UNIT    fathom convert 10 fathoms metres
       fathom units                       the units it knows
       fathom --version | --help
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let answer = match words.as_slice() {
        ["--version" | "-V"] => Ok(format!("fathom {}\n", env!("CARGO_PKG_VERSION"))),
        ["--help" | "-h"] => Ok(USAGE.to_owned()),
        ["units"] => Ok(units::table()),
        ["convert", number, from, to] => units::convert(number, from, to),
        _ => Err(format!("fathom: this is not how to call it\n\n{USAGE}")),
    };
    match answer {
        // A reader that has seen enough is no error.
        Ok(text) => io::stdout().write_all(text.as_bytes()).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
        Err(text) => {
            let _ = io::stderr().write_all(text.as_bytes());
            ExitCode::from(2)
        }
    }
}
