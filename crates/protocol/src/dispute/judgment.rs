//! Which votes of a panel count, and the outcome.
//!
//! A vote is *valid* if it is
//! - Right, and its sketch agrees with the trace that the node opened, or with that of a Right vote
//!   that does: backends differ by some bits, in which a trace at the edge differs already;
//! - Wrong, and its sketch agrees with that of another Wrong vote;
//! - either of them, with a sketch that agrees with another one and not with the trace. Two such
//!   sketches refute the trace: the node has not done the work, whatever its result, which may be
//!   copied.
//!
//! A valid vote against two valid ones is *overruled*, but not by a refutation by a sketch with
//! which its own agrees. A Wrong vote is *uncounted* if nobody else revealed: nobody can have
//! agreed with it, and it is neither paid nor fined. All other votes for Right or Wrong are
//! *unsupported*. Anyone who says neither is *absent*.
//!
//! Where the node opened its trace, the first of these that applies is the outcome: *convicted* by
//! two Wrong votes that are valid, *trace refuted* by two sketches, *acquitted* by two Right votes
//! that are valid, *undecided*. It decides what becomes of each vote:
//!
//! | claim of the vote | convicted | trace refuted | acquitted or undecided |
//! | --- | --- | --- | --- |
//! | `Right`: Right, and valid | overruled | paid if its sketch agrees with another one; else overruled | paid |
//! | `Wrong`: Wrong, and valid | paid | cannot be | cannot be |
//! | `Refuting`: not one of these, and one of two sketches that refute the trace | unsupported | paid | cannot be |
//! | `Alone`: Wrong, and nobody else revealed | cannot be | cannot be | uncounted |
//! | `Unsupported`: any other vote for Right or Wrong | unsupported | unsupported | unsupported |
//! | `Absent`: says neither | absent | absent | absent |
//!
//! What cannot be follows from the definitions: two votes agree with each other, so a claim that
//! needs another vote has two at least, which decide.
//!
//! If the node opened nothing, it loses by *not opened* as soon as somebody committed: who
//! committed is paid, and all others are absent.
//!
//! "Not decidable" is never valid: a panelist takes a seat only once it has the definition and the
//! inputs, so that nobody can cost others a dispute by withholding them later.

use super::{
    PANEL_SEATS,
    claims::{Claim, read_claims},
    sketch::Sketch,
    votes::{Outcome, Standing, Vote},
};

/// The outcome of a dispute, and what becomes of each panelist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgment {
    /// The outcome.
    pub outcome: Outcome,
    /// One for each seat.
    pub standings: [Standing; PANEL_SEATS],
}

/// Judges the votes of a dispute that is over. `trace` is what the node opened, if it did.
pub fn judge_votes(trace: Option<&Sketch>, votes: &[Vote; PANEL_SEATS]) -> Judgment {
    let Some(trace) = trace else { return judge_unopened(votes) };

    let claims = read_claims(trace, votes);
    let outcome = decide_outcome(&claims);
    Judgment { outcome, standings: claims.map(|claim| claim.standing_at(outcome)) }
}

/// Judges a dispute whose node opened no trace.
fn judge_unopened(votes: &[Vote; PANEL_SEATS]) -> Judgment {
    let has_commitment = votes.iter().any(|vote| !matches!(vote, Vote::Nobody | Vote::Silent));
    let outcome = if has_commitment { Outcome::NotOpened } else { Outcome::Undecided };
    let standings = votes.map(|vote| match vote {
        Vote::Nobody => Standing::Nobody,
        Vote::Silent => Standing::Absent,
        Vote::Hidden | Vote::Revealed(..) => Standing::Paid,
    });
    Judgment { outcome, standings }
}

/// Returns the outcome where the node opened its trace.
fn decide_outcome(claims: &[Claim; PANEL_SEATS]) -> Outcome {
    let has_two = |test: fn(Claim) -> bool| claims.iter().filter(|it| test(**it)).count() >= 2;

    if has_two(Claim::is_wrong) {
        Outcome::Convicted
    } else if has_two(Claim::refutes_trace) {
        Outcome::TraceRefuted
    } else if has_two(Claim::is_right) {
        Outcome::Acquitted
    } else {
        Outcome::Undecided
    }
}

impl Claim {
    /// Returns what becomes of the vote: the table above.
    const fn standing_at(self, outcome: Outcome) -> Standing {
        match self {
            Self::Nobody => Standing::Nobody,
            Self::Absent => Standing::Absent,
            Self::Right { agrees_with_another, .. } => match outcome {
                Outcome::Convicted => Standing::Overruled,
                // Who has a sketch like those of the two others did the same work.
                Outcome::TraceRefuted if agrees_with_another => Standing::Paid,
                Outcome::TraceRefuted => Standing::Overruled,
                Outcome::Acquitted | Outcome::Undecided | Outcome::NotOpened | Outcome::None => {
                    Standing::Paid
                }
            },
            Self::Wrong => match outcome {
                Outcome::Convicted => Standing::Paid,
                Outcome::TraceRefuted
                | Outcome::Acquitted
                | Outcome::Undecided
                | Outcome::NotOpened
                | Outcome::None => Standing::Unsupported,
            },
            Self::Refuting => match outcome {
                Outcome::TraceRefuted => Standing::Paid,
                Outcome::Convicted
                | Outcome::Acquitted
                | Outcome::Undecided
                | Outcome::NotOpened
                | Outcome::None => Standing::Unsupported,
            },
            Self::Alone => Standing::Uncounted,
            Self::Unsupported => Standing::Unsupported,
        }
    }
}
