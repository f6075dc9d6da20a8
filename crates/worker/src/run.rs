//! One job: check it, start it, run it, commit to its result. Each step begins with what the chain
//! says, so it does not matter how often the node was interrupted.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use nosana_client::{
    ClientError, actions,
    jobs::{
        self,
        accounts::{Job, Node},
    },
};
use nosana_job_spec::ContentId;
use nosana_protocol::job::State;
use solana_address::Address;
use solana_signer::Signer;
use tokio::{task::spawn_blocking, time::timeout};

use crate::{
    GaveBack, Worker, WorkerEvent, check, events::Events, execute::Reserved, kill,
    perform::Performed, slots::Slots,
};

/// What it means that this node has handed in a result which it has not made.
const ANOTHER_PROCESS: &str = "another process with this key finished it: end one of the two, they fight over every job and \
                               pay for each try";

/// What a check that has run out of time may take to say so.
const WORDS: Duration = Duration::from_millis(500);

/// How the work on a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The chain has its result.
    Finished,
    /// The node will not be paid for it.
    GaveBack,
    /// Nobody knows: the chain has to be asked again.
    Unknown,
}

/// What came of starting a job.
enum Started {
    /// It runs, with room of its own on this machine.
    Runs(Reserved),
    Ended(Ended),
}

impl Worker {
    /// Brings a job that this node holds as far as it goes.
    pub(crate) async fn run_job(&self, address: Address, events: &Events) -> Result<Ended> {
        let Some(mut job) = self.session.find_account::<Job>(&address).await? else {
            return self.forget(address, GaveBack::Lost, "the job is closed", events);
        };
        let mut reserved = None;
        if job.state == State::Queued as u8 || job.state == State::Matched as u8 {
            events.tell(WorkerEvent::Took { job: address });
            match self.start(address, &job, events).await? {
                Started::Runs(room) => reserved = Some(room),
                Started::Ended(ended) => return Ok(ended),
            }
            kill::point("after-start");
            job = self.session.account::<Job>(&address).await?;
        }
        if job.node == self.node
            && [State::Submitted, State::Settled].into_iter().any(|s| job.state == s as u8)
        {
            // What the node read about its slot was old.
            return Ok(Ended::Unknown);
        }
        if !self.runs(&job) {
            return self.forget(
                address,
                GaveBack::Lost,
                "the job is not this node's any more",
                events,
            );
        }
        // Held to the end, however that comes.
        let _reserved = match reserved {
            Some(room) => Some(room),
            None => {
                let (store, executor) = (self.config.store.clone(), self.executor.clone());
                spawn_blocking(move || check::resume(&job, &store, &executor)).await?
            }
        };
        events.tell(WorkerEvent::Started { job: address });
        if job.is_service() {
            return self.serve(address, &job, events).await;
        }
        match self.perform(address, &job, events).await? {
            Performed::Result(result) => self.finish(address, &job, &result, events).await,
            Performed::Failed(reason) => self.give_back(address, &reason, events).await,
            Performed::Lost(reason) => self.lose(address, &reason, events).await,
        }
    }

    /// Starts a job that the node can run; gives it back otherwise.
    async fn start(&self, address: Address, job: &Job, events: &Events) -> Result<Started> {
        // Whoever serves the definition slowly must not make this node late: who starts late pays a
        // penalty.
        let time = Duration::from_secs(u64::from(job.start_seconds) / 2);
        let until = Instant::now() + time;
        let store = self.config.store.clone().until(until);
        let (read, executor) = (*job, self.executor.clone());
        let checking = spawn_blocking(move || check::definition(&read, &store, &executor, until));
        // Whoever waited until then says better what for.
        let checked = match timeout(time + WORDS, checking).await {
            Ok(checked) => checked?,
            Err(_) => Err(anyhow!(
                "its definition could not be read and checked within {} s",
                time.as_secs()
            )),
        };
        let reserved = match checked {
            Ok(reserved) => reserved,
            Err(reason) => {
                return self
                    .give_back(address, &format!("{reason:#}"), events)
                    .await
                    .map(Started::Ended);
            }
        };
        kill::point("before-start");
        let access = self.access(&job.access_collection).await?;
        let start =
            actions::start(self.config.authority.pubkey(), address, job).with_access(access);
        match self.send_urgently(start.into()).await {
            Ok(receipt) => {
                events.tell(WorkerEvent::Transaction {
                    job: Some(address),
                    instruction: "start",
                    receipt,
                });
                Ok(Started::Runs(reserved))
            }
            // This node cannot start it by waiting longer: another one should.
            Err(error)
                if is(&error, jobs::Error::StakeTooSmall) || is(&error, jobs::Error::NoAccess) =>
            {
                self.give_back(address, &format!("it cannot be started: {error}"), events)
                    .await
                    .map(Started::Ended)
            }
            Err(error) => match self.session.find_account::<Job>(&address).await? {
                // An earlier start has landed after all.
                Some(job) if self.runs(&job) => Ok(Started::Runs(reserved)),
                _ => Err(error.into()),
            },
        }
    }

