use nosana_client::{
    actions, pda,
    staking::accounts::{Delegation, Stake},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::World;
use crate::{
    chain::{Chain, Executed},
    terms::ANY_TERMS,
};

/// Steps of delegators and of the owners of stakes. All must succeed.
impl<C: Chain> World<C> {
    /// The owner of a stake accepts delegations at this commission.
    pub async fn accept_delegations(&self, owner: &Keypair, commission_bps: u16) {
        let key = owner.pubkey();
        let payer = &self.stranger;
        let stake = self.stake_of(owner).await;
        if stake.delegated_position == solana_address::Address::default() {
            self.run(actions::enter_delegated(payer.pubkey(), key), &[payer]).await;
        }
        self.run(actions::set_delegation(key, true, commission_bps), &[owner]).await;
    }

    /// Delegates to the stake of `owner`, at any commission.
    pub async fn delegate(&self, delegator: &Keypair, owner: &Keypair, amount: u64) -> Executed {
        let (who, to) = (delegator.pubkey(), owner.pubkey());
        let address = pda::staking::delegation(&pda::staking::stake(&to), &who);
        if self.find::<Delegation>(&address).await.is_none() {
            self.run(actions::open_delegation(who, to), &[delegator]).await;
        }
        self.run(actions::delegate(who, to, self.mint, amount, ANY_TERMS), &[delegator]).await
    }

    /// The delegator starts the cooldown.
    pub async fn undelegate(&self, delegator: &Keypair, owner: &Keypair) -> Executed {
        let who = delegator.pubkey();
        self.run(actions::undelegate(who, who, owner.pubkey()), &[delegator]).await
    }

    /// The delegator takes what was released; returns how much.
    pub async fn withdraw_delegated(&self, delegator: &Keypair, owner: &Keypair) -> u64 {
        let before = self.tokens(delegator).await;
        let who = delegator.pubkey();
        let withdraw = actions::withdraw_delegated(who, who, owner.pubkey(), self.mint);
        self.run(withdraw, &[delegator]).await;
        self.tokens(delegator).await - before
    }

    /// Anyone pays the delegator what the delegation has earned; returns how much.
    pub async fn claim_delegated(&self, delegator: &Keypair, owner: &Keypair) -> u64 {
        let before = self.tokens(delegator).await;
        self.run(actions::claim_delegated(delegator.pubkey(), owner.pubkey(), self.mint), &[])
            .await;
        self.tokens(delegator).await - before
    }

    /// The owner takes the commission; returns how much.
    pub async fn claim_commission(&self, owner: &Keypair) -> u64 {
        let before = self.tokens(owner).await;
        self.run(actions::claim_commission(owner.pubkey(), self.mint), &[owner]).await;
        self.tokens(owner).await - before
    }

    /// Returns the delegation to the stake of `owner`.
    pub async fn delegation_of(&self, delegator: &Keypair, owner: &Keypair) -> Delegation {
        let stake = pda::staking::stake(&owner.pubkey());
        self.get(&pda::staking::delegation(&stake, &delegator.pubkey())).await
    }

    /// Returns the value of a delegation, in base units.
    pub async fn delegation_value(&self, delegator: &Keypair, owner: &Keypair) -> u64 {
        let (one, stake): (_, Stake) =
            (self.delegation_of(delegator, owner).await, self.stake_of(owner).await);
        let worth = u128::from(one.shares) * u128::from(stake.delegated)
            / u128::from(stake.delegated_shares.max(1));
        u64::try_from(worth).expect("a part of it")
    }
}
