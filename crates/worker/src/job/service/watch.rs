//! Watches a running service on the chain, and proves to the chain that it runs.

use std::time::Duration;

use anyhow::{Context, Result};
use nosana_client::{actions, jobs::accounts::Job};
use nosana_job_spec::{ContentId, ServiceReport};
use nosana_protocol::units::{UnixTimestamp, WHOLE_BPS};
use solana_address::Address;
use solana_signer::Signer;
use tokio::{
    task::spawn_blocking,
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout},
};

use super::restart_count::RestartCount;
use crate::{
    clock::unix_ms,
    event_sink::EventSink,
    job::{
        heartbeat::{Heartbeat, HeartbeatSender},
        run_status::{RunStatus, StopReason},
    },
    live_jobs::LiveRun,
    transaction::Outgoing,
    worker::Worker,
};

/// Re-read the account at least this often: the websocket may have dropped an update.
const POLL_INTERVAL: Duration = Duration::from_secs(10);
/// The longest time until the first report: a client that stops the service keeps its log from then
/// on.
const FIRST_REPORT_DELAY: Duration = Duration::from_secs(10);
/// The pause before the next attempt after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(1);

impl Worker {
    /// Returns when the chain has ended the run, or would. The client may buy more time meanwhile,
    /// or stop the service.
    pub(super) async fn wait_until_stopped(
        &self,
        address: Address,
        events: &EventSink,
    ) -> StopReason {
        let mut updates = self.session.subscribe_account::<Job>(address);

        loop {
            let pause = match self.read_run_status(address).await {
                Ok(RunStatus::Stopped(reason)) => return reason,
                Ok(RunStatus::Running { time_left, .. }) => clamp_pause(time_left.0),
                Err(error) => {
                    events.emit_problem(format!("cannot read the service: {error:#}"));
                    sleep(RETRY_DELAY).await;
                    RETRY_DELAY
                }
            };

            // An update only ends the pause: the status is always read together with the chain's
            // clock.
            let _ = timeout(pause, updates.next()).await;
        }
    }

    /// Sends heartbeats. The first one follows soon: at once if the run is resumed or the operations
    /// have ended. Each names the last report: the end of the operations' output, the restarts and
    /// the ports that are ready, written again when one of them is new. Returns when the chain
    /// accepts no more heartbeats.
    pub(super) async fn prove_service_alive(
        &self,
        address: Address,
        job: &Job,
        is_resumed: bool,
        live: &LiveRun,
        restarts: &RestartCount,
        events: &EventSink,
    ) -> StopReason {
        let sender = HeartbeatSender::new(address, job);
        let pause = sender.interval();
        let first = if is_resumed { Duration::ZERO } else { pause.min(FIRST_REPORT_DELAY) };
        let mut ticks = interval_at(Instant::now() + first, pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first heartbeat has a report in any case: it says of a silent service that no port is
        // ready.
        let mut reported = None;
        let mut report_id = None;
        let mut has_ended = false;

        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                // The chain accepts no heartbeat of a service that its client has stopped.
                () = restarts.wait_for_end(), if !has_ended => has_ended = true,
            }

            let (log, printed_bytes) = live.read_report();
            let restart_count = restarts.get().saturating_add(live.restart_count());
            let ready_ports = live.ready_ports();
            let current = Some((printed_bytes, restart_count, ready_ports.clone()));
            if current != reported {
                let definition = ContentId::from_digest(job.definition);
                let report =
                    ServiceReport::new(definition, unix_ms(), &log, printed_bytes, restart_count)
                        .with_ready_ports(ready_ports)
                        .with_salt(live.salt());
                match self.store_report(address, job, report).await {
                    Ok(id) => {
                        report_id = Some(id);
                        reported = current;
                    }
                    Err(error) => {
                        events.emit_problem(format!("cannot store the service's report: {error:#}"))
                    }
                }
            }

            // Also a report that is not new: the heartbeat that named it first may not have landed.
            let heartbeat = Heartbeat::for_service(report_id.as_ref());
            if let Some(refusal) = self.send_heartbeat(&sender, heartbeat, events).await {
                return StopReason::Lost(format!("its heartbeat was refused: {refusal}"));
            }
        }
    }

    async fn store_report(
        &self,
        address: Address,
        job: &Job,
        report: ServiceReport,
    ) -> Result<ContentId> {
        let store = self.job_store(&address, job)?;
        let id = spawn_blocking(move || store.put_json(&report)).await??;

        self.publish_report(address, job, id);
        Ok(id)
    }

    /// Names what the service produced in a last checkpoint. The service has just ended, or its
    /// paid time is over, so this heartbeat extends no paid time.
    pub(super) async fn send_final_heartbeat(
        &self,
        address: Address,
        job: &Job,
        result: &ContentId,
        events: &EventSink,
    ) {
        if let Err(error) = self.publish_result(address, job, *result).await {
            tracing::warn!(job = %address, "others cannot read the service's output: {error:#}");
        }
        let sender = HeartbeatSender::new(address, job);
        let heartbeat = Heartbeat::for_service(Some(result)).with_progress(WHOLE_BPS);
        if let Some(refusal) = self.send_heartbeat(&sender, heartbeat, events).await {
            tracing::warn!(
                job = %address,
                %result,
                "the chain does not name the service's output: {refusal}"
            );
        }
    }

    /// Expires the run as soon as the chain allows it. Returns the job once it no longer runs here;
    /// `None` if it is closed.
    pub(super) async fn wait_for_settlement(
        &self,
        address: Address,
        events: &EventSink,
    ) -> Result<Option<Job>> {
        let mut updates = self.session.subscribe_account::<Job>(address);

        loop {
            let (job, clock) = tokio::try_join!(
                self.session.find_account::<Job>(&address),
                self.session.fetch_clock()
            )?;
            let Some(job) = job else { return Ok(None) };
            if !self.runs_here(&job) {
                return Ok(Some(job));
            }

            let now = UnixTimestamp(clock.unix_timestamp);
            if job.find_ending(now).ok().context("the job's timestamps overflow")?.is_none() {
                let silent_seconds = now.seconds_since(UnixTimestamp(job.heartbeat_at)).0;
                let left = u64::from(job.heartbeat_seconds).saturating_sub(silent_seconds);
                let _ = timeout(clamp_pause(left), updates.next()).await;
                continue;
            }

            let owner = self.config.authority.pubkey();
            let expire = actions::expire_run(owner, address, &job, owner);
            match self.send(Outgoing::for_job(address, "expire_run", expire), events).await {
                Ok(_) => {}
                // Another sender was faster, or the chain's clock is a little behind the one that
                // was read.
                Err(error) if error.program().is_some() => sleep(RETRY_DELAY).await,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Returns how long to wait for something that happens in `seconds`.
fn clamp_pause(seconds: u64) -> Duration {
    Duration::from_secs(seconds).clamp(RETRY_DELAY, POLL_INTERVAL)
}
