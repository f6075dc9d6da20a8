//! The second half of the trial: the results are disputed, and the panel decides.

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::accounts::{Dispute, Job};
use nosana_protocol::dispute::{PANEL_SEATS, phase::Phase};
use nosana_worker::{Examination, Worker};
use serde::Serialize;
use solana_address::Address;
use tokio::time::{Instant, sleep};

use super::{
    behavior::{Behavior, Challenger},
    config::TIMEOUT_SECONDS,
    jobs::{Checker, challenge_result},
    nodes::RunningNode,
    poll::{POLL_INTERVAL, await_disputes, require_time},
    results::OpenCase,
    trial::Trial,
};
use crate::progress::Part;

/// Seconds after a draw at which every node's turn to take a seat has come.
const EVERYBODYS_TURN: u64 = 75;

/// A moment at which the clock of the network was advanced.
#[derive(Clone, Debug, Serialize)]
pub struct ClockAdvance {
    /// When, in milliseconds of the trial's clock.
    pub at_ms: u64,
    /// By how many seconds.
    pub seconds: u64,
    /// What passes in them.
    pub reason: &'static str,
}

/// Computes all results again, as a client does.
pub async fn check_results(
    trial: &Trial<'_>,
    cases: &[OpenCase<'_>],
    checker: &Checker,
    part: &Part,
) -> Result<Vec<Examination>> {
    let mut examinations = Vec::with_capacity(cases.len());
    for case in cases {
        part.set_step(format!("computing the result of `{}` again", case.behavior.name()));
        let examined = checker.check_job(trial.world, case.job).await;
        examinations.push(examined.with_context(|| format!("cannot check {}", case.job))?);
    }
    Ok(examinations)
}

/// Disputes the results. The fisherman is started last, and finds what nobody has disputed.
pub async fn challenge_results(
    trial: &Trial<'_>,
    cases: &[OpenCase<'_>],
    examinations: &[Examination],
    fisherman: Worker,
    part: &Part,
) -> Result<RunningNode> {
    for (case, examination) in cases.iter().zip(examinations) {
        let challenger = case.behavior.challenger();
        match challenger {
            Challenger::Fisherman => continue,
            Challenger::Client => ensure!(
                !examination.faults.is_empty(),
                "the client finds no fault in the result of `{}`",
                case.behavior.name()
            ),
            Challenger::Victim => require_copy(trial, cases, case).await?,
            Challenger::Griefer => {}
        }
        part.set_step(format!("the {} disputes a result", challenger.name()));
        challenge_result(trial.world, trial.people.challenger(challenger), case.job).await?;
    }

    part.set_step("the fisherman checks results");
    let fisherman = RunningNode::start(&trial.people.fisherman, fisherman);
    let disputes = list_disputes(cases);
    let patience = trial.config.patience;
    await_disputes(trial.world, &disputes, patience, "begun", |_| true).await?;
    Ok(fisherman)
}

/// Fails unless the result is that of the honest node, by its digest on the chain.
async fn require_copy(
    trial: &Trial<'_>,
    cases: &[OpenCase<'_>],
    case: &OpenCase<'_>,
) -> Result<()> {
    let own = cases.iter().find(|other| other.behavior == Behavior::Honest);
    let own = own.context("the honest node has no result")?;
    let session = &trial.world.session;
    let copy = session.fetch_account::<Job>(&case.job).await?.result;
    let original = session.fetch_account::<Job>(&own.job).await?.result;
    ensure!(copy == original, "the copied result has another digest than the original");
    Ok(())
}

/// Lets the panel take its seats: waits for the draw, and advances the clock to the turn of every
/// node, then to the end of the phase.
pub async fn seat_panels(
    trial: &Trial<'_>,
    cases: &[OpenCase<'_>],
    part: &Part,
) -> Result<Vec<ClockAdvance>> {
    let disputes = list_disputes(cases);
    let patience = trial.config.patience;
    part.set_step("waiting for the slots that draw the panels");
    let is_drawn = |dispute: &Dispute| dispute.drawn_at != 0;
    await_disputes(trial.world, &disputes, patience, "drawn", is_drawn).await?;
    let turns = trial.advance_clock(EVERYBODYS_TURN, "every node’s turn to take a seat").await?;

    part.set_step("the panelists take their seats");
    let is_seated = |dispute: &Dispute| usize::from(dispute.seats_taken) == PANEL_SEATS;
    await_disputes(trial.world, &disputes, patience, "seated", is_seated).await?;
    let phase = trial.advance_clock(TIMEOUT_SECONDS.into(), "the rest of the seating").await?;
    Ok(vec![turns, phase])
}

/// Waits until all disputes are closed. Opens the traces of the cheating nodes in their phase.
pub async fn close_disputes(
    trial: &Trial<'_>,
    cases: &mut [OpenCase<'_>],
    nodes: &[RunningNode],
    part: &Part,
) -> Result<()> {
    let deadline = Instant::now() + trial.config.patience;
    loop {
        let mut open = 0;
        for case in cases.iter_mut() {
            let session = &trial.world.session;
            let found = session.find_account::<Dispute>(&case.dispute).await?;
            let Some(dispute) = found else { continue };
            open += 1;
            if dispute.phase == Phase::Opening as u8
                && let Some((cheater, trace)) = case.trace.take()
            {
                cheater.open_trace(case.dispute, &dispute, &trace).await?;
            }
        }

        if open == 0 {
            return Ok(());
        }
        part.set_step(format!("{open} disputes are open"));
        nodes.iter().try_for_each(RunningNode::check_alive)?;
        require_time(deadline, trial.config.patience, "the disputes are not closed")?;
        sleep(POLL_INTERVAL).await;
    }
}

fn list_disputes(cases: &[OpenCase<'_>]) -> Vec<Address> {
    cases.iter().map(|case| case.dispute).collect()
}

impl Trial<'_> {
    async fn advance_clock(&self, seconds: u64, reason: &'static str) -> Result<ClockAdvance> {
        let at_ms = self.watch.elapsed_ms();
        let advanced = self.world.network.advance_seconds(seconds).await;
        advanced.context("cannot advance the clock")?;
        Ok(ClockAdvance { at_ms, seconds, reason })
    }
}
