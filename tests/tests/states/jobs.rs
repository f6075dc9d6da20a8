//! What every instruction does to a job in every situation.

use nosana_client::jobs::Error::{
    self, DeadlinePassed, JobNotEmpty, NoSuchSlot, NotInQueue, NotThisNode, NothingToCollect,
    ServiceHasNoResult, TooEarly, WrongState,
};
use nosana_protocol::job::{
    Reason::{self, Cancelled, ClientStopped, Completed, DeadlineExceeded, Expired, HeartbeatLost},
    State::{self, Matched, Queued, Running, Submitted},
};
use nosana_tests::Refusal;

use crate::job_stage::{Call, Scene};

/// Where a job stands, as finely as any instruction looks at it. The market has a challenge window,
/// and no other node waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// `Queued`: it waits in line.
    InLine,
    /// `Queued`: it has waited in line for longer than its market lets it.
    InLineTooLong,
    /// `Queued`, but not in line: a node has taken it, and may still start it undisturbed.
    Offered,
    /// The same, after the queue clock, of which the job had used up nearly all when it was taken.
    OfferedLate,
    /// The same, after the start clock. The queue clock has run out as well.
    OfferedTooLong,
    /// `Matched`: it met a waiting node, which may still start it undisturbed.
    Met,
    /// The same, after the start clock.
    MetTooLong,
    /// `Running`, a batch job, within all clocks.
    Works,
    /// The same, with a heartbeat overdue.
    Silent,
    /// The same, with every heartbeat in time, but past the last moment for a result.
    PastDeadline,
    /// `Running`, a service, within all clocks.
    Serves,
    /// The same, with a heartbeat overdue.
    SilentService,
    /// The same, at the end of its time, which its heartbeats reach.
    ServiceOver,
    /// `Submitted`, within the challenge window.
    Challengeable,
    /// `Submitted`, after the challenge window.
    Due,
    /// `Settled`, within its retention; nobody is owed anything.
    Kept,
    /// `Settled`, after its retention; its payer could not be paid, and has a credit.
    Owing,
    /// `Settled`, after its retention; nobody is owed anything.
    Done,
    /// Settled and cleaned: there is no account any more.
    Cleaned,
}

/// What follows.
#[derive(Clone, Copy, Debug)]
pub enum Outcome {
    /// It goes through; the job is then in this state, and not settled.
    Is(State),
    /// It goes through; the job is then settled, for this reason.
    Ends(Reason),
    /// It goes through; the job's account is then gone.
    Closes,
    /// It is refused.
    No(Error),
    /// It is refused, since there is no such account.
    Absent,
}

use Outcome::{Absent, Closes, Ends, Is, No};
use Situation::{
    Challengeable, Cleaned, Done, Due, InLine, InLineTooLong, Kept, Met, MetTooLong, Offered,
    OfferedLate, OfferedTooLong, Owing, PastDeadline, Serves, ServiceOver, Silent, SilentService,
    Works,
};

/// What clients do; anyone may top up.
pub const CLIENT: [Call; 5] = [Call::Cancel, Call::Extend, Call::TopUp, Call::Stop, Call::Accept];
#[rustfmt::skip]
pub const BY_CLIENT: [(Situation, [Outcome; 5]); 19] = [
    //               cancel            extend              top_up          stop
    //               accept
    (InLine,         [Ends(Cancelled), Is(Queued),         Is(Queued),     No(NoSuchSlot),      No(WrongState)]),
    (InLineTooLong,  [Ends(Cancelled), Is(Queued),         Is(Queued),     No(NoSuchSlot),      No(WrongState)]),
    (Offered,        [No(NotInQueue),  Is(Queued),         Is(Queued),     Ends(ClientStopped), No(WrongState)]),
    (OfferedLate,    [No(NotInQueue),  Is(Queued),         Is(Queued),     Ends(ClientStopped), No(WrongState)]),
    (OfferedTooLong, [No(NotInQueue),  Is(Queued),         Is(Queued),     Ends(ClientStopped), No(WrongState)]),
    (Met,            [No(WrongState),  Is(Matched),        Is(Matched),    No(WrongState),      No(WrongState)]),
    (MetTooLong,     [No(WrongState),  Is(Matched),        Is(Matched),    No(WrongState),      No(WrongState)]),
    (Works,          [No(WrongState),  Is(Running),        Is(Running),    Ends(ClientStopped), No(WrongState)]),
    (Silent,         [No(WrongState),  No(DeadlinePassed), Is(Running),    Ends(ClientStopped), No(WrongState)]),
    (PastDeadline,   [No(WrongState),  No(DeadlinePassed), Is(Running),    Ends(ClientStopped), No(WrongState)]),
    (Serves,         [No(WrongState),  Is(Running),        Is(Running),    Ends(ClientStopped), No(WrongState)]),
    (SilentService,  [No(WrongState),  No(DeadlinePassed), Is(Running),    Ends(ClientStopped), No(WrongState)]),
    (ServiceOver,    [No(WrongState),  No(DeadlinePassed), Is(Running),    Ends(ClientStopped), No(WrongState)]),
    (Challengeable,  [No(WrongState),  No(WrongState),     No(WrongState), No(WrongState),      Ends(Completed)]),
    (Due,            [No(WrongState),  No(WrongState),     No(WrongState), No(WrongState),      Ends(Completed)]),
    (Kept,           [No(WrongState),  No(WrongState),     No(WrongState), No(WrongState),      No(WrongState)]),
    (Owing,          [No(WrongState),  No(WrongState),     No(WrongState), No(WrongState),      No(WrongState)]),
    (Done,           [No(WrongState),  No(WrongState),     No(WrongState), No(WrongState),      No(WrongState)]),
    (Cleaned,        [Absent,          Absent,             Absent,         Absent,              Absent]),
];

