//! `nosana deploy stop`: end a deployment.

use std::{fs, io::ErrorKind};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::{nonce::DeploymentTag, record::record_path, replica::find_replicas};
use crate::commands::{
    connection::ConnectionOptions,
    job::ending::{JobEnd, end_job},
};

/// A deployment.
#[derive(Debug, Args)]
pub struct StopOptions {
    /// Its name
    name: String,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Ends all replicas. End the command that keeps them running first: it would list others.
pub async fn stop_deployment(options: StopOptions) -> Result<()> {
    let tag = DeploymentTag::of_name(&options.name)?;
    let ctx = options.connection.connect().await?;
    let now = ctx.chain_time().await?;
    let replicas = find_replicas(&ctx, tag, now).await?;
    let active: Vec<_> = replicas.iter().filter(|replica| replica.is_active()).collect();

    let path = record_path(&options.name, &ctx.address().to_string())?;
    ensure!(
        path.exists() || !active.is_empty(),
        "no deployment of this wallet is named `{}`",
        options.name
    );

    let mut failed = 0;
    for replica in &active {
        match end_job(&ctx, replica.address).await {
            Ok(JobEnd::Ended | JobEnd::AlreadyOver) => {}
            // Its node may start it yet, and only then it can be stopped.
            Ok(JobEnd::CancelRequested) => failed += 1,
            Err(error) => {
                eprintln!("{error:#}");
                failed += 1;
            }
        }
    }
    ensure!(
        failed == 0,
        "{failed} replicas still run or may still start; the same command tries again"
    );

    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove {}", path.display()));
        }
        _ => {}
    }
    println!("{} replicas ended", active.len());
    Ok(())
}
