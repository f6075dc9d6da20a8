//! The outcome of every instruction in every situation of a job.

use nosana_client::jobs::Error::{
    DeadlinePassed, JobNotEmpty, NoSuchSlot, NotForfeitable, NotInQueue, NotThisNode, NotVerified,
    NothingToCollect, ServiceHasNoResult, TooEarly, WrongPhase, WrongState,
};
use nosana_protocol::job::{
    Reason::{
        Cancelled, ClientStopped, Completed, DeadlineExceeded, Expired, HeartbeatLost,
        ResultRejected,
    },
    State::{Challenged, Matched, Queued, Running, Submitted},
};

use crate::{
    job_calls::Call,
    job_fixture::{Outcome, Situation},
};

use Outcome::{Absent, Closes, Ends, Is, No, Taken, Undisputed};
use Situation::{
    Challengeable, Claimed, ClaimedLate, ClaimedTooLong, Cleaned, Disputable, DisputeOver,
    Disputed, Done, Due, JustMatched, Kept, Listed, ListedTooLong, MatchedTooLong, Owing,
    PastDeadline, Serves, ServiceOver, Silent, SilentService, Works,
};

/// Frequent outcomes, in short.
const STATE: Outcome = No(WrongState);
const SLOT: Outcome = No(NoSuchSlot);
const LATE: Outcome = No(DeadlinePassed);
const OTHER: Outcome = No(NotThisNode);
const SERVICE: Outcome = No(ServiceHasNoResult);
const STOPS: Outcome = Ends(ClientStopped);
const EARLY: Outcome = No(TooEarly);
const NONE: Outcome = No(NothingToCollect);
const PAST: Outcome = Ends(DeadlineExceeded);
const LOST: Outcome = Ends(HeartbeatLost);
const PAID: Outcome = Ends(Completed);
const REJECTED: Outcome = Ends(ResultRejected);
const KEPT: Outcome = No(NotForfeitable);
const PLAIN: Outcome = No(NotVerified);
const NONE_YET: Outcome = Undisputed;

/// What clients do; anyone may top up.
pub const CLIENT: [Call; 6] =
    [Call::Cancel, Call::Extend, Call::TopUp, Call::Stop, Call::Accept, Call::Reject];
#[rustfmt::skip]
pub const BY_CLIENT: [(Situation, [Outcome; 6]); 22] = [
    //                 cancel           extend       top_up       stop    accept           reject
    (Listed,         [Ends(Cancelled), Is(Queued),  Is(Queued),  SLOT,   STATE, STATE]),
    (ListedTooLong,  [Ends(Cancelled), Is(Queued),  Is(Queued),  SLOT,   STATE, STATE]),
    (Claimed,        [No(NotInQueue),  Is(Queued),  Is(Queued),  STOPS,  STATE, STATE]),
    (ClaimedLate,    [No(NotInQueue),  Is(Queued),  Is(Queued),  STOPS,  STATE, STATE]),
    (ClaimedTooLong, [No(NotInQueue),  Is(Queued),  Is(Queued),  STOPS,  STATE, STATE]),
    (JustMatched,    [Is(Matched),     Is(Matched), Is(Matched), STATE,  STATE, STATE]),
    (MatchedTooLong, [Is(Matched),     Is(Matched), Is(Matched), STATE,  STATE, STATE]),
    (Works,          [STATE,           Is(Running), Is(Running), STOPS,  STATE, STATE]),
    (Silent,         [STATE,           LATE,        Is(Running), STOPS,  STATE, STATE]),
    (PastDeadline,   [STATE,           LATE,        Is(Running), STOPS,  STATE, STATE]),
    (Serves,         [STATE,           Is(Running), Is(Running), STOPS,  STATE, STATE]),
    (SilentService,  [STATE,           LATE,        Is(Running), STOPS,  STATE, STATE]),
    (ServiceOver,    [STATE,           LATE,        Is(Running), STOPS,  STATE, STATE]),
    (Challengeable,  [STATE,           STATE,       STATE,       STATE, Ends(Completed), REJECTED]),
    (Due,            [STATE,           STATE,       STATE,       STATE, Ends(Completed), LATE]),
    (Disputable,     [STATE,           STATE,       STATE,       STATE, Ends(Completed), REJECTED]),
    (Disputed,       [STATE,           STATE,       STATE,       STATE,  STATE, Is(Challenged)]),
    (DisputeOver,    [STATE,           STATE,       STATE,       STATE,  STATE, LATE]),
    (Kept,           [STATE,           STATE,       STATE,       STATE,  STATE, STATE]),
    (Owing,          [STATE,           STATE,       STATE,       STATE,  STATE, STATE]),
    (Done,           [STATE,           STATE,       STATE,       STATE,  STATE, STATE]),
    (Cleaned,        [Absent,          Absent,      Absent,      Absent, Absent, Absent]),
];

