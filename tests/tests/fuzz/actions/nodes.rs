//! The owners of nodes.

use nosana_client::{actions, jobs::instructions};
use nosana_protocol::job::State;
use nosana_tests::{
    rng::Rng,
    terms::{NOS, RESULT},
    world::disputes::trace_commitment,
};
use solana_instruction::Instruction;

use super::Kind;
use crate::{
    actors::{
        self, MARKETS, NODES, TOKEN_ACCOUNTS, WALLETS, job, market, node, token_account, wallet,
    },
    draw::{draw_nth, draw_owner, draw_run, draw_waiting, to_number},
    fixture::Fixture,
    model::{Model, Outcome},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeAction {
    Work {
        node: u8,
        market: u8,
        lowest: u64,
        highest: u64,
        by: u8,
    },
    Leave {
        node: u8,
        market: u8,
        nth: u8,
        by: u8,
    },
    Start {
        node: u8,
        job: u8,
        by: u8,
        misread: bool,
    },
    Heartbeat {
        node: u8,
        job: u8,
        by: u8,
        checkpoint: u8,
        progress: u16,
    },
    Finish {
        job: u8,
        node: u8,
        by: u8,
        blank: bool,
        /// The number of the sketch plus one; zero without a trace.
        trace: u8,
    },
    Quit {
        job: u8,
        node: u8,
        by: u8,
        cause: u8,
        detail: u8,
    },
    UpdateHardware {
        node: u8,
        by: u8,
        capacity: u8,
        vram: u32,
        prompt_tokens_per_second: u32,
        blank: bool,
    },
    SetDraining {
        node: u8,
        by: u8,
        on: bool,
    },
    SetPayout {
        node: u8,
        by: u8,
        account: u8,
    },
    ReleaseCollateral {
        node: u8,
        by: u8,
    },
}

use NodeAction::{
    Finish, Heartbeat, Leave, Quit, ReleaseCollateral, SetDraining, SetPayout, Start,
    UpdateHardware, Work,
};

pub const KINDS: &[Kind] = &[
    (150, |rng, model| draw_work(rng, model).into()),
    (40, |rng, model| {
        let (market, node) = draw_waiting(rng, model);
        Leave { node, market, nth: draw_nth(rng), by: draw_owner(rng, node) }.into()
    }),
    (160, |rng, model| {
        let (job, node) = draw_run(rng, model, &[State::Queued, State::Matched]);
        Start { node, job, by: draw_owner(rng, node), misread: rng.chance(3) }.into()
    }),
    (60, |rng, model| {
        let (job, node) = draw_run(rng, model, &[State::Running]);
        let checkpoint = rng.byte(4);
        let progress = rng.pick(&[0, 1, 9_999, 10_000, 10_001, u16::MAX]);
        Heartbeat { node, job, by: draw_owner(rng, node), checkpoint, progress }.into()
    }),
    (60, |rng, model| {
        let (job, node) = draw_run(rng, model, &[State::Running]);
        let is_verified = model.jobs[usize::from(job)].is_some_and(|job| job.panel_fee > 0);
        let trace =
            if is_verified == rng.chance(97) { rng.pick(&[1, 1, 1, 1, 2, 3, 4, 5]) } else { 0 };
        Finish { job, node, by: draw_owner(rng, node), blank: rng.chance(4), trace }.into()
    }),
    (40, |rng, model| {
        let (job, node) = draw_run(rng, model, &[State::Queued, State::Matched, State::Running]);
        let cause = if rng.chance(4) { rng.byte(16) } else { 1 + rng.byte(8) };
        let detail = rng.byte(3);
        Quit { job, node, by: draw_owner(rng, node), cause, detail }.into()
    }),
    (15, |rng, _| {
        let node = rng.byte(NODES);
        let capacity = rng.pick(&[0, 1, 2, 2, 2, 3, 16, 17]);
        let vram = rng.pick(&[1_000, 24_576, 24_576]);
        let prompt_tokens_per_second = rng.pick(&[900, 10_000, 10_000]);
        let by = draw_owner(rng, node);
        UpdateHardware { node, by, capacity, vram, prompt_tokens_per_second, blank: rng.chance(5) }
            .into()
    }),
    (8, |rng, _| {
        let node = rng.byte(NODES);
        SetDraining { node, by: draw_owner(rng, node), on: rng.chance(30) }.into()
    }),
    (12, |rng, _| {
        let node = rng.byte(NODES);
        let own = [actors::owner_of(node.into()), WALLETS + usize::from(node)].map(to_number);
        let account = if rng.chance(80) { rng.pick(&own) } else { rng.byte(TOKEN_ACCOUNTS) };
        SetPayout { node, by: draw_owner(rng, node), account }.into()
    }),
    (20, |rng, model| {
        let idle: Vec<u8> =
            (0..NODES).filter(|node| model.nodes[*node].idle > 0).map(to_number).collect();
        let node =
            if idle.is_empty() || rng.chance(10) { rng.byte(NODES) } else { rng.pick(&idle) };
        ReleaseCollateral { node, by: draw_owner(rng, node) }.into()
    }),
];

fn draw_work(rng: &mut Rng, model: &Model) -> NodeAction {
    let node = rng.byte(NODES);
    let market = rng.byte(MARKETS);
    let price = model.markets[usize::from(market)]
        .as_ref()
        .map_or(1, |market| market.terms.price_per_second);
    let lowest = rng.pick(&[0, 1, 1, price, price, price / 2, price.saturating_add(1)]);
    let highest = if rng.chance(95) { u64::MAX } else { NOS };
    Work { node, market, lowest, highest, by: draw_owner(rng, node) }
}

impl NodeAction {
    pub fn apply(&self, model: &mut Model) -> Outcome {
        match *self {
            Work { node: n, market: m, lowest, highest, by } => {
                model.work(node(n), market(m), (lowest, highest), wallet(by))
            }
            Leave { node: n, market: m, nth, by } => {
                model.leave(node(n), market(m), nth, wallet(by))
            }
            Start { node: n, job: j, by, misread } => {
                model.start(node(n), job(j), wallet(by), misread)
            }
            Heartbeat { node: n, job: j, by, checkpoint, progress } => {
                model.heartbeat(node(n), job(j), wallet(by), checkpoint, progress)
            }
            Finish { job: j, node: n, by, blank, trace } => {
                model.finish(job(j), node(n), wallet(by), (blank, trace.checked_sub(1)))
            }
            Quit { job: j, node: n, by, cause, detail } => {
                model.quit(job(j), node(n), wallet(by), (cause, detail))
            }
            UpdateHardware { node: n, by, capacity, vram, prompt_tokens_per_second, blank } => {
                model.update_hardware(
                    node(n),
                    wallet(by),
                    (capacity, vram, prompt_tokens_per_second),
                    blank,
                )
            }
            SetDraining { node: n, by, on } => model.set_draining(node(n), wallet(by), on),
            SetPayout { node: n, by, account } => {
                model.set_payout(node(n), wallet(by), token_account(account))
            }
            ReleaseCollateral { node: n, by } => model.release_collateral(node(n), wallet(by)),
        }
    }

    pub async fn instruction(&self, fixture: &Fixture) -> Instruction {
        let result = |blank: bool| if blank { [0; 32] } else { RESULT };
        match *self {
            Work { node, market, lowest, highest, by } => {
                let work = actions::work(fixture.owner(node), fixture.market(market), lowest);
                let authority = fixture.wallet(by);
                instructions::Work { authority, max_collateral: highest, ..work }.into()
            }
            Leave { node, market, nth, by } => {
                let market = fixture.market(market);
                let cell = fixture.cell_of(market, fixture.node(node), nth).await;
                let leave = actions::leave(fixture.owner(node), market, cell);
                instructions::Leave { authority: fixture.wallet(by), ..leave }.into()
            }
            Start { node, job, by, misread } => {
                let (address, stored) = fixture.job(job).await;
                let start = actions::start(fixture.owner(node), address, &stored);
                let min_timeout_seconds = start.min_timeout_seconds + u64::from(misread);
                let authority = fixture.wallet(by);
                instructions::Start { authority, min_timeout_seconds, ..start }.into()
            }
            Heartbeat { node, job, by, checkpoint, progress } => {
                let owner = fixture.owner(node);
                let (address, stored) = fixture.job(job).await;
                let attempt = stored.attempt_id;
                let beat = actions::heartbeat(owner, address, attempt, [checkpoint; 32], progress);
                instructions::Heartbeat { authority: fixture.wallet(by), ..beat }.into()
            }
            Finish { job, node, by, blank, trace } => {
                let (address, stored) = fixture.job(job).await;
                let by = fixture.wallet(by);
                let owner = fixture.owner(node);
                let trace = trace.checked_sub(1).map_or(actions::NO_TRACE, |sketch| {
                    trace_commitment(&owner, &address, actors::sketch(sketch))
                });
                actions::finish(by, address, &stored, owner, result(blank), trace).into()
            }
            Quit { job, node, by, cause, detail } => {
                let (address, stored) = fixture.job(job).await;
                let owner = fixture.owner(node);
                let by = fixture.wallet(by);
                actions::quit(by, address, &stored, owner, cause, [detail; 32]).into()
            }
            UpdateHardware { node, by, capacity, vram, prompt_tokens_per_second, blank } => {
                let hardware = actors::hardware(capacity, vram, prompt_tokens_per_second, blank);
                let authority = fixture.wallet(by);
                let node = fixture.node(node);
                instructions::UpdateHardware { authority, node, hardware }.into()
            }
            SetDraining { node, by, on } => {
                let authority = fixture.wallet(by);
                let node = fixture.node(node);
                instructions::SetDraining { authority, node, draining: on }.into()
            }
            SetPayout { node, by, account } => {
                let account = fixture.token_accounts[token_account(account)];
                let set = actions::set_payout(fixture.owner(node), account);
                instructions::SetPayout { authority: fixture.wallet(by), ..set }.into()
            }
            ReleaseCollateral { node, by } => {
                let release = actions::release_collateral(fixture.owner(node));
                instructions::ReleaseCollateral { authority: fixture.wallet(by), ..release }.into()
            }
        }
    }
}
