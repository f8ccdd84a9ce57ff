//! Tells the program of which commit it is, so that whoever reports a fault can say so.

use std::process::Command;

fn main() {
    let told = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output().ok().filter(|output| output.status.success());
    let commit = told.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    println!("cargo::rustc-env=LEAD_COMMIT={}", if commit.trim().is_empty() { "no commit" } else { commit.trim() });
}
