//! A session keyring for each command, so that none inherits the node's.

use std::io;

use nix::libc::{EACCES, ENOSYS, EPERM, KEYCTL_JOIN_SESSION_KEYRING, SYS_keyctl, syscall};

/// Puts this thread, and the processes that it starts, into a new session keyring. On a kernel
/// without keyrings, or in a container that forbids them, there is none to inherit.
pub(crate) fn join_new_session() -> io::Result<()> {
    #[allow(
        unsafe_code,
        reason = "no library wraps this system call; it takes no pointer but null"
    )]
    let joined =
        unsafe { syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, std::ptr::null::<u8>()) };
    if joined >= 0 {
        return Ok(());
    }

    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(ENOSYS | EPERM | EACCES) => Ok(()),
        _ => Err(error),
    }
}
