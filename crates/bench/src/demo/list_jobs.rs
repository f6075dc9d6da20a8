//! The client: lists jobs, and waits for their settlement.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use nosana_client::{
    Event, Receipt, actions,
    jobs::{
        accounts::Job,
        events::{Event as JobsEvent, JobListed},
    },
    pda,
};
use nosana_job_spec::ContentId;
use nosana_localnet::World;
use nosana_protocol::job::{Kind, State};
use nosana_store::Store;
use solana_address::Address;
use solana_signer::Signer;
use tokio::task::JoinHandle;

use super::{DemoConfig, plan};
use crate::{report::transaction::Transaction, stages::Direction, wait::Stopwatch};

/// Longest paid time of a job.
const TIMEOUT_SECONDS: u64 = 600;

/// The client, who has texts embedded and questions answered.
#[derive(Clone, Copy)]
pub struct DemoClient<'a> {
    pub world: &'a World,
    pub store: &'a Store,
    pub watch: Stopwatch,
}

/// A listed job, as recorded by its client.
pub struct ListedJob {
    pub number: usize,
    pub address: Address,
    pub inputs: Vec<String>,
    pub question: String,
    pub definition: ContentId,
    pub direction: Direction,
    pub escrow: u64,
    /// When the transaction was sent, in milliseconds.
    pub sent: u64,
    /// When the transaction was confirmed, in milliseconds.
    pub listed: u64,
    pub transaction: Transaction,
    pub settlement: PendingSettlement,
}

/// A task that waits until a job is settled. Dropping it stops the task.
pub struct PendingSettlement(JoinHandle<Result<SettledJob>>);

impl Drop for PendingSettlement {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A settled job: its account, and when the client received it.
pub struct SettledJob {
    pub account: Job,
    pub received: u64,
}

impl DemoClient<'_> {
    /// Stores a definition and lists it as the job `number`.
    pub async fn list_job(&self, number: usize) -> Result<ListedJob> {
        let client = self.world.client.pubkey();
        let nonce = u64::try_from(number)?;
        let inputs = plan::choose_inputs(number);
        let question = plan::choose_question(number);
        let definition = self.store.put_json(&plan::build_definition(&inputs, &question))?;
        let order = actions::JobListing {
            nonce,
            definition: definition.digest(),
            kind: Kind::Batch as u8,
            timeout_seconds: TIMEOUT_SECONDS,
            max_price_per_second: DemoConfig::market_terms().price_per_second,
            is_private: false,
        };

        // Subscribes before the job exists, so that its settlement is not missed.
        let address = pda::jobs::job(&client, nonce);
        let settlement = self.watch_settlement(address);

        let list = actions::list(client, client, self.world.market, self.world.mint, order);
        let sent = self.watch.elapsed_ms();
        let receipt =
            self.world.session.send_transaction(&[list.into()], &self.world.client, &[]).await;
        let receipt = receipt.with_context(|| format!("cannot list job {number}"))?;
        let listed = self.watch.elapsed_ms();

        let event = find_listing(&receipt)
            .with_context(|| format!("job {number} was listed without an event"))?;
        let is_matched = event.node != Address::default();
        Ok(ListedJob {
            number,
            address,
            inputs,
            question,
            definition,
            direction: if is_matched { Direction::Matched } else { Direction::Queued },
            escrow: event.escrow,
            sent,
            listed,
            transaction: Transaction::new("list", &receipt),
            settlement,
        })
    }

    /// Starts to wait until the job is settled. Its account need not exist yet.
    fn watch_settlement(&self, address: Address) -> PendingSettlement {
        let session = self.world.session.clone();
        let watch = self.watch;

        PendingSettlement(tokio::spawn(async move {
            let mut updates = session.subscribe_account::<Job>(address);
            while let Some(update) = updates.next().await {
                if let Some(account) = update?.account
                    && account.state == State::Settled as u8
                {
                    return Ok(SettledJob { account, received: watch.elapsed_ms() });
                }
            }
            bail!("the subscription to {address} ended")
        }))
    }
}

/// Waits until a job is settled, at most for `patience`.
pub async fn await_settlement(
    settlement: &mut PendingSettlement,
    number: usize,
    patience: Duration,
) -> Result<SettledJob> {
    let settled = tokio::time::timeout(patience, &mut settlement.0).await;
    let late = || {
        format!(
            "job {number} was not settled within {} s; a slower machine needs more patience",
            patience.as_secs()
        )
    };

    settled.with_context(late)??
}

fn find_listing(receipt: &Receipt) -> Option<JobListed> {
    receipt.events.iter().find_map(|event| match event {
        Event::Jobs(JobsEvent::JobListed(listed)) => Some(*listed),
        _ => None,
    })
}
