//! The outcome of every pattern of votes.

use super::*;
use crate::{
    dispute::{
        judgment::{Judgment, judge_votes},
        votes::{
            Outcome, SeatState,
            Standing::{self, Absent, Nobody, Overruled, Paid, Uncounted, Unsupported},
        },
    },
    job::Reason,
};

#[test]
fn the_sketches_of_these_tests_are_as_they_are_called() {
    let all = [TRACE, OTHERS[0], OTHERS[1], OTHERS[2]];
    for (at, one) in all.iter().enumerate() {
        assert!(one.agrees_with(&close_to(*one)) && *one != close_to(*one));
        for other in &all[at + 1..] {
            assert!(!one.agrees_with(other) && !close_to(*one).agrees_with(&close_to(*other)));
        }
    }
}

#[test]
fn each_situation_has_its_outcome() {
    let [a, b, c] = OTHERS;
    let near = close_to(TRACE);
    let table: [(&str, [Vote; 3], Outcome, [Standing; 3]); 18] = [
        ("3:0", [right(TRACE), right(near), right(TRACE)], Outcome::Acquitted, [Paid; 3]),
        (
            "2:1",
            [right(TRACE), right(near), wrong(TRACE)],
            Outcome::Acquitted,
            [Paid, Paid, Unsupported],
        ),
        ("0:3", [wrong(a), wrong(close_to(a)), wrong(a)], Outcome::Convicted, [Paid; 3]),
        (
            "0:3, right work",
            [wrong(TRACE), wrong(near), wrong(TRACE)],
            Outcome::Convicted,
            [Paid; 3],
        ),
        (
            "1:2",
            [right(TRACE), wrong(a), wrong(close_to(a))],
            Outcome::Convicted,
            [Overruled, Paid, Paid],
        ),
        (
            "1:1",
            [right(TRACE), wrong(a), Vote::Silent],
            Outcome::Undecided,
            [Paid, Unsupported, Absent],
        ),
        (
            "1:0",
            [right(near), Vote::Nobody, Vote::Nobody],
            Outcome::Undecided,
            [Paid, Nobody, Nobody],
        ),
        ("0:0", [Vote::Nobody; 3], Outcome::Undecided, [Nobody; 3]),
        ("nobody reveals", [Vote::Hidden; 3], Outcome::Undecided, [Absent; 3]),
        (
            "three different wrongs",
            [wrong(a), wrong(b), wrong(c)],
            Outcome::Undecided,
            [Unsupported; 3],
        ),
        ("guesses of right", [right(a), right(b), right(c)], Outcome::Undecided, [Unsupported; 3]),
        (
            "a copied result",
            [right(a), right(close_to(a)), right(a)],
            Outcome::TraceRefuted,
            [Paid; 3],
        ),
        (
            "a copied result, and a friend",
            [right(a), right(close_to(a)), right(TRACE)],
            Outcome::TraceRefuted,
            [Paid, Paid, Overruled],
        ),
        (
            "work that is judged differently",
            [right(a), wrong(close_to(a)), Vote::Nobody],
            Outcome::TraceRefuted,
            [Paid, Paid, Nobody],
        ),
        (
            "wrong by two, of whom one is close",
            [wrong(a), wrong(close_to(a)), wrong(b)],
            Outcome::Convicted,
            [Paid, Paid, Unsupported],
        ),
        (
            "one says Wrong, and nobody else anything",
            [wrong(a), Vote::Silent, Vote::Hidden],
            Outcome::Undecided,
            [Uncounted, Absent, Absent],
        ),
        (
            "one says Wrong, and another has no verdict",
            [wrong(a), Vote::Revealed(Verdict::NotDecidable, a), Vote::Nobody],
            Outcome::Undecided,
            [Unsupported, Absent, Nobody],
        ),
        (
            "not decidable",
            [Vote::Revealed(Verdict::NotDecidable, TRACE); 3],
            Outcome::Undecided,
            [Absent; 3],
        ),
    ];
    for (what, votes, outcome, standings) in table {
        assert_eq!(judge_votes(Some(&TRACE), &votes), Judgment { outcome, standings }, "{what}");
    }
}

