//! Waits until accounts of the chain are as they should be.

use std::time::Duration;

use anyhow::{Result, ensure};
use nosana_client::jobs::accounts::{Dispute, Job};
use nosana_localnet::World;
use nosana_protocol::job::State;
use solana_address::Address;
use tokio::time::{Instant, sleep};

/// The pause between two reads of an account.
pub const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Waits until a job has a result.
pub async fn await_result(world: &World, address: Address, patience: Duration) -> Result<Job> {
    let deadline = Instant::now() + patience;
    loop {
        let job = world.session.fetch_account::<Job>(&address).await?;
        if job.state == State::Submitted as u8 {
            return Ok(job);
        }
        require_time(deadline, patience, "the honest node has no result")?;
        sleep(POLL_INTERVAL).await;
    }
}

/// Waits until every one of these disputes satisfies `is`.
pub async fn await_disputes(
    world: &World,
    disputes: &[Address],
    patience: Duration,
    what: &str,
    is: impl Fn(&Dispute) -> bool,
) -> Result<()> {
    let deadline = Instant::now() + patience;
    for address in disputes {
        loop {
            let found = world.session.find_account::<Dispute>(address).await?;
            if found.as_ref().is_some_and(&is) {
                break;
            }
            require_time(deadline, patience, &format!("the dispute {address} is not {what}"))?;
            sleep(POLL_INTERVAL).await;
        }
    }
    Ok(())
}

/// Fails with `problem` if the deadline has passed.
pub fn require_time(deadline: Instant, patience: Duration, problem: &str) -> Result<()> {
    ensure!(
        Instant::now() < deadline,
        "{problem} within {} s; a slower machine needs more patience",
        patience.as_secs()
    );
    Ok(())
}
