//! Does the things of a plan.

use std::collections::HashSet;

use anyhow::{Context, Result};
use nosana_client::{
    actions::{self, JobListing},
    jobs::accounts::Market,
    pda,
};
use nosana_protocol::{job::Kind, queue::Side};
use solana_address::Address;
use solana_instruction::Instruction;

use super::content::ReplicaContent;
use crate::commands::{
    context::CliContext,
    job::{ending::end_job, listing::find_queue_growth},
};

/// What all steps of a deployment need.
pub struct StepContext<'a> {
    /// The network, the wallet and the store.
    pub ctx: &'a CliContext,
    /// The market, and its address.
    pub market: (Address, Market),
    /// What the replicas run.
    pub content: &'a ReplicaContent,
    /// The highest price, in base units a second.
    pub max_price: u64,
}

impl StepContext<'_> {
    /// Lists a job with this nonce for `timeout` seconds. `used` are the nodes on which replicas
    /// run; it is listed for another node, if one waits.
    ///
    /// # Errors
    /// If the transaction fails. The next plan takes that into account.
    pub async fn list_job(&self, nonce: u64, timeout: u64, used: &HashSet<Address>) -> Result<()> {
        let ctx = self.ctx;
        let (market, _) = self.market;
        let order = JobListing {
            nonce,
            definition: self.content.define_replica(nonce)?.digest(),
            kind: Kind::Service as u8,
            timeout_seconds: timeout,
            max_price_per_second: self.max_price,
            is_private: self.content.is_private(),
        };
        let (client, payer) = (ctx.address(), ctx.payer_address());
        let job = pda::jobs::job(&client, nonce);

        // A job that a waiting node gets has a cell, too.
        let growth = find_queue_growth(ctx, &market).await?;
        let listing: Instruction = match self.find_other_node(used).await? {
            Some(waiting) => {
                actions::assign(client, payer, market, ctx.mint, order, waiting).into()
            }
            None => actions::list(client, payer, market, ctx.mint, order).into(),
        };
        let instructions: Vec<Instruction> = growth.into_iter().chain([listing]).collect();
        ctx.send_all(&instructions).await.context("cannot list a replica")?;
        eprintln!("listed {job} for {timeout} s");
        Ok(())
    }

    /// Returns a waiting node on which no replica runs, with its cell. An owner has one node: so
    /// replicas are on machines of several owners where the market has them.
    async fn find_other_node(&self, used: &HashSet<Address>) -> Result<Option<(Address, u32)>> {
        let queue = self.ctx.session.fetch_queue(&self.market.0).await?;
        if queue.fifo.side != Side::Nodes {
            return Ok(None);
        }

        let other = queue.waiting.iter().find(|waiting| !used.contains(&waiting.address));
        Ok(other.map(|waiting| (waiting.address, waiting.index)))
    }

    /// Extends a job by so many seconds.
    ///
    /// # Errors
    /// If the transaction fails. The next plan takes that into account.
    pub async fn extend_job(&self, address: Address, added_seconds: u64) -> Result<()> {
        let ctx = self.ctx;
        let job = ctx.fetch_job(&address).await?;
        let payer = ctx.payer_address();

        let extend = actions::extend(address, &job, payer, ctx.mint, added_seconds);
        ctx.send(extend).await.with_context(|| format!("cannot extend {address}"))?;
        eprintln!("extended {address} by {added_seconds} s");
        Ok(())
    }

    /// Stops or cancels a job.
    ///
    /// # Errors
    /// If the transaction fails. The next plan takes that into account.
    pub async fn end_job(&self, address: Address) -> Result<()> {
        end_job(self.ctx, address).await?;
        Ok(())
    }
}
