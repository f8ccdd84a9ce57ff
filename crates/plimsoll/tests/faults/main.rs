//! Faults that were found by trial, each kind in a file of its own, on the command as users start it.
//!
//! A machine that lacks what a test needs fails it: these are promises, and a promise that was not looked at is not kept.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

#[path = "../project/mod.rs"]
mod project;

#[path = "../../../plimsoll-inspect/tests/elf_builder/mod.rs"]
mod elf_builder;
mod forged;

mod faults_01_opening;
mod faults_02_links;
mod faults_03_dist;
mod faults_04_claims;
mod faults_05_escapes;
mod faults_06_sandbox;
mod faults_07_work;
mod faults_08_release;
mod faults_09_starting;
mod faults_10_fetch;
mod faults_10_leftovers;
mod faults_10_orphans;
mod faults_10_stale;
mod faults_12_modes;
mod faults_13_changelog;
mod faults_14_copies;
mod faults_15_line;
mod faults_16_floors;
mod faults_17_licences;
mod faults_18_doctor;
mod faults_19_git;
