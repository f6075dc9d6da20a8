//! The runtime against the model.

use std::fmt::Debug;

use nosana_client::{pda, rewards::accounts as rewards, staking::accounts as staking};
use nosana_tests::terms::EPOCH;
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    delegated::Given,
    exact::UNIT,
    fixture::{Fixture, StakerAddresses},
    model::{Model, Staker},
    pool::Position,
};

/// How far the program's roundings were from the exact shares.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dust {
    /// The most that a position lacked, in whole base units.
    pub short: u64,
    /// How often a position had more than its exact share, by less than the remainders that were
    /// passed on.
    pub above: u64,
    /// Positions that were looked at.
    pub looks: u64,
}

/// Fails with both values if they differ.
fn compare_values<T: PartialEq + Debug>(what: &str, actual: T, expected: T) -> Result<(), String> {
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{what} is {actual:?}, and should be {expected:?}"))
    }
}

impl Fixture {
    /// Compares everything. Fails with what differs.
    pub async fn compare(&self, model: &Model, dust: &mut Dust) -> Result<(), String> {
        for (who, (place, staker)) in self.stakers.iter().zip(&model.stakers).enumerate() {
            self.compare_staker(place, staker)
                .await
                .map_err(|error| format!("staker {who}: {error}"))?;
            if let Some(position) = &staker.position {
                let found =
                    model.pool.check(position).map_err(|error| format!("staker {who}: {error}"))?;
                dust.short = dust.short.max(found.0);
                dust.above += u64::from(found.1);
                dust.looks += 1;
            }
        }

        self.compare_pool(model).await?;
        self.compare_delegations(model).await?;

        for (id, stream) in &model.streams {
            let found: rewards::Stream = self.world.get(&self.stream(*id)).await;
            let fields =
                (found.amount, found.dripped, found.start, found.end, found.cancellable != 0);
            let expected =
                (stream.amount, stream.dripped, stream.start, stream.end, stream.cancellable);
            compare_values(&format!("stream {id}"), fields, expected)?;
            compare_values("its owner", found.owner, self.sponsors[stream.owner].pubkey())?;
        }

        for (by, expected) in model.sponsors.iter().enumerate() {
            compare_values(
                &format!("the balance of sponsor {by}"),
                self.world.tokens(&self.sponsors[by]).await,
                *expected,
            )?;
        }
        compare_values(
            "the stranger's balance",
            self.world.tokens(&self.world.stranger).await,
            model.stranger,
        )?;
        compare_values(
            "the staking vault",
            self.world.tokens_in(&pda::staking::vault()).await,
            model.stakes_vault(),
        )?;
        compare_values(
            "the pool's vault",
            self.world.tokens_in(&pda::rewards::vault()).await,
            model.pool_vault(),
        )?;
        compare_values("the supply", self.world.supply().await, self.supply - model.burned)?;
        solvent(model)
    }

    async fn compare_staker(&self, place: &StakerAddresses, staker: &Staker) -> Result<(), String> {
        compare_values(
            "the balance",
            self.world.tokens_in(&place.token_account).await,
            staker.balance,
        )?;
        match staker.stake {
            None => compare_values("a stake", self.exists(&place.stake).await, false)?,
            Some(stake) => {
                let found: staking::Stake = self.world.get(&place.stake).await;
                compare_values(
                    "the stake's owner",
                    (found.owner, found.position),
                    (place.wallet, place.position),
                )?;
                let amounts =
                    [found.amount, found.withdrawn, found.locked, found.xnos, found.slashed];
                let expected =
                    [stake.amount, stake.withdrawn, stake.locked, stake.weight, stake.slashed];
                compare_values("[amount, withdrawn, locked, xnos, slashed]", amounts, expected)?;
                let times = (found.duration_seconds, found.unstaked_at);
                compare_values(
                    "(duration, unstaked_at)",
                    times,
                    (stake.duration, stake.unstaked_at),
                )?;
                compare_given(&found, &stake.given, place)?;
            }
        }

        let weight = staker.stake.map_or(0, |stake| stake.weight);
        self.compare_position(
            place.position,
            (place.wallet, place.stake),
            staker.position.as_ref(),
            weight,
        )
        .await
    }

    async fn compare_position(
        &self,
        address: Address,
        (owner, stake): (Address, Address),
        position: Option<&Position>,
        weight: u64,
    ) -> Result<(), String> {
        let Some(position) = position else {
            return compare_values("a position", self.exists(&address).await, false);
        };
        let found: rewards::Position = self.world.get(&address).await;
        compare_values("the position's owner", (found.owner, found.stake), (owner, stake))?;

        let fields = (found.weight, found.accrued, found.paid_acc);
        compare_values(
            "(weight, accrued, paid_acc)",
            fields,
            (position.weight, position.accrued, position.paid_acc),
        )?;
        if position.stale { Ok(()) } else { compare_values("its weight", found.weight, weight) }
    }

