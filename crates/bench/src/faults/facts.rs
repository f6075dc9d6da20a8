//! What became of each job, by its account, its transactions and its content.

use anyhow::{Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, JobResult};
use nosana_protocol::job::{Reason, ReturnCause, State};
use serde::Serialize;
use solana_address::Address;

use super::{
    posting::{JobClient, PostedJob},
    record::ChainRecord,
};
use crate::report::job::Money;

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobEnd {
    /// Its result was submitted and paid.
    Completed,
    /// Its client cancelled it in the queue.
    Cancelled,
    /// A clock ran out, or it was tried too often.
    Expired,
    /// It is not settled, although all its clocks have run out.
    Lost,
}

/// Everything that the chain and the store say about a job.
#[derive(Clone, Debug)]
pub struct JobFacts {
    /// The job as the client listed it.
    pub posted: PostedJob,
    /// Its account.
    pub account: Job,
    /// Its transactions.
    pub record: ChainRecord,
    /// What is wrong with its result; `None` if it is right, or if the job has none.
    pub fault: Option<String>,
}

impl JobEnd {
    /// The end's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Lost => "lost",
        }
    }

    /// Reads the end of a job from its account.
    pub fn of_job(job: &Job) -> Self {
        if job.state != State::Settled as u8 {
            return Self::Lost;
        }

        match Reason::from_byte(job.reason) {
            Some(Reason::Completed) => Self::Completed,
            Some(Reason::Cancelled | Reason::ClientStopped) => Self::Cancelled,
            Some(
                Reason::HeartbeatLost
                | Reason::DeadlineExceeded
                | Reason::AttemptsExhausted
                | Reason::Expired
                | Reason::Unplaceable
                | Reason::BackingLost
                | Reason::ResultRejected
                | Reason::ResultWrong,
            ) => Self::Expired,
            Some(Reason::None) | None => Self::Lost,
        }
    }
}

impl JobFacts {
    /// Reads the facts about all jobs.
    pub async fn read_all(client: &JobClient<'_>, jobs: &[PostedJob]) -> Result<Vec<Self>> {
        let session = &client.world.session;
        let mut facts = Vec::with_capacity(jobs.len());

        for posted in jobs {
            let account = session.fetch_account::<Job>(&posted.address).await?;
            let is_settled = account.state == State::Settled as u8;
            let record = ChainRecord::read(session, &posted.address, is_settled).await?;
            let mut job = Self { posted: *posted, account, record, fault: None };
            job.fault = job.check_result(client).err().map(|error| format!("{error:#}"));
            facts.push(job);
        }
        Ok(facts)
    }

    /// How the job ended.
    pub fn end(&self) -> JobEnd {
        JobEnd::of_job(&self.account)
    }

    /// How often a node gave the job back by itself.
    pub fn count_given_back(&self) -> usize {
        self.record.returns.iter().filter(|returned| is_nodes_own(returned.cause)).count()
    }

    /// How often a clock took the job from its node.
    pub fn count_taken_back(&self) -> usize {
        self.record.returns.len() - self.count_given_back()
    }

    /// What the chain has paid for the job, by all its settlements.
    pub fn money(&self) -> Money {
        let mut money = Money { escrow: self.record.escrow, ..Money::default() };
        for settled in &self.record.settlements {
            money.node = money.node.saturating_add(settled.node_amount);
            money.refund = money.refund.saturating_add(settled.payer_amount);
            money.network = money.network.saturating_add(settled.network_amount);
        }
        money
    }

    /// Checks that the result on chain is the stored one, and answers the definition. Every hash is
    /// checked.
    fn check_result(&self, client: &JobClient<'_>) -> Result<()> {
        if self.end() != JobEnd::Completed {
            return Ok(());
        }

        let PostedJob { number, definition, .. } = self.posted;
        let listed = ContentId::from_digest(self.account.definition);
        ensure!(listed == definition, "the job on chain has the definition {listed}");
        let paid = self.record.settlements.iter().all(|paid| paid.result == self.account.result);
        ensure!(paid, "another result was paid than the account has");

        let stored = client.store.get_definition(&definition)?;
        let result: JobResult =
            client.store.get_json(&ContentId::from_digest(self.account.result))?;
        result.validate(&stored)?;
        ensure!(result.definition == definition, "the result answers {}", result.definition);
        ensure!(result.succeeded(), "an operation failed");
        client.work.check_output(number, &result, client.store)
    }

    /// The job's address.
    pub const fn address(&self) -> Address {
        self.posted.address
    }
}

fn is_nodes_own(cause: u64) -> bool {
    let cause = u8::try_from(cause).ok().and_then(ReturnCause::from_byte);
    cause.is_some_and(ReturnCause::is_nodes_own)
}
