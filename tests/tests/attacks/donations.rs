//! Tokens that someone sends to a vault change nothing, and those in the pool's vault are income.
//! The audit after every step checks it.

use nosana_client::{actions, pda};
use nosana_tests::terms::{
    DURATION, EPOCH, MARKET_DEPOSIT, NOS, STAKE, batch, challenged, earnings,
};
use solana_signer::Signer;

use crate::World;

#[tokio::test]
async fn donations_to_the_vaults_change_nothing_but_income() {
    let world = World::new(challenged()).await;
    let vaults = [pda::jobs::vault(&world.market), pda::staking::vault(), pda::rewards::vault()];
    for (vault, amount) in vaults.iter().zip([1, NOS, 1_000 * NOS]) {
        world.donate(&world.stranger, vault, amount).await;
    }
    let (client, node) = (world.tokens(&world.client).await, world.tokens(&world.node).await);
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    world.donate(&world.stranger, &vaults[0], 7).await;

    world.advance_clock(600);
    world.settle(&job).await;
    let (pay, fee) = earnings(100);
    assert_eq!(world.tokens(&world.node).await, node + pay);
    assert_eq!(world.tokens(&world.client).await, client - pay - fee);
    world.sweep_fees().await;
    assert_eq!(
        world.tokens_in(&vaults[0]).await,
        MARKET_DEPOSIT + 8,
        "donations stay where they are"
    );
    let income = fee + 1_000 * NOS;
    assert_eq!(world.pool().await.pending, income, "only fees are swept, and all is counted");

    world.advance_clock(2 * EPOCH);
    assert!(world.claim(&world.staker).await <= income / 3);
    world.run(actions::unstake(world.staker.pubkey()), &[&world.staker]).await;

    world.advance_clock(DURATION);
    let before = world.tokens(&world.staker).await;
    world.run(actions::withdraw(world.staker.pubkey(), world.mint), &[&world.staker]).await;
    assert_eq!(world.tokens(&world.staker).await, before + STAKE);
}
