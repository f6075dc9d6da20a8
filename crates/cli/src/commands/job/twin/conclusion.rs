//! What follows from a comparison with a twin.

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use solana_address::Address;

use super::finding::{Twin, TwinFinding};
use crate::commands::{
    context::CliContext,
    job::{
        auto_accept::accept_if_sound,
        check_outcome::{CheckOutcome, dispute_wrong, report_withheld},
    },
};

/// Acts on what was found out about the result of a job. A twin that agrees is paid. If they
/// contradict each other, the client does not know which is wrong: it disputes that of the job, and
/// leaves the twin in its challenge window.
pub async fn conclude_check(
    ctx: &CliContext,
    address: Address,
    job: &Job,
    finding: TwinFinding,
) -> Result<CheckOutcome> {
    match finding {
        TwinFinding::Right(twin) => {
            eprintln!("the result is right: the twin {} has the same", twin.address);
            accept_twin(ctx, &twin).await;
            Ok(CheckOutcome::Right)
        }
        TwinFinding::Wrong(faults) => dispute_wrong(ctx, address, job, &faults).await,
        TwinFinding::Contradicted(twin, difference) => {
            let twin = twin.address;
            let fault = format!("it contradicts that of the twin {twin}: {difference}");
            let outcome = dispute_wrong(ctx, address, job, &[fault]).await?;
            eprintln!(
                "the twin is not accepted: if the panel finds the result right, the twin's is wrong, \
                 and `nosana job challenge {twin}` disputes it, until its own challenge window ends"
            );
            Ok(outcome)
        }
        TwinFinding::Inconclusive(twin, difference) => {
            eprintln!(
                "inconclusive: the result and that of the twin {twin} differ, and both can be right: \
                 {difference}; neither is accepted: their nodes are paid when the challenge windows \
                 end, unless `nosana job challenge` disputes one before; `nosana job wait {address} \
                 --check 1 --check-by own` decides on a machine that can run the model"
            );
            Ok(CheckOutcome::Unknown)
        }
        TwinFinding::Withheld(problem) => Ok(report_withheld(&problem)),
    }
}

/// Accepts the twin. A failure says nothing about the result: the node of the twin is paid when its
/// challenge window ends.
async fn accept_twin(ctx: &CliContext, twin: &Twin) {
    if let Err(error) = accept_if_sound(ctx, twin.address, &twin.job).await {
        eprintln!("cannot accept the twin: {error:#}; it is paid when its challenge window ends");
    }
}
