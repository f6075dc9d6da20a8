//! Jobs that begin or end in another way, and what remains of their money, measured as a job's life
//! is: in the situations in which the suite measures these instructions.

use nosana_client::{actions, jobs::types::MarketTerms, pda};
use nosana_tests::terms::{NOS, batch, challenged};
use solana_signer::Signer;

use super::life::Life;
use crate::meter::nonce_with_first_bump;

/// The queue clock of a market whose jobs do not wait for long: with a longer one, the node's
/// reputation would fade before the next settlement is measured.
const QUEUE_SECONDS: u32 = 5;

impl Life {
    /// Jobs that a waiting node gets, of which the client stops one.
    pub async fn measure_stop(&mut self) {
        let client = self.world.client.pubkey();
        let node = self.world.node.pubkey();
        self.world.work(&self.world.node).await;

        let address = pda::jobs::node(&node);
        let waiting = (address, self.world.cell(&address).await);
        let order = batch(nonce_with_first_bump(&client, self.nonce + 1));
        let [market, mint] = [self.world.market, self.world.mint];
        let assign = actions::assign(client, client, market, mint, order, waiting);
        self.measure("jobs.assign", assign).await;
        let job = self.list(Some("jobs.list, a node waits")).await;
        self.world.start(&self.world.node, &job).await;

        self.world.advance_clock(30);
        let stop = actions::stop(client, job, &self.world.job(&job).await, node);
        self.measure("jobs.stop", stop).await;
        self.world.stop(&job, &self.world.node).await;
    }

    /// A refund that waits in its job, and the fees of the market.
    pub async fn measure_credit(&mut self) {
        let sponsor = self.world.wallet().await;
        self.nonce = nonce_with_first_bump(&self.world.client.pubkey(), self.nonce + 1);
        let order = batch(self.nonce);
        let job = self.world.list_for(&self.world.client, &sponsor, order).await;
        self.world.close_tokens(&sponsor).await;
        self.world.cancel(&job).await;

        let account = self.world.open_tokens(&sponsor).await;
        let stored = self.world.job(&job).await;
        let collect = actions::collect(sponsor.pubkey(), job, &stored, account);
        self.measure("jobs.collect", collect).await;
        let sweep = actions::sweep_fees(self.world.market);
        self.measure("jobs.sweep_fees", sweep).await;
    }

    /// A job that no node takes before its queue clock has run out.
    pub async fn measure_waiting(&mut self) {
        let hasty = MarketTerms { queue_seconds: QUEUE_SECONDS, ..challenged() };
        self.world.market = self.world.open_market(100, hasty).await;
        let client = self.world.client.pubkey();
        let mint = self.world.mint;
        let job = self.list(None).await;
        let stored = self.world.job(&job).await;
        self.measure("jobs.extend", actions::extend(job, &stored, client, mint, 60)).await;
        self.measure("jobs.top_up", actions::top_up(client, job, &stored, mint, NOS)).await;

        self.world.advance_clock(u64::from(QUEUE_SECONDS) + 1);
        let cell = self.world.cell(&job).await;
        let expire = actions::expire_queued(job, &stored, cell);
        self.measure("jobs.expire_queued", expire).await;
    }
}
