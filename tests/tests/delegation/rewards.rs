//! Delegated stake earns as if its delegator had staked it, less the commission.

use nosana_client::{actions, pda};
use nosana_tests::terms::{ANY_TERMS, DURATION, EPOCH, NOS, STAKE, terms};
use solana_signer::Signer;

use crate::{TENTH, World, earn};

#[tokio::test]
async fn it_earns_what_an_equal_stake_earns() {
    let world = World::new(terms()).await;
    let delegator = world.wallet().await;
    let staker = world.wallet().await;
    let node = &world.node;
    world.accept_delegations(node, 0).await;
    world.delegate(&delegator, node, STAKE).await;
    world.stake(&staker).await;
    world.enter(&staker).await;
    for _ in 0..3 {
        earn(&world).await;
        let own = world.claim(&staker).await;
        let delegated = world.claim_delegated(&delegator, node).await;
        assert!(own > 0 && own - delegated <= 2, "{own} and {delegated}");
    }
}

#[tokio::test]
async fn who_delegates_for_an_instant_gets_nothing() {
    let world = World::new(terms()).await;
    let honest = world.wallet().await;
    let sniper = world.wallet().await;
    let node = &world.node;
    world.accept_delegations(node, 0).await;
    world.delegate(&honest, node, 100 * NOS).await;
    earn(&world).await;
    // All of the epoch's income has been paid, and waits to be collected.
    world.delegate(&sniper, node, 900_000 * NOS).await;
    world.undelegate(&sniper, node).await;
    let none = actions::claim_delegated(sniper.pubkey(), node.pubkey(), world.mint);
    world.refuse(nosana_client::staking::Error::NothingToClaim, none, &[]).await;
    assert!(world.claim_delegated(&honest, node).await > 0);
}

#[tokio::test]
async fn a_node_that_keeps_everything_gets_it() {
    let world = World::new(terms()).await;
    let who = world.wallet().await;
    let node = &world.node;
    world.accept_delegations(node, 10_000).await;
    let all = actions::delegate(who.pubkey(), node.pubkey(), world.mint, 100 * NOS, ANY_TERMS);
    world.run(actions::open_delegation(who.pubkey(), node.pubkey()), &[&who]).await;
    world.run(all, &[&who]).await;
    earn(&world).await;
    assert_eq!(world.claim_delegated(&who, node).await, 0);
    assert!(world.stake_of(node).await.commission_owed > 0);
    let again = actions::claim_delegated(who.pubkey(), node.pubkey(), world.mint);
    world.refuse(nosana_client::staking::Error::NothingToClaim, again, &[]).await;
}

#[tokio::test]
async fn the_cooldown_earns_nothing_and_the_others_earn_on() {
    let world = World::new(terms()).await;
    let stays = world.wallet().await;
    let leaves = world.wallet().await;
    let node = &world.node;
    world.accept_delegations(node, TENTH).await;
    world.delegate(&stays, node, 1_024 * NOS).await;
    world.delegate(&leaves, node, 1_024 * NOS).await;
    earn(&world).await;
    world.undelegate(&leaves, node).await;
    let until_now = world.claim_delegated(&leaves, node).await;
    earn(&world).await;
    let none = actions::claim_delegated(leaves.pubkey(), node.pubkey(), world.mint);
    world.refuse(nosana_client::staking::Error::NothingToClaim, none, &[]).await;
    assert!(world.claim_delegated(&stays, node).await > until_now);
}

#[tokio::test]
async fn a_nodes_own_cooldown_does_not_stop_what_others_earn() {
    let world = World::new(terms()).await;
    let who = world.wallet().await;
    let node = &world.node;
    world.accept_delegations(node, 0).await;
    world.delegate(&who, node, 100 * NOS).await;
    world.run(actions::unstake(node.pubkey()), &[node]).await;
    earn(&world).await;
    assert!(world.claim_delegated(&who, node).await > 0);

    world.advance_clock(DURATION);
}

#[tokio::test]
async fn settling_every_second_moves_dust_only() {
    let world = World::new(terms()).await;
    let often = world.wallet().await;
    let once = world.wallet().await;
    let node = &world.node;
    world.accept_delegations(node, TENTH).await;
    world.delegate(&often, node, 1_024 * NOS).await;
    world.delegate(&once, node, 1_024 * NOS).await;
    world.run(actions::fund(world.client.pubkey(), world.mint, 300 * NOS), &[&world.client]).await;

    world.advance_clock(EPOCH);
    let (mut claimed, rounds) = (0, 60);
    for _ in 0..rounds {
        world.advance_clock(EPOCH / 60);
        world.run(actions::sync(often.pubkey().to_owned()).with_stake(&node.pubkey()), &[]).await;
        claimed += world.claim_delegated(&often, node).await;
    }
    let at_once = world.claim_delegated(&once, node).await;
    assert!(claimed.abs_diff(at_once) <= 2 * rounds, "{claimed} and {at_once}");
}

/// The position of what is delegated, which anyone may settle.
trait OfDelegations {
    fn with_stake(self, owner: &solana_address::Address) -> Self;
}

impl OfDelegations for nosana_client::rewards::instructions::Sync {
    fn with_stake(self, owner: &solana_address::Address) -> Self {
        let stake = pda::staking::stake(owner);
        Self { position: pda::rewards::position(&stake), stake }
    }
}
