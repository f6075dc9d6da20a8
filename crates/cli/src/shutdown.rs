//! Signals that end this process.

use tokio::signal::ctrl_c;

/// Returns on Ctrl-C, and on SIGTERM where the system has it.
pub async fn wait_for_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }

    if let Err(error) = ctrl_c().await {
        tracing::warn!(%error, "cannot listen for Ctrl-C; kill this process by its id");
        std::future::pending::<()>().await;
    }
}
