//! What anyone may do: mostly once a clock has run out.

use nosana_client::{actions, jobs::instructions};
use nosana_protocol::job::State;
use solana_instruction::Instruction;

use super::Kind;
use crate::{
    actors::{MARKETS, STRANGER, job, market, node},
    draw::{draw_job, draw_nth, draw_run, draw_waiting},
    fixture::Fixture,
    model::{Model, Outcome},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyoneAction {
    ExpireQueued { job: u8, nth: u8 },
    ExpireMatch { job: u8, node: u8 },
    ExpireRun { job: u8, node: u8 },
    Settle { job: u8, node: u8 },
    EvictNode { node: u8, market: u8, nth: u8 },
    SweepFees { market: u8 },
    GrowQueue { market: u8, cells: u32 },
}

use AnyoneAction::{EvictNode, ExpireMatch, ExpireQueued, ExpireRun, GrowQueue, Settle, SweepFees};

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
        ExpireRun { job, node }.into()
    }),
    (20, |rng, model| {
        let (job, node) = draw_run(rng, model, &[State::Submitted]);
        Settle { job, node }.into()
    }),
    (30, |rng, model| {
        let (market, node) = draw_waiting(rng, model);
        EvictNode { node, market, nth: draw_nth(rng) }.into()
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
            ExpireRun { job: j, node: n } => model.expire_run(job(j), node(n)),
            Settle { job: j, node: n } => model.settle(job(j), node(n)),
            EvictNode { node: n, market: m, nth } => model.evict_node(node(n), market(m), nth),
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
                let reporter = fixture.world.nonexistent_account();
                actions::expire_match(address, &stored, fixture.owner(node), reporter).into()
            }
            ExpireRun { job, node } => {
                let (address, stored) = fixture.job(job).await;
                actions::expire_run(stranger, address, &stored, fixture.owner(node)).into()
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
