//! Disputes as words and as JSON.

use anyhow::{Result, anyhow};
use nosana_client::jobs::{accounts::Dispute, types::Seat};
use nosana_protocol::{
    dispute::{
        phase::{Phase, Progress},
        votes::{Outcome, SeatState, Standing, Verdict},
    },
    units::UnixTimestamp,
};
use serde_json::{Value, json};
use solana_address::Address;

use crate::commands::dates::format_time;

/// Returns how far the dispute is at `now`.
pub fn progress_at(dispute: &Dispute, now: UnixTimestamp) -> Result<Progress> {
    dispute.progress_at(now).map_err(|_| anyhow!("the timestamps of the dispute overflow"))
}

/// The phase in a few words, with who acts and until when.
pub fn phase_text(dispute: &Dispute, progress: &Progress) -> String {
    let Progress { seats, committed, revealed, .. } = progress;
    let until = format_time(progress.ends.0);

    match progress.phase {
        Phase::Seating if dispute.drawn_at == 0 => "the panel is drawn in some seconds".to_owned(),
        Phase::Seating => format!("nodes take seats: {seats} of 3, until {until}"),
        Phase::Committing => {
            format!("panelists compute the job: {committed} of {seats} committed, until {until}")
        }
        Phase::Opening => format!("the node has to open its trace until {until}"),
        Phase::Voting => {
            format!("panelists reveal: {revealed} of {committed}, until {until}")
        }
        Phase::Over => "nothing more can be said; anyone may resolve it".to_owned(),
        Phase::Resolved => outcome_text(dispute.known_outcome()).to_owned(),
    }
}

/// What an outcome means.
pub const fn outcome_text(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::None => "it is not resolved yet",
        Outcome::Undecided => "undecided: the result stands, as if nobody had disputed it",
        Outcome::Convicted => {
            "convicted: the panel found the result wrong, and its node loses its collateral"
        }
        Outcome::NotOpened => {
            "not opened: the node did not show its trace in time, and loses its collateral"
        }
        Outcome::TraceRefuted => {
            "trace refuted: the node has not done the work, and loses its collateral"
        }
        Outcome::Acquitted => "acquitted: the panel found the result right",
    }
}

/// What a panelist has said, and what became of it.
pub fn seat_text(seat: &Seat) -> String {
    let said = match SeatState::from_byte(seat.state) {
        Some(SeatState::Claimed) => "has not committed",
        Some(SeatState::Committed) => "has committed",
        Some(SeatState::Revealed | SeatState::Closed) => match Verdict::from_byte(seat.verdict) {
            Some(Verdict::Right) => "says that the result is right",
            Some(Verdict::Wrong) => "says that the result is wrong",
            Some(Verdict::NotDecidable) => "says that it cannot be decided",
            Some(Verdict::None) | None => "has not voted",
        },
        Some(SeatState::Empty) | None => "empty",
    };
    let standing = match Standing::from_byte(seat.standing) {
        Some(Standing::Paid) => "; paid",
        Some(Standing::Absent) => "; absent",
        Some(Standing::Overruled) => "; overruled",
        Some(Standing::Unsupported) => "; unsupported",
        Some(Standing::Uncounted) => "; alone, neither paid nor fined",
        Some(Standing::Nobody) | None => "",
    };
    format!("{said}{standing}")
}

/// The dispute in JSON.
pub fn dispute_to_json(address: &Address, dispute: &Dispute, progress: &Progress) -> Value {
    let seats: Vec<Value> = dispute
        .taken_seats()
        .map(|(_, seat)| {
            json!({
                "node": seat.node.to_string(),
                "state": seat.state,
                "verdict": seat.verdict,
                "standing": seat.standing,
                "fee": seat.fee,
                "loss": seat.loss,
            })
        })
        .collect();

    json!({
        "dispute": address.to_string(),
        "job": dispute.job.to_string(),
        "market": dispute.market.to_string(),
        "node": dispute.node.to_string(),
        "challenger": dispute.challenger.to_string(),
        "phase": format!("{:?}", progress.phase),
        "ends_at": progress.ends.0,
        "outcome": format!("{:?}", dispute.known_outcome()),
        "panel_fee": dispute.panel_fee,
        "collateral": dispute.collateral,
        "challenged_at": dispute.challenged_at,
        "drawn_at": dispute.drawn_at,
        "resolved_at": dispute.resolved_at,
        "challenger_credit": dispute.challenger_credit,
        "seats": seats,
    })
}
