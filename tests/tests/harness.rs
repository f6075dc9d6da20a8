//! The benchmark harness drives a GPU worker on a local network through whole jobs, and its own
//! books hold: everything that `cargo xtask demo` checks, in short.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nosana_bench::demo::{self, DemoConfig};

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_adds_up() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("demo");
    let programs = match std::env::var_os("SBF_OUT_DIR") {
        Some(folder) => folder.into(),
        None => DemoConfig::default().programs,
    };
    let patience = Duration::from_secs(300);
    demo::run(DemoConfig {
        jobs: 3,
        slot_ms: 50,
        out: out.clone(),
        programs,
        patience,
        quiet: true,
    })
    .await?;

    let page = std::fs::read_to_string(out.join("index.html")).context("the demo wrote no page")?;
    ensure!(page.matches("<svg").count() >= 1, "the page has no timeline");
    Ok(())
}