    /// Commits to a result. What this returns is what the chain says, also if the answer to the
    /// transaction was lost.
    async fn finish(
        &self,
        address: Address,
        job: &Job,
        result: &ContentId,
        events: &Events,
    ) -> Result<Ended> {
        kill::point("before-finish");
        let owner = self.config.authority.pubkey();
        let finish = actions::finish(owner, address, job, owner, result.digest());
        let sent = self.send_urgently(finish.into()).await;
        kill::point("after-finish");
        match sent {
            Ok(receipt) => {
                events.tell(WorkerEvent::Transaction {
                    job: Some(address),
                    instruction: "finish",
                    receipt,
                });
            }
            Err(error) if is(&error, jobs::Error::DeadlinePassed) => {
                return self.lose(address, "the result came after the deadline", events).await;
            }
            Err(error) => match self.session.find_account::<Job>(&address).await? {
                Some(job) if self.delivered(&job, result) => {}
                Some(job) if self.runs(&job) => return Err(error.into()),
                Some(job) if job.node == self.node && job.result != [0; 32] => {
                    return self.forget(address, GaveBack::Lost, ANOTHER_PROCESS, events);
                }
                _ => {
                    return self.forget(
                        address,
                        GaveBack::Lost,
                        "the job ended before its result",
                        events,
                    );
                }
            },
        }
        self.journal.commit(&address)?;
        events.tell(WorkerEvent::Finished { job: address });
        Ok(Ended::Finished)
    }

    /// Gives a job back that cannot be run.
    pub(crate) async fn give_back(
        &self,
        address: Address,
        reason: &str,
        events: &Events,
    ) -> Result<Ended> {
        let Some(job) = self.session.find_account::<Job>(&address).await? else {
            return self.forget(address, GaveBack::Lost, reason, events);
        };
        // A job that the node took from the queue does not name it before the start: its slot does.
        let unstarted = (job.state == State::Matched as u8 && job.node == self.node)
            || (job.state == State::Queued as u8 && self.holds(address).await?);
        let how = match (unstarted, self.runs(&job)) {
            (true, _) => GaveBack::Refused,
            (_, true) => GaveBack::Failed,
            _ => return self.forget(address, GaveBack::Lost, reason, events),
        };
        let owner = self.config.authority.pubkey();
        let quit = actions::quit(owner, address, &job, owner);
        let receipt = self.send_urgently(quit.into()).await?;
        events.tell(WorkerEvent::Transaction { job: Some(address), instruction: "quit", receipt });
        self.forget(address, how, reason, events)
    }

    /// Ends a run that has missed its deadline, which frees the slot and refunds the client;
    /// forgets one that is gone.
    async fn lose(&self, address: Address, reason: &str, events: &Events) -> Result<Ended> {
        if let Some(job) = self.session.find_account::<Job>(&address).await?
            && self.runs(&job)
        {
            let owner = self.config.authority.pubkey();
            let expire = actions::expire_run(owner, address, &job, owner);
            self.send(Some(address), "expire_run", expire.into(), events).await?;
        }
        self.forget(address, GaveBack::Lost, reason, events)
    }

    pub(crate) fn forget(
        &self,
        job: Address,
        how: GaveBack,
        reason: &str,
        events: &Events,
    ) -> Result<Ended> {
        self.journal.remove(&job)?;
        events.tell(WorkerEvent::GaveBack { job, how, reason: reason.to_owned() });
        Ok(Ended::GaveBack)
    }

    /// Whether the job runs on this node.
    pub(crate) fn runs(&self, job: &Job) -> bool {
        job.state == State::Running as u8 && job.node == self.node
    }

    /// Whether the chain has this result, of this node.
    pub(crate) fn delivered(&self, job: &Job, result: &ContentId) -> bool {
        let state =
            [State::Submitted, State::Settled].into_iter().any(|state| job.state == state as u8);
        state && job.node == self.node && job.result == result.digest()
    }

    /// Whether a slot of the node holds the job.
    async fn holds(&self, job: Address) -> Result<bool> {
        let node = self.session.account::<Node>(&self.node).await?;
        Ok(Slots::read(&node, 0).held().any(|held| held == job))
    }
}

/// Whether the jobs program refused with this error.
pub(crate) fn is(error: &ClientError, refusal: jobs::Error) -> bool {
    error.program().is_some_and(|program| program.is_jobs(refusal))
}
