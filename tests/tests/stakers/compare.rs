//! The runtime against the model.

use std::fmt::Debug;

use nosana_client::{pda, rewards::accounts as rewards, staking::accounts as staking};
use nosana_tests::terms::EPOCH;
use solana_signer::Signer;

use crate::{
    exact::UNIT,
    model::{Model, Staker},
    stage::{Place, Stage},
};

/// How far the program's roundings were from the exact shares.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dust {
    /// The most that a position lacked, in whole base units.
    pub short: u64,
    /// How often a position had more than its exact share, by less than the remainders that were passed on.
    pub above: u64,
    /// Positions that were looked at.
    pub looks: u64,
}

/// An error unless both are the same.
fn same<T: PartialEq + Debug>(what: &str, actual: T, expected: T) -> Result<(), String> {
    if actual == expected { Ok(()) } else { Err(format!("{what} is {actual:?}, and should be {expected:?}")) }
}

impl Stage {
    /// What differs.
    pub async fn compare(&self, model: &Model, dust: &mut Dust) -> Result<(), String> {
        for (who, (place, staker)) in self.places.iter().zip(&model.stakers).enumerate() {
            self.compare_staker(place, staker).await.map_err(|error| format!("staker {who}: {error}"))?;
            if let Some(position) = &staker.position {
                let found = model.pool.check(position).map_err(|error| format!("staker {who}: {error}"))?;
                dust.short = dust.short.max(found.0);
                dust.above += u64::from(found.1);
                dust.looks += 1;
            }
        }
        self.compare_pool(model).await?;
        for (id, stream) in &model.streams {
            let found: rewards::Stream = self.world.get(&self.stream(*id)).await;
            let fields = (found.amount, found.dripped, found.start, found.end, found.cancellable != 0);
            let expected = (stream.amount, stream.dripped, stream.start, stream.end, stream.cancellable);
            same(&format!("stream {id}"), fields, expected)?;
            same("its owner", found.owner, self.sponsors[stream.owner].pubkey())?;
        }
        for (by, expected) in model.sponsors.iter().enumerate() {
            same(&format!("the purse of sponsor {by}"), self.world.tokens(&self.sponsors[by]).await, *expected)?;
        }
        same("the stranger's purse", self.world.tokens(&self.world.stranger).await, model.stranger)?;
        same("the staking vault", self.world.tokens_in(&pda::staking::vault()).await, model.stakes_vault())?;
        same("the pool's vault", self.world.tokens_in(&pda::rewards::vault()).await, model.pool_vault())?;
        solvent(model)
    }

    async fn compare_staker(&self, place: &Place, staker: &Staker) -> Result<(), String> {
        same("the purse", self.world.tokens_in(&place.purse).await, staker.purse)?;
        match staker.stake {
            None => same("a stake", self.exists(&place.stake).await, false)?,
            Some(stake) => {
                let found: staking::Stake = self.world.get(&place.stake).await;
                same("the stake's owner", (found.owner, found.position), (place.wallet, place.position))?;
                let amounts = [found.amount, found.withdrawn, found.locked, found.xnos, found.slashed];
                let expected = [stake.amount, stake.withdrawn, stake.locked, stake.weight, stake.slashed];
                same("[amount, withdrawn, locked, xnos, slashed]", amounts, expected)?;
                let times = (found.duration_seconds, found.unstaked_at);
                same("(duration, unstaked_at)", times, (stake.duration, stake.unstaked_at))?;
            }
        }
        let Some(position) = staker.position else {
            return same("a position", self.exists(&place.position).await, false);
        };
        let found: rewards::Position = self.world.get(&place.position).await;
        same("the position's owner", (found.owner, found.stake), (place.wallet, place.stake))?;
        let fields = (found.weight, found.accrued, found.paid_acc);
        same("(weight, accrued, paid_acc)", fields, (position.weight, position.accrued, position.paid_acc))?;
        same("its weight", found.weight, staker.stake.map_or(0, |stake| stake.weight))
    }

    async fn compare_pool(&self, model: &Model) -> Result<(), String> {
        let (found, pool) = (self.world.pool().await, &model.pool);
        same("pending", found.pending, pool.pending)?;
        same("stream", found.stream, pool.stream)?;
        same("updated", found.updated, pool.updated)?;
        same("total_weight", found.total_weight, pool.total_weight)?;
        same("(acc, remainder)", (found.acc, found.remainder), (pool.acc, pool.remainder))?;
        same("epoch_seconds", found.epoch_seconds, EPOCH)?;
        same("paused", found.paused != 0, model.paused[1])
    }
}

/// The pool holds all that it owes, and no more than roundings explain.
fn solvent(model: &Model) -> Result<(), String> {
    let positions = || model.stakers.iter().filter_map(|staker| staker.position);
    same("the sum of weights", positions().map(|position| position.weight).sum::<u64>(), model.pool.total_weight)?;
    let claimable: u64 = positions().map(|position| model.pool.claimable(&position)).sum();
    let waiting = model.pool.pending + model.pool.unreleased();
    let (owed, has) = (claimable + waiting, model.income - model.claimed);
    if owed > has {
        return Err(format!("the pool has {has} and owes {owed}"));
    }
    let remainders = u64::try_from(model.pool.slack / UNIT).expect("small");
    let dust = model.pool.settled + positions().count() as u64 + remainders + 1;
    if has - owed > dust {
        return Err(format!("{} base units are nobody's, and roundings explain only {dust}", has - owed));
    }
    Ok(())
}
