//! Waking the thread that waits at a listener. One file a system.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
pub(super) use self::elsewhere::wake;
#[cfg(target_os = "linux")]
pub(super) use self::linux::wake;
