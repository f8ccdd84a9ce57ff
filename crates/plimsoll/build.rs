//! The line that `plimsoll --version` prints. Builds for development tell none: they would be made anew with every file that changes.

fn main() {
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        plimsoll_version_line::emit();
    } else {
        plimsoll_version_line::emit_unknown("development");
    }
}
