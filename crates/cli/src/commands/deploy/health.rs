//! Whether a replica has been not ready for too long. All times are those of heartbeats: between
//! two of them nothing is known.

use std::collections::{HashMap, HashSet};

use solana_address::Address;

use super::{patience::Patience, replica::Replica, reports::Reading};

/// What the health of a replica means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All ports with health checks are ready.
    Healthy,
    /// It is not, or nobody knows.
    Open,
    /// One of them has not been ready for too long.
    Failed {
        /// For so many seconds at least.
        seconds: u64,
        /// Whether all of them were ready before.
        was_healthy: bool,
    },
}

/// What is remembered of each replica that runs.
#[derive(Default)]
pub struct HealthWatch {
    runs: HashMap<Address, RunHealth>,
}

/// What is remembered of one run.
struct RunHealth {
    /// The node, and when it began: a job may run again, elsewhere.
    run: (Option<Address>, i64),
    was_healthy: bool,
    /// Whether no port with health checks was not ready in the last report that was read.
    is_ready: Option<bool>,
    /// Unix timestamp of the first heartbeat since which it has been not ready.
    not_ready_since: Option<i64>,
}

impl HealthWatch {
    /// Forgets replicas that no longer run.
    pub fn keep_only(&mut self, replicas: &[Replica]) {
        let running = replicas.iter().filter(|replica| replica.started_at().is_some());
        let running: HashSet<Address> = running.map(|replica| replica.address).collect();
        self.runs.retain(|job, _| running.contains(job));
    }

    /// Judges a replica by its last report. `was_healthy`: whether it was in this run, as far as
    /// another process knew.
    pub fn judge(
        &mut self,
        replica: &Replica,
        reading: Reading<'_>,
        patience: Patience,
        was_healthy: bool,
    ) -> Verdict {
        let Some(started_at) = replica.started_at() else { return Verdict::Open };
        let run = (replica.node, started_at);
        let health = self.runs.entry(replica.address).or_insert(RunHealth::new(run, was_healthy));
        if health.run != run {
            *health = RunHealth::new(run, was_healthy);
        }

        let is_healthy = match reading {
            Reading::Known(readiness) => readiness.is_healthy(),
            Reading::Pending => return Verdict::Open,
            // It may have been ready meanwhile.
            Reading::Unknown => None,
        };
        if matches!(reading, Reading::Known(_)) {
            health.is_ready = Some(is_healthy != Some(false));
        }
        match is_healthy {
            Some(true) => {
                health.was_healthy = true;
                health.not_ready_since = None;
                Verdict::Healthy
            }
            Some(false) => health.judge_time(replica.heartbeat_at, patience),
            None => {
                health.not_ready_since = None;
                Verdict::Open
            }
        }
    }

    /// Whether a replica that runs is not ready by the last report that was read. One of which none
    /// was read is probably starting, until its time for that is over.
    pub fn is_unready(&self, replica: &Replica, patience: Patience) -> bool {
        let Some(started_at) = replica.started_at() else { return false };
        let seconds = replica.heartbeat_at.saturating_sub(started_at);

        match self.runs.get(&replica.address).and_then(|health| health.is_ready) {
            Some(is_ready) => !is_ready,
            None => u64::try_from(seconds).unwrap_or_default() < patience.start_grace,
        }
    }
}

impl RunHealth {
    fn new(run: (Option<Address>, i64), was_healthy: bool) -> Self {
        Self { run, was_healthy, is_ready: was_healthy.then_some(true), not_ready_since: None }
    }

    fn judge_time(&mut self, heartbeat_at: i64, patience: Patience) -> Verdict {
        let since = *self.not_ready_since.get_or_insert(heartbeat_at);
        let seconds = u64::try_from(heartbeat_at.saturating_sub(since)).unwrap_or_default();
        let was_healthy = self.was_healthy;
        let allowed = if was_healthy { patience.unhealthy_after } else { patience.start_grace };

        if seconds >= allowed { Verdict::Failed { seconds, was_healthy } } else { Verdict::Open }
    }
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::{ExposedPort, HealthCheck};

    use super::*;
    use crate::commands::deploy::{readiness::Readiness, replica::Phase};

    const PATIENCE: Patience = Patience { unhealthy_after: 120, start_grace: 1_800 };
    const NODE: Address = Address::new_from_array([9; 32]);

    fn running(heartbeat_at: i64) -> Replica {
        let phase =
            Phase::Running { node: NODE, ends_at: 5_000, timeout_seconds: 4_900, has_ended: false };
        Replica { heartbeat_at, ..Replica::with_phase(1, phase) }
    }

    fn readiness(ready_ports: &[u16]) -> Readiness {
        let health_checks = vec![HealthCheck::Tcp { continuous: true }];
        let checked = ExposedPort { health_checks, ..ExposedPort::new(8080) };
        Readiness::new(&[checked, ExposedPort::new(9000)], ready_ports)
    }

