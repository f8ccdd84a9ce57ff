//! Sessions and the harbor's network on real kernels: as root, and as a user who is nobody in particular.
//!
//! This program is five: the test program, plimsoll started again by itself, a test as another user, what the steps of a session run, and, with the
//! word `__roots`, what makes roots for the tests that need them: only a set-up does that.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, reason = "of tests only")]

mod fixture;
mod hostile;
mod network;
mod packages;
mod program;
mod python;
mod set_up;
mod user;
mod writable;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use fixture::{Fixture, NotRun};
use user::User;

/// A test: what it needs of the machine is in its fixture.
type Case = fn(&Fixture) -> Result<(), NotRun>;

const CASES: [(&str, Case); 23] = [
    ("a_step_sees_what_the_one_before_wrote", writable::a_step_sees_what_the_one_before_wrote),
    ("the_root_stays_as_it_is", writable::the_root_stays_as_it_is),
    ("sessions_know_nothing_of_each_other", writable::sessions_know_nothing_of_each_other),
    ("a_sandbox_is_writable_too", writable::a_sandbox_is_writable_too),
    ("only_scripts_have_the_sandbox_s_shell", writable::only_scripts_have_the_sandbox_s_shell),
    ("scrubbed_keeps_its_working_folder", writable::scrubbed_keeps_its_working_folder),
    ("steps_have_no_rights", writable::steps_have_no_rights),
    ("a_user_s_paths_are_any", writable::a_user_s_paths_are_any),
    ("an_empty_session_is_quick", writable::an_empty_session_is_quick),
    ("nothing_stays_of_what_a_step_left", hostile::nothing_stays_of_what_a_step_left),
    ("what_a_step_started_ends_with_it", hostile::what_a_step_started_ends_with_it),
    ("a_killed_step_leaves_nothing_mounted", hostile::a_killed_step_leaves_nothing_mounted),
    ("a_place_of_plimsoll_s_cannot_be_a_link", hostile::a_place_of_plimsoll_s_cannot_be_a_link),
    ("owners_change_for_package_managers_only", packages::owners_change_for_package_managers_only),
    ("a_package_is_installed_and_purged", packages::a_package_is_installed_and_purged),
    ("a_package_is_installed_and_purged_under_qemu", packages::a_package_is_installed_and_purged_under_qemu),
    ("an_emulated_session_is_kept", packages::an_emulated_session_is_kept),
    ("a_wheel_is_installed", python::a_wheel_is_installed),
    ("a_wheel_is_installed_under_qemu", python::a_wheel_is_installed_under_qemu),
    ("an_environment_has_its_own_pip", python::an_environment_has_its_own_pip),
    ("a_program_of_musl_is_installed_and_runs", python::a_program_of_musl_is_installed_and_runs),
    ("only_the_harbor_is_reached", network::only_the_harbor_is_reached),
    ("a_network_ends_with_its_value", network::a_network_ends_with_its_value),
];

fn main() -> ExitCode {
    if let Some(code) = plimsoll_exec::itself::run() {
        return ExitCode::from(code);
    }
    let mut words = std::env::args().skip(1);
    match words.next().as_deref() {
        Some(program::STEP) => return program::run(words),
        Some(set_up::ROOTS) => return set_up::make(words),
        Some(user::CASE) => return user::run_case(&words.next().unwrap_or_default(), &CASES),
        _ => {}
    }
    let trial = |user: User| {
        move |(name, case): &(&'static str, Case)| {
            let (name, case) = (*name, *case);
            Trial::test(format!("{user}::{name}"), move || Ok(user.run(name, case)?))
        }
    };
    let trials = CASES.iter().map(trial(User::Root)).chain(CASES.iter().map(trial(User::Nobody))).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
