//! Collateral that somebody tries to take out of a stake.

use nosana_client::{
    actions, pda,
    staking::{self, instructions::Close},
};
use nosana_tests::{
    terms::{DURATION, INITIAL_BALANCE, STAKE, batch, terms},
    world::case,
};
use solana_signer::Signer;

use super::World;

#[tokio::test]
async fn collateral_does_not_escape_through_the_cooldown() {
    let world = World::new(terms()).await;
    let owner = world.node.pubkey();
    let mint = world.mint;
    let by = [&world.node];
    let (collateral, penalty) = (terms().collateral_per_job, terms().no_start_penalty);
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    let taken = world.now();
    world.run(actions::unstake(owner), &by).await;
    assert_eq!(world.position_of(&world.node).await.weight, 0, "earning ends, the lock does not");

    world.advance_clock(DURATION / 2);
    world.run(actions::withdraw(owner, mint), &by).await;
    assert_eq!(world.tokens(&world.node).await, INITIAL_BALANCE - STAKE / 2);

    world.advance_clock(DURATION);
    world.run(actions::withdraw(owner, mint), &by).await;
    assert_eq!(
        world.tokens(&world.node).await,
        INITIAL_BALANCE - collateral,
        "the locked part stays"
    );
    let close = Close { owner, stake: pda::staking::stake(&owner) };

    world
        .refuse_all([
            case(
                "withdraw",
                staking::Error::NothingToWithdraw,
                actions::withdraw(owner, mint),
                &by,
            ),
            case("close", staking::Error::StakeNotEmpty, close.clone(), &by),
        ])
        .await;

    world.expire_match_in_time(&job, &world.node, taken).await;
    let stake = world.stake_of(&world.node).await;
    let rest = collateral - penalty;
    assert_eq!((stake.amount - stake.withdrawn, stake.locked), (rest, rest));
    assert_eq!(world.pool().await.pending, 0, "it is burnt, and nobody's income");
    world
        .refuse_all([
            case(
                "withdraw what is idle",
                staking::Error::NothingToWithdraw,
                actions::withdraw(owner, mint),
                &by,
            ),
            case("close", staking::Error::StakeNotEmpty, close.clone(), &by),
        ])
        .await;
    assert_eq!(world.release_all(&world.node).await, rest);
    world.run(actions::withdraw(owner, mint), &by).await;
    world.run(close, &by).await;
    assert_eq!(world.tokens(&world.node).await, INITIAL_BALANCE - penalty);
}
