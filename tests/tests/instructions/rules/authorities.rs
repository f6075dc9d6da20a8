//! What needs an authority, and entries that authorities have closed.

use nosana_client::{
    actions,
    jobs::{
        self,
        instructions::{
            AcceptAdmin, AcceptMarketAuthority, ApplyPolicy, ApplyTerms, ProposeAdmin,
            ProposePolicy, ProposeTerms, RetireMarket, SetPaused,
        },
    },
    pda,
};
use nosana_tests::{
    terms::{HARDWARE, batch, terms},
    world::case,
};
use solana_signer::Signer;

use crate::World;

pub async fn govern() -> World {
    let world = World::new(terms()).await;
    let (stranger, by) = (world.stranger.pubkey(), [&world.stranger]);
    let config = pda::jobs::config();
    let market = world.market;
    let policy = |admin, fee| ProposePolicy {
        admin,
        config,
        network_fee_bps: fee,
        market_deposit: 0,
        max_timeout_seconds: 1,
    };
    let too_much = policy(world.deployer.pubkey(), 2_501);

    world
        .refuse_all([
            case(
                "admin",
                jobs::Error::NotAdmin,
                ProposeAdmin { admin: stranger, config, next_admin: stranger },
                &by,
            ),
            case("policy", jobs::Error::NotAdmin, policy(stranger, 0), &by),
            case("too high a fee", jobs::Error::PolicyOutOfRange, too_much, &[&world.deployer]),
            case(
                "accept",
                jobs::Error::NotProposed,
                AcceptAdmin { pending_admin: stranger, config },
                &by,
            ),
            case(
                "pause",
                jobs::Error::NotGuardian,
                SetPaused { guardian: stranger, config, paused: true },
                &by,
            ),
            case("apply a policy", jobs::Error::NothingAnnounced, ApplyPolicy { config }, &[]),
            case("apply terms", jobs::Error::NothingAnnounced, ApplyTerms { config, market }, &[]),
            case(
                "terms",
                jobs::Error::NotMarketAuthority,
                ProposeTerms { authority: stranger, config, market, terms: terms() },
                &by,
            ),
            case(
                "accept a market",
                jobs::Error::NotProposed,
                AcceptMarketAuthority { pending_authority: stranger, market },
                &by,
            ),
            case(
                "retire",
                jobs::Error::NotMarketAuthority,
                RetireMarket { authority: stranger, market },
                &by,
            ),
        ])
        .await;
    world
}

pub async fn closed_doors() -> World {
    let world = World::new(terms()).await;
    let client = world.client.pubkey();
    let owner = world.node.pubkey();
    let market = world.market;
    let by = [&world.client];
    let node_by = [&world.node];
    let deployer_by = [&world.deployer];
    let list = |order| actions::list(client, client, market, world.mint, order);
    let work = actions::work(owner, market, 1);
    let pause = |paused| SetPaused {
        guardian: world.deployer.pubkey(),
        config: pda::jobs::config(),
        paused,
    };
    let job = world.list(batch(1)).await;
    let top_up = actions::top_up(client, job, &world.job(&job).await, world.mint, 0);
    world.refuse(jobs::Error::ZeroAmount, top_up, &by).await;
    world.run(pause(true), &deployer_by).await;

    world
        .refuse_all([
            case("list", jobs::Error::Paused, list(batch(2)), &by),
            case("work", jobs::Error::Paused, work.clone(), &node_by),
            case(
                "open a market",
                jobs::Error::Paused,
                world.open_market_instruction(2, terms()),
                &deployer_by,
            ),
        ])
        .await;

    world.run(pause(false), &deployer_by).await;
    world.work(&world.node).await;
    world.refuse(jobs::Error::NodeInUse, actions::update_hardware(owner, HARDWARE), &node_by).await;
    world.run(actions::set_draining(owner, true), &node_by).await;
    world.refuse(jobs::Error::Draining, work, &node_by).await;
    world.work(&world.other_node).await;
    let cell = world.cell(&pda::jobs::node(&world.other_node.pubkey())).await;
    let evict = actions::evict_node(world.other_node.pubkey(), market, cell);
    world.refuse(jobs::Error::NotEvictable, evict, &[]).await;
    let close = actions::close_market(world.deployer.pubkey(), world.mint, market);
    world.refuse(jobs::Error::MarketInUse, close, &deployer_by).await;
    world.run(RetireMarket { authority: world.deployer.pubkey(), market }, &deployer_by).await;
    world.refuse(jobs::Error::MarketRetired, list(batch(2)), &by).await;
    world
}