#[test]
fn a_trace_that_is_not_opened_convicts_if_somebody_committed() {
    for votes in all_panels() {
        let judgment = judge_votes(None, &votes);
        let commits = |vote: &Vote| matches!(vote, Vote::Hidden | Vote::Revealed(..));
        let is_lost = votes.iter().any(commits);
        let expected = if is_lost { Outcome::NotOpened } else { Outcome::Undecided };
        assert_eq!(judgment.outcome, expected, "{votes:?}");
        for (vote, standing) in votes.iter().zip(judgment.standings) {
            let expected = match vote {
                Vote::Nobody => Nobody,
                Vote::Silent => Absent,
                _ => Paid,
            };
            assert_eq!(standing, expected, "{votes:?}");
        }
    }
}

#[test]
fn no_pattern_depends_on_the_order_of_the_seats() {
    for votes in all_panels() {
        let [a, b, c] = votes;
        let judgment = judge_votes(Some(&TRACE), &votes);
        let [x, y, z] = judgment.standings;
        for (votes, standings) in [([b, a, c], [y, x, z]), ([a, c, b], [x, z, y])] {
            let expected = Judgment { standings, ..judgment };
            assert_eq!(judge_votes(Some(&TRACE), &votes), expected, "{votes:?}");
        }
    }
}

#[test]
fn a_panelist_is_paid_and_overruled_only_as_described() {
    for votes in all_panels() {
        let Judgment { outcome, standings } = judge_votes(Some(&TRACE), &votes);
        let paid = standings.iter().filter(|standing| **standing == Paid).count();
        match outcome {
            Outcome::Undecided => assert!(paid <= 1, "{votes:?}"),
            Outcome::Convicted | Outcome::TraceRefuted | Outcome::Acquitted => {
                assert!(paid >= 2, "{votes:?}")
            }
            Outcome::None | Outcome::NotOpened => panic!("{votes:?}"),
        }
        for (vote, standing) in votes.iter().zip(standings) {
            let has_sketch_of =
                |sketch: &Sketch| matches!(vote, Vote::Revealed(_, its) if its.agrees_with(sketch));
            match standing {
                Nobody => assert_eq!(*vote, Vote::Nobody),
                Uncounted => {
                    assert!(matches!(vote, Vote::Revealed(Verdict::Wrong, _)), "{votes:?}");
                    let is_said = |vote: &&Vote| matches!(vote, Vote::Revealed(..));
                    assert_eq!(votes.iter().filter(is_said).count(), 1, "{votes:?}");
                }
                Absent => assert!(
                    !matches!(
                        vote,
                        Vote::Nobody | Vote::Revealed(Verdict::Right | Verdict::Wrong, _)
                    ),
                    "{votes:?}"
                ),
                Overruled => {
                    assert!(outcome.is_nodes_loss() && has_sketch_of(&TRACE), "{votes:?}");
                    assert_eq!(paid, 2, "{votes:?}");
                }
                Paid | Unsupported => assert!(
                    matches!(vote, Vote::Revealed(Verdict::Right | Verdict::Wrong, _)),
                    "{votes:?}"
                ),
            }
        }
    }
}

/// A panelist alone, whatever it says, neither convicts nor acquits.
#[test]
fn one_vote_decides_nothing() {
    for vote in all_votes() {
        for other in [Vote::Nobody, Vote::Silent, Vote::Hidden] {
            let judgment = judge_votes(Some(&TRACE), &[other, vote, other]);
            assert_eq!(judgment.outcome, Outcome::Undecided, "{vote:?}");
        }
    }
}

