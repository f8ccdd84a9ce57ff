//! Makes the roots that tests look for: asks a mirror of Debian, which no test does.

use std::process::ExitCode;
use std::time::Instant;

use crate::fixture::{Fixture, NotRun};

/// The word by which this program is told to make roots: `__roots [NAME TARGET]…`.
pub const ROOTS: &str = "__roots";
/// Those that tests look for.
const USUAL: [(&str, &str); 3] =
    [("debian:12", "x86_64-unknown-linux-gnu"), ("debian:12", "aarch64-unknown-linux-gnu"), ("debian:12", "x86_64-unknown-linux-musl")];

/// Makes those that are named, or the usual ones.
pub fn make(words: impl Iterator<Item = String>) -> ExitCode {
    let words = words.collect::<Vec<_>>();
    let named = words.chunks_exact(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect::<Vec<_>>();
    let fixture = match Fixture::new() {
        Ok(fixture) => fixture,
        Err(NotRun(_, reason)) => {
            println!("no root can be made: {reason}");
            return ExitCode::FAILURE;
        }
    };
    let mut all_made = true;
    for (name, target) in if named.is_empty() { USUAL.to_vec() } else { named } {
        let began = Instant::now();
        let mut said = |line: &str| println!("  {:?}: {line}", began.elapsed());
        let made = fixture.make_with_python(name, target, &mut said);
        all_made &= made.is_ok();
        let became = made.map_or_else(|reason| format!("not made: {reason}"), |folder| format!("in {}", folder.display()));
        println!("{name} with Python for {target}: {became}, after {:?}", began.elapsed());
    }
    if all_made { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
