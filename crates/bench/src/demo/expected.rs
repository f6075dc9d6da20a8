//! What the protocol's rules expect of a demo's money.

use nosana_client::jobs::accounts::Job;
use nosana_protocol::{
    job::{Kind, Reason},
    job_terms, settlement,
    units::{Amount, UnixTimestamp},
};

use super::driver::History;
use crate::{
    balances::{ExpectedChanges, TokenHolder},
    node,
    report::{Rewards, job::Money},
};

/// Returns the split of a completed job's escrow; `None` if the account is not valid.
pub fn expected_money(job: &Job) -> Option<Money> {
    let terms = job_terms!(job, Kind::from_byte(job.kind)?);
    let escrow = terms.escrow_amount().ok()?;
    let reason = Reason::from_byte(job.reason)?;
    let proven = UnixTimestamp(job.submitted_at).seconds_since(UnixTimestamp(job.started_at));

    let split = settlement::split_escrow(&terms, escrow, reason, Some(proven)).ok()?;
    let Amount(escrow) = escrow;
    Some(Money { escrow, node: split.node.0, refund: split.client.0, network: split.network.0 })
}

/// Returns the base units that the node and the network should have earned.
pub fn expected_earnings(history: &History) -> (u64, u64) {
    let expected = history.jobs.iter().filter_map(|job| expected_money(&job.account));
    expected.fold((0, 0), |(node, network), money| (node + money.node, network + money.network))
}

/// Returns the expected changes in each part of the demo.
pub fn expected_changes(
    history: &History,
    rewards: Rewards,
) -> [(&'static str, ExpectedChanges); 3] {
    let (earned, fees) = expected_earnings(history);
    let staked = ExpectedChanges::default().with_transfer(
        TokenHolder::Node,
        TokenHolder::StakingVault,
        node::STAKE_PER_SLOT,
    );
    let jobs = ExpectedChanges::default()
        .with_transfer(TokenHolder::Client, TokenHolder::Node, earned)
        .with_transfer(TokenHolder::Client, TokenHolder::MarketVault, fees);
    let payout = ExpectedChanges::default()
        .with_transfer(TokenHolder::MarketVault, TokenHolder::RewardsVault, fees)
        .with_transfer(TokenHolder::RewardsVault, TokenHolder::Staker, rewards.predicted);

    [("the node stakes", staked), ("jobs are paid", jobs), ("fees reach the staker", payout)]
}
