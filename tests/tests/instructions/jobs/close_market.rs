//! `close_market`: the authority closes a retired market in which nothing is left.

use nosana_client::{
    Event, actions,
    jobs::{self, accounts::Market},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{INITIAL_BALANCE, MARKET_DEPOSIT, NOS, batch, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::{World, helpers::retire_market};

fn close_market(world: &World) -> jobs::instructions::CloseMarket {
    actions::close_market(world.deployer.pubkey(), world.mint, world.market)
}

pub async fn a_market_closes_once_nothing_is_left_in_it() -> World {
    let world = World::new(terms()).await;
    let sponsor = world.wallet().await;
    let in_use = jobs::Error::MarketInUse;
    world.refuse(in_use, close_market(&world), &[&world.deployer]).await;
    let job = world.list_for(&world.client, &sponsor, batch(1)).await;
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    retire_market(&world, world.market).await;
    let by = [&world.deployer];
    assert_eq!(world.waiting().await.len(), 1);
    world.refuse(in_use, close_market(&world), &by).await;
    world.leave(&world.other_node).await;
    assert!(world.waiting().await.is_empty());
    world.refuse(in_use, close_market(&world), &by).await;
    world.start(&world.node, &job).await;
    world.refuse(in_use, close_market(&world), &by).await;
    world.heartbeat_for(100, &world.node, &job).await;
    world.close_tokens(&sponsor).await;
    world.finish(&world.node, &job).await;
    let header = world.queue().await.header;
    assert!(header.open_jobs == 0 && header.credits_owed > 0 && header.fees_accrued > 0);
    world.refuse(in_use, close_market(&world), &by).await;
    world.sweep_fees().await;
    world.refuse(in_use, close_market(&world), &by).await;
    let tokens = world.open_tokens(&sponsor).await;
    world.collect(&sponsor, &job, &tokens).await;
    world.run(close_market(&world), &by).await;
    assert!(world.find::<Market>(&world.market).await.is_none());

    world.advance_clock(terms().retention_seconds.into());
    world.clean(&job).await;
    world
}

pub async fn a_node_that_waits_keeps_a_market_open() -> World {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    retire_market(&world, world.market).await;
    world.refuse(jobs::Error::MarketInUse, close_market(&world), &[&world.deployer]).await;
    world.leave(&world.node).await;
    world.run(close_market(&world), &[&world.deployer]).await;
    world
}

pub async fn fees_alone_keep_a_market_open() -> World {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    retire_market(&world, world.market).await;
    world.refuse(jobs::Error::MarketInUse, close_market(&world), &[&world.deployer]).await;
    world.sweep_fees().await;
    world.run(close_market(&world), &[&world.deployer]).await;
    world
}

pub async fn deposit_rent_and_gifts_go_to_the_authority() -> World {
    let mut world = World::new(terms()).await;
    let lamports = world.lamports(&world.deployer.pubkey()).await;
    let tokens = world.tokens(&world.deployer).await;
    world.market = world.open_market(2, terms()).await;
    assert_eq!(world.tokens(&world.deployer).await, tokens - MARKET_DEPOSIT);
    assert!(world.lamports(&world.deployer.pubkey()).await < lamports);
    let vault = pda::jobs::vault(&world.market);
    world.donate(&world.stranger, &vault, 3 * NOS).await;
    retire_market(&world, world.market).await;
    let done = world.run(close_market(&world), &[&world.deployer]).await;
    let closed = done.events().into_iter().find_map(|event| match event {
        Event::Jobs(jobs::events::Event::MarketClosed(closed)) => {
            Some((closed.market, closed.amount))
        }
        _ => None,
    });
    assert_eq!(closed, Some((world.market, MARKET_DEPOSIT + 3 * NOS)));
    assert_eq!(
        world.tokens(&world.deployer).await,
        tokens + 3 * NOS,
        "what strangers sent goes along"
    );
    assert_eq!(world.lamports(&world.deployer.pubkey()).await, lamports, "all rent is back");
    for address in [world.market, pda::jobs::queue(&world.market), vault] {
        assert_eq!(world.lamports(&address).await, 0);
    }
    world.refuse(Refusal::too_small(), close_market(&world), &[&world.deployer]).await;
    world
}

pub async fn only_the_authority_closes_and_only_its_own() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    retire_market(&world, world.market).await;
    let valid = close_market(&world);
    let by = [&world.deployer];
    let foreign = world.new_mint().await;

    world
        .refuse_all([
            case(
                "by a stranger",
                jobs::Error::NotMarketAuthority,
                swap(valid.clone(), valid.authority, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case(
                "no signature",
                Refusal::unsigned(),
                unsigned(valid.clone(), valid.authority),
                &[],
            ),
            case(
                "with the queue of another",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &by,
            ),
            case(
                "with the vault of another",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::jobs::vault(&other)),
                &by,
            ),
            case(
                "into the vault itself",
                Refusal::same_account_twice(jobs::ID),
                swap(valid.clone(), valid.destination, valid.vault),
                &by,
            ),
            case(
                "to a mint",
                Refusal::wrong_type(),
                swap(valid.clone(), valid.destination, foreign),
                &by,
            ),
        ])
        .await;

    world.run(valid, &by).await;
    assert_eq!(
        world.tokens(&world.deployer).await,
        INITIAL_BALANCE - MARKET_DEPOSIT,
        "that of the other market"
    );
    world
}
