//! Starts a job, or ends it before the start.

use anyhow::Result;
use nosana_client::{
    ClientError, actions,
    jobs::{self, accounts::Job},
};
use nosana_protocol::job::ReturnCause;
use solana_address::Address;
use solana_signer::Signer;

use super::{
    accept::Accepted, early::end_early_run, outcome::JobOutcome, return_reason::ReturnReason,
};
use crate::{
    event_sink::EventSink,
    kill::kill_point,
    transaction::{Outgoing, refused_with},
    worker::Worker,
};

/// The outcome of starting a job.
pub(super) enum StartOutcome {
    /// The job runs on this node.
    Running(Accepted),
    /// The job went back.
    Ended(JobOutcome),
}

impl Worker {
    /// Starts a job that the node can run; gives it back otherwise. Inference begins while `start`
    /// is under way: what it has done is lost if that fails.
    pub(super) async fn start_job(
        &self,
        address: Address,
        job: &Job,
        events: &EventSink,
    ) -> Result<StartOutcome> {
        let mut accepted = match self.accept_in_time(address, job).await? {
            Ok(accepted) => accepted,
            Err(error) => {
                let reason = ReturnReason::from_error(&error);
                let given_back = self.give_back(address, &reason, events);
                return given_back.await.map(StartOutcome::Ended);
            }
        };
        kill_point("before-start");

        let access = self.find_access(&job.access_collection).await?;
        let owner = self.config.authority.pubkey();
        let start = actions::start(owner, address, job).with_access(access);
        accepted.early = self.begin_early(address, job, &accepted.definition);
        kill_point("begun-early");

        let sent = self.send(Outgoing::for_job(address, "start", start).urgent(), events).await;
        let Err(error) = sent else { return Ok(StartOutcome::Running(accepted)) };
        let found = self.session.find_account::<Job>(&address).await;
        if let Ok(Some(found)) = &found
            && self.runs_here(found)
        {
            // An earlier start has landed after all.
            return Ok(StartOutcome::Running(accepted));
        }

        // Another job may have its part of the machine only after its operations have ended.
        if let Some(run) = accepted.early.take() {
            end_early_run(address, job, run).await;
        }
        drop(accepted);

        self.end_refused_start(address, job, error, events).await.map(StartOutcome::Ended)
    }

    /// Ends a job whose `start` the program refused, because this node is too late or may not start
    /// it. Returns any other error: the main loop drives the job again.
    async fn end_refused_start(
        &self,
        address: Address,
        job: &Job,
        error: ClientError,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        if refused_with(&error, jobs::Error::DeadlinePassed) {
            let reason = "the node was too late to start the job";
            return self.expire_own_match(address, job, reason, events).await;
        }

        // Waiting longer does not help this node: another one should start the job.
        let may_not_start = refused_with(&error, jobs::Error::StakeTooSmall)
            || refused_with(&error, jobs::Error::CollateralTooSmall)
            || refused_with(&error, jobs::Error::NoAccess);
        if may_not_start {
            let text = format!("the job cannot be started: {error}");
            let reason = ReturnReason::new(ReturnCause::Unsupported, text);
            return self.give_back(address, &reason, events).await;
        }

        Err(error.into())
    }
}
