//! The settlement of a job: whether it has happened, and how it split the escrow.

use anyhow::{Result, ensure};
use nosana_client::{
    Event, Receipt,
    jobs::{
        accounts::Job,
        events::{Event as JobsEvent, JobSettled},
    },
};
use nosana_protocol::job::State;
use serde_json::{Value, json};
use solana_address::Address;

use super::words::describe_state;
use crate::commands::values::{format_nos, print_json};

/// Fails if the job is settled.
pub fn ensure_unsettled(job: &Job) -> Result<()> {
    ensure!(
        job.state != State::Settled as u8,
        "the job is {}; a settled job cannot be changed",
        describe_state(job)
    );
    Ok(())
}

/// Prints how the transaction split the escrow, if it settled the job.
pub fn report_settlement(job: &Address, receipt: &Receipt, as_json: bool) -> Result<()> {
    let settled = find_settlement(job, receipt);

    if as_json {
        return print_json(&json!({
            "job": job.to_string(),
            "signature": receipt.signature.to_string(),
            "settlement": settled.map(settlement_to_json),
        }));
    }
    if let Some(settled) = settled {
        let node = format_nos(settled.node_amount);
        let payer = format_nos(settled.payer_amount);
        let network = format_nos(settled.network_amount);
        println!("the node earned {node}, {payer} came back, the network got {network}");
    }
    Ok(())
}

/// Returns how the transaction settled the job; `None` if it did not.
pub fn find_settlement<'a>(job: &Address, receipt: &'a Receipt) -> Option<&'a JobSettled> {
    receipt.events.iter().find_map(|event| match event {
        Event::Jobs(JobsEvent::JobSettled(settled)) if settled.job == *job => Some(settled),
        _ => None,
    })
}

/// A settlement in JSON, with the names that a job's cost has.
pub fn settlement_to_json(settled: &JobSettled) -> Value {
    json!({
        "paid_seconds": settled.paid_seconds,
        "node_amount": settled.node_amount,
        "network_amount": settled.network_amount,
        "refund_amount": settled.payer_amount,
    })
}
