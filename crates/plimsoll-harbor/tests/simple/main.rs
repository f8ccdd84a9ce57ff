//! The Python package index: what it takes, what it refuses, and what pip, uv, twine and pipx make of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit;
mod clients;
mod faults;
mod index;
mod pages;
mod refusals;
mod wheels;