/// What nodes do: the one that the situation names, or one that has nothing to do with the job
/// where it names none.
pub const NODE: [Call; 4] = [Call::Start, Call::Heartbeat, Call::Finish, Call::Quit];
#[rustfmt::skip]
pub const BY_NODE: [(Situation, [Outcome; 4]); 22] = [
    //                 start        heartbeat    finish         quit
    (Listed,         [SLOT,        OTHER,       STATE,         SLOT]),
    (ListedTooLong,  [SLOT,        OTHER,       STATE,         SLOT]),
    (Claimed,        [Is(Running), OTHER,       STATE,         Is(Queued)]),
    (ClaimedLate,    [Is(Running), OTHER,       STATE,         Ends(Expired)]),
    (ClaimedTooLong, [LATE,        OTHER,       STATE,         LATE]),
    (JustMatched,    [Is(Running), STATE,       STATE,         Is(Queued)]),
    (MatchedTooLong, [LATE,        STATE,       STATE,         LATE]),
    (Works,          [SLOT,        Is(Running), Is(Submitted), Is(Queued)]),
    (Silent,         [SLOT,        Is(Running), Is(Submitted), Is(Queued)]),
    (PastDeadline,   [SLOT,        Is(Running), LATE,          LATE]),
    (Serves,         [SLOT,        Is(Running), SERVICE,       Is(Queued)]),
    (SilentService,  [SLOT,        Is(Running), SERVICE,       LATE]),
    (ServiceOver,    [SLOT,        Is(Running), SERVICE,       LATE]),
    (Challengeable,  [SLOT,        STATE,       STATE,         STATE]),
    (Due,            [SLOT,        STATE,       STATE,         STATE]),
    (Disputable,     [SLOT,        STATE,       STATE,         STATE]),
    (Disputed,       [SLOT,        STATE,       STATE,         STATE]),
    (DisputeOver,    [SLOT,        STATE,       STATE,         STATE]),
    (Kept,           [SLOT,        STATE,       STATE,         STATE]),
    (Owing,          [SLOT,        STATE,       STATE,         STATE]),
    (Done,           [SLOT,        STATE,       STATE,         STATE]),
    (Cleaned,        [Absent,      Absent,      Absent,        Absent]),
];

/// What clocks allow to anyone.
pub const CLOCKS: [Call; 4] =
    [Call::ExpireQueued, Call::ExpireMatch, Call::ExpireRun, Call::Settle];
