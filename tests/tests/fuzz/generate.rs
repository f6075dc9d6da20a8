//! Invents steps. It looks at the model to make most of them sensible, and leaves enough of them
//! senseless.

use nosana_protocol::job::State;
use nosana_tests::terms::NOS;

use crate::{
    cast::{
        self, COOLDOWN, DEPLOYER, JOBS, MARKETS, NODES, NONCES, POLICIES, PURSES, TERMS, WALLETS,
    },
    model::{Job, Model, Use, Who},
    rng::Rng,
    step::{ASTRAY, Action, Forgery, Order, Step},
};

/// How often an operation is drawn again, at most, until the model lets it through.
const DRAWS: usize = 12;
/// For how long what was announced may be applied, in seconds.
const VALIDITY: i64 = 14 * 86_400;
/// In how many of 100 cases something that stands in everybody's way is put right.
const REPAIRS: u64 = 12;
/// What may be forged.
const FORGERIES: [Forgery; 10] = [
    Forgery::Unsigned,
    Forgery::Market,
    Forgery::Queue,
    Forgery::Vault,
    Forgery::Refund,
    Forgery::Pay,
    Forgery::Node,
    Forgery::Stake,
    Forgery::ReadOnly,
    Forgery::Cut,
];

/// A kind of operation, and how to make one.
type Kind = fn(&mut Rng, &Model) -> Action;

