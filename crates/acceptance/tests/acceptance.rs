//! The acceptance tests as a program that nextest and `cargo test` drive; `--reasons` says which cannot run on this machine, and why.

fn main() -> std::process::ExitCode {
    acceptance::main()
}
