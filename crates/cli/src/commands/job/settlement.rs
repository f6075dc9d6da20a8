//! The settlement of a job: whether it has happened, and how it split the escrow.

use anyhow::{Result, ensure};
use nosana_client::{Event, Receipt, jobs::accounts::Job, jobs::events::Event as JobsEvent};
use nosana_protocol::job::State;

use super::words::describe_state;
use crate::commands::values::format_nos;

/// Fails if the job is settled.
pub fn ensure_unsettled(job: &Job) -> Result<()> {
    ensure!(
        job.state != State::Settled as u8,
        "the job is {}; a settled job cannot be changed",
        describe_state(job)
    );
    Ok(())
}

/// Prints how the transaction split the escrow, if it settled a job.
pub fn print_settlement(receipt: &Receipt) {
    for event in &receipt.events {
        if let Event::Jobs(JobsEvent::JobSettled(settled)) = event {
            let node = format_nos(settled.node_amount);
            let payer = format_nos(settled.payer_amount);
            let network = format_nos(settled.network_amount);
            println!("the node earned {node}, {payer} came back, the network got {network}");
        }
    }
}
