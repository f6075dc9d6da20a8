use std::collections::HashMap;

use nosana_client::{
    jobs::accounts::{Dispute, Job, Market, Node},
    pda, rewards,
    staking::accounts::{Config, Delegation, Stake},
};
use nosana_protocol::{
    delegation::{self, Delegated},
    dispute::{phase::Phase, terms::BOND_FEES, votes::SeatState},
    job::State,
    rewards as rules,
    units::{Amount, BasisPoints, Seconds, UnixTimestamp},
};
use solana_address::Address;

use super::World;
use crate::chain::Chain;

/// Whether a dispute has its outcome.
fn is_resolved(dispute: &Dispute) -> bool {
    dispute.phase == Phase::Resolved as u8
}

/// The bond that a dispute holds until it is resolved.
fn bond_of(dispute: &Dispute) -> u64 {
    if is_resolved(dispute) { 0 } else { BOND_FEES * dispute.panel_fee }
}

/// What a dispute owes to challenger and panelists.
fn owed_by(dispute: &Dispute) -> u64 {
    dispute.challenger_credit + dispute.seats.iter().map(|seat| seat.fee).sum::<u64>()
}

/// Whether a seat in this state locks collateral.
fn is_held(state: u8) -> bool {
    !matches!(SeatState::from_byte(state), Some(SeatState::Empty | SeatState::Closed))
}

/// The balances of the whole economy, which must agree after every step.
impl<C: Chain> World<C> {
    /// Checks all of them. Panics with what does not agree.
    pub async fn audit(&self) {
        let locked = self.audit_markets().await;
        self.audit_stakes(locked).await;
        self.audit_rewards().await;
    }

    /// Each market's vault holds the escrows and credits of its jobs and its fees, and not a base
    /// unit more or less. Returns the collateral that submitted results and seats hold, by stake.
    async fn audit_markets(&self) -> HashMap<Address, u64> {
        let (markets, addresses) = {
            let known = self.known.borrow();
            (known.markets.clone(), known.jobs.clone())
        };
        let disputes = self.list_disputes().await;

        let mut jobs: Vec<Job> = Vec::new();
        for address in addresses {
            jobs.extend(self.find::<Job>(&address).await);
        }

        for market in &markets {
            let header = self.queue_of(market).await.header;
            let here = || jobs.iter().filter(|job| job.market == *market);
            let owed: u64 = here().map(|job| job.escrow + job.node_credit + job.payer_credit).sum();
            let disputed = || disputes.iter().filter(|dispute| dispute.market == *market);
            let bonds: u64 = disputed().map(bond_of).sum();
            let owed_by_disputes: u64 = disputed().map(owed_by).sum();
            let vault = pda::jobs::vault(market);
            let deposit = self.get::<Market>(market).await.deposit;
            assert_eq!(
                self.held_without_donations(&vault).await,
                owed + bonds + owed_by_disputes + header.fees_accrued + deposit,
                "the market's vault"
            );

            let credits: u64 = here().map(|job| job.node_credit + job.payer_credit).sum();
            assert_eq!(header.credits_owed, credits + owed_by_disputes, "the market's credits");
            let resolved = disputed().filter(|dispute| is_resolved(dispute)).count();
            assert_eq!(header.open_disputes, resolved as u64, "the market's open disputes");

            let open =
                here().filter(|job| State::from_byte(job.state) != Some(State::Settled)).count();
            assert_eq!(header.open_jobs, open as u64, "the market's open jobs");
        }

        let mut collateral = HashMap::new();
        for job in jobs {
            if job.collateral > 0 {
                let stake = self.get::<Node>(&job.node).await.stake;
                *collateral.entry(stake).or_default() += job.collateral;
            }
        }
        for dispute in &disputes {
            for seat in dispute.seats.iter().filter(|seat| is_held(seat.state)) {
                let stake = self.get::<Node>(&seat.node).await.stake;
                *collateral.entry(stake).or_default() += dispute.collateral;
            }
        }
        collateral
    }

    /// The disputes that are not closed.
    async fn list_disputes(&self) -> Vec<Dispute> {
        let known = self.known.borrow().disputes.clone();
        let mut disputes = Vec::new();
        for address in known {
            disputes.extend(self.find::<Dispute>(&address).await);
        }
        disputes
    }

    /// The staking vault holds all stakes; what is locked is what slots, submitted results and
    /// seats hold, and what their node has kept.
    async fn audit_stakes(&self, submitted: HashMap<Address, u64>) {
        let mut staked = 0;
        for owner in self.owners() {
            let address = pda::staking::stake(&owner);
            let node = self.find::<Node>(&pda::jobs::node(&owner)).await;
            let idle = node.iter().map(|node| node.idle_collateral).sum::<u64>();
            let Some(stake) = self.find::<Stake>(&address).await else {
                assert_eq!(idle, 0, "the idle collateral of {owner}, who has no stake");
                continue;
            };
            let settling = (stake.is_settling, stake.settling_xnos);
            assert_eq!(settling, (0, 0), "no position of {owner} is being settled");
            staked +=
                stake.amount - stake.withdrawn + self.audit_delegations(&address, &stake).await;
            let slots: u64 =
                node.iter().flat_map(|node| &node.slots).map(|slot| slot.collateral).sum();
            let jobs = submitted.get(&address).copied().unwrap_or_default();
            assert_eq!(stake.locked, slots + jobs + idle, "the locked collateral of {owner}");
        }

        let vault = pda::staking::vault();
        if self.find::<Config>(&pda::staking::config()).await.is_some() {
            let held = self.held_without_donations(&vault).await;
            let delegations = !self.known.borrow().delegations.is_empty();
            assert!(held >= staked, "the staking vault holds {held} and owes {staked}");
            // The index of delegations drops fractions of a base unit.
            assert!(
                held - staked <= if delegations { 1_000 } else { 0 },
                "the staking vault holds {held} and owes only {staked}"
            );
        }
    }

