//! Worlds in which a job is in a given situation, and the instructions that meet it there.

use nosana_client::{
    actions,
    jobs::{self, accounts::Job},
    pda,
};
use nosana_protocol::job::{Reason, State};
use nosana_tests::{
    Refusal,
    terms::{RESULT, batch, challenged, service},
    world::case,
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    World,
    jobs::{Outcome, Situation},
};

/// The instructions that a job can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Cancel,
    Extend,
    TopUp,
    Stop,
    Accept,
    Start,
    Heartbeat,
    Finish,
    Quit,
    ExpireQueued,
    ExpireMatch,
    ExpireRun,
    Settle,
    Collect,
    Clean,
}

/// A world with one job in it, which `client` has listed and `staker` pays for.
pub struct Scene {
    situation: Situation,
    world: World,
    job: Address,
    /// The job as it was read last, for the accounts that instructions name.
    stored: Job,
    /// The cell in which it waits, or waited last.
    cell: u32,
}

impl Scene {
    pub async fn new(situation: Situation) -> Self {
        use Situation::{
            Challengeable, Cleaned, Done, Due, InLine, InLineTooLong, Kept, Met, MetTooLong,
            Offered, OfferedLate, OfferedTooLong, Owing, PastDeadline, Serves, ServiceOver, Silent,
            SilentService, Works,
        };
        let terms = challenged();
        let world = World::new(terms).await;
        let node = &world.node;
        let is_met = matches!(situation, Met | MetTooLong);
        if is_met {
            world.work(node).await;
        }
        let is_service = matches!(situation, Serves | SilentService | ServiceOver);
        let order = if is_service { service(1) } else { batch(1) };
        let job = world.list_for(&world.client, &world.staker, order).await;
        if situation == OfferedLate {
            world.pass(terms.queue_seconds.into());
        }
        if !matches!(situation, InLine | InLineTooLong) && !is_met {
            world.work(node).await;
        }
        let silence = u64::from(terms.heartbeat_seconds) + 1;
        match situation {
            InLine | Offered | Met => {}
            OfferedLate => world.pass(1),
            InLineTooLong | OfferedTooLong | MetTooLong => {
                world.pass(u64::from(terms.queue_seconds) + 1)
            }
            Works | Serves | Silent | SilentService => {
                world.start(node, &job).await;
                world.work_for(100, node, &job).await;
                world.pass(if matches!(situation, Silent | SilentService) { silence } else { 10 });
            }
            PastDeadline | ServiceOver => {
                world.start(node, &job).await;
                let last = order.timeout_seconds
                    + if is_service { 0 } else { u64::from(terms.finish_grace_seconds) };
                world.work_for(last - 1, node, &job).await;
                world.pass(if is_service { 1 } else { 2 });
            }
            Challengeable | Due | Kept | Owing | Done | Cleaned => {
                world.start(node, &job).await;
                world.work_for(100, node, &job).await;
                world.finish(node, &job).await;
                world.pass(10);
            }
        }
        if matches!(situation, Due | Kept | Owing | Done | Cleaned) {
            world.pass(terms.challenge_seconds.into());
        }
        if situation == Owing {
            world.close_tokens(&world.staker).await;
        }
        if matches!(situation, Kept | Owing | Done | Cleaned) {
            world.settle(&job).await;
        }
        if matches!(situation, Owing | Done | Cleaned) {
            world.pass(terms.retention_seconds.into());
        }
        let (stored, cell) =
            (world.job(&job).await, world.queue().await.index_of(&job).unwrap_or(0));
        if situation == Cleaned {
            world.clean(&job).await;
        }
        Self { situation, world, job, stored, cell }
    }

    /// It must go through, and lead to what the table says.
    pub async fn follow(&self, call: Call, outcome: Outcome) {
        let (instruction, signers) = self.instruction(call);
        if let Err(failure) = self.world.attempt(instruction, &signers).await {
            let logs = failure.logs.join("\n");
            panic!(
                "{:?}, {call:?}: {}, expected {outcome:?}\n{logs}",
                self.situation,
                failure.refusal()
            );
        }
        self.world.audit().await;
        let found = self.world.find::<Job>(&self.job).await;
        let expected = match outcome {
            Outcome::Is(state) => Some((state as u8, Reason::None as u8)),
            Outcome::Ends(reason) => Some((State::Settled as u8, reason as u8)),
            _ => None,
        };
        let after = found.map(|job| (job.state, job.reason));
        assert_eq!(after, expected, "{:?}, {call:?}: expected {outcome:?}", self.situation);
    }

    /// It must be refused, and change nothing.
    pub async fn refuse(&self, call: Call, refusal: Refusal) {
        let (instruction, signers) = self.instruction(call);
        let what = format!("{:?}, {call:?}", self.situation);
        self.world.refuse_all([case(what.leak(), refusal, instruction, &signers)]).await;
    }

    /// The instruction, with the signature of whoever may send it.
    fn instruction(&self, call: Call) -> (Instruction, Vec<&Keypair>) {
        let Self { ref world, job, ref stored, cell, .. } = *self;
        let (client, node, payer) =
            (world.client.pubkey(), world.node.pubkey(), world.staker.pubkey());
        let stranger = world.stranger.pubkey();
        match call {
            Call::Cancel => (actions::cancel(job, stored, cell).into(), vec![&world.client]),
            Call::Extend => {
                let extend = actions::extend(job, stored, client, world.mint, 60);
                (extend.into(), vec![&world.client])
            }
            Call::TopUp => {
                let top_up = actions::top_up(stranger, job, stored, world.mint, 1_000);
                (top_up.into(), vec![&world.stranger])
            }
            Call::Stop => (actions::stop(client, job, stored, node).into(), vec![&world.client]),
            Call::Accept => {
                (actions::accept(client, job, stored, node).into(), vec![&world.client])
            }
            Call::Start => (actions::start(node, job, stored).into(), vec![&world.node]),
            Call::Heartbeat => {
                (actions::heartbeat(node, job, [0; 32], 0).into(), vec![&world.node])
            }
            Call::Finish => {
                (actions::finish(node, job, stored, node, RESULT).into(), vec![&world.node])
            }
            Call::Quit => (actions::quit(node, job, stored, node).into(), vec![&world.node]),
            Call::ExpireQueued => (actions::expire_queued(job, stored, cell).into(), vec![]),
            Call::ExpireMatch => {
                (actions::expire_match(job, stored, node, world.sink()).into(), vec![])
            }
            Call::ExpireRun => {
                let expire = actions::expire_run(stranger, job, stored, node);
                (expire.into(), vec![&world.stranger])
            }
            Call::Settle => {
                (actions::settle(stranger, job, stored, node).into(), vec![&world.stranger])
            }
            Call::Collect => {
                let collect = jobs::instructions::Collect {
                    node: Some(pda::jobs::node(&node)),
                    ..actions::collect(payer, job, stored, world.token_account(&client))
                };
                (collect.into(), vec![&world.staker])
            }
            Call::Clean => (actions::clean(job, stored).into(), vec![]),
        }
    }
}
