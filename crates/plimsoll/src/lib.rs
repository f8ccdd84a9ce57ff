//! Everything that the command does: from a manifest to proven, sealed and published artifacts.
//!
//! Rooms, in the order of the pipeline: `manifest` and `sources` (what there is), `plan` (what is wanted), `build`, `assemble`, `generate`, `packing`,
//! `prove`, `seal`, `publish`. Beside them `given` (what others made, by digest), `kinds` (what is of one kind of artifact alone; everything else asks
//! there), `doctor` (what this machine can do), `preflight` (what it lacks for a plan, before anything starts), `report` (the only place that prints) and
//! `cli`. `pipeline` shows the order on one screen. Programs are started by `plimsoll-exec`, roots are made by `plimsoll-roots`, versions carried by
//! `plimsoll-version`.

pub mod assemble;
pub mod build;
pub mod cli;
pub mod doctor;
pub mod foreign;
pub mod gates;
pub mod generate;
pub mod given;
pub mod graph;
pub mod harbor;
pub mod host_tools;
pub mod kinds;
pub mod last;
pub mod left;
pub mod manifest;
pub mod measured;
pub mod nodes;
pub mod packing;
pub mod pipeline;
pub mod plan;
pub mod preflight;
pub mod project;
pub mod prove;
pub mod publish;
pub mod reason;
pub mod report;
pub mod results;
pub mod run_context;
pub mod seal;
pub mod shown;
pub mod sources;
