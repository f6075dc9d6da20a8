//! Admin, guardian and market authority: all of them the deployer.

use nosana_client::{
    actions,
    jobs::instructions::{self, ApplyTerms, SetPaused},
    pda,
};
use solana_instruction::Instruction;

use super::{Action, Kind};
use crate::{
    actors::{self, DEPLOYER, MARKETS, POLICIES, TERMS, market, policy, wallet},
    draw::{draw_deployer, draw_mostly_first},
    fixture::Fixture,
    model::{Model, Outcome},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorityAction {
    SetPaused { by: u8, on: bool },
    ProposePolicy { by: u8, policy: u8 },
    ApplyPolicy,
    ProposeTerms { market: u8, by: u8, terms: u8 },
    ApplyTerms { market: u8 },
    RetireMarket { market: u8, by: u8 },
    CloseMarket { market: u8, by: u8 },
    OpenMarket { market: u8, terms: u8 },
}

pub const KINDS: &[Kind] = &[
    (6, |rng, model| {
        let by = draw_deployer(rng);
        AuthorityAction::SetPaused { by, on: !model.config.paused && rng.chance(40) }.into()
    }),
    (8, |rng, _| {
        let by = draw_deployer(rng);
        let policy = draw_mostly_first(rng, POLICIES.len());
        AuthorityAction::ProposePolicy { by, policy }.into()
    }),
    (6, |_, _| AuthorityAction::ApplyPolicy.into()),
    (16, |rng, _| {
        let market = rng.byte(MARKETS);
        let by = draw_deployer(rng);
        let terms = draw_mostly_first(rng, TERMS);
        AuthorityAction::ProposeTerms { market, by, terms }.into()
    }),
    (20, |rng, _| AuthorityAction::ApplyTerms { market: rng.byte(MARKETS) }.into()),
    (2, |rng, _| {
        let market = rng.byte(MARKETS);
        AuthorityAction::RetireMarket { market, by: draw_deployer(rng) }.into()
    }),
    (15, |rng, _| {
        let market = rng.byte(MARKETS);
        AuthorityAction::CloseMarket { market, by: draw_deployer(rng) }.into()
    }),
    (12, |rng, _| {
        let market = rng.byte(MARKETS);
        AuthorityAction::OpenMarket { market, terms: draw_mostly_first(rng, TERMS) }.into()
    }),
];

impl AuthorityAction {
    /// Returns the market that the action opens, if it opens one.
    pub const fn opened_market(action: &Action) -> Option<u8> {
        match action {
            Action::Authority(Self::OpenMarket { market, .. }) => Some(*market),
            _ => None,
        }
    }

    pub fn apply(&self, model: &mut Model) -> Outcome {
        match *self {
            Self::SetPaused { by, on } => model.set_paused(wallet(by), on),
            Self::ProposePolicy { by, policy: p } => model.propose_policy(wallet(by), policy(p)),
            Self::ApplyPolicy => model.apply_policy(),
            Self::ProposeTerms { market: m, by, terms } => {
                let terms = actors::terms(market(m), terms);
                model.propose_terms(market(m), wallet(by), terms)
            }
            Self::ApplyTerms { market: m } => model.apply_terms(market(m)),
            Self::RetireMarket { market: m, by } => model.retire_market(market(m), wallet(by)),
            Self::CloseMarket { market: m, by } => model.close_market(market(m), wallet(by)),
            Self::OpenMarket { market: m, terms } => {
                model.open_market(market(m), actors::terms(market(m), terms))
            }
        }
    }

    pub fn instruction(&self, fixture: &Fixture) -> Instruction {
        let config = pda::jobs::config();
        match *self {
            Self::SetPaused { by, on } => {
                SetPaused { guardian: fixture.wallet(by), config, paused: on }.into()
            }
            Self::ProposePolicy { by, policy: number } => {
                let (network_fee_bps, market_deposit, max_timeout_seconds) = policy(number);
                instructions::ProposePolicy {
                    admin: fixture.wallet(by),
                    config,
                    network_fee_bps,
                    market_deposit,
                    max_timeout_seconds,
                }
                .into()
            }
            Self::ApplyPolicy => instructions::ApplyPolicy { config }.into(),
            Self::ProposeTerms { market: m, by, terms } => {
                let terms = actors::terms(market(m), terms);
                let authority = fixture.wallet(by);
                let market = fixture.market(m);
                instructions::ProposeTerms { authority, config, market, terms }.into()
            }
            Self::ApplyTerms { market } => {
                ApplyTerms { config, market: fixture.market(market) }.into()
            }
            Self::RetireMarket { market, by } => {
                let authority = fixture.wallet(by);
                let market = fixture.market(market);
                instructions::RetireMarket { authority, market }.into()
            }
            Self::CloseMarket { market, by } => {
                let deployer = fixture.wallets[DEPLOYER];
                let mint = fixture.world.mint;
                let close = actions::close_market(deployer, mint, fixture.market(market));
                instructions::CloseMarket { authority: fixture.wallet(by), ..close }.into()
            }
            Self::OpenMarket { market: m, terms } => {
                fixture.open_market(market(m), actors::terms(market(m), terms))
            }
        }
    }
}
