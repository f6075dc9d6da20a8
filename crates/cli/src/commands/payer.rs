//! The option of commands that another wallet can pay for.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{connection::read_key_file, context::CliContext};

/// The wallet that pays.
#[derive(Debug, Args)]
pub struct PayerOptions {
    /// File with the key of another wallet, which pays deposit, rent and fees and gets the refund;
    /// defaults to your own
    #[arg(long, value_name = "KEY")]
    payer: Option<PathBuf>,
}

impl PayerOptions {
    /// Lets the wallet pay for what the context sends.
    pub fn add_to(&self, ctx: CliContext) -> Result<CliContext> {
        let Some(path) = &self.payer else { return Ok(ctx) };
        Ok(CliContext { payer: Some(read_key_file(path, "--payer")?), ..ctx })
    }
}
