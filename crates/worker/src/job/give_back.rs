//! Ends a job that this node cannot finish.

use anyhow::Result;
use nosana_client::{
    actions,
    jobs::{
        self,
        accounts::{Job, Node},
    },
    session::JobHolder,
};
use nosana_protocol::job::{ReturnCause, State};
use solana_address::Address;
use solana_signer::Signer;

use super::outcome::JobOutcome;
use crate::{
    event_sink::EventSink,
    events::{GaveBack, WorkerEvent},
    transaction::{Outgoing, refused_with},
    worker::Worker,
};

impl Worker {
    /// Quits a job that this node cannot run, for `cause`. Expires its match instead if the start
    /// clock has run out.
    pub(super) async fn give_back(
        &self,
        address: Address,
        cause: ReturnCause,
        reason: &str,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        let Some(job) = self.session.find_account::<Job>(&address).await? else {
            return self.forget_job(address, GaveBack::Lost, reason, events);
        };

        let how = if self.holds_unstarted(address, &job).await? {
            GaveBack::Refused
        } else if self.runs_here(&job) {
            GaveBack::Failed
        } else {
            return self.forget_job(address, GaveBack::Lost, reason, events);
        };

        let owner = self.config.authority.pubkey();
        let quit = actions::quit(owner, address, &job, owner, cause as u8);
        match self.send(Outgoing::for_job(address, "quit", quit).urgent(), events).await {
            Ok(_) => {}
            Err(error)
                if how == GaveBack::Refused
                    && refused_with(&error, jobs::Error::DeadlinePassed) =>
            {
                return self.expire_own_match(address, &job, reason, events).await;
            }
            Err(error) => return Err(error.into()),
        }
        let forgotten = self.forget_job(address, how, reason, events)?;
        Ok(if how == GaveBack::Refused { JobOutcome::Refused } else { forgotten })
    }

    /// Expires the match of a job that this node did not start in time: otherwise its slot is lost
    /// until somebody else does so. The penalty is due either way.
    pub(super) async fn expire_own_match(
        &self,
        address: Address,
        job: &Job,
        reason: &str,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        let owner = self.config.authority.pubkey();
        let expire = actions::expire_match(address, job, owner, self.config.mint, self.payout());
        self.send_if_it_lands(Outgoing::for_job(address, "expire_match", expire), events).await?;

        self.forget_job(address, GaveBack::Lost, reason, events)
    }

    /// Expires a run that has missed its deadline, which frees the slot and refunds the client.
    /// Forgets a run that is gone.
    pub(super) async fn end_lost_run(
        &self,
        address: Address,
        reason: &str,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        if let Some(job) = self.session.find_account::<Job>(&address).await?
            && self.runs_here(&job)
        {
            let owner = self.config.authority.pubkey();
            let expire = actions::expire_run(owner, address, &job, owner);
            self.send(Outgoing::for_job(address, "expire_run", expire), events).await?;
        }

        self.forget_job(address, GaveBack::Lost, reason, events)
    }

    /// Removes a job from the journal and reports that the node is not paid for it. Leaves an entry
    /// with a trace to [`Self::settle_results`]: the chain may have its result after all.
    pub(super) fn forget_job(
        &self,
        job: Address,
        how: GaveBack,
        reason: &str,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        if !self.journal.has_trace(&job) {
            self.journal.remove_entry(&job)?;
        }
        events.emit(WorkerEvent::GaveBack { job, how, reason: reason.to_owned() });
        Ok(JobOutcome::GaveBack)
    }

    /// Returns whether this node holds the job and has not started it.
    async fn holds_unstarted(&self, address: Address, job: &Job) -> Result<bool> {
        if job.state == State::Matched as u8 {
            return Ok(job.node == self.node);
        }
        if job.state != State::Queued as u8 {
            return Ok(false);
        }

        // A job that the node took from the queue does not name the node before the start: the
        // node's slot names the job.
        let node = self.session.fetch_account::<Node>(&self.node).await?;
        Ok(JobHolder { address: self.node, node }.find_slot(&address).is_some())
    }
}
