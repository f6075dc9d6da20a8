//! Delegated stake counts toward the weight that markets require, and toward nothing else.

use nosana_client::{actions, jobs, pda};
use nosana_protocol::job::State;
use nosana_tests::terms::{DURATION, NOS, batch, terms, up_to};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::World;

/// A node with 20 NOS of its own, too little for the 100 NOS of weight that the market requires.
async fn small_node(world: &World) -> Keypair {
    let node = world.wallet().await;
    world.run(actions::open_stake(node.pubkey(), world.mint, 20 * NOS, DURATION), &[&node]).await;
    world.register(&node).await;
    let work = actions::work(node.pubkey(), world.market, 1);
    world.refuse(jobs::Error::StakeTooSmall, work, &[&node]).await;
    world.accept_delegations(&node, 0).await;
    node
}

#[tokio::test]
async fn delegated_weight_opens_a_market_and_its_loss_closes_it() {
    let world = World::new(terms()).await;
    let node = small_node(&world).await;
    let who = world.wallet().await;
    world.delegate(&who, &node, 5 * NOS).await;
    world.work(&node).await;
    let evict = async || {
        let cell = world.cell(&pda::jobs::node(&node.pubkey())).await;
        actions::evict_node(node.pubkey(), world.market, cell)
    };
    world.refuse(jobs::Error::NotEvictable, evict().await, &[]).await;
    world.undelegate(&who, &node).await;
    world.run(evict().await, &[]).await;
    assert_eq!(world.release_all(&node).await, terms().collateral_per_job);
    let work = actions::work(node.pubkey(), world.market, 1);
    world.refuse(jobs::Error::StakeTooSmall, work, &[&node]).await;
}

#[tokio::test]
async fn a_node_that_lost_its_backing_cannot_start() {
    let world = World::new(terms()).await;
    let node = small_node(&world).await;
    let who = world.wallet().await;
    world.delegate(&who, &node, 5 * NOS).await;
    let job = world.list(batch(1)).await;
    world.work(&node).await;
    world.undelegate(&who, &node).await;

    world.advance_clock(3_600);
    world.withdraw_delegated(&who, &node).await;
    let start = actions::start(node.pubkey(), job, &world.job(&job).await);
    world.refuse(jobs::Error::StakeTooSmall, start, &[&node]).await;
}

#[tokio::test]
async fn a_delegator_that_leaves_stops_no_start_and_ends_no_run() {
    let world = World::new(terms()).await;
    let node = small_node(&world).await;
    let who = world.wallet().await;
    world.delegate(&who, &node, 5 * NOS).await;
    let job = world.list(batch(1)).await;
    world.work(&node).await;
    world.undelegate(&who, &node).await;
    world.start(&node, &job).await;

    world.advance_clock(10);
    world.withdraw_delegated(&who, &node).await;
    let expire = actions::expire_run(who.pubkey(), job, &world.job(&job).await, node.pubkey());
    world.refuse(jobs::Error::TooEarly, expire, &[&who]).await;
    let before = world.tokens(&node).await;
    world.finish(&node, &job).await;
    assert!(world.tokens(&node).await > before, "the work is paid");
}

#[tokio::test]
async fn an_owner_who_leaves_ends_its_runs() {
    let world = World::new(terms()).await;
    let node = small_node(&world).await;
    let who = world.wallet().await;
    world.delegate(&who, &node, 5 * NOS).await;
    let job = world.list(batch(1)).await;
    world.work(&node).await;
    world.start(&node, &job).await;
    assert_eq!(world.job(&job).await.min_own_xnos, 1);
    world.run(actions::unstake(node.pubkey()), &[&node]).await;
    world.expire_run(&job, &node).await;
    assert_eq!(world.job(&job).await.state, State::Queued as u8);
}

#[tokio::test]
async fn collateral_is_the_nodes_own() {
    let world = World::new(terms()).await;
    let (node, who) = (world.wallet().await, world.wallet().await);
    world.run(actions::open_stake(node.pubkey(), world.mint, 9 * NOS, DURATION), &[&node]).await;
    world.register(&node).await;
    world.accept_delegations(&node, 0).await;
    world.delegate(&who, &node, 1_000 * NOS).await;
    let work = actions::work(node.pubkey(), world.market, 1);
    world.refuse(nosana_client::staking::Error::InsufficientCollateral, work, &[&node]).await;
}

#[tokio::test]
async fn a_node_in_its_cooldown_has_no_backing() {
    let free = jobs::types::MarketTerms { collateral_per_job: 0, no_start_penalty: 0, ..terms() };
    let world = World::new(free).await;
    let node = small_node(&world).await;
    let who = world.wallet().await;
    world.delegate(&who, &node, 500 * NOS).await;
    world.run(actions::unstake(node.pubkey()), &[&node]).await;
    let work = actions::work(node.pubkey(), world.market, 1);
    world.refuse(jobs::Error::StakeTooSmall, work, &[&node]).await;
    let more = actions::delegate(who.pubkey(), node.pubkey(), world.mint, NOS, up_to(0));
    world.refuse(nosana_client::staking::Error::AlreadyUnstaked, more, &[&who]).await;
}
