//! What follows from a comparison with a twin.

use anyhow::{Context, Error, Result, anyhow};

use super::{
    finding::{Twin, TwinFinding, TwinProblem},
    time::leaves_verdict,
};
use crate::{
    commands::job::{
        auto_accept::seconds_left,
        check_outcome::{CheckOutcome, dispute_result, dispute_wrong, report_withheld},
        check_request::CheckRequest,
        twin_record::ContradictingTwin,
    },
    terminal::sanitize_text,
};

/// Acts on what was found out about the result of a job. A twin that agrees is accepted after the
/// job. If they contradict each other, the client does not know which is wrong: it disputes that of
/// the job, and the twin's if the panel acquits the job's node.
pub async fn conclude_check(
    request: &CheckRequest<'_>,
    finding: TwinFinding,
) -> Result<CheckOutcome> {
    let &CheckRequest { ctx, address, job, twins, .. } = request;

    match finding {
        TwinFinding::Right(twin) => {
            eprintln!("the result is right: the twin {} has the same", twin.address);
            twins.note_agreeing(twin.address);
            Ok(CheckOutcome::Right)
        }
        TwinFinding::Wrong(faults) => dispute_wrong(ctx, address, job, &faults).await,
        TwinFinding::Failed(problem) => {
            eprintln!(
                "inconclusive: {}; that can be true of any node, and then no panel can judge it: \
                 the result is not accepted, and its node is paid when the challenge window ends; \
                 if other nodes can run the definition, `nosana job challenge {address}` disputes \
                 it before",
                sanitize_text(&problem)
            );
            Ok(CheckOutcome::Unknown)
        }
        TwinFinding::Contradicted(twin, difference) => {
            dispute_contradicted(request, &twin, &difference).await
        }
        TwinFinding::Inconclusive(twin, difference) => {
            eprintln!(
                "inconclusive: the result and that of the twin {twin} differ, and both can be \
                 right: {}; neither is accepted: their nodes are paid when the challenge windows \
                 end, unless `nosana job challenge` disputes one before; `nosana job wait \
                 {address} --check 1` decides on a machine that can run the model",
                sanitize_text(&difference)
            );
            Ok(CheckOutcome::Unknown)
        }
        TwinFinding::Overtaken(state) => {
            eprintln!(
                "the check has ended: somebody has decided about the result; the job is {state}"
            );
            Ok(CheckOutcome::Unknown)
        }
        TwinFinding::Withheld(problem) => Ok(report_withheld(&problem)),
    }
}

/// Disputes the result of a twin that is wrong by itself. Returns why nothing is known about the
/// job's.
pub async fn conclude_problem(
    request: &CheckRequest<'_>,
    twin: &Twin,
    problem: TwinProblem,
) -> Error {
    let faults = match problem {
        TwinProblem::Unusable(problem) => return anyhow!(problem),
        TwinProblem::Wrong(faults) => faults,
    };
    let why = format!("the result of the twin {} is wrong itself", twin.address);
    eprintln!("{why}");

    match dispute_wrong(request.ctx, twin.address, &twin.job, &faults).await {
        Ok(_) => anyhow!(why),
        Err(error) => error.context(why),
    }
}

/// Disputes the result of the job, if the panel's verdict comes while the twin can be disputed: who
/// lies on twins alone would cost the client a bond, and lose nothing.
async fn dispute_contradicted(
    request: &CheckRequest<'_>,
    twin: &Twin,
    difference: &str,
) -> Result<CheckOutcome> {
    let &CheckRequest { ctx, address, job, twins, .. } = request;
    let twin_address = twin.address;
    eprintln!(
        "the results contradict each other; one is wrong, that of the job {address} or that of the \
         twin {twin_address}: {}",
        sanitize_text(difference)
    );

    let left = seconds_left(ctx, &twin.job).await.with_context(|| {
        format!(
            "cannot read the clock, so nothing is disputed; `nosana job challenge {address}` or \
             `nosana job challenge {twin_address}` disputes one of them"
        )
    })?;
    if !leaves_verdict(left, job.dispute_seconds) {
        eprintln!(
            "nothing is disputed: the twin's challenge window ends in {left} s, and the panel's \
             verdict on the job can take five phases of {} s; neither is accepted: their nodes are \
             paid when the windows end, unless `nosana job challenge {address}` or `nosana job \
             challenge {twin_address}` disputes one before",
            job.dispute_seconds
        );
        return Ok(CheckOutcome::Unknown);
    }

    eprintln!(
        "the result of the job is disputed first, and the twin is not accepted: if the panel \
         acquits the job's node, the twin's result is wrong, and this command disputes it; if the \
         command has ended by then, `nosana job challenge {twin_address}` does, until the twin's \
         challenge window ends in {left} s"
    );
    let attempt_id = job.attempt_id;
    twins.note_contradicting(ContradictingTwin { address: twin_address, attempt_id });
    let outcome = dispute_result(ctx, address, job).await?;
    if outcome == CheckOutcome::Unknown && twins.take_contradicting().is_some() {
        eprintln!(
            "the twin {twin_address} is neither accepted nor disputed: `nosana job accept \
             {twin_address}` or `nosana job challenge {twin_address}` decides about it"
        );
    }
    Ok(outcome)
}
