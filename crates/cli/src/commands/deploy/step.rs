//! Does the things of a plan.

use anyhow::{Context, Result};
use nosana_client::{
    actions::{self, JobListing},
    jobs::accounts::Market,
    pda,
    queue::Waiting,
};
use nosana_protocol::{job::Kind, queue::Side};
use solana_address::Address;
use solana_instruction::Instruction;

use super::{content::ReplicaContent, spread::NodeUse};
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
    /// Lists a job with this nonce for `timeout` seconds. If nodes wait, it is assigned to one that
    /// has the fewest replicas, and counted there. Else any node can take it from the queue; but
    /// nothing is listed if it `needs_free_node`. Returns whether it was listed.
    ///
    /// # Errors
    /// If the transaction fails. The next plan takes that into account.
    pub async fn list_job(
        &self,
        nonce: u64,
        timeout: u64,
        nodes: &mut NodeUse,
        needs_free_node: bool,
    ) -> Result<bool> {
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

        let waiting = self.list_waiting_nodes().await?;
        let chosen = nodes.choose_node(&waiting, self.price());
        // The node that was free at the begin of this turn may have got another job.
        if needs_free_node && !chosen.is_some_and(|chosen| nodes.is_free(&chosen.address)) {
            return Ok(false);
        }

        // A job that a waiting node gets has a cell, too.
        let growth = find_queue_growth(ctx, &market).await?;
        let listing: Instruction = match chosen {
            Some(&Waiting { address, index, .. }) => {
                let node = (address, index);
                actions::assign(client, payer, market, ctx.mint, order, node).into()
            }
            None => actions::list(client, payer, market, ctx.mint, order).into(),
        };
        let instructions: Vec<Instruction> = growth.into_iter().chain([listing]).collect();
        ctx.send_all(&instructions).await.context("cannot list a replica")?;
        if let Some(chosen) = chosen {
            nodes.add_replica(chosen.address);
        }

        eprintln!("listed {job} for {timeout} s");
        Ok(true)
    }

    /// Counts the waiting nodes to which a replica can move, if nodes have several.
    ///
    /// # Errors
    /// If the queue cannot be read.
    pub async fn count_free(&self, nodes: &NodeUse) -> Result<usize> {
        if !nodes.is_uneven() {
            return Ok(0);
        }

        Ok(nodes.count_free(&self.list_waiting_nodes().await?, self.price()))
    }

    /// The nodes that wait in the market, in the order of its queue.
    async fn list_waiting_nodes(&self) -> Result<Vec<Waiting>> {
        let queue = self.ctx.session.fetch_queue(&self.market.0).await?;

        Ok(match queue.fifo.side {
            Side::Nodes => queue.waiting,
            Side::Empty | Side::Jobs => Vec::new(),
        })
    }

    fn price(&self) -> u64 {
        self.market.1.terms.price_per_second
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
