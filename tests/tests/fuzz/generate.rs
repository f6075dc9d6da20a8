//! Generates steps from a seed. It reads the model so that most of them are sensible; the others
//! must be refused.

use nosana_protocol::job::State;
use nosana_tests::{rng::Rng, terms::NOS};

use crate::{
    actions::{
        Action, AnyoneAction, AuthorityAction, NodeAction, OutsideAction, StakeAction, kinds,
        pursue_dispute,
    },
    actors::{self, COOLDOWN, DEPLOYER, NODES, STRANGER},
    draw::to_number,
    model::{Job, Model},
    step::Step,
    tampering::Tampering,
};

/// How often an operation is drawn again, at most, until the model lets it through.
const DRAWS: usize = 12;
/// In how many of 100 cases a state that blocks most actions is repaired.
const REPAIR_PERCENT: u64 = 12;
/// In how many of 100 cases a dispute is led on, or what leads to one.
const PURSUIT_PERCENT: u64 = 35;
/// What may be tampered with.
const TAMPERINGS: [Tampering; 10] = [
    Tampering::Unsigned,
    Tampering::Market,
    Tampering::Queue,
    Tampering::Vault,
    Tampering::Refund,
    Tampering::Pay,
    Tampering::Node,
    Tampering::Stake,
    Tampering::ReadOnly,
    Tampering::Cut,
];

/// Generates steps from a seed.
pub struct Generator {
    rng: Rng,
}

impl Generator {
    /// The one of this seed.
    pub const fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed) }
    }

    /// The next step.
    pub fn next_step(&mut self, model: &Model) -> Step {
        if self.rng.chance(50)
            && let Some(action) = end_unbacked_run(model)
        {
            return Step::honest(action);
        }
        if self.rng.chance(REPAIR_PERCENT)
            && let Some(action) = repair_state(&mut self.rng, model)
        {
            return Step::honest(action);
        }

        if self.rng.chance(PURSUIT_PERCENT)
            && let Some(action) = pursue_dispute(&mut self.rng, model)
        {
            return Step::honest(action);
        }

        let all: u64 = kinds().map(|(weight, _)| weight).sum();
        let mut at = self.rng.below(all);
        let kind = kinds().find(|(weight, _)| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        });
        let (_, kind) = kind.expect("the weights sum up");

        let mut action = kind(&mut self.rng, model);
        if self.rng.chance(70) {
            for _ in 0..DRAWS {
                if action.is_allowed(model) {
                    break;
                }
                action = kind(&mut self.rng, model);
            }
        }
        let tampering =
            if self.rng.chance(8) { self.rng.pick(&TAMPERINGS) } else { Tampering::None };
        Step { action, tampering }
    }
}

/// Ends a run whose node has just lost its backing. It has to be quick: the clocks soon end such a
/// run anyway.
fn end_unbacked_run(model: &Model) -> Option<Action> {
    let unbacked =
        |job: &Job, node: usize| model.stakes[node].map_or(0, |stake| stake.xnos) < job.min_xnos;
    let running =
        model.jobs.iter().enumerate().filter_map(|(number, job)| Some((number, job.as_ref()?)));
    let mut running = running.filter(|(_, job)| job.state == State::Running);
    running.find_map(|(number, job)| {
        let node = job.node.filter(|node| unbacked(job, *node))?;
        Some(
            AnyoneAction::ExpireRun {
                job: to_number(number),
                node: to_number(node),
                by: to_number(STRANGER),
            }
            .into(),
        )
    })
}

/// Repairs a state in which most of the following actions would be refused.
fn repair_state(rng: &mut Rng, model: &Model) -> Option<Action> {
    let mut all: Vec<Action> = Vec::new();
    if model.config.paused {
        all.push(AuthorityAction::SetPaused { by: to_number(DEPLOYER), on: false }.into());
    }
    all.push(AuthorityAction::ApplyPolicy.into());

    for (number, market) in model.markets.iter().enumerate() {
        let market = market.as_ref();
        let number = to_number(number);
        match market {
            None => all.push(AuthorityAction::OpenMarket { market: number, terms: 0 }.into()),
            Some(market) if market.retired => {
                all.push(AnyoneAction::SweepFees { market: number }.into());
                all.push(
                    AuthorityAction::CloseMarket { market: number, by: to_number(DEPLOYER) }.into(),
                );
            }
            Some(_) => {}
        }
    }

    for node in 0..NODES {
        let number = to_number(node);
        let by = to_number(actors::owner_of(node));
        let worker = &model.nodes[node];
        if worker.draining {
            all.push(NodeAction::SetDraining { node: number, by, on: false }.into());
        }
        if worker.hardware.capacity < 2
            || worker.hardware.vram_mib < 8_192
            || worker.hardware.prompt_tokens_per_second < 1_000
        {
            let capacity = rng.pick(&[2, 4]);
            let vram = 24_576;
            let prompt_tokens_per_second = 10_000;
            all.push(
                NodeAction::UpdateHardware {
                    node: number,
                    by,
                    capacity,
                    vram,
                    prompt_tokens_per_second,
                    blank: false,
                }
                .into(),
            );
        }
        match model.stakes[node] {
            None => all.push(
                StakeAction::Stake {
                    node: number,
                    amount: rng.pick(&[100 * NOS, 120 * NOS, 400 * NOS]),
                }
                .into(),
            ),
            Some(stake)
                if stake.unstaked_at != 0
                    && model.now - stake.unstaked_at
                        >= i64::try_from(COOLDOWN).expect("in range") =>
            {
                all.push(StakeAction::Withdraw { node: number }.into());
                all.push(StakeAction::CloseStake { node: number }.into());
            }
            Some(_) => {}
        }
    }

    for number in 0..to_number(actors::CLOSABLE.len()) {
        let poor = model.balances[actors::closable(number)].is_none_or(|held| held < NOS);
        if poor && rng.chance(20) {
            all.push(OutsideAction::OpenTokenAccount { account: number, gift: 500 * NOS }.into());
        }
    }

    all.retain(|action| action.is_allowed(model));
    (!all.is_empty()).then(|| rng.pick(&all))
}
