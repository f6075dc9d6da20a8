//! Accepting the twin that agrees, and what twins cost.

use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::{Reason, State};
use serde_json::{Value, json};
use solana_address::Address;

use crate::commands::{
    context::CliContext,
    job::{auto_accept::accept_once, cost::JobCost, twin_record::TwinRecord},
    values::format_nos,
};

/// Accepts the twin that has the same result, once the job at `address` is accepted, and prints
/// what it costs. A failure says nothing about the result: the node of the twin is paid when its
/// challenge window ends.
pub async fn accept_agreeing(ctx: &CliContext, address: &Address, twins: &TwinRecord) {
    let Some(twin) = twins.take_agreeing() else { return };
    if !is_accepted(ctx, address).await {
        eprintln!(
            "the twin {twin} is not accepted, because the job is not: `nosana job accept {twin}` \
             accepts it before its challenge window ends"
        );
        return;
    }

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

/// Whether the job has ended as accepted. A job that cannot be read is not.
async fn is_accepted(ctx: &CliContext, address: &Address) -> bool {
    let found = ctx.session.find_account::<Job>(address).await;
    found.is_ok_and(|job| job.is_some_and(|job| has_completed(&job)))
}

fn has_completed(job: &Job) -> bool {
    job.state == State::Settled as u8 && Reason::from_byte(job.reason) == Some(Reason::Completed)
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

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    #[test]
    fn a_twin_is_accepted_only_after_its_job() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let read = Job::from_data(&zeroed).unwrap();
        let job =
            |state: State, reason: Reason| Job { state: state as u8, reason: reason as u8, ..read };
        assert!(has_completed(&job(State::Settled, Reason::Completed)));
        assert!(!has_completed(&job(State::Settled, Reason::ResultRejected)));
        assert!(!has_completed(&job(State::Submitted, Reason::None)));
        assert!(!has_completed(&job(State::Challenged, Reason::None)));
    }
}
