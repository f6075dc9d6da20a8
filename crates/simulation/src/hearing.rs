//! A dispute, led through its phases by the rules of the programs.

use nosana_protocol::{
    dispute::{
        PANEL_SEATS,
        judgment::{Judgment, judge_votes},
        phase::{Phase, Progress},
        sketch::Sketch,
        votes::{Verdict, Vote},
    },
    units::{Seconds, UnixTimestamp},
};

use crate::fault::Fault;

/// What a panelist does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ballot {
    /// Nobody has the seat.
    Vacant,
    /// It has a seat, and does nothing.
    Silent,
    /// It commits, and does not reveal.
    Hidden,
    /// It commits and reveals.
    Cast(Verdict, Sketch),
}

/// A dispute that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// The outcome, and what becomes of each panelist.
    pub judgment: Judgment,
    /// How long it took, if everybody acts in the first second of a phase.
    pub took: Seconds,
}

/// Leads a dispute from its draw to its end. `trace` is what the node opens, if it does.
///
/// # Errors
/// [`Fault::WrongPhase`] if the rules refuse an act, which they do not.
pub fn hold_hearing(
    ballots: &[Ballot; PANEL_SEATS],
    trace: Option<&Sketch>,
    length: Seconds,
) -> Result<Hearing, Fault> {
    let start = UnixTimestamp(0);
    let mut votes = ballots.map(|ballot| match ballot {
        Ballot::Vacant => Vote::Nobody,
        Ballot::Silent | Ballot::Hidden | Ballot::Cast(..) => Vote::Silent,
    });

    let mut progress = Progress::begin_at(start, length)?.start_seating(start, length)?;
    for _ in ballots.iter().filter(|ballot| **ballot != Ballot::Vacant) {
        progress = progress.take_seat()?;
    }
    let mut now = wait_for_clock(&mut progress, length)?;

    for (vote, ballot) in votes.iter_mut().zip(ballots) {
        if let Ballot::Hidden | Ballot::Cast(..) = ballot {
            progress = progress.add_commitment(now, length)?;
            *vote = Vote::Hidden;
        }
    }
    if progress.phase == Phase::Committing {
        now = wait_for_clock(&mut progress, length)?;
    }

    let mut opened = None;
    if progress.phase == Phase::Opening {
        match trace {
            Some(_) => progress = progress.open_trace(now, length)?,
            None => now = wait_for_clock(&mut progress, length)?,
        }
        opened = trace;
    }

    if progress.phase == Phase::Voting {
        for (vote, ballot) in votes.iter_mut().zip(ballots) {
            if let Ballot::Cast(verdict, sketch) = ballot {
                progress = progress.add_reveal()?;
                *vote = Vote::Revealed(*verdict, *sketch);
            }
        }
        if progress.phase == Phase::Voting {
            now = wait_for_clock(&mut progress, length)?;
        }
    }

    progress.resolve()?;

    Ok(Hearing { judgment: judge_votes(opened, &votes), took: now.seconds_since(start) })
}

/// Lets the clock of the phase run out, and returns the time after it.
fn wait_for_clock(progress: &mut Progress, length: Seconds) -> Result<UnixTimestamp, Fault> {
    let now = progress.ends.checked_add(Seconds(1))?;
    *progress = progress.advance_to(now, length)?;

    Ok(now)
}

#[cfg(test)]
mod tests {
    use nosana_protocol::dispute::votes::{Outcome, Standing};

    use super::*;
    use crate::sketches::{GUESSES, SHARED, WORK, sketch_work};

    const LENGTH: Seconds = Seconds(600);

    fn hold(ballots: [Ballot; PANEL_SEATS], trace: Option<&Sketch>) -> Hearing {
        hold_hearing(&ballots, trace, LENGTH).unwrap()
    }

    #[test]
    fn an_honest_panel_decides_after_the_seating_alone() {
        let right = [0, 1, 2].map(|seat| Ballot::Cast(Verdict::Right, sketch_work(seat)));
        let hearing = hold(right, Some(&WORK));
        assert_eq!(hearing.judgment.outcome, Outcome::Acquitted);
        assert_eq!(hearing.took, Seconds(601), "the others end early");

        let refuted = hold(right, Some(&GUESSES[0])).judgment;
        assert_eq!(refuted.outcome, Outcome::TraceRefuted);
        assert_eq!(hold(right, None).judgment.outcome, Outcome::NotOpened);
    }

    #[test]
    fn who_does_nothing_is_absent() {
        let ballots = [Ballot::Silent, Ballot::Hidden, Ballot::Cast(Verdict::Wrong, SHARED)];
        let hearing = hold(ballots, Some(&WORK));
        let expected = [Standing::Absent, Standing::Absent, Standing::Uncounted];
        assert_eq!(hearing.judgment.standings, expected);
        assert_eq!(hearing.took, Seconds(601 + 600 + 601), "seating, committing and voting");

        let nobody = hold([Ballot::Vacant; PANEL_SEATS], Some(&WORK));
        assert_eq!(nobody.judgment.outcome, Outcome::Undecided);
        let silent = hold([Ballot::Silent; PANEL_SEATS], None);
        assert_eq!(silent.judgment.outcome, Outcome::Undecided);
    }
}
