//! Draws the values of actions from a seed, so that most of them are sensible in the model's state.

use nosana_protocol::{job::State, units::Seconds};
use nosana_tests::rng::Rng;

use crate::{
    actors::{self, DEPLOYER, JOBS, MARKETS, NODES, NONCES, Order, WALLETS},
    model::{Job, Model, SlotUse, Waiter},
};

/// The time after the draw at which every node here may take a seat, in seconds.
pub const EVERYBODYS_TURN: i64 = 100;
/// The hint that points at no place of the entry.
const ASTRAY: u8 = u8::MAX;
/// For how long what was announced may be applied, in seconds.
const VALIDITY: i64 = 14 * 86_400;

/// An index as a number of an action.
pub fn to_number(index: usize) -> u8 {
    u8::try_from(index).expect("few")
}

/// Draws a job, mostly in one of these states.
pub fn draw_job(rng: &mut Rng, model: &Model, states: &[State]) -> u8 {
    let fitting = |job: &usize| model.jobs[*job].is_some_and(|job| states.contains(&job.state));
    let all: Vec<usize> = (0..JOBS).filter(fitting).collect();
    if all.is_empty() || rng.chance(6) { rng.byte(JOBS) } else { to_number(rng.pick(&all)) }
}

/// Draws a job, mostly in one of these states, and mostly with the node that holds it.
pub fn draw_run(rng: &mut Rng, model: &Model, states: &[State]) -> (u8, u8) {
    let runner = |number: usize, job: Job| {
        let claimed = |node: &usize| {
            model.nodes[*node].slots.iter().any(|slot| slot.used == SlotUse::Claimed(number))
        };
        job.node.or_else(|| (0..NODES).find(claimed))
    };
    let all: Vec<(usize, usize)> = (0..JOBS)
        .filter_map(|number| model.jobs[number].map(|job| (number, job)))
        .filter(|(_, job)| states.contains(&job.state))
        .filter_map(|(number, job)| Some((number, runner(number, job)?)))
        .collect();

    if all.is_empty() || rng.chance(6) {
        return (draw_job(rng, model, states), rng.byte(NODES));
    }

    let (job, node) = rng.pick(&all);
    (to_number(job), if rng.chance(5) { rng.byte(NODES) } else { to_number(node) })
}

/// Draws a market and mostly a node that waits there.
pub fn draw_waiting(rng: &mut Rng, model: &Model) -> (u8, u8) {
    let mut all = Vec::new();
    for (number, market) in model.markets.iter().enumerate() {
        for place in market.iter().flat_map(|market| &market.queue) {
            if let Waiter::Node(node) = place.who {
                all.push((number, node));
            }
        }
    }

    if all.is_empty() || rng.chance(8) {
        return (rng.byte(MARKETS), rng.byte(NODES));
    }
    let (market, node) = rng.pick(&all);
    (to_number(market), to_number(node))
}

/// Draws the place that a hint points at.
pub fn draw_nth(rng: &mut Rng) -> u8 {
    if rng.chance(8) { ASTRAY } else { to_number(usize::from(rng.chance(10))) }
}

/// Draws mostly the client of a job.
pub fn draw_client(rng: &mut Rng, job: u8) -> u8 {
    if rng.chance(5) { rng.byte(WALLETS) } else { to_number(actors::client_of(job.into())) }
}

/// Draws mostly the owner of a node.
pub fn draw_owner(rng: &mut Rng, node: u8) -> u8 {
    if rng.chance(5) { rng.byte(WALLETS) } else { to_number(actors::owner_of(node.into())) }
}

/// Draws mostly the deployer.
pub fn draw_deployer(rng: &mut Rng) -> u8 {
    if rng.chance(10) { rng.byte(WALLETS) } else { to_number(DEPLOYER) }
}

/// Draws the first of several variants in half of all cases, so that the others do not last.
pub fn draw_mostly_first(rng: &mut Rng, all: usize) -> u8 {
    if rng.chance(50) { 0 } else { rng.byte(all) }
}

