//! Points at which a test can end the process as a power cut would. Release builds have none.

/// Kills this process with SIGKILL if the environment variable `NOSANA_KILL_AT` names this point.
///
/// Only builds with debug assertions read the variable, so no node in production can be ended this
/// way.
pub(crate) fn kill_point(name: &str) {
    #[cfg(all(debug_assertions, unix))]
    if std::env::var_os("NOSANA_KILL_AT").is_some_and(|point| point == name) {
        let killed = std::process::Command::new("kill")
            .args(["-9", &std::process::id().to_string()])
            .status();
        tracing::error!(?killed, name, "this process survived its kill point");

        loop {
            std::thread::park();
        }
    }

    #[cfg(not(all(debug_assertions, unix)))]
    let _ = name;
}
