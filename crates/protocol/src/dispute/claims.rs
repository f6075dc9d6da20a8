//! What a vote says by itself, and beside the two others of its panel.

use super::{
    PANEL_SEATS,
    sketch::Sketch,
    votes::{Verdict, Vote},
};

/// What a vote says by itself.
#[derive(Clone, Copy)]
struct Statement {
    is_seated: bool,
    is_revealed: bool,
    says_right: bool,
    says_wrong: bool,
    agrees_with_trace: bool,
}

/// What a vote says beside the two others.
#[derive(Clone, Copy)]
pub enum Claim {
    /// Nobody has the seat.
    Nobody,
    /// The panelist says neither Right nor Wrong.
    Absent,
    /// Right, and valid.
    Right {
        /// Its sketch is one of two that refute the trace.
        refutes_trace: bool,
        /// Its sketch agrees with that of another vote.
        agrees_with_another: bool,
    },
    /// Wrong, and valid.
    Wrong,
    /// Its sketch is one of two that refute the trace, and it is neither [`Self::Right`] nor
    /// [`Self::Wrong`].
    Refuting,
    /// Wrong, and nobody else revealed.
    Alone,
    /// Any other vote for Right or Wrong.
    Unsupported,
}

impl Claim {
    /// Returns true if the vote says Right, and is valid.
    pub const fn is_right(self) -> bool {
        matches!(self, Self::Right { .. })
    }

    /// Returns true if the vote says Wrong, and is valid.
    pub const fn is_wrong(self) -> bool {
        matches!(self, Self::Wrong)
    }

    /// Returns true if the sketch is one of two that refute the trace, and the vote is not a valid
    /// Wrong, of which two convict before that counts.
    pub const fn refutes_trace(self) -> bool {
        matches!(self, Self::Right { refutes_trace: true, .. } | Self::Refuting)
    }
}

/// Returns what each vote says beside the two others.
pub fn read_claims(trace: &Sketch, votes: &[Vote; PANEL_SEATS]) -> [Claim; PANEL_SEATS] {
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
            is_seated: !matches!(self, Self::Nobody),
            is_revealed: matches!(self, Self::Revealed(..)),
            says_right: verdict == Verdict::Right,
            says_wrong: verdict == Verdict::Wrong,
            agrees_with_trace,
        }
    }
}

impl Statement {
    /// Returns what the vote says beside two others, with whether its sketch agrees with theirs.
    fn compare_with(self, others: [(Self, bool); 2]) -> Claim {
        let agrees =
            |test: fn(&Self) -> bool| others.iter().any(|(other, agrees)| *agrees && test(other));
        let is_alone = others.iter().all(|(other, _)| !other.is_revealed);
        let follows_right = agrees(|other| other.says_right && other.agrees_with_trace);
        let refutes_trace = !self.agrees_with_trace && agrees(|other| !other.agrees_with_trace);

        if self.says_right && (self.agrees_with_trace || follows_right) {
            Claim::Right { refutes_trace, agrees_with_another: agrees(|_| true) }
        } else if self.says_wrong && agrees(|other| other.says_wrong) {
            Claim::Wrong
        } else if refutes_trace {
            Claim::Refuting
        } else if self.says_wrong && is_alone {
            Claim::Alone
        } else if self.says_right || self.says_wrong {
            Claim::Unsupported
        } else if self.is_seated {
            Claim::Absent
        } else {
            Claim::Nobody
        }
    }
}
