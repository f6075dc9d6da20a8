//! The outcome of every instruction in every situation of a dispute.

use nosana_client::jobs::Error::{NotSeated, SeatsOpen, SeatsTaken, TooEarly, WrongPhase};
use nosana_protocol::dispute::phase::Phase::{self, Committing, Opening, Over, Seating, Voting};

use crate::{
    dispute_calls::Call,
    dispute_fixture::{Outcome, Situation},
};

use Outcome::{Absent, Closes, Is, No};
use Situation::{
    AllClosed, AllCommitted, AllRevealed, CallerClosed, CallerCommitted, CallerRevealed, Closed,
    Commits, Drawn, DrawnTooLong, LoserOpen, NoneCommitted, NoneRevealed, NotOpened, OneCommitted,
    OthersCommitted, OthersRevealed, Resolved, Seated, Undisputed, Undrawn, UndrawnTooLong, Votes,
};

/// Frequent outcomes, in short.
const PHASE: Outcome = No(WrongPhase);
const NO_SEAT: Outcome = No(NotSeated);
const ENDS: Outcome = Is(Phase::Resolved);

/// What happens before the votes.
pub const EARLY: [Call; 4] =
    [Call::DrawPanel, Call::ClaimSeat, Call::CommitSketch, Call::OpenTrace];
#[rustfmt::skip]
pub const EARLY_OUTCOMES: [(Situation, [Outcome; 4]); 23] = [
    //                 draw_panel   claim_seat      commit_sketch   open_trace
    (Undisputed,      [Absent,      Absent,         Absent,         Absent]),
    (Undrawn,         [Is(Seating), No(TooEarly),   NO_SEAT,        PHASE]),
    (UndrawnTooLong,  [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (Drawn,           [PHASE,       Is(Seating),    NO_SEAT,        PHASE]),
    (DrawnTooLong,    [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (Seated,          [PHASE,       No(SeatsTaken), PHASE,          PHASE]),
    (Commits,         [PHASE,       PHASE,          Is(Committing), PHASE]),
    (CallerCommitted, [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (OthersCommitted, [PHASE,       PHASE,          Is(Opening),    PHASE]),
    (NoneCommitted,   [PHASE,       PHASE,          PHASE,          PHASE]),
    (AllCommitted,    [PHASE,       PHASE,          NO_SEAT,        Is(Voting)]),
    (OneCommitted,    [PHASE,       PHASE,          NO_SEAT,        Is(Voting)]),
    (NotOpened,       [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (Votes,           [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (CallerRevealed,  [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (OthersRevealed,  [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (NoneRevealed,    [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (AllRevealed,     [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (Resolved,        [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (LoserOpen,       [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (CallerClosed,    [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (AllClosed,       [PHASE,       PHASE,          NO_SEAT,        PHASE]),
    (Closed,          [Absent,      Absent,         Absent,         Absent]),
];

/// The votes, and what happens after them.
pub const LATE: [Call; 4] = [Call::Reveal, Call::Resolve, Call::CloseSeat, Call::CloseDispute];
#[rustfmt::skip]
pub const LATE_OUTCOMES: [(Situation, [Outcome; 4]); 23] = [
    //                 reveal      resolve close_seat     close_dispute
    (Undisputed,      [Absent,     Absent, Absent,        Absent]),
    (Undrawn,         [PHASE,      PHASE,  PHASE,         PHASE]),
    (UndrawnTooLong,  [PHASE,      ENDS,   PHASE,         PHASE]),
    (Drawn,           [PHASE,      PHASE,  PHASE,         PHASE]),
    (DrawnTooLong,    [PHASE,      ENDS,   PHASE,         PHASE]),
    (Seated,          [PHASE,      PHASE,  PHASE,         PHASE]),
    (Commits,         [PHASE,      PHASE,  PHASE,         PHASE]),
    (CallerCommitted, [PHASE,      PHASE,  PHASE,         PHASE]),
    (OthersCommitted, [PHASE,      PHASE,  PHASE,         PHASE]),
    (NoneCommitted,   [PHASE,      ENDS,   PHASE,         PHASE]),
    (AllCommitted,    [PHASE,      PHASE,  PHASE,         PHASE]),
    (OneCommitted,    [PHASE,      PHASE,  PHASE,         PHASE]),
    (NotOpened,       [PHASE,      ENDS,   PHASE,         PHASE]),
    (Votes,           [Is(Voting), PHASE,  PHASE,         PHASE]),
    (CallerRevealed,  [NO_SEAT,    PHASE,  PHASE,         PHASE]),
    (OthersRevealed,  [Is(Over),   PHASE,  PHASE,         PHASE]),
    (NoneRevealed,    [PHASE,      ENDS,   PHASE,         PHASE]),
    (AllRevealed,     [PHASE,      ENDS,   PHASE,         PHASE]),
    (Resolved,        [PHASE,      PHASE,  ENDS,          No(SeatsOpen)]),
    (LoserOpen,       [PHASE,      PHASE,  No(SeatsOpen), No(SeatsOpen)]),
    (CallerClosed,    [PHASE,      PHASE,  NO_SEAT,       No(SeatsOpen)]),
    (AllClosed,       [PHASE,      PHASE,  NO_SEAT,       Closes]),
    (Closed,          [Absent,     Absent, Absent,        Absent]),
];
