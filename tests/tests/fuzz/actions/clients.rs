//! Clients and payers.

use nosana_client::{actions, jobs::instructions};
use nosana_protocol::job::State;
use nosana_tests::{rng::Rng, terms::NOS};
use solana_instruction::Instruction;

use super::Kind;
use crate::{
    actors::{self, NODES, Order, TOKEN_ACCOUNTS, WALLETS, job, node, token_account, wallet},
    draw::{draw_client, draw_job, draw_nth, draw_order, draw_run, draw_waiting, to_number},
    fixture::Fixture,
    model::{Job, Model, Outcome},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAction {
    List { order: Order },
    Assign { order: Order, node: u8, nth: u8 },
    Cancel { job: u8, by: u8, nth: u8 },
    Extend { job: u8, by: u8, payer: u8, seconds: u64 },
    TopUp { job: u8, by: u8, amount: u64 },
    Stop { job: u8, node: u8, by: u8 },
    Accept { job: u8, node: u8, by: u8 },
    Reject { job: u8, node: u8, by: u8, requeue: bool },
    Collect { job: u8, by: u8, node: u8, to: u8 },
    Clean { job: u8 },
}

use ClientAction::{Accept, Assign, Cancel, Clean, Collect, Extend, List, Reject, Stop, TopUp};

/// The states in which a job's escrow grows.
const OPEN: [State; 3] = [State::Queued, State::Matched, State::Running];

pub const KINDS: &[Kind] = &[
    (130, |rng, _| List { order: draw_order(rng) }.into()),
    (40, |rng, model| {
        let (market, node) = draw_waiting(rng, model);
        let order = Order { market, ..draw_order(rng) };
        Assign { order, node, nth: draw_nth(rng) }.into()
    }),
    (35, |rng, model| {
        let job = draw_job(rng, model, &[State::Queued, State::Matched]);
        Cancel { job, by: draw_client(rng, job), nth: draw_nth(rng) }.into()
    }),
    (30, |rng, model| {
        let job = draw_job(rng, model, &OPEN);
        let payer = if rng.chance(50) { draw_client(rng, job) } else { rng.byte(WALLETS) };
        let by = draw_client(rng, job);
        Extend { job, by, payer, seconds: rng.pick(&[0, 1, 7, 60, 200, 599, u64::MAX]) }.into()
    }),
    (30, |rng, model| {
        let job = draw_job(rng, model, &OPEN);
        let amount = rng.pick(&[0, 1, 333, 5_000, 70_000, 2_000_000 * NOS, u64::MAX]);
        TopUp { job, by: rng.byte(WALLETS), amount }.into()
    }),
    (30, |rng, model| {
        let (job, node) = draw_run(rng, model, &[State::Queued, State::Running]);
        Stop { job, node, by: draw_client(rng, job) }.into()
    }),
    (12, |rng, model| {
        let (job, node) = draw_run(rng, model, &[State::Submitted]);
        Accept { job, node, by: draw_client(rng, job) }.into()
    }),
    (20, |rng, model| {
        let (job, node) = draw_run(rng, model, &[State::Submitted, State::Challenged]);
        Reject { job, node, by: draw_client(rng, job), requeue: rng.chance(60) }.into()
    }),
    (25, |rng, model| draw_collect(rng, model).into()),
    (90, |rng, model| Clean { job: draw_job(rng, model, &[State::Settled]) }.into()),
];

/// Draws a job that owes something, mostly, and a party to whom it owes it.
fn draw_collect(rng: &mut Rng, model: &Model) -> ClientAction {
    let is_owing = |job: &Job| job.node_credit > 0 || job.payer_credit > 0;
    let owing: Vec<usize> =
        (0..actors::JOBS).filter(|job| model.jobs[*job].as_ref().is_some_and(is_owing)).collect();
    let job = if owing.is_empty() {
        draw_job(rng, model, &[State::Settled])
    } else {
        to_number(rng.pick(&owing))
    };

    let stored = model.jobs[usize::from(job)];
    let node = stored.and_then(|job| job.node).map_or(u8::MAX, to_number);
    let parties =
        stored.map(|job| [job.payer, job.node.map_or(job.payer, actors::owner_of)].map(to_number));
    let by = parties.filter(|_| rng.chance(90)).map(|parties| rng.pick(&parties));
    let node = if rng.chance(10) { rng.byte(NODES + 1) } else { node };
    let by = by.unwrap_or_else(|| rng.byte(WALLETS));
    Collect { job, by, node, to: rng.byte(TOKEN_ACCOUNTS) }
}

impl ClientAction {
    pub fn apply(&self, model: &mut Model) -> Outcome {
        match *self {
            List { order } => model.list(&order, None),
            Assign { order, node: n, nth } => model.list(&order, Some((node(n), nth))),
            Cancel { job: j, by, nth } => model.cancel(job(j), wallet(by), nth),
            Extend { job: j, by, payer, seconds } => {
                model.extend(job(j), wallet(by), wallet(payer), seconds)
            }
            TopUp { job: j, by, amount } => model.top_up(job(j), wallet(by), amount),
            Stop { job: j, node: n, by } => model.stop(job(j), node(n), wallet(by)),
            Accept { job: j, node: n, by } => model.accept(job(j), node(n), wallet(by)),
            Reject { job: j, node: n, by, requeue } => {
                model.reject(job(j), node(n), wallet(by), requeue)
            }
            Collect { job: j, by, node: n, to } => {
                model.collect(job(j), wallet(by), usize::from(n), token_account(to))
            }
            Clean { job: j } => model.clean(job(j)),
        }
    }

    pub async fn instruction(&self, fixture: &Fixture) -> Instruction {
        let mint = fixture.world.mint;
        match *self {
            List { order } => {
                let (client, payer, market, order) = fixture.order(&order);
                actions::list(client, payer, market, mint, order).into()
            }
            Assign { order, node, nth } => {
                let (client, payer, market, order) = fixture.order(&order);
                let node = fixture.node(node);
                let cell = fixture.cell_of(market, node, nth).await;
                actions::assign(client, payer, market, mint, order, (node, cell)).into()
            }
            Cancel { job, by, nth } => {
                let (address, stored) = fixture.job(job).await;
                let cell = fixture.cell_of(stored.market, address, nth).await;
                let cancel = actions::cancel(address, &stored, cell);
                instructions::Cancel { client: fixture.wallet(by), ..cancel }.into()
            }
            Extend { job, by, payer, seconds } => {
                let (address, stored) = fixture.job(job).await;
                let payer = fixture.wallet(payer);
                let extend = actions::extend(address, &stored, payer, mint, seconds);
                instructions::Extend { client: fixture.wallet(by), ..extend }.into()
            }
            TopUp { job, by, amount } => {
                let (address, stored) = fixture.job(job).await;
                actions::top_up(fixture.wallet(by), address, &stored, mint, amount).into()
            }
            Stop { job, node, by } => {
                let (address, stored) = fixture.job(job).await;
                actions::stop(fixture.wallet(by), address, &stored, fixture.owner(node)).into()
            }
            Accept { job, node, by } => {
                let (address, stored) = fixture.job(job).await;
                actions::accept(fixture.wallet(by), address, &stored, fixture.owner(node)).into()
            }
            Reject { job, node, by, requeue } => {
                let (address, stored) = fixture.job(job).await;
                let owner = fixture.owner(node);
                actions::reject(fixture.wallet(by), address, &stored, owner, requeue).into()
            }
            Collect { job, by, node, to } => {
                let (address, stored) = fixture.job(job).await;
                let to = fixture.token_accounts[token_account(to)];
                let collect = actions::collect(fixture.wallet(by), address, &stored, to);
                let node = fixture.nodes.get(usize::from(node)).copied();
                instructions::Collect { node, ..collect }.into()
            }
            Clean { job } => {
                let (address, stored) = fixture.job(job).await;
                actions::clean(address, &stored).into()
            }
        }
    }
}
