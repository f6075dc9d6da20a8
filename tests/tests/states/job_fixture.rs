//! Worlds in which a job is in a given situation.

use nosana_client::jobs::{Error, accounts::Job};
use nosana_protocol::job::{Reason, State};
use nosana_tests::terms::{batch, service, verified, verified_terms};
use solana_address::Address;

use crate::{World, signed::SignedCall};

/// The situation of a job, as finely as instructions distinguish it. The market has a challenge
/// window, and no other node waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// `Queued`: it waits in the queue.
    Listed,
    /// `Queued`: it has waited for longer than its market allows.
    ListedTooLong,
    /// `Queued`, but not in the queue: a node took it, and may still start it.
    Claimed,
    /// Like `Claimed`, after the queue clock, which had nearly run out when the job was taken.
    ClaimedLate,
    /// Like `Claimed`, after the start clock and the queue clock.
    ClaimedTooLong,
    /// `Matched` with a waiting node, which may still start it.
    JustMatched,
    /// `Matched`, after the start clock.
    MatchedTooLong,
    /// `Running`, a batch job, within all clocks.
    Works,
    /// `Running`, a batch job, with a heartbeat overdue.
    Silent,
    /// `Running`, a batch job, with every heartbeat in time, but past the deadline of its result.
    PastDeadline,
    /// `Running`, a service, within all clocks.
    Serves,
    /// `Running`, a service, with a heartbeat overdue.
    SilentService,
    /// `Running`, a service, at the end of its time, which its heartbeats reach.
    ServiceOver,
    /// `Submitted`, within the challenge window.
    Challengeable,
    /// `Submitted`, after the challenge window.
    Due,
    /// `Submitted`, a verified job, within the challenge window.
    Disputable,
    /// `Challenged`, while seats can be taken.
    Disputed,
    /// `Challenged`, and nothing more can be said: nobody has taken a seat.
    DisputeOver,
    /// `Settled`, within its retention; it owes nothing.
    Kept,
    /// `Settled`, after its retention; its payer could not be paid, and has a credit.
    Owing,
    /// `Settled`, after its retention; it owes nothing.
    Done,
    /// Settled and cleaned: the account is closed.
    Cleaned,
}

/// What an instruction does in a situation.
#[derive(Clone, Copy, Debug)]
pub enum Outcome {
    /// It succeeds; the job is then in this state, and not settled.
    Is(State),
    /// It succeeds; the job is then settled, for this reason.
    Ends(Reason),
    /// It succeeds; the job's account is then closed.
    Closes,
    /// It is refused.
    No(Error),
    /// It is refused: the account does not exist.
    Absent,
    /// It is refused: there is no dispute.
    Undisputed,
    /// It is refused: there is a dispute already.
    Taken,
}

/// A world with one job in it, which `client` has listed and `staker` pays for.
pub struct JobFixture {
    situation: Situation,
    pub world: World,
    pub job: Address,
    /// The job as it was read last, for the accounts that instructions name.
    pub stored: Job,
    /// The cell in which it waits, or waited last.
    pub cell: u32,
}

impl JobFixture {
    pub async fn new(situation: Situation) -> Self {
        use Situation::{
            Challengeable, Claimed, ClaimedLate, ClaimedTooLong, Cleaned, Disputable, DisputeOver,
            Disputed, Done, Due, JustMatched, Kept, Listed, ListedTooLong, MatchedTooLong, Owing,
            PastDeadline, Serves, ServiceOver, Silent, SilentService, Works,
        };
        let terms = verified_terms();
        let world = World::new(terms).await;
        let node = &world.node;
        let is_met = matches!(situation, JustMatched | MatchedTooLong);
        if is_met {
            world.work(node).await;
        }

        let is_service = matches!(situation, Serves | SilentService | ServiceOver);
        let is_verified = matches!(situation, Disputable | Disputed | DisputeOver);
        let order = if is_service {
            service(1)
        } else if is_verified {
            verified(1)
        } else {
            batch(1)
        };
        let job = world.list_for(&world.client, &world.staker, order).await;

        if situation == ClaimedLate {
            world.advance_clock(terms.queue_seconds.into());
        }
        if !matches!(situation, Listed | ListedTooLong) && !is_met {
            world.work(node).await;
        }

        let silence = u64::from(terms.heartbeat_seconds) + 1;

        match situation {
            Listed | Claimed | JustMatched => {}
            ClaimedLate => world.advance_clock(1),
            ListedTooLong | ClaimedTooLong | MatchedTooLong => {
                world.advance_clock(u64::from(terms.queue_seconds) + 1)
            }
            Works | Serves | Silent | SilentService => {
                world.start(node, &job).await;
                world.heartbeat_for(100, node, &job).await;
                world.advance_clock(if matches!(situation, Silent | SilentService) {
                    silence
                } else {
                    10
                });
            }
            PastDeadline | ServiceOver => {
                world.start(node, &job).await;
                let last = order.timeout_seconds
                    + if is_service { 0 } else { u64::from(terms.finish_grace_seconds) };
                world.heartbeat_for(last - 1, node, &job).await;
                world.advance_clock(if is_service { 1 } else { 2 });
            }
            Challengeable | Due | Kept | Owing | Done | Cleaned | Disputable | Disputed
            | DisputeOver => {
                world.start(node, &job).await;
                world.heartbeat_for(100, node, &job).await;
                world.finish(node, &job).await;
                world.advance_clock(10);
            }
        }

        if matches!(situation, Disputed | DisputeOver) {
            world.challenge(&world.stranger, &job).await;
        }
        if situation == DisputeOver {
            world.advance_clock(u64::from(terms.dispute_seconds) + 1);
        }
        if matches!(situation, Due | Kept | Owing | Done | Cleaned) {
            world.advance_clock(terms.challenge_seconds.into());
        }

        if situation == Owing {
            world.close_tokens(&world.staker).await;
        }
        if matches!(situation, Kept | Owing | Done | Cleaned) {
            world.settle(&job).await;
        }
        if matches!(situation, Owing | Done | Cleaned) {
            world.advance_clock(terms.retention_seconds.into());
        }

        let stored = world.job(&job).await;
        let cell = world.queue().await.find_cell(&job).unwrap_or(0);
        if situation == Cleaned {
            world.clean(&job).await;
        }
        Self { situation, world, job, stored, cell }
    }

    /// Sends the call, which must lead to this outcome.
    pub async fn expect_outcome(&self, call: SignedCall<'_>, outcome: Outcome) {
        let what = call.expect_success(&self.world, self.situation, outcome).await;
        let found = self.world.find::<Job>(&self.job).await;
        let expected = match outcome {
            Outcome::Is(state) => Some((state as u8, Reason::None as u8)),
            Outcome::Ends(reason) => Some((State::Settled as u8, reason as u8)),
            _ => None,
        };

        let after = found.map(|job| (job.state, job.reason));
        assert_eq!(after, expected, "{what}");
    }
}