/// A panelist that finds itself alone loses nothing by the truth.
#[test]
fn a_lone_vote_for_wrong_is_neither_paid_nor_fined() {
    for sketch in [TRACE, OTHERS[0]] {
        for others in [[Vote::Nobody; 2], [Vote::Silent, Vote::Hidden], [Vote::Hidden; 2]] {
            let votes = [wrong(sketch), others[0], others[1]];
            let [standing, ..] = judge_votes(Some(&TRACE), &votes).standings;
            assert_eq!(standing, Uncounted, "{votes:?}");
        }
        let votes = [wrong(sketch), right(OTHERS[1]), Vote::Nobody];
        let standings = judge_votes(Some(&TRACE), &votes).standings;
        assert_eq!(standings, [Unsupported, Unsupported, Nobody]);
    }
}

/// A sketch that differs from the trace in the first `bits` bits.
fn apart(bits: usize) -> Sketch {
    let mut bytes = TRACE.0;
    for bit in 0..bits {
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    Sketch(bytes)
}

/// A node that shifts its trace to the edge makes no honest panelist lose anything.
#[test]
fn a_trace_at_the_edge_harms_no_panelist() {
    let (near, far) = (apart(23), apart(27));
    assert!(near.agrees_with(&TRACE) && !far.agrees_with(&TRACE) && far.agrees_with(&near));
    let judge = |votes| judge_votes(Some(&TRACE), &votes);

    let acquitted = Judgment { outcome: Outcome::Acquitted, standings: [Paid, Paid, Nobody] };
    assert_eq!(judge([right(near), right(far), Vote::Nobody]), acquitted);
    let refuted = Judgment { outcome: Outcome::TraceRefuted, standings: [Paid; 3] };
    assert_eq!(judge([right(near), right(far), right(apart(28))]), refuted);

    // Only a Right vote that agrees with the trace itself carries another one.
    let undecided = |standings| Judgment { outcome: Outcome::Undecided, standings };
    assert_eq!(
        judge([wrong(near), right(far), Vote::Nobody]),
        undecided([Unsupported, Unsupported, Nobody])
    );
    assert_eq!(
        judge([right(near), wrong(far), Vote::Nobody]),
        undecided([Paid, Unsupported, Nobody])
    );
    assert_eq!(
        judge([right(near), right(apart(48)), Vote::Silent]),
        undecided([Paid, Unsupported, Absent])
    );
    // Who agrees with the trace, and not with those who refute it, is overruled.
    let friend = [right(TRACE), right(far), right(far)];
    assert_eq!(judge(friend).standings, [Overruled, Paid, Paid]);
    let unwilling = [wrong(near), right(far), right(far)];
    assert_eq!(judge(unwilling).standings, [Unsupported, Paid, Paid]);
}

#[test]
fn a_rejection_counts_where_the_panel_does_not_decide() {
    let table = [
        (Outcome::Undecided, Reason::ResultRejected, Reason::Completed),
        (Outcome::Acquitted, Reason::Completed, Reason::Completed),
        (Outcome::Convicted, Reason::ResultWrong, Reason::ResultWrong),
        (Outcome::NotOpened, Reason::ResultWrong, Reason::ResultWrong),
        (Outcome::TraceRefuted, Reason::ResultWrong, Reason::ResultWrong),
    ];
    for (outcome, rejected, otherwise) in table {
        assert_eq!(outcome.settle_reason(true), rejected, "{outcome:?}");
        assert_eq!(outcome.settle_reason(false), otherwise, "{outcome:?}");
    }
}

#[test]
fn bytes_round_trip() {
    for byte in 0..=u8::MAX {
        let verdict = Verdict::from_byte(byte);
        assert_eq!(verdict.map(|it| it as u8), (byte <= 3).then_some(byte));
        assert!(verdict.is_none_or(|it| *it.as_bytes() == [byte]));
        let seat = SeatState::from_byte(byte).map(|it| it as u8);
        assert_eq!(seat, (byte <= 4).then_some(byte));
        let outcome = Outcome::from_byte(byte);
        assert_eq!(outcome.map(|it| it as u8), (byte <= 5).then_some(byte));
        assert_eq!(outcome.is_some_and(Outcome::is_nodes_loss), (2..=4).contains(&byte));
        let standing = Standing::from_byte(byte).map(|it| it as u8);
        assert_eq!(standing, (byte <= 5).then_some(byte));
    }
}
