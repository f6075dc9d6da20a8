//! `close_dispute`: anyone closes a resolved dispute after its seats.

use nosana_client::{actions, jobs, pda};
use nosana_protocol::dispute::votes::Verdict;
use nosana_tests::{
    Refusal,
    terms::{SKETCH, verified_terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::{World, helpers::retire_market};

/// The fee of a panelist.
const FEE: u64 = 7_050;

pub async fn only_after_its_seats() -> World {
    let world = World::new(verified_terms()).await;
    let other = world.open_market(2, verified_terms()).await;
    let panelist = world.panelist().await;
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let said = (Verdict::Right, SKETCH);
    let address = world.hold_dispute(&job, (&world.node, SKETCH), &[(&panelist, said)]).await;
    let stored = world.dispute(&address).await;
    let valid = actions::close_dispute(address, &stored);
    world.refuse(jobs::Error::WrongPhase, valid.clone(), &[]).await;

    // The challenger's account is closed: its part of the bond waits.
    world.close_tokens_to(&world.stranger, &world.staker).await;
    world.resolve(&address).await;
    assert_eq!(world.dispute(&address).await.challenger_credit, 3 * FEE);
    world.refuse(jobs::Error::SeatsOpen, valid.clone(), &[]).await;
    world.close_seat(&address, 0).await;
    world.refuse(jobs::Error::CannotReceive, valid.clone(), &[]).await;

    // Until it is closed, its market stays.
    retire_market(&world, world.market).await;
    world.sweep_fees().await;
    let deployer = world.deployer.pubkey();
    let close_market = actions::close_market(deployer, world.mint, world.market);
    world.refuse(jobs::Error::MarketInUse, close_market.clone(), &[&world.deployer]).await;

    world.open_tokens(&world.stranger).await;
    let account = || jobs::Error::WrongAccount.into();
    let wrong =
        |what, refusal: Refusal, from, to| case(what, refusal, swap(valid.clone(), from, to), &[]);
    let client = world.client.pubkey();
    world
        .refuse_all([
            wrong("another market", jobs::Error::WrongMarket.into(), world.market, other),
            wrong("another queue", account(), valid.queue, pda::jobs::queue(&other)),
            wrong("another vault", account(), valid.vault, pda::jobs::vault(&other)),
            wrong("rent to another", account(), valid.challenger, client),
            wrong(
                "the bond to another",
                account(),
                valid.challenger_token,
                world.token_account(&client),
            ),
        ])
        .await;
    let rent = world.lamports(&address).await;
    let before = world.lamports(&world.stranger.pubkey()).await;
    world.close_dispute(&address).await;
    assert_eq!(world.lamports(&world.stranger.pubkey()).await, before + rent);
    assert_eq!(world.tokens(&world.stranger).await, 3 * FEE);
    world.run(close_market, &[&world.deployer]).await;
    world
}

pub async fn what_cannot_be_paid_becomes_a_fee() -> World {
    let world = World::new(verified_terms()).await;
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.challenge(&world.stranger, &job).await;
    world.advance_clock(601);
    world.close_tokens_to(&world.stranger, &world.staker).await;
    world.resolve(&address).await;
    let close = actions::close_dispute(address, &world.dispute(&address).await);
    world.advance_clock(30 * 86_400 - 1);
    world.refuse(jobs::Error::CannotReceive, close, &[]).await;
    world.advance_clock(1);
    let fees = world.queue().await.header.fees_accrued;
    world.close_dispute(&address).await;
    assert_eq!(world.queue().await.header.fees_accrued, fees + 4 * FEE);
    world
}
