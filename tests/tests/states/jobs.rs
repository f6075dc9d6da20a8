//! What every instruction does to a job in every situation.

use nosana_client::jobs::Error::{
    DeadlinePassed, JobNotEmpty, NoSuchSlot, NotForfeitable, NotInQueue, NotThisNode, NotVerified,
    NothingToCollect, ServiceHasNoResult, TooEarly, WrongPhase, WrongState,
};
use nosana_client::{actions, jobs, pda};
use nosana_protocol::job::{
    Action,
    Reason::{
        Cancelled, ClientStopped, Completed, DeadlineExceeded, Expired, HeartbeatLost,
        ResultRejected,
    },
    State::{Challenged, Matched, Queued, Running, Submitted},
};
use nosana_tests::{Refusal, terms::RESULT};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    job_fixture::{JobFixture, Outcome, Situation},
    signed::SignedCall,
};

use Outcome::{Absent, Closes, Ends, Is, No, Taken, Undisputed};
use Situation::{
    Challengeable, Claimed, ClaimedLate, ClaimedTooLong, Cleaned, Disputable, DisputeOver,
    Disputed, Done, Due, JustMatched, Kept, Listed, ListedTooLong, MatchedTooLong, Owing,
    PastDeadline, Serves, ServiceOver, Silent, SilentService, Works,
};

/// The instructions that act on a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Cancel,
    Extend,
    TopUp,
    Stop,
    Accept,
    Reject,
    Start,
    Heartbeat,
    Finish,
    Quit,
    ExpireQueued,
    ExpireMatch,
    ExpireRun,
    Settle,
    Collect,
    ForfeitCredit,
    Clean,
    Challenge,
    Resolve,
}

impl Call {
    /// Returns the instruction, signed by a wallet that may send it.
    pub fn sign(self, fixture: &JobFixture) -> SignedCall<'_> {
        let JobFixture { ref world, job, ref stored, cell, .. } = *fixture;
        let client = world.client.pubkey();
        let node = world.node.pubkey();
        let payer = world.staker.pubkey();
        let stranger = world.stranger.pubkey();
        let (instruction, signers): (Instruction, Vec<&Keypair>) = match self {
            Self::Cancel => (actions::cancel(job, stored, cell).into(), vec![&world.client]),
            Self::Extend => {
                let extend = actions::extend(job, stored, client, world.mint, 60);
                (extend.into(), vec![&world.client])
            }
            Self::TopUp => {
                let top_up = actions::top_up(stranger, job, stored, world.mint, 1_000);
                (top_up.into(), vec![&world.stranger])
            }
            Self::Stop => (actions::stop(client, job, stored, node).into(), vec![&world.client]),
            Self::Accept => {
                (actions::accept(client, job, stored, node).into(), vec![&world.client])
            }
            Self::Reject => {
                (actions::reject(client, job, stored, node, false).into(), vec![&world.client])
            }
            Self::Start => (actions::start(node, job, stored).into(), vec![&world.node]),
            Self::Heartbeat => {
                let heartbeat = actions::heartbeat(node, job, stored.attempt_id, [0; 32], 0);
                (heartbeat.into(), vec![&world.node])
            }
            Self::Finish => {
                let finish = actions::finish(node, job, stored, node, RESULT, actions::NO_TRACE);
                (finish.into(), vec![&world.node])
            }
            Self::Quit => (actions::quit(node, job, stored, node, 1).into(), vec![&world.node]),
            Self::ExpireQueued => (actions::expire_queued(job, stored, cell).into(), vec![]),
            Self::ExpireMatch => (
                actions::expire_match(job, stored, node, world.mint, world.nonexistent_account())
                    .into(),
                vec![],
            ),
            Self::ExpireRun => {
                let expire = actions::expire_run(stranger, job, stored, node);
                (expire.into(), vec![&world.stranger])
            }
            Self::Settle => {
                (actions::settle(stranger, job, stored, node).into(), vec![&world.stranger])
            }
            Self::Collect => {
                let collect = jobs::instructions::Collect {
                    node: Some(pda::jobs::node(&node)),
                    ..actions::collect(payer, job, stored, world.token_account(&client))
                };
                (collect.into(), vec![&world.staker])
            }
            Self::ForfeitCredit => (actions::forfeit_credit(job, stored).into(), vec![]),
            Self::Clean => (actions::clean(job, stored).into(), vec![]),
            Self::Challenge => {
                let challenge = jobs::instructions::Challenge {
                    node: pda::jobs::node(&node),
                    ..actions::challenge(stranger, job, stored, world.mint)
                };
                (challenge.into(), vec![&world.stranger])
            }
            Self::Resolve => (resolve_instruction(fixture).into(), vec![]),
        };

