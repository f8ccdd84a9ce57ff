//! Counters that many Erlang processes may share without a process of their own: one machine word each, changed atomically.

use std::sync::atomic::{AtomicI64, Ordering};

use rustler::{Error, NifResult, Resource, ResourceArc};

/// A counter. It lives for as long as some process holds the reference to it.
struct Counter(AtomicI64);

#[rustler::resource_impl]
impl Resource for Counter {}

/// A counter that begins at `start`.
#[rustler::nif]
fn new(start: i64) -> ResourceArc<Counter> {
    ResourceArc::new(Counter(AtomicI64::new(start)))
}

/// Adds to a counter and gives its new value; a value beyond 64 bits is an argument error, and the counter stays as it was.
#[rustler::nif]
fn increment(counter: ResourceArc<Counter>, by: i64) -> NifResult<i64> {
    let before = counter.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |value| value.checked_add(by));
    before.map(|value| value + by).map_err(|_| Error::BadArg)
}

/// The value of a counter.
#[rustler::nif]
fn value(counter: ResourceArc<Counter>) -> i64 {
    counter.0.load(Ordering::Acquire)
}

/// The sum of two integers; beyond 64 bits it is an argument error.
#[rustler::nif]
fn add(a: i64, b: i64) -> NifResult<i64> {
    a.checked_add(b).ok_or(Error::BadArg)
}

/// The version that this library was built as.
#[rustler::nif]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

rustler::init!("Elixir.NifCounter.Native");
