//! When somebody wants this process to end.

use tokio::signal::ctrl_c;

/// Returns on Ctrl-C, and on SIGTERM where there is one.
pub async fn requested() {
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
        tracing::warn!(%error, "cannot listen for Ctrl-C: end this process by its id");
        std::future::pending::<()>().await;
    }
}
