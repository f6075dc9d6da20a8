//! The nodes' stakes.

use nosana_client::{actions, staking::instructions};
use nosana_protocol::job::State;
use nosana_tests::terms::NOS;
use solana_instruction::Instruction;

use super::Kind;
use crate::{
    actors::{COOLDOWN, NODES, node, wallet},
    draw::{draw_owner, draw_run},
    fixture::Fixture,
    model::{Model, Outcome},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StakeAction {
    Stake { node: u8, amount: u64 },
    Unstake { node: u8, by: u8 },
    Withdraw { node: u8 },
    CloseStake { node: u8 },
}

pub const KINDS: &[Kind] = &[
    (10, |rng, _| {
        let amount = rng.pick(&[NOS - 1, 50 * NOS, 120 * NOS, 400 * NOS, 2_000_000 * NOS]);
        StakeAction::Stake { node: rng.byte(NODES), amount }.into()
    }),
    (9, |rng, model| {
        let (_, node) = draw_run(rng, model, &[State::Running]);
        StakeAction::Unstake { node, by: draw_owner(rng, node) }.into()
    }),
    (8, |rng, _| StakeAction::Withdraw { node: rng.byte(NODES) }.into()),
    (8, |rng, _| StakeAction::CloseStake { node: rng.byte(NODES) }.into()),
];

impl StakeAction {
    pub fn apply(&self, model: &mut Model) -> Outcome {
        match *self {
            Self::Stake { node: n, amount } => model.stake(node(n), amount),
            Self::Unstake { node: n, by } => model.unstake(node(n), wallet(by)),
            Self::Withdraw { node: n } => model.withdraw(node(n)),
            Self::CloseStake { node: n } => model.close_stake(node(n)),
        }
    }

    pub fn instruction(&self, fixture: &Fixture) -> Instruction {
        let mint = fixture.world.mint;
        match *self {
            Self::Stake { node, amount } => {
                actions::open_stake(fixture.owner(node), mint, amount, COOLDOWN).into()
            }
            Self::Unstake { node, by } => {
                let unstake = actions::unstake(fixture.owner(node));
                instructions::Unstake { owner: fixture.wallet(by), ..unstake }.into()
            }
            Self::Withdraw { node } => actions::withdraw(fixture.owner(node), mint).into(),
            Self::CloseStake { node: n } => {
                let owner = fixture.owner(n);
                let stake = fixture.stakes[node(n)];
                instructions::Close { owner, stake }.into()
            }
        }
    }
}