/// All kinds, each with its weight.
const KINDS: [(u64, Kind); 43] = [
    (130, list),
    (40, assign),
    (35, |rng, model| {
        let job = job_in(rng, model, &[State::Queued]);
        Action::Cancel { job, by: client(rng, job), nth: nth(rng) }
    }),
    (30, |rng, model| {
        let job = job_in(rng, model, &[State::Queued, State::Matched, State::Running]);
        let payer = if rng.chance(50) { client(rng, job) } else { rng.index(WALLETS) };
        Action::Extend {
            job,
            by: client(rng, job),
            payer,
            seconds: rng.pick(&[0, 1, 7, 60, 200, 599, u64::MAX]),
        }
    }),
    (30, |rng, model| {
        let job = job_in(rng, model, &[State::Queued, State::Matched, State::Running]);
        let amount = rng.pick(&[0, 1, 333, 5_000, 70_000, 2_000_000 * NOS, u64::MAX]);
        Action::TopUp { job, by: rng.index(WALLETS), amount }
    }),
    (30, |rng, model| {
        let (job, node) = run(rng, model, &[State::Queued, State::Running]);
        Action::Stop { job, node, by: client(rng, job) }
    }),
    (12, |rng, model| {
        let (job, node) = run(rng, model, &[State::Submitted]);
        Action::Accept { job, node, by: client(rng, job) }
    }),
    (150, work),
    (40, |rng, model| {
        let (market, node) = waiting(rng, model);
        Action::Leave { node, market, nth: nth(rng), by: worker(rng, node) }
    }),
    (160, |rng, model| {
        let (job, node) = run(rng, model, &[State::Queued, State::Matched]);
        Action::Start { node, job, by: worker(rng, node), misread: rng.chance(3) }
    }),
    (60, |rng, model| {
        let (job, node) = run(rng, model, &[State::Running]);
        let (checkpoint, progress) =
            (rng.index(4), rng.pick(&[0, 1, 9_999, 10_000, 10_001, u16::MAX]));
        Action::Heartbeat { node, job, by: worker(rng, node), checkpoint, progress }
    }),
    (60, |rng, model| {
        let (job, node) = run(rng, model, &[State::Running]);
        Action::Finish { job, node, by: worker(rng, node), blank: rng.chance(4) }
    }),
    (40, |rng, model| {
        let (job, node) = run(rng, model, &[State::Queued, State::Matched, State::Running]);
        Action::Quit { job, node, by: worker(rng, node) }
    }),
    (15, |rng, _| {
        let node = rng.index(NODES);
        let capacity = rng.pick(&[0, 1, 2, 2, 2, 3, 8, 9]);
        let (vram, gflops) = (rng.pick(&[1_000, 24_576, 24_576]), rng.pick(&[900, 10_000, 10_000]));
        Action::UpdateHardware {
            node,
            by: worker(rng, node),
            capacity,
            vram,
            gflops,
            blank: rng.chance(5),
        }
    }),
    (8, |rng, _| {
        let node = rng.index(NODES);
        Action::SetDraining { node, by: worker(rng, node), on: rng.chance(30) }
    }),
    (12, |rng, _| {
        let node = rng.index(NODES);
        let own = [cast::owner_of(node.into()), WALLETS + usize::from(node)].map(byte);
        let purse = if rng.chance(80) { rng.pick(&own) } else { rng.index(PURSES) };
        Action::SetPayout { node, by: worker(rng, node), purse }
    }),
    (25, |rng, model| {
        let job = job_in(rng, model, &[State::Queued]);
        Action::ExpireQueued { job, nth: nth(rng) }
    }),
    (40, |rng, model| {
        let (job, node) = run(rng, model, &[State::Queued, State::Matched]);
        Action::ExpireMatch { job, node }
    }),
    (45, |rng, model| {
        let (job, node) = run(rng, model, &[State::Running]);
        Action::ExpireRun { job, node }
    }),
    (20, |rng, model| {
        let (job, node) = run(rng, model, &[State::Submitted]);
        Action::Settle { job, node }
    }),
    (25, collect),
    (90, |rng, model| Action::Clean { job: job_in(rng, model, &[State::Settled]) }),
    (30, |rng, model| {
        let (market, node) = waiting(rng, model);
        Action::EvictNode { node, market, nth: nth(rng) }
    }),
    (12, |rng, _| Action::SweepFees { market: rng.index(MARKETS) }),
    (2, |rng, _| Action::GrowQueue {
        market: rng.index(MARKETS),
        cells: rng.pick(&[0, 1, 1, 1, 2, 201]),
    }),
    (6, |rng, model| Action::SetPaused {
        by: deployer(rng),
        on: !model.config.paused && rng.chance(40),
    }),
    (8, |rng, _| Action::ProposePolicy {
        by: deployer(rng),
        policy: mostly_first(rng, POLICIES.len()),
    }),
    (6, |_, _| Action::ApplyPolicy),
    (16, |rng, _| {
        let (market, by) = (rng.index(MARKETS), deployer(rng));
        Action::ProposeTerms { market, by, terms: mostly_first(rng, TERMS) }
    }),
    (20, |rng, _| Action::ApplyTerms { market: rng.index(MARKETS) }),
    (2, |rng, _| Action::RetireMarket { market: rng.index(MARKETS), by: deployer(rng) }),
    (15, |rng, _| Action::CloseMarket { market: rng.index(MARKETS), by: deployer(rng) }),
    (12, |rng, _| Action::OpenMarket {
        market: rng.index(MARKETS),
        terms: mostly_first(rng, TERMS),
    }),
    (10, |rng, _| {
        let amount = rng.pick(&[NOS - 1, 50 * NOS, 120 * NOS, 400 * NOS, 2_000_000 * NOS]);
        Action::Stake { node: rng.index(NODES), amount }
    }),
    (5, |rng, model| {
        let (_, node) = run(rng, model, &[State::Running]);
        Action::Unstake { node, by: worker(rng, node) }
    }),
    (8, |rng, _| Action::Withdraw { node: rng.index(NODES) }),
    (8, |rng, _| Action::CloseStake { node: rng.index(NODES) }),
    (20, |rng, _| Action::ClosePurse { purse: rng.index(11) }),
    (18, |rng, _| {
        let gift = rng.pick(&[0, 0, 5_000, 1_000 * NOS, 1_000 * NOS, 100_000_000 * NOS]);
        Action::OpenPurse { purse: rng.index(11), gift }
    }),
    (4, |rng, _| Action::Donate { market: rng.index(MARKETS), amount: rng.pick(&[1, 5_000]) }),
    (4, |rng, _| Action::Dust { job: rng.index(JOBS) }),
    (90, moment),
    (90, |rng, _| Action::Pass { seconds: rng.pick(&[0, 1, 2, 3, 5, 8, 13, 21, 34]) }),
];

