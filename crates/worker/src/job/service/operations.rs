//! Runs the operations of a service, and restarts them when they end by themselves.

use std::{
    pin::{Pin, pin},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, JobDefinition, JobResult};
use nosana_sandbox::CancelToken;
use solana_address::Address;
use tokio::{
    task::{JoinError, spawn_blocking},
    time::timeout,
};

use super::restart_count::RestartCount;
use crate::{
    event_sink::EventSink,
    events::WorkerEvent,
    job::{execution::CancelOnDrop, return_reason::ReturnReason, run_status::StopReason},
    live_jobs::LiveRun,
    restart_backoff::RestartBackoff,
    store_write::{UNBOUNDED_RETRY_TIME, WriteRetry},
    worker::Worker,
};

/// A service's run after its operations have ended for good.
pub(super) struct ServiceRun {
    pub stop_reason: StopReason,
    /// What the operations produced, if it could be stored.
    pub result: Option<ContentId>,
}

/// One execution of a service's operations.
struct Execution {
    result: Result<Result<JobResult>, JoinError>,
    /// Why the operations were ended; `None` if they ended by themselves.
    stop_reason: Option<StopReason>,
}

impl Worker {
    /// Runs the operations, and restarts them when they end, until the chain ends the run. The
    /// inner error: why this node cannot run them, with what they printed.
    pub(super) async fn run_operations(
        &self,
        address: Address,
        job: &Job,
        definition: &Arc<JobDefinition>,
        is_resumed: bool,
        events: &EventSink,
    ) -> Result<Result<ServiceRun, ReturnReason>> {
        let registered = self.register_run(address, job, LiveRun::service(definition));
        let live = &registered.run;
        let restarts = RestartCount::default();
        let mut stopped = pin!(async {
            let proving =
                self.prove_service_alive(address, job, is_resumed, live, &restarts, events);
            tokio::select! {
                reason = self.wait_until_stopped(address, events) => reason,
                reason = proving => reason,
            }
        });
        let mut backoff = RestartBackoff::default();

        let (stop_reason, result) = loop {
            let begun = Instant::now();
            let Execution { result, stop_reason } =
                self.execute_service(address, job, definition, live, stopped.as_mut()).await;
            let seconds = begun.elapsed().as_secs_f64();
            events.emit(WorkerEvent::Executed { job: address, seconds });

            let result = result.context("the operations crashed")?;
            if let Some(stop_reason) = stop_reason {
                break (stop_reason, result);
            }

            let how = match &result {
                Ok(_) => "ended".to_owned(),
                // Another node may be able to run them.
                Err(error) if backoff.ends() == 0 => {
                    return Ok(Err(ReturnReason::from_error(error).with_log_of(live)));
                }
                Err(error) => {
                    tracing::warn!(job = %address, "the service's operations failed: {error:#}");
                    // The log is for everyone.
                    let reason = ReturnReason::from_error(error);
                    format!("failed: {}", reason.to_public_text(&self.own_folders()))
                }
            };
            // Without the time in which its files were fetched and its output was packed.
            let pause = backoff.next_delay(live.take_run_time());
            let pause_seconds = pause.as_secs();
            tracing::info!(job = %address, pause_seconds, "the service's operations {how}");
            live.report_note(format_args!(
                "its operations {how}; they begin again in {pause_seconds} s"
            ));
            restarts.notify_end();

            if let Ok(stop_reason) = timeout(pause, stopped.as_mut()).await {
                break (stop_reason, result);
            }
            restarts.add_restart();
        };

        let result = match self.store_output(address, result, job, definition).await? {
            Ok(result) => Some(result),
            Err(error) => {
                tracing::warn!(job = %address, "the service's output is lost: {error:#}");
                None
            }
        };
        Ok(Ok(ServiceRun { stop_reason, result }))
    }

    /// Runs the operations once. Ends them when `stopped` returns.
    async fn execute_service(
        &self,
        address: Address,
        job: &Job,
        definition: &Arc<JobDefinition>,
        live: &LiveRun,
        stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Execution {
        let cancel = CancelToken::default();
        // If this future is dropped, the operations end as well.
        let operations = CancelOnDrop { cancel: cancel.clone() };
        let mut running = self.spawn_service(address, job, definition, cancel, live.clone());

        let stop_reason = tokio::select! {
            result = &mut running => return Execution { result, stop_reason: None },
            reason = stopped => reason,
        };
        tracing::info!(job = %address, reason = %stop_reason, "ending the service");
        operations.cancel.request_stop();
        Execution { result: running.await, stop_reason: Some(stop_reason) }
    }

    /// Stores what the operations produced, and reads it back.
    async fn store_output(
        &self,
        address: Address,
        result: Result<JobResult>,
        job: &Job,
        definition: &Arc<JobDefinition>,
    ) -> Result<Result<ContentId>> {
        let result = match result {
            Ok(result) => result,
            Err(error) => return Ok(Err(error)),
        };

        let store = self.job_store(&address, job)?;
        let storing = move || {
            let cancel = CancelToken::default();
            WriteRetry { cancel: &cancel, max_time: Some(UNBOUNDED_RETRY_TIME) }
                .write(|| store.put_json(&result))
        };
        let id = spawn_blocking(storing).await?.context("cannot store the result")?;
        Ok(self.verify_stored_result(address, id, job, definition).await?.map(|()| id))
    }
}
