//! One dispute, by its own address or its job's.

use anyhow::{Result, bail};
use clap::Args;
use nosana_client::{
    jobs::accounts::{Dispute, Job},
    pda,
};
use solana_address::Address;

use crate::commands::{connection::ConnectionOptions, context::CliContext, values::parse_address};

/// One dispute.
#[derive(Debug, Args)]
pub struct DisputeOptions {
    /// Address of the dispute, or of the job whose result is disputed
    #[arg(value_parser = parse_address)]
    address: Address,
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

impl DisputeOptions {
    /// Finds the dispute.
    pub async fn fetch(&self, ctx: &CliContext) -> Result<(Address, Dispute)> {
        let raw = ctx.session.fetch_raw_account(&self.address).await?;
        let is_job = raw.is_some_and(|account| Job::decode(&account.data).is_ok());
        let address = match is_job {
            true => {
                let job = ctx.fetch_job(&self.address).await?;
                pda::jobs::dispute(&self.address, job.attempt_id)
            }
            false => self.address,
        };

        let Some(dispute) = ctx.session.find_account::<Dispute>(&address).await? else {
            bail!(
                "{} has no dispute: nobody disputed the result, or the dispute is closed",
                self.address
            );
        };
        Ok((address, dispute))
    }
}