/// Invents steps from a seed.
pub struct Generator {
    rng: Rng,
}

impl Generator {
    /// The one of this seed.
    pub const fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed) }
    }

    /// The next step.
    pub fn next(&mut self, model: &Model) -> Step {
        if self.rng.chance(50)
            && let Some(action) = unbacked(model)
        {
            return Step::honest(action);
        }
        if self.rng.chance(REPAIRS)
            && let Some(action) = repair(&mut self.rng, model)
        {
            return Step::honest(action);
        }
        let all: u64 = KINDS.iter().map(|(weight, _)| weight).sum();
        let mut at = self.rng.below(all);
        let kind = KINDS.iter().find(|(weight, _)| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        });
        let (_, kind) = kind.expect("the weights sum up");
        let mut action = kind(&mut self.rng, model);
        if self.rng.chance(70) {
            for _ in 0..DRAWS {
                if model.clone().apply(&action).is_ok() {
                    break;
                }
                action = kind(&mut self.rng, model);
            }
        }
        let forgery = if self.rng.chance(8) { self.rng.pick(&FORGERIES) } else { Forgery::Honest };
        Step { action, forgery }
    }
}

/// Ends a run whose node has just lost its backing. It has to be quick: the clocks soon end such a
/// run anyway.
fn unbacked(model: &Model) -> Option<Action> {
    let unbacked =
        |job: &Job, node: usize| model.stakes[node].map_or(0, |stake| stake.xnos) < job.min_xnos;
    let running =
        model.jobs.iter().enumerate().filter_map(|(number, job)| Some((number, job.as_ref()?)));
    let mut running = running.filter(|(_, job)| job.state == State::Running);
    running.find_map(|(number, job)| {
        let node = job.node.filter(|node| unbacked(job, *node))?;
        Some(Action::ExpireRun { job: byte(number), node: byte(node) })
    })
}

/// Puts something right that would otherwise make most of what follows be refused.
fn repair(rng: &mut Rng, model: &Model) -> Option<Action> {
    let mut all = Vec::new();
    if model.config.paused {
        all.push(Action::SetPaused { by: byte(DEPLOYER), on: false });
    }
    all.push(Action::ApplyPolicy);
    for (number, market) in model.markets.iter().enumerate() {
        let (market, number) = (market.as_ref(), byte(number));
        match market {
            None => all.push(Action::OpenMarket { market: number, terms: 0 }),
            Some(market) if market.retired => {
                all.push(Action::SweepFees { market: number });
                all.push(Action::CloseMarket { market: number, by: byte(DEPLOYER) });
            }
            Some(_) => {}
        }
    }
    for node in 0..NODES {
        let (number, by) = (byte(node), byte(cast::owner_of(node)));
        let worker = &model.nodes[node];
        if worker.draining {
            all.push(Action::SetDraining { node: number, by, on: false });
        }
        if worker.hardware.capacity < 2
            || worker.hardware.vram_mib < 8_192
            || worker.hardware.gflops < 1_000
        {
            let (capacity, vram, gflops) = (rng.pick(&[2, 4]), 24_576, 10_000);
            all.push(Action::UpdateHardware {
                node: number,
                by,
                capacity,
                vram,
                gflops,
                blank: false,
            });
        }
        match model.stakes[node] {
            None => all.push(Action::Stake {
                node: number,
                amount: rng.pick(&[100 * NOS, 120 * NOS, 400 * NOS]),
            }),
            Some(stake)
                if stake.unstaked_at != 0
                    && model.now - stake.unstaked_at
                        >= i64::try_from(COOLDOWN).expect("in range") =>
            {
                all.push(Action::Withdraw { node: number });
                all.push(Action::CloseStake { node: number });
            }
            Some(_) => {}
        }
    }
    for number in 0..11 {
        let poor = model.purses[cast::closable(number)].is_none_or(|held| held < NOS);
        if poor && rng.chance(20) {
            all.push(Action::OpenPurse { purse: number, gift: 500 * NOS });
        }
    }
    all.retain(|action| model.clone().apply(action).is_ok());
    (!all.is_empty()).then(|| rng.pick(&all))
}