    /// The nodes' other positions, and each delegation.
    async fn compare_delegations(&self, model: &Model) -> Result<(), String> {
        for (to, position) in model.positions_of_nodes.iter().enumerate() {
            let place = &self.stakers[to];
            let weight = model.stakers[to].stake.map_or(0, |stake| stake.given.weight);
            let owners = (place.stake, place.stake);
            self.compare_position(place.delegated, owners, position.as_ref(), weight).await?;
            if let Some(position) = position {
                model
                    .pool
                    .check(position)
                    .map_err(|error| format!("delegations to {to}: {error}"))?;
            }
        }
        for ((who, to), one) in &model.delegations {
            let (delegator, stake) = (self.stakers[*who].wallet, self.stakers[*to].stake);
            let found: staking::Delegation =
                self.world.get(&pda::staking::delegation(&stake, &delegator)).await;
            compare_values(
                "whose delegation it is",
                (found.delegator, found.stake),
                (delegator, stake),
            )?;
            let amounts = [found.shares, found.accrued, found.withdrawn, found.duration_seconds];
            compare_values(
                "[shares, accrued, withdrawn, duration]",
                amounts,
                [one.shares, one.accrued, one.withdrawn, one.duration],
            )?;
            let rest = (found.paid_acc, found.undelegated_at, found.commission_bps);
            compare_values(
                "(paid_acc, undelegated_at, commission)",
                rest,
                (one.paid_acc, one.undelegated_at, one.bps),
            )?;
        }
        Ok(())
    }

    async fn compare_pool(&self, model: &Model) -> Result<(), String> {
        let found = self.world.pool().await;
        let pool = &model.pool;
        compare_values("pending", found.pending, pool.pending)?;
        compare_values("accounted", found.accounted, model.accounted())?;
        compare_values("stream", found.stream, pool.stream)?;
        compare_values("updated", found.updated, pool.updated)?;
        compare_values("total_weight", found.total_weight, pool.total_weight)?;
        compare_values(
            "(acc, remainder)",
            (found.acc, found.remainder),
            (pool.acc, pool.remainder),
        )?;
        compare_values("epoch_seconds", found.epoch_seconds, EPOCH)?;
        compare_values("paused", found.paused != 0, model.paused[1])
    }
}

/// What is delegated to a stake, and its terms.
fn compare_given(
    found: &staking::Stake,
    given: &Given,
    place: &StakerAddresses,
) -> Result<(), String> {
    let position = if given.offered { place.delegated } else { Address::default() };
    compare_values("the position of delegations", found.delegated_position, position)?;

    let amounts = [
        found.delegated,
        found.delegated_shares,
        found.delegated_earning,
        found.delegated_xnos,
        found.delegated_remainder,
        found.commission_owed,
        found.delegation_count,
    ];
    let expected = [
        given.amount,
        given.shares,
        given.earning,
        given.weight,
        given.remainder,
        given.commission,
        given.count,
    ];
    compare_values(
        "[delegated, shares, earning, xnos, remainder, commission, count]",
        amounts,
        expected,
    )?;
    compare_values("the index of delegations", found.delegated_acc, given.acc)?;

    let terms =
        (found.accepts_delegation != 0, found.commission_bps, found.delegated_duration_seconds);
    compare_values(
        "(accepting, commission, duration)",
        terms,
        (given.accepting, given.bps, given.duration),
    )
}

/// The pool holds all that it owes, and no more than roundings explain.
fn solvent(model: &Model) -> Result<(), String> {
    let own = || model.stakers.iter().filter_map(|staker| staker.position);
    let positions = || own().chain(model.positions_of_nodes.iter().copied().flatten());
    compare_values(
        "the sum of weights",
        positions().map(|position| position.weight).sum::<u64>(),
        model.pool.total_weight,
    )?;

    let claimable: u64 = positions().map(|position| model.pool.claimable(&position)).sum();
    let waiting = model.pool.pending + model.pool.unreleased();
    let owed = claimable + waiting;
    let has = model.income - model.claimed;
    if owed > has {
        return Err(format!("the pool has {has} and owes {owed}"));
    }

    let remainders = u64::try_from(model.pool.slack / UNIT).expect("small");
    let dust = model.pool.settled + positions().count() as u64 + remainders + 1;
    if has - owed > dust {
        return Err(format!(
            "{} base units have no owner, and roundings explain only {dust}",
            has - owed
        ));
    }
    Ok(())
}
