//! The command line: `lead sound METRES`.

use std::process::ExitCode;

const USAGE: &str = "\
lead reads depths off a lead line

usage: lead sound METRES
       lead --version | --help
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--version" | "-V"] => println!("lead {} ({})", env!("CARGO_PKG_VERSION"), env!("LEAD_COMMIT")),
        ["--help" | "-h"] => print!("{USAGE}"),
        ["sound", metres] => match metres.parse::<f64>() {
            Ok(metres) if metres.is_finite() && metres >= 0.0 => println!("by the mark: {metres} metres"),
            _ => {
                eprintln!("lead: `{metres}` is no depth in metres");
                return ExitCode::from(2);
            }
        },
        _ => {
            eprint!("lead: this is not how to call it\n\n{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
