//! Accepting the twin that agrees, and what twins cost.

use nosana_client::jobs::accounts::Job;
use serde_json::{Value, json};
use solana_address::Address;

use crate::commands::{
    context::CliContext,
    job::{auto_accept::accept_once, cost::JobCost, twin_record::TwinRecord},
    values::format_nos,
};

/// Accepts the twin that has the same result, once the job is accepted, and prints what it costs. A
/// failure says nothing about the result: the node of the twin is paid when its challenge window
/// ends.
pub async fn accept_agreeing(ctx: &CliContext, twins: &TwinRecord) {
    let Some(twin) = twins.take_agreeing() else { return };

    let accepted = async {
        let job = ctx.fetch_job(&twin).await?;
        accept_once(ctx, twin, &job).await?;
        JobCost::from_account(&job)
    };
    match accepted.await {
        Ok(cost) => eprintln!("the twin cost {}", format_nos(cost.total())),
        Err(error) => {
            eprintln!(
                "cannot accept the twin: {error:#}; it is paid when its challenge window ends"
            );
        }
    }
}

/// The twins of a job, with what each costs.
pub async fn twins_to_json(ctx: &CliContext, twins: &TwinRecord) -> Vec<Value> {
    let mut listed = Vec::new();

    for twin in twins.listed() {
        listed.push(json!({ "job": twin.to_string(), "cost": fetch_cost(ctx, &twin).await }));
    }
    listed
}

/// Returns the cost of a twin, in base units; `None` if it cannot be read.
async fn fetch_cost(ctx: &CliContext, twin: &Address) -> Option<u64> {
    let job = ctx.session.find_account::<Job>(twin).await.ok()??;
    Some(JobCost::from_account(&job).ok()?.total())
}
