//! What follows for a twin that contradicts a result which the panel has judged: only a dispute of
//! the twin punishes the node that lied with it.

use nosana_client::{
    jobs::accounts::{Dispute, Job},
    pda,
};
use nosana_protocol::{dispute::votes::Outcome, job::Reason};
use solana_address::Address;

use crate::commands::{
    context::CliContext,
    job::{challenge::challenge_result, twin_record::TwinRecord},
};

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
    let Some(twin) = twins.take_contradicting() else { return };
    let dispute = pda::jobs::dispute(address, job.attempt_id);
    let found = ctx.session.find_account::<Dispute>(&dispute).await.ok().flatten();
    let outcome = found.map(|dispute| dispute.known_outcome());

    match decide_consequence(outcome, job) {
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

/// `outcome`: `None` if the dispute's account is closed.
fn decide_consequence(outcome: Option<Outcome>, job: &Job) -> Consequence {
    let is_wrong = Reason::from_byte(job.reason) == Some(Reason::ResultWrong);

    match outcome {
        Some(Outcome::Acquitted) => Consequence::Dispute,
        Some(Outcome::Convicted | Outcome::NotOpened | Outcome::TraceRefuted) => Consequence::Spare,
        // A result that is not acquitted is paid, too, if the panel does not decide.
        Some(Outcome::None | Outcome::Undecided) => Consequence::Leave,
        None if is_wrong => Consequence::Spare,
        None => Consequence::Leave,
    }
}

async fn dispute_twin(ctx: &CliContext, twin: Address) {
    let challenged = async {
        let job = ctx.fetch_job(&twin).await?;
        challenge_result(ctx, twin, &job).await
    };

    match challenged.await {
        Ok(challenged) => eprintln!(
            "the job's node is acquitted, so the result of the twin {twin} is wrong: it is \
             disputed now, by {}; `nosana job wait {twin} --no-accept` follows that",
            challenged.dispute
        ),
        Err(error) => eprintln!(
            "the job's node is acquitted, so the result of the twin is wrong; cannot dispute it: \
             {error:#}; `nosana job challenge {twin}` tries again, until its challenge window ends"
        ),
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    #[test]
    fn only_an_acquittal_shows_that_the_twin_is_wrong() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let completed = Job { reason: Reason::Completed as u8, ..Job::from_data(&zeroed).unwrap() };
        let wrong = Job { reason: Reason::ResultWrong as u8, ..completed };
        let rejected = Job { reason: Reason::ResultRejected as u8, ..completed };
        let decide = |outcome| decide_consequence(Some(outcome), &completed);
        assert_eq!(decide(Outcome::Acquitted), Consequence::Dispute);
        assert_eq!(decide(Outcome::Undecided), Consequence::Leave);
        for outcome in [Outcome::Convicted, Outcome::NotOpened, Outcome::TraceRefuted] {
            assert_eq!(decide_consequence(Some(outcome), &wrong), Consequence::Spare);
        }
        assert_eq!(decide_consequence(None, &completed), Consequence::Leave, "or undecided");
        assert_eq!(decide_consequence(None, &wrong), Consequence::Spare);
        let undecided = decide_consequence(Some(Outcome::Undecided), &rejected);
        assert_eq!(undecided, Consequence::Leave);
        assert_eq!(decide_consequence(None, &rejected), Consequence::Leave);
    }
}
