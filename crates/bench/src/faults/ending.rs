//! The end of a trial: nobody kills the node any more, and every job must come to its end.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use super::{
    clocks::crank_due,
    keeper::{NodeKeeper, NodeLife, POLL_INTERVAL},
    posting::{CancelScope, JobClient, PostedJob},
};
use crate::progress::Part;

/// Seconds by which the network's clock is advanced: longer than a job may run or wait for its
/// start.
const ADVANCE_SECONDS: u64 = 1_000;
/// Rounds of clocks: a match is undone, then the job is cancelled.
const CLOCK_ROUNDS: u32 = 3;

/// Waits until every job is settled; cancels those that came back to the queue. What is open after
/// `patience` is refunded by its clocks, without the node. Returns the lives of the node.
pub async fn end_jobs(
    client: &JobClient<'_>,
    posted: &[PostedJob],
    mut keeper: NodeKeeper<'_>,
    patience: Duration,
    part: &Part,
) -> Result<Vec<NodeLife>> {
    let deadline = Instant::now() + patience;
    let mut left = posted.to_vec();

    while Instant::now() < deadline {
        keeper.restart_if_ended()?;
        let open = client.find_open(&left).await?;
        if open.is_empty() {
            return keeper.stop().await;
        }

        part.set_step(format!("{} jobs are open", open.len()));
        client.cancel_waiting(&open, CancelScope::Returned).await?;
        crank_due(client.world).await?;
        left = open.into_iter().map(|(posted, _)| posted).collect();
        sleep(POLL_INTERVAL).await;
    }

    let lives = keeper.stop().await?;
    part.set_step("advancing the clock for the rest");
    refund_by_clocks(client, &left).await?;
    Ok(lives)
}

/// Lets all clocks run out, and gets the deposits back. What is open after that is lost.
async fn refund_by_clocks(client: &JobClient<'_>, left: &[PostedJob]) -> Result<()> {
    for _ in 0..CLOCK_ROUNDS {
        client.world.network.advance_seconds(ADVANCE_SECONDS).await?;
        crank_due(client.world).await?;
        let open = client.find_open(left).await?;
        client.cancel_waiting(&open, CancelScope::Everything).await?;
    }
    Ok(())
}
