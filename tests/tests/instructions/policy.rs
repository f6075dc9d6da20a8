//! The policy of the jobs program, for `propose_policy` and `apply_policy`.

use nosana_client::{
    Event,
    jobs::{
        self,
        events::PolicyChanged,
        instructions::{ApplyPolicy, ProposePolicy},
    },
    pda,
};
use nosana_tests::Executed;
use solana_signer::Signer;

use crate::{World, helpers::jobs_config};

/// How long a looser policy is announced, in seconds.
pub const THREE_DAYS: u64 = 3 * 86_400;
/// The longest timeout of a market that any policy allows, in seconds.
pub const LONGEST_TIMEOUT: u64 = 30 * 86_400;

/// The network's fee in basis points, the deposit of a market, its longest timeout.
pub type Policy = (u16, u64, u64);

/// Returns the instruction with which the admin proposes this policy.
pub fn propose_policy(
    world: &World,
    (network_fee_bps, market_deposit, max_timeout_seconds): Policy,
) -> ProposePolicy {
    let admin = world.deployer.pubkey();
    let config = pda::jobs::config();
    ProposePolicy { admin, config, network_fee_bps, market_deposit, max_timeout_seconds }
}

/// Returns the policy in force.
pub async fn policy_in_force(world: &World) -> Policy {
    let config = jobs_config(world).await;
    (config.network_fee_bps, config.market_deposit, config.max_timeout_seconds)
}

/// Returns the only event, which must be a change of the policy.
pub fn changed_policy(done: &Executed) -> PolicyChanged {
    let events = done.events();
    let [Event::Jobs(jobs::events::Event::PolicyChanged(changed))] = &events[..] else {
        panic!("{events:?}")
    };
    *changed
}

/// Returns the instruction that puts the announced policy in force.
pub fn apply_policy() -> ApplyPolicy {
    ApplyPolicy { config: pda::jobs::config() }
}
