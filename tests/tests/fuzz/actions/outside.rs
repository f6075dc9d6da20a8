//! What the programs do not decide: time, token accounts, gifts.

use nosana_client::token;
use nosana_tests::{Chain, terms::NOS};
use solana_account::Account;
use solana_instruction::Instruction;

use super::Kind;
use crate::{
    actors::{CLOSABLE, JOBS, MARKETS, STRANGER, closable, job, market},
    draw::draw_seconds,
    fixture::Fixture,
    model::{Model, Outcome},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutsideAction {
    CloseTokenAccount {
        account: u8,
    },
    OpenTokenAccount {
        account: u8,
        gift: u64,
    },
    Donate {
        market: u8,
        amount: u64,
    },
    /// Somebody sends lamports to the address of a job.
    SendLamports {
        job: u8,
    },
    AdvanceClock {
        seconds: u64,
    },
}

pub const KINDS: &[Kind] = &[
    (20, |rng, _| OutsideAction::CloseTokenAccount { account: rng.byte(CLOSABLE.len()) }.into()),
    (18, |rng, _| {
        let gift = rng.pick(&[0, 0, 5_000, 1_000 * NOS, 1_000 * NOS, 100_000_000 * NOS]);
        OutsideAction::OpenTokenAccount { account: rng.byte(CLOSABLE.len()), gift }.into()
    }),
    (4, |rng, _| {
        let market = rng.byte(MARKETS);
        OutsideAction::Donate { market, amount: rng.pick(&[1, 5_000]) }.into()
    }),
    (4, |rng, _| OutsideAction::SendLamports { job: rng.byte(JOBS) }.into()),
    (90, |rng, model| OutsideAction::AdvanceClock { seconds: draw_seconds(rng, model) }.into()),
    (90, |rng, _| {
        let seconds = rng.pick(&[0, 1, 2, 3, 5, 8, 13, 21, 34]);
        OutsideAction::AdvanceClock { seconds }.into()
    }),
];

impl OutsideAction {
    pub fn apply(&self, model: &mut Model) -> Outcome {
        match *self {
            Self::CloseTokenAccount { account } => model.close_token_account(closable(account)),
            Self::OpenTokenAccount { account, gift } => {
                model.open_token_account(closable(account), gift)
            }
            Self::Donate { market: m, amount } => model.donate(market(m), amount),
            Self::SendLamports { .. } => Ok(()),
            Self::AdvanceClock { seconds } => model.advance_clock(seconds),
        }
    }

    /// Returns the instructions that the action sends. None if it sends no transaction.
    pub async fn transaction(&self, fixture: &Fixture) -> Option<Vec<Instruction>> {
        match *self {
            Self::CloseTokenAccount { account } => {
                Some(fixture.close_token_account(closable(account)).await)
            }
            Self::OpenTokenAccount { account, gift } => {
                Some(fixture.open_token_account(closable(account), gift).await)
            }
            Self::Donate { market: m, amount } => {
                let from = fixture.token_accounts[STRANGER];
                let to = fixture.vaults[market(m)];
                let mint = fixture.world.mint;
                let stranger = fixture.wallets[STRANGER];
                let transfer = token::transfer_tokens(&from, &to, &mint, &stranger, amount);
                Some(vec![transfer.expect("valid")])
            }
            Self::SendLamports { .. } | Self::AdvanceClock { .. } => None,
        }
    }

    /// Applies an action that sends no transaction to the runtime.
    pub async fn apply_outside(&self, fixture: &Fixture) {
        let world = &fixture.world;
        match *self {
            Self::SendLamports { job: j } => {
                let address = fixture.jobs[job(j)];
                if world.chain.account(&address).await.is_none() {
                    let account = Account { lamports: 1_000_000, ..Account::default() };
                    world.chain.set_account(&address, account);
                }
            }
            Self::AdvanceClock { seconds } => world.advance_clock(seconds),
            Self::CloseTokenAccount { .. }
            | Self::OpenTokenAccount { .. }
            | Self::Donate { .. } => {}
        }
    }
}
