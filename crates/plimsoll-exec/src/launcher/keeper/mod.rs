//! A process between plimsoll and a program that is in no namespace of its own. Linux alone has what it needs; on Windows a job does the same.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
pub(super) use self::elsewhere::{command, refusal};
#[cfg(not(target_os = "linux"))]
pub use self::elsewhere::{program, run};
#[cfg(target_os = "linux")]
pub(super) use self::linux::{command, refusal};
#[cfg(target_os = "linux")]
pub use self::linux::{program, run};
