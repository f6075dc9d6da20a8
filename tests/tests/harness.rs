//! The benchmark harness drives a GPU worker on a local network through whole jobs, and its own
//! books hold: everything that `cargo xtask demo` checks, in short. Then the model of large markets
//! runs the same jobs again.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nosana_bench::{
    demo::{self, DemoConfig},
    scale,
};

/// The jobs of the demo.
const JOBS: usize = 3;

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
        jobs: JOBS,
        slot_ms: 50,
        out: out.clone(),
        programs,
        patience,
        quiet: true,
    })
    .await?;

    let page = std::fs::read_to_string(out.join("index.html")).context("the demo wrote no page")?;
    ensure!(page.matches("<svg").count() >= 1, "the page has no timeline");

    // How far both are apart depends on what else this machine does: it is only printed.
    let comparison = scale::compare_run(&out.join("demo.json"));
    let comparison = comparison.context("the model cannot run the demo again")?;
    println!("{}", scale::render_comparison(&comparison));
    ensure!(comparison.jobs == JOBS, "the model ran {} of {JOBS} jobs", comparison.jobs);
    Ok(())
}
