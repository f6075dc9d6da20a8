//! What anyone may do: mostly once a clock has run out.

use nosana_client::{actions, jobs::instructions};
use nosana_protocol::job::State;
use solana_instruction::Instruction;

use super::Kind;
use crate::{
    actors::{JOBS, MARKETS, STRANGER, job, market, node, wallet},
    draw::{draw_client, draw_job, draw_nth, draw_run, draw_waiting, to_number},
    fixture::Fixture,
    model::{Job, Model, Outcome},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyoneAction {
    ExpireQueued { job: u8, nth: u8 },
    ExpireMatch { job: u8, node: u8 },
    ExpireRun { job: u8, node: u8, by: u8 },
    Settle { job: u8, node: u8 },
    EvictNode { node: u8, market: u8, nth: u8 },
    ForfeitCredit { job: u8 },
    SweepFees { market: u8 },
    GrowQueue { market: u8, cells: u32 },
}

use AnyoneAction::{
    EvictNode, ExpireMatch, ExpireQueued, ExpireRun, ForfeitCredit, GrowQueue, Settle, SweepFees,
};

pub const KINDS: &[Kind] = &[
    (25, |rng, model| {
        let job = draw_job(rng, model, &[State::Queued]);
        ExpireQueued { job, nth: draw_nth(rng) }.into()
    }),
    (40, |rng, model| {
        let (job, node) = draw_run(rng, model, &[State::Queued, State::Matched]);
        ExpireMatch { job, node }.into()
    }),
    (45, |rng, model| {
        let (job, node) = draw_run(rng, model, &[State::Running]);
        let by = if rng.chance(30) { draw_client(rng, job) } else { to_number(STRANGER) };
        ExpireRun { job, node, by }.into()
    }),
    (20, |rng, model| {
        let (job, node) = draw_run(rng, model, &[State::Submitted]);
        Settle { job, node }.into()
    }),
    (30, |rng, model| {
        let (market, node) = draw_waiting(rng, model);
        EvictNode { node, market, nth: draw_nth(rng) }.into()
    }),
    (12, |rng, model| {
        let is_owing = |job: &Job| job.node_credit > 0 || job.payer_credit > 0;
        let owing: Vec<usize> =
            (0..JOBS).filter(|job| model.jobs[*job].as_ref().is_some_and(is_owing)).collect();
        let job = if owing.is_empty() {
            draw_job(rng, model, &[State::Settled])
        } else {
            to_number(rng.pick(&owing))
        };
        ForfeitCredit { job }.into()
    }),
    (12, |rng, _| SweepFees { market: rng.byte(MARKETS) }.into()),
    (2, |rng, _| {
        let market = rng.byte(MARKETS);
        GrowQueue { market, cells: rng.pick(&[0, 1, 1, 1, 2, 201]) }.into()
    }),
];

impl AnyoneAction {
    pub fn apply(&self, model: &mut Model) -> Outcome {
        match *self {
            ExpireQueued { job: j, nth } => model.expire_queued(job(j), nth),
            ExpireMatch { job: j, node: n } => model.expire_match(job(j), node(n)),
            ExpireRun { job: j, node: n, by } => model.expire_run(job(j), node(n), wallet(by)),
            Settle { job: j, node: n } => model.settle(job(j), node(n)),
            EvictNode { node: n, market: m, nth } => model.evict_node(node(n), market(m), nth),
            ForfeitCredit { job: j } => model.forfeit_credit(job(j)),
            SweepFees { market: m } => model.sweep_fees(market(m)),
            GrowQueue { market: m, cells } => model.grow_queue(market(m), cells),
        }
    }

    pub async fn instruction(&self, fixture: &Fixture) -> Instruction {
        let stranger = fixture.wallets[STRANGER];
        match *self {
            ExpireQueued { job, nth } => {
                let (address, stored) = fixture.job(job).await;
                let cell = fixture.cell_of(stored.market, address, nth).await;
                actions::expire_queued(address, &stored, cell).into()
            }
            ExpireMatch { job, node } => {
                let (address, stored) = fixture.job(job).await;
                let world = &fixture.world;
                let owner = fixture.owner(node);
                let reporter = world.nonexistent_account();
                actions::expire_match(address, &stored, owner, world.mint, reporter).into()
            }
            ExpireRun { job, node, by } => {
                let (address, stored) = fixture.job(job).await;
                let by = fixture.wallet(by);
                actions::expire_run(by, address, &stored, fixture.owner(node)).into()
            }
            ForfeitCredit { job } => {
                let (address, stored) = fixture.job(job).await;
                actions::forfeit_credit(address, &stored).into()
            }
            Settle { job, node } => {
                let (address, stored) = fixture.job(job).await;
                actions::settle(stranger, address, &stored, fixture.owner(node)).into()
            }
            EvictNode { node, market, nth } => {
                let market = fixture.market(market);
                let cell = fixture.cell_of(market, fixture.node(node), nth).await;
                actions::evict_node(fixture.owner(node), market, cell).into()
            }
            SweepFees { market } => actions::sweep_fees(fixture.market(market)).into(),
            GrowQueue { market: m, cells } => {
                let (market, queue) = (fixture.market(m), fixture.queues[market(m)]);
                instructions::GrowQueue { payer: stranger, market, queue, cells }.into()
            }
        }
    }
}