fn byte(index: usize) -> u8 {
    u8::try_from(index).expect("few")
}

/// A job in one of these states, mostly.
fn job_in(rng: &mut Rng, model: &Model, states: &[State]) -> u8 {
    let fitting = |job: &usize| model.jobs[*job].is_some_and(|job| states.contains(&job.state));
    let all: Vec<usize> = (0..JOBS).filter(fitting).collect();
    if all.is_empty() || rng.chance(6) { rng.index(JOBS) } else { byte(rng.pick(&all)) }
}

/// A job in one of these states, and the node that has to do with it, mostly.
fn run(rng: &mut Rng, model: &Model, states: &[State]) -> (u8, u8) {
    let runner = |number: usize, job: Job| {
        let offered = |node: &usize| {
            model.nodes[*node].slots.iter().any(|slot| slot.used == Use::Offered(number))
        };
        job.node.or_else(|| (0..NODES).find(offered))
    };
    let all: Vec<(usize, usize)> = (0..JOBS)
        .filter_map(|number| model.jobs[number].map(|job| (number, job)))
        .filter(|(_, job)| states.contains(&job.state))
        .filter_map(|(number, job)| Some((number, runner(number, job)?)))
        .collect();
    if all.is_empty() || rng.chance(6) {
        return (job_in(rng, model, states), rng.index(NODES));
    }
    let (job, node) = rng.pick(&all);
    (byte(job), if rng.chance(5) { rng.index(NODES) } else { byte(node) })
}

/// A market and a node that waits there, mostly.
fn waiting(rng: &mut Rng, model: &Model) -> (u8, u8) {
    let mut all = Vec::new();
    for (number, market) in model.markets.iter().enumerate() {
        for place in market.iter().flat_map(|market| &market.line) {
            if let Who::Node(node) = place.who {
                all.push((number, node));
            }
        }
    }
    if all.is_empty() || rng.chance(8) {
        return (rng.index(MARKETS), rng.index(NODES));
    }
    let (market, node) = rng.pick(&all);
    (byte(market), byte(node))
}

/// Which place a hint points at.
fn nth(rng: &mut Rng) -> u8 {
    if rng.chance(8) { ASTRAY } else { byte(usize::from(rng.chance(10))) }
}

/// The client of a job, mostly.
fn client(rng: &mut Rng, job: u8) -> u8 {
    if rng.chance(5) { rng.index(WALLETS) } else { byte(cast::client_of(job.into())) }
}

/// Who works with a node, mostly.
fn worker(rng: &mut Rng, node: u8) -> u8 {
    if rng.chance(5) { rng.index(WALLETS) } else { byte(cast::owner_of(node.into())) }
}

/// The deployer, mostly.
fn deployer(rng: &mut Rng) -> u8 {
    if rng.chance(10) { rng.index(WALLETS) } else { byte(DEPLOYER) }
}

/// The first of several variants in half of all cases, so that the others do not last.
fn mostly_first(rng: &mut Rng, all: usize) -> u8 {
    if rng.chance(50) { 0 } else { rng.index(all) }
}

