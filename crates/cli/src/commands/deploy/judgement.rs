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
pub struct Judgement {
    reports: Reports,
    watch: HealthWatch,
}

impl Judgement {
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
            match self.watch.judge(replica, reading, patience) {
                Verdict::Healthy => is_new |= replacements.note_healthy(replica.number),
                Verdict::Open => {}
                Verdict::Failed { seconds, was_healthy } => {
                    let Replica { number, node, .. } = *replica;
                    if replacements.note_unhealthy(number, node, wanted, now) {
                        eprintln!("{}", describe_failure(replica, seconds, was_healthy));
                        is_new = true;
                    }
                    replica.phase = Phase::Unhealthy;
                }
            }
        }
        is_new
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
