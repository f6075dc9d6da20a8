//! `retire_market`: the authority lets a market take nothing new.

use nosana_client::{
    actions,
    jobs::{self, instructions::RetireMarket},
    pda,
};
use nosana_protocol::job::{Reason, State};
use nosana_tests::{
    Refusal,
    terms::{batch, terms},
    world::{case, unsigned},
};
use solana_signer::Signer;

use crate::{
    World,
    helpers::{state_and_reason, stored_market},
};

pub async fn a_retired_market_takes_nothing_new() -> World {
    let world = World::new(terms()).await;
    let [first, second] = [world.list(batch(1)).await, world.list(batch(2)).await];
    let (owner, stranger) = (world.deployer.pubkey(), world.stranger.pubkey());
    let valid = RetireMarket { authority: owner, market: world.market };

    world
        .refuse_all([
            case(
                "by a stranger",
                jobs::Error::NotMarketAuthority,
                RetireMarket { authority: stranger, ..valid.clone() },
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
        ])
        .await;

    world.work(&world.node).await;
    world.run(valid.clone(), &[&world.deployer]).await;
    world.run(valid, &[&world.deployer]).await;
    assert_eq!(stored_market(&world).await.retired, 1);
    let client = world.client.pubkey();
    let list = actions::list(client, client, world.market, world.mint, batch(3));
    let node = pda::jobs::node(&world.node.pubkey());
    let assign = actions::assign(client, client, world.market, world.mint, batch(3), (node, 0));
    let work = actions::work(world.other_node.pubkey(), world.market, 1);

    world
        .refuse_all([
            case("list", jobs::Error::MarketRetired, list, &[&world.client]),
            case("assign", jobs::Error::MarketRetired, assign, &[&world.client]),
            case("work", jobs::Error::MarketRetired, work, &[&world.other_node]),
        ])
        .await;

    world.start(&world.node, &first).await;
    let extend = actions::extend(first, &world.job(&first).await, client, world.mint, 60);
    world.run(extend, &[&world.client]).await;
    world.finish(&world.node, &first).await;
    assert_eq!(state_and_reason(&world.job(&first).await), (State::Settled, Reason::Completed));
    world.cancel(&second).await;
    world
}