    /// The verdicts at heartbeats with these ready ports; `None` is a report that nobody can read.
    fn verdicts(watch: &mut HealthWatch, heartbeats: &[(i64, Option<&[u16]>)]) -> Vec<Verdict> {
        let judge = |(at, ready_ports): &(i64, Option<&[u16]>)| {
            let readiness = ready_ports.map(readiness);
            let reading = readiness.as_ref().map_or(Reading::Unknown, Reading::Known);
            watch.judge(&running(*at), reading, PATIENCE, false)
        };
        heartbeats.iter().map(judge).collect()
    }

    #[test]
    fn a_replica_that_is_no_longer_ready_fails_after_some_time() {
        let mut watch = HealthWatch::default();
        let heartbeats: [(i64, Option<&[u16]>); 5] = [
            (110, Some(&[8080])),
            (200, Some(&[])),
            (319, Some(&[9000])),
            (320, Some(&[])),
            (330, Some(&[8080])),
        ];
        let failed = Verdict::Failed { seconds: 120, was_healthy: true };
        let expected = [Verdict::Healthy, Verdict::Open, Verdict::Open, failed, Verdict::Healthy];
        assert_eq!(verdicts(&mut watch, &heartbeats), expected);

        // The time begins again, and nothing counts without a heartbeat.
        let again = verdicts(&mut watch, &[(340, Some(&[])), (459, Some(&[])), (459, Some(&[]))]);
        assert_eq!(again, [Verdict::Open; 3]);
    }

    #[test]
    fn a_replica_has_more_time_to_become_ready() {
        let mut watch = HealthWatch::default();
        let heartbeats: [(i64, Option<&[u16]>); 3] =
            [(110, Some(&[])), (1_909, Some(&[])), (1_910, Some(&[]))];
        let failed = Verdict::Failed { seconds: 1_800, was_healthy: false };
        let expected = [Verdict::Open, Verdict::Open, failed];
        assert_eq!(verdicts(&mut watch, &heartbeats), expected);
    }

    #[test]
    fn a_replica_that_was_ready_before_a_restart_has_no_more_time() {
        let mut watch = HealthWatch::default();
        let unready = readiness(&[]);
        let reading = Reading::Known(&unready);
        let mut judge = |at| watch.judge(&running(at), reading, PATIENCE, true);

        assert_eq!(judge(200), Verdict::Open);
        assert_eq!(judge(320), Verdict::Failed { seconds: 120, was_healthy: true });
    }

    #[test]
    fn a_replica_is_unready_until_a_report_says_otherwise() {
        let mut watch = HealthWatch::default();
        let [unready, ready] = [readiness(&[]), readiness(&[8080])];
        let unchecked = Readiness::new(&[ExposedPort::new(9000)], &[]);

        for (at, reading, expected) in [
            (110, Reading::Unknown, true),
            (120, Reading::Pending, true),
            (1_900, Reading::Unknown, false),
            (1_910, Reading::Known(&unready), true),
            (1_920, Reading::Pending, true),
            (1_930, Reading::Known(&ready), false),
            (1_940, Reading::Pending, false),
            (1_950, Reading::Known(&unchecked), false),
        ] {
            watch.judge(&running(at), reading, PATIENCE, false);
            assert_eq!(watch.is_unready(&running(at), PATIENCE), expected, "{at}");
        }
        assert!(!watch.is_unready(&Replica::with_phase(2, Phase::Waiting), PATIENCE));
    }

    #[test]
    fn what_cannot_be_read_is_not_judged() {
        let mut watch = HealthWatch::default();
        let heartbeats: [(i64, Option<&[u16]>); 5] = [
            (110, Some(&[8080])),
            (200, Some(&[])),
            (4_000, None),
            (4_010, Some(&[])),
            (4_129, Some(&[])),
        ];
        let mut expected = [Verdict::Open; 5];
        expected[0] = Verdict::Healthy;
        assert_eq!(verdicts(&mut watch, &heartbeats), expected);

        // A report that is being read neither fails a replica nor lets it begin again.
        let pending = watch.judge(&running(4_500), Reading::Pending, PATIENCE, false);
        assert_eq!(pending, Verdict::Open);
        let failed = Verdict::Failed { seconds: 490, was_healthy: true };
        assert_eq!(verdicts(&mut watch, &[(4_500, Some(&[]))]), [failed]);
    }

    #[test]
    fn another_run_begins_anew_and_what_has_no_checks_is_not_judged() {
        let mut watch = HealthWatch::default();
        verdicts(&mut watch, &[(110, Some(&[8080])), (200, Some(&[]))]);
        let moved = Replica { node: Some(Address::default()), ..running(400) };
        let reading = readiness(&[]);
        let judged = watch.judge(&moved, Reading::Known(&reading), PATIENCE, false);
        assert_eq!(judged, Verdict::Open, "it has the time of a start");

        let unchecked = Readiness::new(&[ExposedPort::new(9000)], &[]);
        for at in [400, 90_000] {
            let judged = watch.judge(&running(at), Reading::Known(&unchecked), PATIENCE, false);
            assert_eq!(judged, Verdict::Open);
        }

        watch.keep_only(&[Replica::with_phase(1, Phase::Over)]);
        assert!(watch.runs.is_empty());
    }
}