    /// The delegations to a stake are consistent. Returns what the vault owes for it: principal,
    /// commission and what the delegations have earned.
    async fn audit_delegations(&self, address: &Address, stake: &Stake) -> u64 {
        let known = self.known.borrow().delegations.clone();
        let mut all = Delegated {
            amount: Amount(stake.delegated),
            shares: stake.delegated_shares,
            earning: stake.delegated_earning,
            index: rules::Index { acc: stake.delegated_acc, remainder: stake.delegated_remainder },
            commission: Amount(stake.commission_owed),
        };

        let mut shares = 0;
        let mut earning = 0;
        let mut owed = 0;
        let mut values = 0;
        for known in known {
            let Some(one) =
                self.find::<Delegation>(&known).await.filter(|one| one.stake == *address)
            else {
                continue;
            };
            let undelegated = one.undelegated_at != 0;
            let mut due = delegation::Delegation {
                shares: one.shares,
                undelegated,
                withdrawn: Amount(one.withdrawn),
                paid_acc: one.paid_acc,
                accrued: Amount(one.accrued),
                commission: BasisPoints(one.commission_bps),
            };
            values += all.value_of(one.shares).expect("in range").0;
            all.settle_delegation(&mut due).expect("in range");
            owed += due.accrued.0;
            shares += one.shares;
            earning += if undelegated { 0 } else { one.shares };
        }

        assert_eq!(
            (shares, earning),
            (stake.delegated_shares, stake.delegated_earning),
            "the shares of {address}"
        );
        assert!(
            values <= stake.delegated,
            "the delegations to {address} are worth more than there is"
        );

        let weight =
            all.earning_weight(Seconds(stake.delegated_duration_seconds)).expect("in range");
        // The rest of closed delegations raises the value of the other shares, and is weighed with
        // the next deposit.
        assert!(
            weight.0.abs_diff(stake.delegated_xnos) < 100,
            "the weight of what is delegated to {address}"
        );
        owed + stake.delegated + all.commission.0
    }

    /// The reward pool can always pay what it owes; its weights are those of the stakes.
    async fn audit_rewards(&self) {
        let Some(pool) = self.find::<rewards::accounts::Pool>(&pda::rewards::pool()).await else {
            return;
        };

        let mut later = rules::Pool {
            index: rules::Index { acc: pool.acc, remainder: pool.remainder },
            total_weight: pool.total_weight,
            updated: UnixTimestamp(pool.updated),
            pending: Amount(pool.pending),
            stream: Amount(pool.stream),
            epoch_seconds: pool.epoch_seconds,
        };

        // At the first second of an epoch nothing of its stream is paid yet.
        let epoch = i64::try_from(pool.epoch_seconds).expect("in range");
        later.advance_to(UnixTimestamp((self.now() / epoch + 1_000) * epoch)).expect("in range");
        let (mut weights, mut owed) = (0, 0);
        let stakes = self.owners().iter().map(pda::staking::stake).collect::<Vec<_>>();
        for owner in self.owners().into_iter().chain(stakes) {
            let Some(position) =
                self.find::<rewards::accounts::Position>(&pda::rewards::position(&owner)).await
            else {
                continue;
            };
            let stake = self.find::<Stake>(&position.stake).await;
            let of_delegations = position.owner == position.stake;
            let xnos = stake
                .map_or(0, |stake| if of_delegations { stake.delegated_xnos } else { stake.xnos });
            if self.known.borrow().unsettled.contains(&position.stake) {
                assert!(position.weight >= xnos, "the weight of {owner}, who left unsettled");
            } else {
                assert_eq!(position.weight, xnos, "the weight of {owner}");
            }
            weights += position.weight;
            let mut due = rules::Position {
                weight: position.weight,
                paid_acc: position.paid_acc,
                accrued: Amount(position.accrued),
            };
            due.settle_to(later.index.acc).expect("in range");
            owed += due.accrued.0;
        }

        assert_eq!(pool.total_weight, weights, "the pool's weight");
        let streams = self.known.borrow().streams.clone();
        for stream in streams {
            let stream = self.find::<rewards::accounts::Stream>(&stream).await;
            owed += stream.map_or(0, |stream| stream.amount - stream.dripped);
        }

        let counted = pool.accounted;
        let owed = owed + later.pending.0 + later.stream.0;
        assert!(counted >= owed, "the pool has counted {counted} and owes {owed}");
        assert!(counted - owed < 1_000, "the pool has counted {counted} and owes only {owed}");

        let held = self.tokens_in(&pda::rewards::vault()).await;
        assert!(held >= counted, "the pool holds {held} and has counted {counted}");
    }

    /// Returns the base units in a vault, without donations.
    async fn held_without_donations(&self, vault: &Address) -> u64 {
        let all = self.tokens_in(vault).await;
        let known = self.known.borrow();
        all - known
            .donations
            .iter()
            .filter(|(account, _)| account == vault)
            .map(|(_, amount)| amount)
            .sum::<u64>()
    }

    fn owners(&self) -> Vec<Address> {
        self.known.borrow().owners.clone()
    }
}