        SignedCall { name: format!("{self:?}"), instruction, signers }
    }

    /// Returns what the call may do to a job's state. Those that leave it alone do nothing.
    pub const fn actions(self) -> &'static [Action] {
        match self {
            Self::Cancel => &[Action::Cancel, Action::RequestCancel],
            Self::Extend | Self::TopUp => &[Action::Extend],
            Self::Stop => &[Action::Stop],
            Self::Start => &[Action::Start],
            Self::Heartbeat => &[Action::Heartbeat],
            Self::Finish => &[Action::Finish],
            Self::Quit | Self::ExpireMatch | Self::ExpireRun => &[Action::Requeue, Action::Settle],
            Self::ExpireQueued | Self::Settle | Self::Accept => &[Action::Settle],
            Self::Reject => &[Action::Settle, Action::RequestRejection],
            Self::Challenge => &[Action::Challenge],
            Self::Resolve => &[Action::Resolve],
            Self::Collect | Self::ForfeitCredit | Self::Clean => &[],
        }
    }
}

/// The end of the dispute over the job's result, whether or not there is one.
fn resolve_instruction(fixture: &JobFixture) -> jobs::instructions::Resolve {
    let JobFixture { ref world, job, ref stored, .. } = *fixture;
    let node = world.node.pubkey();
    let stake = pda::staking::stake(&node);
    jobs::instructions::Resolve {
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        dispute: pda::jobs::dispute(&job, stored.attempt_id),
        job,
        node: pda::jobs::node(&node),
        vault: pda::jobs::vault(&stored.market),
        payer_token: stored.payer_token,
        node_token: world.token_account(&node),
        challenger_token: world.token_account(&world.stranger.pubkey()),
        stake,
        stake_vault: pda::staking::vault(),
        nos_mint: world.mint,
        position: pda::rewards::position(&node),
        delegated_position: pda::rewards::position(&stake),
    }
}

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
    (Challengeable,  [STATE,           STATE,       STATE,       STATE,  Ends(Completed), REJECTED]),
    (Due,            [STATE,           STATE,       STATE,       STATE,  Ends(Completed), LATE]),
    (Disputable,     [STATE,           STATE,       STATE,       STATE,  Ends(Completed), REJECTED]),
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