#[rustfmt::skip]
pub const BY_CLOCKS: [(Situation, [Outcome; 4]); 22] = [
    //                expire_queued   expire_match expire_run  settle
    (Listed,         [EARLY,          SLOT,        STATE,      STATE]),
    (ListedTooLong,  [Ends(Expired),  SLOT,        STATE,      STATE]),
    (Claimed,        [EARLY,          EARLY,       STATE,      STATE]),
    (ClaimedLate,    [No(NotInQueue), EARLY,       STATE,      STATE]),
    (ClaimedTooLong, [No(NotInQueue), Is(Queued),  STATE,      STATE]),
    (JustMatched,    [STATE,          EARLY,       STATE,      STATE]),
    (MatchedTooLong, [STATE,          Is(Queued),  STATE,      STATE]),
    (Works,          [STATE,          STATE,       EARLY,      STATE]),
    (Silent,         [STATE,          STATE,       Is(Queued), STATE]),
    (PastDeadline,   [STATE,          STATE,       PAST,       STATE]),
    (Serves,         [STATE,          STATE,       EARLY,      STATE]),
    (SilentService,  [STATE,          STATE,       LOST,       STATE]),
    (ServiceOver,    [STATE,          STATE,       PAID,       STATE]),
    (Challengeable,  [STATE,          STATE,       STATE,      EARLY]),
    (Due,            [STATE,          STATE,       STATE,      PAID]),
    (Disputable,     [STATE,          STATE,       STATE,      EARLY]),
    (Disputed,       [STATE,          STATE,       STATE,      STATE]),
    (DisputeOver,    [STATE,          STATE,       STATE,      STATE]),
    (Kept,           [STATE,          STATE,       STATE,      STATE]),
    (Owing,          [STATE,          STATE,       STATE,      STATE]),
    (Done,           [STATE,          STATE,       STATE,      STATE]),
    (Cleaned,        [Absent,         Absent,      Absent,     Absent]),
];

/// What the payer collects, and what anyone does with credits, settled jobs and disputes.
pub const ANYONE: [Call; 5] =
    [Call::Collect, Call::ForfeitCredit, Call::Clean, Call::Challenge, Call::Resolve];
#[rustfmt::skip]
pub const BY_ANYONE: [(Situation, [Outcome; 5]); 22] = [
    //                collect forfeit clean            challenge       resolve
    (Listed,         [NONE,   STATE,  STATE,           OTHER,          NONE_YET]),
    (ListedTooLong,  [NONE,   STATE,  STATE,           OTHER,          NONE_YET]),
    (Claimed,        [NONE,   STATE,  STATE,           OTHER,          NONE_YET]),
    (ClaimedLate,    [NONE,   STATE,  STATE,           OTHER,          NONE_YET]),
    (ClaimedTooLong, [NONE,   STATE,  STATE,           OTHER,          NONE_YET]),
    (JustMatched,    [NONE,   STATE,  STATE,           STATE,          NONE_YET]),
    (MatchedTooLong, [NONE,   STATE,  STATE,           STATE,          NONE_YET]),
    (Works,          [NONE,   STATE,  STATE,           STATE,          NONE_YET]),
    (Silent,         [NONE,   STATE,  STATE,           STATE,          NONE_YET]),
    (PastDeadline,   [NONE,   STATE,  STATE,           STATE,          NONE_YET]),
    (Serves,         [NONE,   STATE,  STATE,           STATE,          NONE_YET]),
    (SilentService,  [NONE,   STATE,  STATE,           STATE,          NONE_YET]),
    (ServiceOver,    [NONE,   STATE,  STATE,           STATE,          NONE_YET]),
    (Challengeable,  [NONE,   STATE,  STATE,           PLAIN,          NONE_YET]),
    (Due,            [NONE,   STATE,  STATE,           PLAIN,          NONE_YET]),
    (Disputable,     [NONE,   STATE,  STATE,           Is(Challenged), NONE_YET]),
    (Disputed,       [NONE,   STATE,  STATE,           Taken,          No(WrongPhase)]),
    (DisputeOver,    [NONE,   STATE,  STATE,           Taken,          PAID]),
    (Kept,           [NONE,   KEPT,   EARLY,           STATE,          NONE_YET]),
    (Owing,          [PAID,   KEPT,   No(JobNotEmpty), STATE,          NONE_YET]),
    (Done,           [NONE,   KEPT,   Closes,          STATE,          NONE_YET]),
    (Cleaned,        [Absent, Absent, Absent,          Absent,         Absent]),
];
