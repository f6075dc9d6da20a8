//! What follows for a twin that contradicts a result which the panel has judged: only a dispute of
//! the twin punishes the node that lied with it.

use std::time::Duration;

use anyhow::Result;
use nosana_client::{
    jobs::accounts::{Dispute, Job},
    pda,
};
use nosana_protocol::{
    dispute::votes::Outcome,
    job::{Reason, State},
};
use solana_address::Address;
use tokio::time::sleep;

use crate::commands::{
    context::CliContext,
    job::{
        challenge::challenge_result,
        twin_record::{ContradictingTwin, TwinRecord},
    },
};

/// The pause between two attempts.
const RETRY_INTERVAL: Duration = Duration::from_secs(2);
/// How often the outcome of a dispute is read until it is known: a server may be behind.
const MAX_READS: u32 = 5;
/// How often a dispute of the twin is tried: nothing else punishes its node.
const MAX_DISPUTES: u32 = 3;

/// What the verdict on a result means for the twin that contradicts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consequence {
    /// The twin's result is wrong.
    Dispute,
    /// The result of the job was wrong, and the twin's may be right.
    Spare,
    /// Nobody knows, or this command does not.
    Leave,
}

/// Disputes the twin that contradicts the job, which is settled, if the panel has acquitted the
/// job's node.
pub async fn challenge_contradicting(
    ctx: &CliContext,
    address: &Address,
    job: &Job,
    twins: &TwinRecord,
) {
    let Some(ContradictingTwin { address: twin, attempt_id }) = twins.take_contradicting() else {
        return;
    };
    let outcome = read_outcome(ctx, &pda::jobs::dispute(address, attempt_id)).await;
    // A later attempt has another result.
    let is_same_attempt = job.attempt_id == attempt_id;
    let reason = Reason::from_byte(job.reason).filter(|_| is_same_attempt);

    match decide_consequence(outcome, reason) {
        Consequence::Dispute => dispute_twin(ctx, twin).await,
        Consequence::Spare => eprintln!(
            "the twin {twin} is not disputed: the result of the job was wrong; `nosana job accept \
             {twin}` accepts it before its challenge window ends"
        ),
        Consequence::Leave => eprintln!(
            "the twin {twin} is not disputed, because the panel's verdict is not known: `nosana \
             job challenge {twin}` disputes it until its challenge window ends"
        ),
    }
}

/// Prints what is left to do about the twin that contradicts the job, if the wait for the job has
/// failed before the panel's verdict.
pub fn report_contradicting(twins: &TwinRecord) {
    let Some(ContradictingTwin { address: twin, .. }) = twins.take_contradicting() else { return };
    eprintln!(
        "the twin {twin} is not disputed: if the panel acquits the job's node, `nosana job \
         challenge {twin}` disputes it, until its challenge window ends"
    );
}

/// Reads the outcome of a dispute until it is known; `None` if the dispute's account is closed.
async fn read_outcome(ctx: &CliContext, dispute: &Address) -> Option<Outcome> {
    for read in 1..=MAX_READS {
        match ctx.session.find_account::<Dispute>(dispute).await {
            Ok(None) => return None,
            Ok(Some(dispute)) if dispute.known_outcome() != Outcome::None => {
                return Some(dispute.known_outcome());
            }
            Ok(Some(_)) => {}
            Err(error) => tracing::debug!(%error, "cannot read the dispute"),
        }

        if read < MAX_READS {
            sleep(RETRY_INTERVAL).await;
        }
    }
    Some(Outcome::None)
}

/// `outcome`: `None` if the dispute's account is closed. `reason`: why the attempt that it is about
/// was settled; `None` if that is not known.
fn decide_consequence(outcome: Option<Outcome>, reason: Option<Reason>) -> Consequence {
    let is_wrong = reason == Some(Reason::ResultWrong);

    match outcome {
        Some(Outcome::Acquitted) => Consequence::Dispute,
        Some(Outcome::Convicted | Outcome::NotOpened | Outcome::TraceRefuted) => Consequence::Spare,
        // A result that is not acquitted is paid, too, if the panel does not decide.
        Some(Outcome::None | Outcome::Undecided) => Consequence::Leave,
        None if is_wrong => Consequence::Spare,
        None => Consequence::Leave,
    }
}

/// Disputes the twin. A failure may be one of the network, so it is tried again.
async fn dispute_twin(ctx: &CliContext, twin: Address) {
    for attempt in 1..=MAX_DISPUTES {
        match open_dispute(ctx, twin).await {
            Ok(dispute) => {
                eprintln!(
                    "the job's node is acquitted, so the result of the twin {twin} is wrong: it is \
                     disputed now, by {dispute}; `nosana job wait {twin} --no-accept` follows that"
                );
                return;
            }
            Err(error) if attempt == MAX_DISPUTES => eprintln!(
                "the job's node is acquitted, so the result of the twin is wrong; cannot dispute \
                 it: {error:#}; `nosana job challenge {twin}` tries again, until its challenge \
                 window ends"
            ),
            Err(error) => {
                tracing::debug!("cannot dispute the twin {twin}: {error:#}");
                sleep(RETRY_INTERVAL).await;
            }
        }
    }
}

/// Returns the dispute of the twin, which a transaction without a receipt may have opened.
async fn open_dispute(ctx: &CliContext, twin: Address) -> Result<Address> {
    let job = ctx.fetch_job(&twin).await?;
    if job.state == State::Challenged as u8 {
        return Ok(pda::jobs::dispute(&twin, job.attempt_id));
    }
    Ok(challenge_result(ctx, twin, &job).await?.dispute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_acquittal_shows_that_the_twin_is_wrong() {
        let [completed, wrong, rejected] =
            [Reason::Completed, Reason::ResultWrong, Reason::ResultRejected].map(Some);
        let decide = |outcome| decide_consequence(Some(outcome), completed);
        assert_eq!(decide(Outcome::Acquitted), Consequence::Dispute);
        assert_eq!(decide(Outcome::Undecided), Consequence::Leave);
        for outcome in [Outcome::Convicted, Outcome::NotOpened, Outcome::TraceRefuted] {
            assert_eq!(decide_consequence(Some(outcome), wrong), Consequence::Spare);
        }
        assert_eq!(decide_consequence(None, completed), Consequence::Leave, "or undecided");
        assert_eq!(decide_consequence(None, wrong), Consequence::Spare);
        let undecided = decide_consequence(Some(Outcome::Undecided), rejected);
        assert_eq!(undecided, Consequence::Leave);
        assert_eq!(decide_consequence(None, rejected), Consequence::Leave);
    }

    #[test]
    fn a_later_attempt_says_nothing_about_the_twin_of_an_earlier_one() {
        assert_eq!(decide_consequence(None, None), Consequence::Leave);
        assert_eq!(decide_consequence(Some(Outcome::None), None), Consequence::Leave);
        assert_eq!(decide_consequence(Some(Outcome::Acquitted), None), Consequence::Dispute);
    }
}