/// What clocks allow to anyone, and what the payer collects.
pub const ANYONE: [Call; 9] = [
    Call::ExpireQueued,
    Call::ExpireMatch,
    Call::ExpireRun,
    Call::Settle,
    Call::Collect,
    Call::ForfeitCredit,
    Call::Clean,
    Call::Challenge,
    Call::Resolve,
];
#[rustfmt::skip]
pub const BY_ANYONE: [(Situation, [Outcome; 9]); 22] = [
    //                 expire_queued   expire_match  expire_run  settle  collect  forfeit  clean 
    //   challenge  resolve
    (Listed,         [EARLY,          SLOT,         STATE,      STATE,  NONE,    STATE,   STATE, OTHER,  NONE_YET]),
    (ListedTooLong,  [Ends(Expired),  SLOT,         STATE,      STATE,  NONE,    STATE,   STATE, OTHER,  NONE_YET]),
    (Claimed,        [EARLY,          EARLY,        STATE,      STATE,  NONE,    STATE,   STATE, OTHER,  NONE_YET]),
    (ClaimedLate,    [No(NotInQueue), EARLY,        STATE,      STATE,  NONE,    STATE,   STATE, OTHER,  NONE_YET]),
    (ClaimedTooLong, [No(NotInQueue), Is(Queued),   STATE,      STATE,  NONE,    STATE,   STATE, OTHER,  NONE_YET]),
    (JustMatched,    [STATE,          EARLY,        STATE,      STATE,  NONE,    STATE,   STATE, STATE,  NONE_YET]),
    (MatchedTooLong, [STATE,          Is(Queued),   STATE,      STATE,  NONE,    STATE,   STATE, STATE,  NONE_YET]),
    (Works,          [STATE,          STATE,        EARLY,      STATE,  NONE,    STATE,   STATE, STATE,  NONE_YET]),
    (Silent,         [STATE,          STATE,        Is(Queued), STATE,  NONE,    STATE,   STATE, STATE,  NONE_YET]),
    (PastDeadline,   [STATE,          STATE,        PAST,       STATE,  NONE,    STATE,   STATE, STATE,  NONE_YET]),
    (Serves,         [STATE,          STATE,        EARLY,      STATE,  NONE,    STATE,   STATE, STATE,  NONE_YET]),
    (SilentService,  [STATE,          STATE,        LOST,       STATE,  NONE,    STATE,   STATE, STATE,  NONE_YET]),
    (ServiceOver,    [STATE,          STATE,        PAID,       STATE,  NONE,    STATE,   STATE, STATE,  NONE_YET]),
    (Challengeable,  [STATE,          STATE,        STATE,      EARLY,  NONE,    STATE,   STATE, PLAIN,  NONE_YET]),
    (Due,            [STATE,          STATE,        STATE,      PAID,   NONE,    STATE,   STATE, PLAIN,  NONE_YET]),
    (Disputable,     [STATE,          STATE,        STATE,      EARLY,  NONE,    STATE,   STATE, Is(Challenged), NONE_YET]),
    (Disputed,       [STATE,          STATE,        STATE,      STATE,  NONE,    STATE,   STATE, Taken,  No(WrongPhase)]),
    (DisputeOver,    [STATE,          STATE,        STATE,      STATE,  NONE,    STATE,   STATE, Taken,  PAID]),
    (Kept,           [STATE,          STATE,        STATE,      STATE,  NONE,    KEPT,   EARLY, STATE,  NONE_YET]),
    (Owing,          [STATE,          STATE,        STATE,      STATE,  PAID,    KEPT,   No(JobNotEmpty), STATE,  NONE_YET]),
    (Done,           [STATE,          STATE,        STATE,      STATE,  NONE,    KEPT,   Closes, STATE,  NONE_YET]),
    (Cleaned,        [Absent,         Absent,       Absent,     Absent, Absent,    Absent,   Absent, Absent, Absent]),
];

impl Situation {
    /// What every instruction does here.
    pub fn outcomes(self) -> Vec<(Call, Outcome)> {
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
    async fn check_outcomes(self) {
        let unchanged = JobFixture::new(self).await;
        for (call, outcome) in self.outcomes() {
            let refusal = match outcome {
                No(error) => error.into(),
                Absent | Undisputed => Refusal::too_small(),
                Taken => Refusal::account_exists(),
                _ => {
                    let fixture = JobFixture::new(self).await;
                    fixture.expect_outcome(call.sign(&fixture), outcome).await;
                    continue;
                }
            };
            unchanged.expect_refusal(call.sign(&unchanged), refusal).await;
        }
    }
}

macro_rules! situations {
    ($($name:ident: $situation:ident,)*) => {
        /// All of them.
        pub const SITUATIONS: [Situation; 22] = [$(Situation::$situation),*];

        $(#[tokio::test]
        async fn $name() {
            Situation::$situation.check_outcomes().await;
        })*
    };
}

situations! {
    in_line: Listed,
    in_line_for_too_long: ListedTooLong,
    offered: Claimed,
    offered_after_a_long_wait: ClaimedLate,
    offered_for_too_long: ClaimedTooLong,
    matched: JustMatched,
    matched_for_too_long: MatchedTooLong,
    running: Works,
    silent: Silent,
    past_its_deadline: PastDeadline,
    a_running_service: Serves,
    a_silent_service: SilentService,
    a_service_at_its_end: ServiceOver,
    submitted: Challengeable,
    submitted_and_due: Due,
    submitted_and_verified: Disputable,
    disputed: Disputed,
    disputed_and_over: DisputeOver,
    settled: Kept,
    settled_and_owing: Owing,
    settled_and_done: Done,
    cleaned: Cleaned,
}