fn order(rng: &mut Rng) -> Order {
    let client = rng.below(3) * NONCES as u64;
    Order {
        job: u8::try_from(client).expect("few") + rng.index(NONCES),
        payer: rng.pick(&[0, 0, 0, 1, 1, 2]),
        market: rng.index(MARKETS),
        kind: if rng.chance(2) { 2 } else { u8::from(rng.chance(40)) },
        seconds: rng.pick(&[0, 1, 10, 29, 60, 60, 120, 300, 600, 601]),
        highest: if rng.chance(95) { u64::MAX } else { rng.pick(&[3, 47, 101]) },
        blank: rng.chance(2),
    }
}

fn list(rng: &mut Rng, _: &Model) -> Action {
    Action::List { order: order(rng) }
}

fn assign(rng: &mut Rng, model: &Model) -> Action {
    let (market, node) = waiting(rng, model);
    Action::Assign { order: Order { market, ..order(rng) }, node, nth: nth(rng) }
}

fn work(rng: &mut Rng, model: &Model) -> Action {
    let (node, market) = (rng.index(NODES), rng.index(MARKETS));
    let price = model.markets[usize::from(market)]
        .as_ref()
        .map_or(1, |market| market.terms.price_per_second);
    let lowest = rng.pick(&[0, 1, 1, price, price, price / 2, price.saturating_add(1)]);
    let highest = if rng.chance(95) { u64::MAX } else { NOS };
    Action::Work { node, market, lowest, highest, by: worker(rng, node) }
}

fn collect(rng: &mut Rng, model: &Model) -> Action {
    let owed = |job: &Job| job.node_credit > 0 || job.payer_credit > 0;
    let all: Vec<usize> =
        (0..JOBS).filter(|job| model.jobs[*job].as_ref().is_some_and(owed)).collect();
    let job =
        if all.is_empty() { job_in(rng, model, &[State::Settled]) } else { byte(rng.pick(&all)) };
    let stored = model.jobs[usize::from(job)];
    let node = stored.and_then(|job| job.node).map_or(u8::MAX, byte);
    let parties =
        stored.map(|job| [job.payer, job.node.map_or(job.payer, cast::owner_of)].map(byte));
    let by = parties.filter(|_| rng.chance(90)).map(|parties| rng.pick(&parties));
    let node = if rng.chance(10) { rng.index(NODES + 1) } else { node };
    Action::Collect {
        job,
        by: by.unwrap_or_else(|| rng.index(WALLETS)),
        node,
        to: rng.index(PURSES),
    }
}

/// Lets time pass to the last moment of some clock, or just beyond it; now and then for days.
fn moment(rng: &mut Rng, model: &Model) -> Action {
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
        days.extend([600, 86_400, 18 * 86_400]);
        return Action::Pass { seconds: rng.pick(&days) };
    }
    let mut all: Vec<i64> = Vec::new();
    for job in model.jobs.iter().flatten() {
        let span = |span: nosana_protocol::units::Seconds| i64::try_from(span.0).expect("in range");
        let (clocks, timeout) = (&job.clocks, span(job.terms.timeout));
        match job.state {
            State::Queued => all.push(job.queued_at + span(clocks.queue)),
            State::Matched => all.push(job.matched_at + span(clocks.start)),
            State::Running => all.extend([
                job.heartbeat_at + span(clocks.heartbeat),
                job.started_at + timeout,
                job.started_at + timeout + span(clocks.finish_grace),
            ]),
            State::Submitted => all.push(job.submitted_at + span(clocks.challenge)),
            State::Challenged | State::Settled => all.push(job.settled_at + span(clocks.retention)),
        }
    }
    for slot in model.nodes.iter().flat_map(|node| &node.slots) {
        match slot.used {
            Use::Offered(_) => all.push(slot.since + 30),
            Use::Resting => all.push(slot.since),
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
    Action::Pass { seconds: wait + rng.below(2) }
}
