//! Ends a job that this node cannot finish.

use std::{env, path::PathBuf, time::Duration};

use anyhow::Result;
use nosana_client::{
    actions,
    jobs::{
        self,
        accounts::{Job, Node},
    },
    session::JobHolder,
};
use nosana_job_spec::ContentId;
use nosana_protocol::job::State;
use solana_address::Address;
use solana_signer::Signer;
use tokio::{task::spawn_blocking, time::timeout};

use super::{outcome::JobOutcome, public_text::OwnFolders, return_reason::ReturnReason};
use crate::{
    event_sink::EventSink,
    events::{GaveBack, WorkerEvent},
    transaction::{Outgoing, refused_with},
    worker::Worker,
};

/// Longest time to store what the client reads: a slow IPFS node must not make the return late.
const STORE_TIMEOUT: Duration = Duration::from_secs(3);

impl Worker {
    /// Quits a job that this node cannot run, and says why to its client. Expires its match instead if
    /// the start clock has run out.
    pub(super) async fn give_back(
        &self,
        address: Address,
        reason: &ReturnReason,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        let text = &reason.text;
        let Some(job) = self.session.find_account::<Job>(&address).await? else {
            return self.forget_job(address, GaveBack::Lost, text, events);
        };

        let how = if self.holds_unstarted(address, &job).await? {
            GaveBack::Refused
        } else if self.runs_here(&job) {
            GaveBack::Failed
        } else {
            return self.forget_job(address, GaveBack::Lost, text, events);
        };

        let report = self.publish_reason(address, &job, reason).await;
        let detail = report.as_ref().map_or(actions::NO_DETAIL, ContentId::digest);
        let owner = self.config.authority.pubkey();
        let quit = actions::quit(owner, address, &job, owner, reason.cause as u8, detail);
        match self.send(Outgoing::for_job(address, "quit", quit).urgent(), events).await {
            Ok(_) => {
                if let Some(report) = report {
                    self.replicate_return(address, &job, report);
                }
            }
            Err(error)
                if how == GaveBack::Refused
                    && refused_with(&error, jobs::Error::DeadlinePassed) =>
            {
                return self.expire_own_match(address, &job, text, events).await;
            }
            Err(error) => return Err(error.into()),
        }
        let forgotten = self.forget_job(address, how, text, events)?;
        Ok(if how == GaveBack::Refused { JobOutcome::Refused } else { forgotten })
    }

    /// Stores what this node says about a job that it gives back, and lets others read it. `None` of
    /// a private job, whose content this node does not keep, and if it cannot be stored soon.
    async fn publish_reason(
        &self,
        address: Address,
        job: &Job,
        reason: &ReturnReason,
    ) -> Option<ContentId> {
        if job.is_private != 0 {
            return None;
        }
        let store = self.config.store.clone();
        let definition = ContentId::from_digest(job.definition);
        let report = reason.to_report(definition, &self.own_folders());

        let storing = spawn_blocking(move || store.put_json(&report));
        match timeout(STORE_TIMEOUT, storing).await {
            Ok(Ok(Ok(id))) => {
                self.publish_return(address, job, id);
                Some(id)
            }
            failed => {
                tracing::warn!(job = %address, ?failed, "the client gets no reason in words");
                None
            }
        }
    }

    /// The folders of this machine that errors may name.
    pub(super) fn own_folders(&self) -> OwnFolders {
        let config = &self.config;
        let of_jobs = self.executor.folders().map(ToOwned::to_owned);
        let of_user = env::var_os("HOME").map(PathBuf::from);

        let folders = [config.store.folder(), config.models.folder()].map(ToOwned::to_owned);
        let folders = folders.into_iter().chain(config.state_folder.clone()).chain(of_jobs);
        OwnFolders::new(folders.chain(of_user).chain([env::temp_dir()]))
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
