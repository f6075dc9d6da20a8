//! Lists jobs and follows them.

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

use super::{DemoConfig, plan, wait::Stopwatch};
use crate::{report::Transaction, stages::Direction};

/// The longest time that a job may be paid for.
const TIMEOUT_SECONDS: u64 = 600;

/// Somebody who wants texts embedded.
#[derive(Clone, Copy)]
pub struct Client<'a> {
    pub world: &'a World,
    pub store: &'a Store,
    pub watch: Stopwatch,
}

/// A job as its client knows it.
pub struct Listed {
    pub number: usize,
    pub address: Address,
    pub inputs: Vec<String>,
    pub definition: ContentId,
    pub direction: Direction,
    pub escrow: u64,
    pub sent: u64,
    pub listed: u64,
    pub transaction: Transaction,
    pub ending: Ending,
}

/// A task that waits for a job's end, until this is dropped.
pub struct Ending(JoinHandle<Result<Ended>>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The settled account, and when the client saw it.
pub struct Ended {
    pub job: Job,
    pub at: u64,
}

impl Client<'_> {
    /// Stores a definition and lists it as the job `number`.
    pub async fn list(&self, number: usize) -> Result<Listed> {
        let client = self.world.client.pubkey();
        let nonce = u64::try_from(number)?;
        let inputs = plan::inputs(number);
        let definition = self.store.put_json(&plan::definition(&inputs))?;
        let order = actions::Order {
            nonce,
            definition: definition.digest(),
            kind: Kind::Batch as u8,
            timeout_seconds: TIMEOUT_SECONDS,
            max_price_per_second: DemoConfig::terms().price_per_second,
        };
        let address = pda::jobs::job(&client, nonce);
        let ending = self.follow(address);
        let instruction = actions::list(client, client, self.world.market, self.world.mint, order);
        let sent = self.watch.ms();
        let receipt = self.world.session.send(&[instruction.into()], &self.world.client, &[]).await;
        let receipt = receipt.with_context(|| format!("cannot list job {number}"))?;
        let listed = self.watch.ms();
        let event =
            event(&receipt).with_context(|| format!("job {number} was listed without an event"))?;
        let met = event.node != Address::default();
        Ok(Listed {
            number,
            address,
            inputs,
            definition,
            direction: if met { Direction::Matched } else { Direction::Queued },
            escrow: event.escrow,
            sent,
            listed,
            transaction: Transaction::new("list", &receipt),
            ending,
        })
    }

    /// Waits for the account to be settled. It need not exist yet.
    fn follow(&self, address: Address) -> Ending {
        let (session, watch) = (self.world.session.clone(), self.watch);
        Ending(tokio::spawn(async move {
            let mut updates = session.subscribe_account::<Job>(address);
            while let Some(update) = updates.next().await {
                if let Some(job) = update?.account
                    && job.state == State::Settled as u8
                {
                    return Ok(Ended { job, at: watch.ms() });
                }
            }
            bail!("the subscription to {address} ended")
        }))
    }
}

/// The end of a job, which has to come within `patience`.
pub async fn ended(ending: &mut Ending, number: usize, patience: Duration) -> Result<Ended> {
    let in_time = tokio::time::timeout(patience, &mut ending.0).await;
    let late = || {
        format!(
            "job {number} was not settled within {} s; a slower machine needs more patience",
            patience.as_secs()
        )
    };
    in_time.with_context(late)??
}

fn event(receipt: &Receipt) -> Option<JobListed> {
    receipt.events.iter().find_map(|event| match event {
        Event::Jobs(JobsEvent::JobListed(listed)) => Some(*listed),
        _ => None,
    })
}
