//! `accept_market_authority`: the proposed authority takes a market over.

use nosana_client::{
    actions,
    jobs::{
        self,
        instructions::{AcceptMarketAuthority, ProposeTerms, RetireMarket},
    },
    pda,
};
use nosana_protocol::job::{Reason, State};
use nosana_tests::{
    Refusal,
    terms::{MARKET_DEPOSIT, batch, challenged, earnings, terms},
    world::{case, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;

use super::propose_market_authority::propose_market_authority;
use crate::{
    World,
    helpers::{state_and_reason, stored_market},
};

fn accept_market_authority(world: &World, pending_authority: Address) -> AcceptMarketAuthority {
    AcceptMarketAuthority { pending_authority, market: world.market }
}

async fn hand_over(world: &World) {
    world
        .run(
            propose_market_authority(world, world.deployer.pubkey(), world.staker.pubkey()),
            &[&world.deployer],
        )
        .await;
    world.run(accept_market_authority(world, world.staker.pubkey()), &[&world.staker]).await;
}

pub async fn the_next_authority_has_to_accept() -> World {
    let world = World::new(terms()).await;
    let [old, next, stranger] =
        [&world.deployer, &world.staker, &world.stranger].map(|wallet| wallet.pubkey());
    let by = [&world.deployer];
    let early = accept_market_authority(&world, next);
    world.refuse(jobs::Error::NotProposed, early, &[&world.staker]).await;

    world.run(propose_market_authority(&world, old, stranger), &by).await;
    world.run(propose_market_authority(&world, old, next), &by).await;
    world
        .refuse_all([
            case(
                "another was proposed since",
                jobs::Error::NotProposed,
                accept_market_authority(&world, stranger),
                &[&world.stranger],
            ),
            case(
                "by the old one",
                jobs::Error::NotProposed,
                accept_market_authority(&world, old),
                &by,
            ),
            case(
                "unsigned",
                Refusal::unsigned(),
                unsigned(accept_market_authority(&world, next), next),
                &[],
            ),
        ])
        .await;

    world.run(propose_market_authority(&world, old, Address::default()), &by).await;
    world
        .refuse(jobs::Error::NotProposed, accept_market_authority(&world, next), &[&world.staker])
        .await;
    assert_eq!(stored_market(&world).await.authority, old);

    hand_over(&world).await;
    let after = stored_market(&world).await;
    assert_eq!(
        (after.authority, after.pending_authority, after.creator),
        (next, Address::default(), old)
    );
    world
        .refuse(jobs::Error::NotProposed, accept_market_authority(&world, next), &[&world.staker])
        .await;
    world
}

pub async fn the_old_authority_has_no_rights_left() -> World {
    let world = World::new(terms()).await;
    hand_over(&world).await;
    let old = world.deployer.pubkey();
    let by = [&world.deployer];
    let not = jobs::Error::NotMarketAuthority;
    let config = pda::jobs::config();
    let at = world.market;
    let terms = |authority| ProposeTerms { authority, config, market: at, terms: challenged() };

    world
        .refuse_all([
            case("propose terms", not, terms(old), &by),
            case("hand over", not, propose_market_authority(&world, old, old), &by),
            case("retire", not, RetireMarket { authority: old, market: at }, &by),
            case("close", not, actions::close_market(old, world.mint, at), &by),
        ])
        .await;

    world.run(terms(world.staker.pubkey()), &[&world.staker]).await;
    world
}

#[tokio::test]
async fn the_market_still_signs_for_its_vault() {
    let world = World::new(challenged()).await;
    let before = world.tokens(&world.node).await;
    let (old, new) = (world.list(batch(1)).await, world.list(batch(2)).await);
    world.work_and_start(&world.node, &old).await;
    world.heartbeat_for(100, &world.node, &old).await;
    world.finish(&world.node, &old).await;
    hand_over(&world).await;

    world.advance_clock(challenged().challenge_seconds.into());
    world.settle(&old).await;
    assert_eq!(state_and_reason(&world.job(&old).await), (State::Settled, Reason::Completed));
    assert_eq!(world.tokens(&world.node).await, before + earnings(100).0);
    world.cancel(&new).await;
    world.sweep_fees().await;

    let next = world.staker.pubkey();
    let tokens = world.tokens(&world.staker).await;
    let lamports = world.lamports(&next).await;
    world.run(RetireMarket { authority: next, market: world.market }, &[&world.staker]).await;
    world.run(actions::close_market(next, world.mint, world.market), &[&world.staker]).await;
    assert_eq!(
        world.tokens(&world.staker).await,
        tokens + MARKET_DEPOSIT,
        "the new authority gets the deposit"
    );
    assert!(world.lamports(&next).await > lamports, "and the rent");
}