/// What nodes do: the one that the situation names, or one that has nothing to do with the job
/// where it names none.
pub const NODE: [Call; 4] = [Call::Start, Call::Heartbeat, Call::Finish, Call::Quit];
#[rustfmt::skip]
pub const BY_NODE: [(Situation, [Outcome; 4]); 19] = [
    //               start            heartbeat           finish                  quit
    (InLine,         [No(NoSuchSlot), No(NotThisNode),    No(WrongState),         No(NoSuchSlot)]),
    (InLineTooLong,  [No(NoSuchSlot), No(NotThisNode),    No(WrongState),         No(NoSuchSlot)]),
    (Offered,        [Is(Running),    No(NotThisNode),    No(WrongState),         Is(Queued)]),
    (OfferedLate,    [Is(Running),    No(NotThisNode),    No(WrongState),         Ends(Expired)]),
    (OfferedTooLong, [Is(Running),    No(NotThisNode),    No(WrongState),         No(DeadlinePassed)]),
    (Met,            [Is(Running),    No(WrongState),     No(WrongState),         Is(Queued)]),
    (MetTooLong,     [Is(Running),    No(WrongState),     No(WrongState),         No(DeadlinePassed)]),
    (Works,          [No(NoSuchSlot), Is(Running),        Is(Submitted),          Is(Queued)]),
    (Silent,         [No(NoSuchSlot), No(DeadlinePassed), Is(Submitted),          Is(Queued)]),
    (PastDeadline,   [No(NoSuchSlot), Is(Running),        No(DeadlinePassed),     No(DeadlinePassed)]),
    (Serves,         [No(NoSuchSlot), Is(Running),        No(ServiceHasNoResult), Is(Queued)]),
    (SilentService,  [No(NoSuchSlot), No(DeadlinePassed), No(ServiceHasNoResult), No(DeadlinePassed)]),
    (ServiceOver,    [No(NoSuchSlot), Is(Running),        No(ServiceHasNoResult), No(DeadlinePassed)]),
    (Challengeable,  [No(NoSuchSlot), No(WrongState),     No(WrongState),         No(WrongState)]),
    (Due,            [No(NoSuchSlot), No(WrongState),     No(WrongState),         No(WrongState)]),
    (Kept,           [No(NoSuchSlot), No(WrongState),     No(WrongState),         No(WrongState)]),
    (Owing,          [No(NoSuchSlot), No(WrongState),     No(WrongState),         No(WrongState)]),
    (Done,           [No(NoSuchSlot), No(WrongState),     No(WrongState),         No(WrongState)]),
    (Cleaned,        [Absent,         Absent,             Absent,                 Absent]),
];

