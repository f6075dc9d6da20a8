//! Emission streams, and positions that end.

use nosana_client::{
    actions::{self, Emission},
    pda, rewards,
};
use nosana_tests::{
    Bank, World,
    terms::{EPOCH, INITIAL_BALANCE, NOS, terms},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::world;

/// Seventy NOS over seven epochs from now on.
fn emission(world: &World<Bank>, cancellable: bool) -> Emission {
    let start = world.now();
    Emission { id: 1, amount: 70 * NOS, start, end: start + 7 * EPOCH as i64, cancellable }
}

async fn open(world: &World<Bank>, emission: Emission) -> Address {
    let open = actions::open_stream(world.client.pubkey(), world.mint, emission);
    let stream = open.stream;
    world.run(open, &[&world.client]).await;
    stream
}

#[tokio::test]
async fn a_stream_becomes_income_bit_by_bit() {
    let world = world(terms()).await;
    let stream = open(&world, emission(&world, false)).await;
    assert_eq!(world.tokens(&world.client).await, INITIAL_BALANCE - 70 * NOS);
    world.refuse(rewards::Error::NothingDue, actions::drip(stream), &[]).await;

    world.advance_clock(EPOCH);
    world.run(actions::drip(stream), &[]).await;
    assert_eq!(
        world.pool().await.pending,
        10 * NOS,
        "it waits for the next epoch, like all income"
    );

    world.advance_clock(2 * EPOCH);
    let claimed = world.claim(&world.staker).await;
    assert!((10 * NOS / 3 - 2..=10 * NOS / 3).contains(&claimed), "{claimed}");

    // After a long time without an instruction nothing is lost: the next epoch pays all of it.
    world.advance_clock(100 * EPOCH);
    let close =
        actions::close_stream(world.stranger.pubkey(), world.client.pubkey(), world.mint, 1);
    let lamports = world.lamports(&world.client.pubkey()).await;
    world.run(close, &[&world.stranger]).await;
    assert!(world.lamports(&world.client.pubkey()).await > lamports, "the rent goes to its owner");

    world.advance_clock(2 * EPOCH);
    let mut all = claimed;
    for owner in [&world.staker, &world.node, &world.other_node] {
        all += world.claim(owner).await;
    }
    assert!((70 * NOS - 10..=70 * NOS).contains(&all), "{all}");
}

#[tokio::test]
async fn a_stream_that_was_opened_so_can_be_cancelled() {
    let world = world(terms()).await;
    open(&world, emission(&world, true)).await;

    world.advance_clock(3 * EPOCH);
    let close = actions::close_stream(world.client.pubkey(), world.client.pubkey(), world.mint, 1);
    world.run(close, &[&world.client]).await;
    assert_eq!(world.tokens(&world.client).await, INITIAL_BALANCE - 30 * NOS, "what was due stays");
    assert_eq!(world.pool().await.pending, 30 * NOS);
}

#[tokio::test]
async fn one_base_unit_over_ten_years_is_not_lost() {
    let world = world(terms()).await;
    let end = world.now() + 10 * 366 * 86_400;
    let stream =
        open(&world, Emission { id: 2, amount: 1, start: world.now(), end, cancellable: false })
            .await;

    world.advance_clock(9 * 366 * 86_400);
    world.refuse(rewards::Error::NothingDue, actions::drip(stream), &[]).await;

    world.set_clock(end);
    world.run(actions::drip(stream), &[]).await;
    assert_eq!(world.pool().await.pending, 1);
}

#[tokio::test]
async fn who_exits_forfeits_nothing_and_may_come_back() {
    let world = world(terms()).await;
    world.run(actions::fund(world.client.pubkey(), world.mint, 30 * NOS), &[&world.client]).await;

    world.advance_clock(EPOCH + EPOCH / 2);
    let before = world.tokens(&world.staker).await;
    world.run(actions::exit(world.staker.pubkey(), world.mint), &[&world.staker]).await;
    let earned = world.tokens(&world.staker).await - before;
    assert!((5 * NOS - 2..=5 * NOS).contains(&earned), "{earned}");
    let position = pda::rewards::position(&world.staker.pubkey());
    assert!(world.find::<rewards::accounts::Position>(&position).await.is_none());
    assert!(world.stake_of(&world.staker).await.xnos > 0, "the stake goes on");

    world.advance_clock(EPOCH);
    world.enter(&world.staker).await;
    let again = world.position_of(&world.staker).await;
    assert_eq!((again.accrued, again.weight), (0, world.stake_of(&world.staker).await.xnos));
    let claim = actions::claim(world.staker.pubkey(), world.mint);
    world.refuse(rewards::Error::NothingToClaim, claim, &[&world.staker]).await;
    // Unstaking without a position is harmless, too.
    world.run(actions::exit(world.staker.pubkey(), world.mint), &[&world.staker]).await;
    world.run(actions::unstake(world.staker.pubkey()), &[&world.staker]).await;
}
