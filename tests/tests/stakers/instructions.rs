//! The instruction of each action, and its signer.

use nosana_client::{
    actions::{self, Emission},
    pda, rewards, staking, token,
};
use nosana_tests::{
    terms::{batch, up_to},
    world::swap,
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    fixture::{Fixture, send_or_panic},
    step::{Action, Vault, owner_of},
};

impl Fixture {
    /// Returns the instruction of an action, and its signer.
    pub async fn instruction(&self, action: &Action) -> (Instruction, Option<&Keypair>) {
        let mint = self.world.mint;
        let signer = |who: usize| (self.stakers[who].wallet, Some(&self.stakers[who].key));
        match *action {
            Action::AdvanceClock { .. } => unreachable!("it sends no transaction"),
            Action::Stake { who, amount, duration } => {
                let (owner, by) = signer(who);
                (actions::open_stake(owner, mint, amount, duration).into(), by)
            }
            Action::TopUp { who, amount } => {
                (actions::top_up_stake(signer(who).0, mint, amount).into(), signer(who).1)
            }
            Action::Extend { who, duration } => {
                (actions::extend_stake(signer(who).0, duration).into(), signer(who).1)
            }
            Action::Unstake { who } => (actions::unstake(signer(who).0).into(), signer(who).1),
            Action::UnstakeUnsettled { who } => {
                (actions::unstake_unsettled(signer(who).0).into(), signer(who).1)
            }
            Action::Restake { who } => (actions::restake(signer(who).0).into(), signer(who).1),
            Action::Withdraw { who } => {
                (actions::withdraw(signer(who).0, mint).into(), signer(who).1)
            }
            Action::Close { who } => {
                let place = &self.stakers[who];
                let close =
                    staking::instructions::Close { owner: place.wallet, stake: place.stake };
                (close.into(), Some(&place.key))
            }
            Action::Compound { who } => (actions::compound(signer(who).0).into(), signer(who).1),
            Action::Enter { who } => (actions::enter(signer(who).0).into(), signer(who).1),
            Action::Sync { who } => (actions::sync(signer(who).0).into(), None),
            Action::SyncWith { who, other } => {
                let place = &self.stakers[who];
                (swap(actions::sync(place.wallet), place.stake, self.stakers[other].stake), None)
            }
            Action::Claim { who } => (actions::claim(signer(who).0, mint).into(), signer(who).1),
            Action::Exit { who } => (actions::exit(signer(who).0, mint).into(), signer(who).1),
            Action::Fund { by, amount } => {
                let key = &self.sponsors[by];
                (actions::fund(key.pubkey(), mint, amount).into(), Some(key))
            }
            Action::CountIncome => (actions::count_income().into(), None),
            Action::OpenStream { by, id, amount, wait, length, cancellable } => {
                let key = &self.sponsors[by];
                let start = self.world.now() + wait;
                let end = start.checked_add_unsigned(length).expect("in range");
                let emission = Emission { id, amount, start, end, cancellable };
                (actions::open_stream(key.pubkey(), mint, emission).into(), Some(key))
            }
            Action::Drip { id } => (actions::drip(self.stream(id)).into(), None),
            Action::CloseStream { id, by } => {
                let owner = self.sponsors[owner_of(id)].pubkey();
                let key = &self.sponsors[by];
                (actions::close_stream(key.pubkey(), owner, mint, id).into(), Some(key))
            }
            Action::TakeJob { who, job } => {
                let client = &self.world.node;
                let list = actions::list(
                    client.pubkey(),
                    client.pubkey(),
                    self.world.market,
                    mint,
                    batch(job),
                );
                self.jobs.borrow_mut().insert(job, (who, list.job));
                send_or_panic(&self.world, list, &[client]).await;
                (actions::work(signer(who).0, self.world.market, 1).into(), signer(who).1)
            }
            Action::ExpireMatch { job } => {
                let (who, address) = self.jobs.borrow()[&job];
                let reporter = self.world.token_account(&self.world.stranger.pubkey());
                (
                    actions::expire_match(
                        address,
                        &self.world.job(&address).await,
                        signer(who).0,
                        mint,
                        reporter,
                    )
                    .into(),
                    None,
                )
            }
            Action::EnterDelegated { to } => {
                let payer = &self.sponsors[0];
                (actions::enter_delegated(payer.pubkey(), signer(to).0).into(), Some(payer))
            }
            Action::SetDelegation { who, accepting, bps } => {
                (actions::set_delegation(signer(who).0, accepting, bps).into(), signer(who).1)
            }
            Action::OpenDelegation { who, to } => {
                (actions::open_delegation(signer(who).0, signer(to).0).into(), signer(who).1)
            }
            Action::Delegate { who, to, amount, max_bps } => (
                actions::delegate(signer(who).0, signer(to).0, mint, amount, up_to(max_bps)).into(),
                signer(who).1,
            ),
            Action::Undelegate { who, to, by_node } => {
                let (by, key) = signer(if by_node { to } else { who });
                (actions::undelegate(by, signer(who).0, signer(to).0).into(), key)
            }
            Action::UndelegateUnsettled { who, to } => {
                (actions::undelegate_unsettled(signer(who).0, signer(to).0).into(), signer(who).1)
            }
            Action::WithdrawDelegated { who, to, by_node } => {
                let (by, key) = signer(if by_node { to } else { who });
                let delegator = signer(who).0;
                (actions::withdraw_delegated(by, delegator, signer(to).0, mint).into(), key)
            }
            Action::ClaimDelegated { who, to } => {
                (actions::claim_delegated(signer(who).0, signer(to).0, mint).into(), None)
            }
            Action::ClaimCommission { who } => {
                (actions::claim_commission(signer(who).0, mint).into(), signer(who).1)
            }
            Action::CloseDelegation { who, to, by_node } => {
                let (by, key) = signer(if by_node { to } else { who });
                (actions::close_delegation(by, signer(who).0, signer(to).0).into(), key)
            }
            Action::SyncDelegated { to } => {
                let place = &self.stakers[to];
                let sync = actions::sync(place.wallet);
                let delegated = place.delegated;
                (
                    nosana_client::rewards::instructions::Sync { position: delegated, ..sync }
                        .into(),
                    None,
                )
            }
            Action::Donate { to, amount } => {
                let vault =
                    if to == Vault::Pool { pda::rewards::vault() } else { pda::staking::vault() };
                let key = &self.world.stranger;
                let owner = self.world.stranger.pubkey();
                let source = self.world.token_account(&owner);
                (
                    token::transfer_tokens(&source, &vault, &mint, &owner, amount).expect("valid"),
                    Some(key),
                )
            }
            Action::SetPaused { vault, on } => {
                let key = &self.world.deployer;
                let guardian = self.world.deployer.pubkey();
                let pause = match vault {
                    Vault::Stakes => {
                        staking::instructions::SetPaused { guardian, paused: on }.into()
                    }
                    Vault::Pool => rewards::instructions::SetPaused { guardian, paused: on }.into(),
                };
                (pause, Some(key))
            }
        }
    }

    /// The address of a stream.
    pub fn stream(&self, id: u64) -> Address {
        pda::rewards::stream(&self.sponsors[owner_of(id)].pubkey(), id)
    }
}