/// What clocks allow to anyone, and what the payer collects.
pub const ANYONE: [Call; 6] = [
    Call::ExpireQueued,
    Call::ExpireMatch,
    Call::ExpireRun,
    Call::Settle,
    Call::Collect,
    Call::Clean,
];
#[rustfmt::skip]
pub const BY_ANYONE: [(Situation, [Outcome; 6]); 19] = {
    const STATE: Outcome = No(WrongState);
    const NONE: Outcome = No(NothingToCollect);
    const LATE: Outcome = Ends(DeadlineExceeded);
    const LOST: Outcome = Ends(HeartbeatLost);
    const PAID: Outcome = Ends(Completed);
    [
        //                expire_queued   expire_match    expire_run    settle        collect clean
        (InLine,         [No(TooEarly),   No(NoSuchSlot), STATE,        STATE,        NONE,   STATE]),
        (InLineTooLong,  [Ends(Expired),  No(NoSuchSlot), STATE,        STATE,        NONE,   STATE]),
        (Offered,        [No(TooEarly),   No(TooEarly),   STATE,        STATE,        NONE,   STATE]),
        (OfferedLate,    [No(NotInQueue), No(TooEarly),   STATE,        STATE,        NONE,   STATE]),
        (OfferedTooLong, [No(NotInQueue), Is(Queued),     STATE,        STATE,        NONE,   STATE]),
        (Met,            [STATE,          No(TooEarly),   STATE,        STATE,        NONE,   STATE]),
        (MetTooLong,     [STATE,          Is(Queued),     STATE,        STATE,        NONE,   STATE]),
        (Works,          [STATE,          STATE,          No(TooEarly), STATE,        NONE,   STATE]),
        (Silent,         [STATE,          STATE,          Is(Queued),   STATE,        NONE,   STATE]),
        (PastDeadline,   [STATE,          STATE,          LATE,         STATE,        NONE,   STATE]),
        (Serves,         [STATE,          STATE,          No(TooEarly), STATE,        NONE,   STATE]),
        (SilentService,  [STATE,          STATE,          LOST,         STATE,        NONE,   STATE]),
        (ServiceOver,    [STATE,          STATE,          PAID,         STATE,        NONE,   STATE]),
        (Challengeable,  [STATE,          STATE,          STATE,        No(TooEarly), NONE,   STATE]),
        (Due,            [STATE,          STATE,          STATE,        PAID,         NONE,   STATE]),
        (Kept,           [STATE,          STATE,          STATE,        STATE,        NONE,   No(TooEarly)]),
        (Owing,          [STATE,          STATE,          STATE,        STATE,        PAID,   No(JobNotEmpty)]),
        (Done,           [STATE,          STATE,          STATE,        STATE,        NONE,   Closes]),
        (Cleaned,        [Absent,         Absent,         Absent,       Absent,       Absent, Absent]),
    ]
};

impl Situation {
    /// What every instruction does here.
    pub fn row(self) -> Vec<(Call, Outcome)> {
        fn of<const N: usize>(
            situation: Situation,
            calls: [Call; N],
            table: &[(Situation, [Outcome; N])],
        ) -> impl Iterator<Item = (Call, Outcome)> {
            let row =
                table.iter().find(|(of, _)| *of == situation).expect("every situation has a row").1;
            calls.into_iter().zip(row)
        }
        let mut row: Vec<(Call, Outcome)> = of(self, CLIENT, &BY_CLIENT).collect();
        row.extend(of(self, NODE, &BY_NODE));
        row.extend(of(self, ANYONE, &BY_ANYONE));
        row
    }

    /// Tries every instruction. All that are refused are tried in one world, since they change
    /// nothing; each of the others gets a world of its own.
    async fn check(self) {
        let still = Scene::new(self).await;
        for (call, outcome) in self.row() {
            let refusal = match outcome {
                No(error) => error.into(),
                Absent => Refusal::too_small(),
                _ => {
                    Scene::new(self).await.follow(call, outcome).await;
                    continue;
                }
            };
            still.refuse(call, refusal).await;
        }
    }
}

macro_rules! situations {
    ($($name:ident: $situation:ident,)*) => {
        /// All of them.
        pub const SITUATIONS: [Situation; 19] = [$(Situation::$situation),*];

        $(#[tokio::test]
        async fn $name() {
            Situation::$situation.check().await;
        })*
    };
}

situations! {
    in_line: InLine,
    in_line_for_too_long: InLineTooLong,
    offered: Offered,
    offered_after_a_long_wait: OfferedLate,
    offered_for_too_long: OfferedTooLong,
    matched: Met,
    matched_for_too_long: MetTooLong,
    running: Works,
    silent: Silent,
    past_its_deadline: PastDeadline,
    a_running_service: Serves,
    a_silent_service: SilentService,
    a_service_at_its_end: ServiceOver,
    submitted: Challengeable,
    submitted_and_due: Due,
    settled: Kept,
    settled_and_owing: Owing,
    settled_and_done: Done,
    cleaned: Cleaned,
}
