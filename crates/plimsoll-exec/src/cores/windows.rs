//! The tokens as a semaphore with a name, which children open: <https://www.gnu.org/software/make/manual/html_node/Windows-Jobserver.html>.

#![expect(unsafe_code, reason = "Windows' own calls")]

use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, GetLastError, WAIT_FAILED, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{CreateSemaphoreW, ReleaseSemaphore, WaitForSingleObject};

/// More cores than that are not lent.
pub(super) const MOST: usize = 4096;
/// Tokens that fit: confused children may give too many.
const ROOM: i32 = 1 << 20;

/// The tokens of a budget.
#[derive(Debug)]
pub(super) struct Tokens {
    semaphore: OwnedHandle,
    name: String,
}

impl Tokens {
    /// So many, and all free.
    pub(super) fn new(total: usize) -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("plimsoll-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let wide = name.encode_utf16().chain([0]).collect::<Vec<_>>();
        let total = i32::try_from(total).unwrap_or(ROOM);
        // SAFETY: the name ends with a zero and is read during the call only; the handle that comes back is nobody else's.
        let semaphore = unsafe {
            let handle = CreateSemaphoreW(ptr::null(), total, ROOM, wide.as_ptr());
            if handle.is_null() {
                return Err(io::Error::last_os_error());
            }
            let existed = GetLastError() == ERROR_ALREADY_EXISTS;
            let semaphore = OwnedHandle::from_raw_handle(handle);
            // Somebody else's budget is none.
            if existed {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            semaphore
        };
        Ok(Self { semaphore, name })
    }

    /// Takes a token if one is free.
    pub(super) fn take(&self) -> io::Result<bool> {
        self.wait_and_take(0)
    }

    fn wait_and_take(&self, milliseconds: u32) -> io::Result<bool> {
        // SAFETY: the handle is open as long as `self` is there.
        match unsafe { WaitForSingleObject(self.semaphore.as_raw_handle(), milliseconds) } {
            WAIT_OBJECT_0 => Ok(true),
            WAIT_FAILED => Err(io::Error::last_os_error()),
            _ => Ok(false),
        }
    }

    /// Gives some back.
    pub(super) fn give(&self, tokens: usize) -> io::Result<()> {
        let Some(tokens) = i32::try_from(tokens).ok().filter(|tokens| *tokens > 0) else { return Ok(()) };
        // SAFETY: the handle is open as long as `self` is there; the count before may be left out.
        let given = unsafe { ReleaseSemaphore(self.semaphore.as_raw_handle(), tokens, ptr::null_mut()) };
        if given == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Waits until one may be free, for so long at most.
    pub(super) fn wait(&self, patience: Duration) -> io::Result<()> {
        let milliseconds = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
        if self.wait_and_take(milliseconds)? { self.give(1) } else { Ok(()) }
    }

    /// Puts back what killed children took with them, and takes away what confused ones gave too much, until just `due` are free.
    pub(super) fn settle(&self, due: usize) -> io::Result<()> {
        while self.take()? {}
        self.give(due)
    }

    /// How make's variables name them.
    pub(super) fn flags(&self) -> String {
        format!("-j --jobserver-auth={}", self.name)
    }

    /// Runs `start`: a name needs no inheriting.
    pub(super) fn inherited<T>(&self, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        start()
    }
}