/// Draws an order.
pub fn draw_order(rng: &mut Rng) -> Order {
    let client = rng.below(3) * NONCES as u64;
    let market = rng.byte(MARKETS);
    // Only one market takes verified jobs.
    let is_verified = rng.chance(if market == 1 { 60 } else { 2 });
    Order {
        job: u8::try_from(client).expect("few") + rng.byte(NONCES),
        payer: rng.pick(&[0, 0, 0, 1, 1, 2]),
        market,
        kind: match (rng.chance(1), is_verified) {
            (true, _) => 3,
            (false, true) => 2,
            (false, false) => u8::from(rng.chance(40)),
        },
        seconds: rng.pick(&[0, 1, 10, 29, 29, 60, 60, 120, 300, 600, 601]),
        highest: if rng.chance(95) { u64::MAX } else { rng.pick(&[3, 47, 101]) },
        blank: rng.chance(2),
    }
}

/// Draws the seconds until the last moment of some clock, or just beyond it; rarely days.
pub fn draw_seconds(rng: &mut Rng, model: &Model) -> u64 {
    if rng.chance(4) {
        let terms = model
            .markets
            .iter()
            .flatten()
            .filter_map(|market| market.announced.map(|(_, from)| from));
        let policy = model.config.announced.map(|(_, from)| from);
        let cooldowns = model.stakes.iter().flatten().filter(|stake| stake.unstaked_at != 0);
        let over = cooldowns
            .map(|stake| stake.unstaked_at + i64::try_from(stake.duration).expect("in range"));
        // When they may be applied, and up to the last moment at which they still may.
        let due =
            terms.chain(policy).flat_map(|from| [from, from, from + VALIDITY, from + VALIDITY + 1]);
        let ahead = due.chain(over).filter_map(|moment| u64::try_from(moment - model.now).ok());
        let mut days: Vec<u64> = ahead.collect();
        for dispute in model.disputes.values() {
            // The last moments at which its losses are taken, and the first at which it is free of
            // what it owes.
            let ends = [dispute.challenged_at, dispute.resolved_at].map(|at| at + 60 * 86_400);
            let all = [ends[0], ends[1], dispute.resolved_at + 30 * 86_400];
            days.extend(all.iter().filter_map(|at| u64::try_from(at - model.now).ok()));
            days.extend(ends.iter().filter_map(|at| u64::try_from(at + 1 - model.now).ok()));
        }
        days.extend([600, 86_400, 18 * 86_400]);
        return rng.pick(&days);
    }

    let mut all: Vec<i64> = Vec::new();
    for job in model.jobs.iter().flatten() {
        let span = |span: Seconds| i64::try_from(span.0).expect("in range");
        let clocks = &job.clocks;
        let timeout = span(job.terms.timeout);
        match job.state {
            State::Queued => all.push(job.queued_at + span(clocks.queue)),
            State::Matched => all.push(job.matched_at + span(clocks.start)),
            State::Running => all.extend([
                job.heartbeat_at + span(clocks.heartbeat),
                job.started_at + timeout,
                job.started_at + timeout + span(clocks.finish_grace),
            ]),
            State::Submitted => all.push(job.submitted_at + span(clocks.challenge)),
            State::Settled => all.push(job.settled_at + span(clocks.retention)),
            // Its dispute has the clocks.
            State::Challenged => {}
        }
    }

    for dispute in model.disputes.values() {
        all.push(dispute.progress_at(model.now).ends.0);
        if dispute.drawn_at != 0 {
            all.push(dispute.drawn_at + EVERYBODYS_TURN);
        }
    }

    for slot in model.nodes.iter().flat_map(|node| &node.slots) {
        match slot.used {
            SlotUse::Claimed(_) => all.push(slot.since + 30),
            SlotUse::Resting => all.push(slot.since),
            _ => {}
        }
    }

    let from = model.now;
    let mut ahead: Vec<u64> = all
        .into_iter()
        .filter_map(|moment| u64::try_from(moment - from).ok())
        .filter(|wait| *wait < 5_000)
        .collect();

    ahead.sort_unstable();
    // The nearest clocks come first: else hardly any would ever be seen to run.
    ahead.truncate(4);
    let wait = if ahead.is_empty() { 1 } else { rng.pick(&ahead) };
    wait + rng.below(2)
}
