//! Machines without a screen. Mesa looks for a Wayland server and, where there is none, prints
//! errors to standard error that have no meaning for a node.

use std::{env, ffi::OsString, os::unix::process::CommandExt, path::Path, process::Command};

/// The variable that names the Wayland server's socket.
const DISPLAY: &str = "WAYLAND_DISPLAY";
/// A socket that does not exist. Mesa looks only there, and finds nothing without a message.
const NO_DISPLAY: &str = "/nonexistent/wayland";

/// Starts this program again without a Wayland server, in the same process, unless the environment
/// names one. Returns if there is nothing to do, or if that fails: the messages are harmless.
pub fn hide_missing_display() {
    if !is_noisy(env::var_os(DISPLAY), env::var_os("XDG_RUNTIME_DIR")) {
        return;
    }

    let Ok(program) = env::current_exe() else { return };
    let mut arguments = env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    let error = command.args(arguments).env(DISPLAY, NO_DISPLAY).exec();
    tracing::debug!(%error, "cannot start without a Wayland server");
}

/// Whether Mesa prints an error: no socket is named, and the folder of sockets is not known.
fn is_noisy(display: Option<OsString>, runtime_folder: Option<OsString>) -> bool {
    let is_set = |value: &Option<OsString>| value.as_ref().is_some_and(|value| !value.is_empty());
    let has_folder = runtime_folder.is_some_and(|folder| Path::new(&folder).is_absolute());
    !is_set(&display) && !has_folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_display_or_folder_is_kept() {
        let value = |text: &str| Some(OsString::from(text));
        assert!(is_noisy(None, None));
        assert!(is_noisy(value(""), value("")));
        assert!(!is_noisy(None, value("/run/user/1000")));
        assert!(!is_noisy(value("wayland-0"), None));
        assert!(!is_noisy(value(NO_DISPLAY), None), "it would start itself for ever");
    }
}
