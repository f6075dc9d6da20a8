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
//! "Not decidable" is never valid: a panelist takes a seat only once it has the definition and the
//! inputs, so that nobody can cost others a dispute by withholding them later.

use super::{
    PANEL_SEATS,
    sketch::Sketch,
    votes::{Outcome, Standing, Verdict, Vote},
};

/// The outcome of a dispute, and what becomes of each panelist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgment {
    /// The outcome.
    pub outcome: Outcome,
    /// One for each seat.
    pub standings: [Standing; PANEL_SEATS],
}

/// What a vote says by itself.
#[derive(Clone, Copy)]
struct Statement {
    is_revealed: bool,
    says_right: bool,
    says_wrong: bool,
    agrees_with_trace: bool,
}

/// What a vote says beside the two others.
#[derive(Clone, Copy)]
struct Claims {
    is_right: bool,
    is_wrong: bool,
    refutes_trace: bool,
    agrees_with_another: bool,
    is_uncounted: bool,
}

/// Judges the votes of a dispute that is over. `trace` is what the node opened, if it did.
pub fn judge_votes(trace: Option<&Sketch>, votes: &[Vote; PANEL_SEATS]) -> Judgment {
    let Some(trace) = trace else {
        let has_commitment = votes.iter().any(|vote| !matches!(vote, Vote::Nobody | Vote::Silent));
        let outcome = if has_commitment { Outcome::NotOpened } else { Outcome::Undecided };
        let standings = votes.map(|vote| match vote {
            Vote::Nobody => Standing::Nobody,
            Vote::Silent => Standing::Absent,
            Vote::Hidden | Vote::Revealed(..) => Standing::Paid,
        });
        return Judgment { outcome, standings };
    };

    let claims = read_claims(trace, votes);
    let has_two =
        |says: fn(&Claims) -> bool| claims.iter().filter(|claims| says(claims)).count() >= 2;
    let wins: fn(&Claims) -> bool;
    let outcome;
    if has_two(|claims| claims.is_wrong) {
        outcome = Outcome::Convicted;
        wins = |claims| claims.is_wrong;
    } else if has_two(|claims| claims.refutes_trace) {
        // Who says Right with a sketch like those of the two others did the same work.
        outcome = Outcome::TraceRefuted;
        wins = |claims| claims.refutes_trace || (claims.is_right && claims.agrees_with_another);
    } else {
        let is_acquitted = has_two(|claims| claims.is_right);
        outcome = if is_acquitted { Outcome::Acquitted } else { Outcome::Undecided };
        wins = |claims| claims.is_right;
    }

    let mut standings = [Standing::Absent; PANEL_SEATS];
    for ((standing, vote), claims) in standings.iter_mut().zip(votes).zip(&claims) {
        *standing = match vote {
            Vote::Nobody => Standing::Nobody,
            _ if wins(claims) => Standing::Paid,
            _ if claims.is_right => Standing::Overruled,
            _ if claims.is_uncounted => Standing::Uncounted,
            Vote::Revealed(Verdict::Right | Verdict::Wrong, _) => Standing::Unsupported,
            Vote::Silent | Vote::Hidden | Vote::Revealed(..) => Standing::Absent,
        };
    }
    Judgment { outcome, standings }
}

/// Returns what each vote says beside the two others.
fn read_claims(trace: &Sketch, votes: &[Vote; PANEL_SEATS]) -> [Claims; PANEL_SEATS] {
    let [first, second, third] = votes;
    let one_and_two = first.agrees_with(second);
    let one_and_three = first.agrees_with(third);
    let two_and_three = second.agrees_with(third);

    let [a, b, c] = votes.map(|vote| vote.read_statement(trace));
    [
        a.compare_with([(b, one_and_two), (c, one_and_three)]),
        b.compare_with([(a, one_and_two), (c, two_and_three)]),
        c.compare_with([(a, one_and_three), (b, two_and_three)]),
    ]
}

impl Vote {
    /// Returns true if both votes have a verdict on the result, and their sketches agree.
    fn agrees_with(&self, other: &Self) -> bool {
        let Self::Revealed(Verdict::Right | Verdict::Wrong, sketch) = self else { return false };
        let Self::Revealed(Verdict::Right | Verdict::Wrong, its) = other else { return false };
        sketch.agrees_with(its)
    }

    /// Returns what the vote says by itself.
    fn read_statement(&self, trace: &Sketch) -> Statement {
        let (verdict, agrees_with_trace) = match self {
            Self::Revealed(verdict, sketch) => (*verdict, sketch.agrees_with(trace)),
            Self::Nobody | Self::Silent | Self::Hidden => (Verdict::None, false),
        };
        Statement {
            is_revealed: matches!(self, Self::Revealed(..)),
            says_right: verdict == Verdict::Right,
            says_wrong: verdict == Verdict::Wrong,
            agrees_with_trace,
        }
    }
}

impl Statement {
    /// Returns what the vote says beside two others, with whether its sketch agrees with theirs.
    fn compare_with(self, others: [(Self, bool); 2]) -> Claims {
        let agrees =
            |test: fn(&Self) -> bool| others.iter().any(|(other, agrees)| *agrees && test(other));
        let is_alone = others.iter().all(|(other, _)| !other.is_revealed);
        let follows_right = agrees(|other| other.says_right && other.agrees_with_trace);

        Claims {
            is_right: self.says_right && (self.agrees_with_trace || follows_right),
            is_wrong: self.says_wrong && agrees(|other| other.says_wrong),
            refutes_trace: !self.agrees_with_trace && agrees(|other| !other.agrees_with_trace),
            agrees_with_another: agrees(|_| true),
            is_uncounted: self.says_wrong && is_alone,
        }
    }
}
