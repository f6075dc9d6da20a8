//! Decides which replicas are replaced because they are not healthy.

use super::{
    health::{HealthWatch, Verdict},
    options::StartOptions,
    replacements::Replacements,
    replica::{Phase, Replica},
    reports::Reports,
};
use crate::commands::context::CliContext;

/// What the decisions follow from.
#[derive(Default)]
pub struct Judgment {
    reports: Reports,
    watch: HealthWatch,
}

impl Judgment {
    /// Marks the replicas that have been not ready for too long, and notes them, and those that are
    /// healthy. Returns whether something was noted.
    pub fn judge_replicas(
        &mut self,
        ctx: &CliContext,
        options: &StartOptions,
        replicas: &mut [Replica],
        replacements: &mut Replacements,
        now: i64,
    ) -> bool {
        self.reports.update(ctx, replicas);
        self.watch.keep_only(replicas);
        let wanted = usize::try_from(options.replicas).unwrap_or(usize::MAX);
        let patience = options.patience();
        let mut is_new = false;

        for replica in replicas.iter_mut().filter(|replica| replica.is_active()) {
            let reading = self.reports.find_reading(replica);
            let was_healthy = replacements.was_healthy(replica);
            let verdict = self.watch.judge(replica, reading, patience, was_healthy);

            replica.is_unready = self.watch.is_unready(replica, patience);
            is_new |= apply_verdict(verdict, replica, replacements, wanted, now);
        }
        is_new
    }
}

/// Notes a verdict, and marks a replica that is to be replaced. Returns whether something was noted.
fn apply_verdict(
    verdict: Verdict,
    replica: &mut Replica,
    replacements: &mut Replacements,
    wanted: usize,
    now: i64,
) -> bool {
    let Replica { number, node, .. } = *replica;

    match verdict {
        Verdict::Healthy => {
            let is_first = replacements.note_run(replica);
            replacements.note_healthy(number) || is_first
        }
        // Its stop has failed, or this command was started again: another one may be in its place.
        Verdict::Open if replacements.has_replaced(number) => {
            replica.phase = Phase::Unhealthy;
            false
        }
        Verdict::Open => false,
        Verdict::Failed { seconds, was_healthy } => {
            let is_new = replacements.note_unhealthy(number, node, wanted, now);
            if is_new {
                eprintln!("{}", describe_failure(replica, seconds, was_healthy));
            }
            replica.phase = Phase::Unhealthy;
            is_new
        }
    }
}

fn describe_failure(replica: &Replica, seconds: u64, was_healthy: bool) -> String {
    let address = replica.address;
    let node = replica.node.unwrap_or_default();
    let failure = if was_healthy {
        format!("has not been ready for {seconds} s")
    } else {
        format!("has not become ready within {seconds} s")
    };

    format!("{address} on {node} {failure}: it is stopped, and replaced")
}

#[cfg(test)]
mod tests {
    use solana_address::Address;

    use super::*;

    fn running(number: u8) -> Replica {
        let node = Address::new_from_array([9; 32]);
        let phase =
            Phase::Running { node, ends_at: 5_000, timeout_seconds: 4_900, has_ended: false };
        Replica::with_phase(number, phase)
    }

    #[test]
    fn what_was_judged_stays_so_until_it_is_stopped() {
        let mut replacements = Replacements::default();
        let mut judge = |verdict, number| {
            let mut replica = running(number);
            let is_new = apply_verdict(verdict, &mut replica, &mut replacements, 1, 0);
            (is_new, replica.phase == Phase::Unhealthy)
        };
        let failed = Verdict::Failed { seconds: 120, was_healthy: true };

        assert_eq!(judge(Verdict::Open, 1), (false, false));
        assert_eq!(judge(failed, 1), (true, true));
        assert_eq!(judge(Verdict::Open, 1), (false, true), "its stop has failed");
        assert_eq!(judge(failed, 1), (false, true));
        assert_eq!(judge(Verdict::Open, 2), (false, false), "the one in its place");
    }

    #[test]
    fn the_record_knows_which_runs_were_healthy() {
        let mut replacements = Replacements::default();
        let mut replica = running(1);
        let mut judge = |replica: &mut Replica| {
            apply_verdict(Verdict::Healthy, replica, &mut replacements, 1, 0)
        };
        assert!(judge(&mut replica) && !judge(&mut replica));

        let written = serde_json::to_string(&replacements).unwrap();
        let replacements: Replacements = serde_json::from_str(&written).unwrap();
        let again = Phase::Running {
            node: Address::default(),
            ends_at: 6_000,
            timeout_seconds: 4_900,
            has_ended: false,
        };
        assert!(replacements.was_healthy(&replica));
        assert!(!replacements.was_healthy(&running(2)));
        assert!(!replacements.was_healthy(&Replica { phase: again, ..replica }), "another run");
    }
}
