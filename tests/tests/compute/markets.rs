//! Markets, and what is rare.

use nosana_client::{
    actions,
    jobs::{
        self,
        instructions::{ApplyTerms, GrowQueue, ProposeTerms, RetireMarket},
        types::MarketTerms,
    },
    pda,
};
use nosana_protocol::seeds;
use nosana_tests::terms::{HARDWARE, NOS, challenged, example_endpoint, terms};
use solana_signer::Signer;

use crate::meter::{Meter, ceiling, has_first_bump};

pub async fn measure_markets(meter: &mut Meter) {
    let deployer = meter.world.deployer.pubkey();
    let first = |id: &u64| {
        let market = pda::jobs::market(&deployer, *id);
        has_first_bump(&jobs::ID, &[seeds::MARKET, deployer.as_ref(), &id.to_le_bytes()])
            && has_first_bump(&jobs::ID, &[seeds::QUEUE, market.as_ref()])
            && has_first_bump(&jobs::ID, &[seeds::VAULT, market.as_ref()])
    };
    let id = (3..).find(first).expect("there is one");
    meter
        .run(
            ceiling("jobs.open_market", 16_000),
            meter.world.open_market_instruction(id, terms()),
            &[&meter.world.deployer],
        )
        .await;

    let market = meter.world.market;
    let payer = meter.world.stranger.pubkey();
    let queue = pda::jobs::queue(&market);
    let grow = GrowQueue { payer, market, queue, cells: 200 };
    meter.run(ceiling("jobs.grow_queue", 8_500), grow, &[&meter.world.stranger]).await;
}

/// What is done now and then.
pub async fn measure_rest(meter: &mut Meter) {
    let client = meter.world.client.pubkey();
    let node = meter.world.node.pubkey();
    let mint = meter.world.mint;
    let deployer = meter.world.deployer.pubkey();
    let hasty = MarketTerms { queue_seconds: 5, ..challenged() };
    meter.world.market = meter.world.open_market(100, hasty).await;
    let market = meter.world.market;
    let old = meter.list(None).await;
    let extend = actions::extend(old, &meter.world.job(&old).await, client, mint, 60);
    meter.run(ceiling("jobs.extend", 3_000), extend, &[&meter.world.client]).await;
    let top_up = actions::top_up(client, old, &meter.world.job(&old).await, mint, NOS);
    meter.run(ceiling("jobs.top_up", 3_000), top_up, &[&meter.world.client]).await;

    meter.world.advance_clock(6);
    let cell = meter.world.cell(&old).await;
    let expire = actions::expire_queued(old, &meter.world.job(&old).await, cell);
    meter.run(ceiling("jobs.expire_queued", 4_000), expire, &[]).await;

    meter.world.work(&meter.world.node).await;
    let waiting = (pda::jobs::node(&node), meter.world.cell(&pda::jobs::node(&node)).await);
    let order = meter.next_order();
    let assign = actions::assign(client, client, market, mint, order, waiting);
    let job = assign.job;
    meter.run(ceiling("jobs.assign", 6_500), assign, &[&meter.world.client]).await;
    meter.world.start(&meter.world.node, &job).await;
    meter.world.finish(&meter.world.node, &job).await;
    let accept = actions::accept(client, job, &meter.world.job(&job).await, node);
    meter.run(ceiling("jobs.accept", 6_500), accept, &[&meter.world.client]).await;

    // Slots of earlier measurements rest.
    meter.world.advance_clock(121);
    let by = [&meter.world.node];
    let payout = meter.world.token_account(&node);
    meter
        .run(ceiling("jobs.update_hardware", 1_500), actions::update_hardware(node, HARDWARE), &by)
        .await;
    meter.run(ceiling("jobs.set_payout", 1_500), actions::set_payout(node, payout), &by).await;
    let enrol = actions::enrol_panelist(node, true);
    meter.run(ceiling("jobs.enrol_panelist", 1_500), enrol, &by).await;
    let panelist = pda::jobs::node(&node);
    let raise = |node: &mut jobs::accounts::Node| node.panel_weight += 1;
    let weigh = |all: &mut jobs::accounts::Panelists| all.weight += 1;
    meter.world.tamper(&panelist, raise).await;
    meter.world.tamper(&pda::jobs::panelists(), weigh).await;
    let remove = actions::remove_panelist(node);
    meter.run(ceiling("jobs.remove_panelist", 1_500), remove, &[]).await;
    let endpoint = actions::set_endpoint(node, example_endpoint());
    meter.run(ceiling("jobs.set_endpoint", 2_000), endpoint, &by).await;
    meter.run(ceiling("jobs.set_draining", 1_500), actions::set_draining(node, true), &by).await;
    meter.world.run(actions::set_draining(node, false), &by).await;

    let config = pda::jobs::config();
    let announce = ProposeTerms { authority: deployer, config, market, terms: hasty };
    meter.run(ceiling("jobs.propose_terms", 1_500), announce, &[&meter.world.deployer]).await;

    meter.world.advance_clock(86_400);
    meter.run(ceiling("jobs.apply_terms", 1_500), ApplyTerms { config, market }, &[]).await;
    meter.world.work(&meter.world.node).await;
    let retire = RetireMarket { authority: deployer, market };
    meter.world.run(retire, &[&meter.world.deployer]).await;
    let cell = meter.world.cell(&pda::jobs::node(&node)).await;
    meter
        .run(ceiling("jobs.evict_node", 3_500), actions::evict_node(node, market, cell), &[])
        .await;
    meter.world.sweep_fees().await;
    meter
        .run(
            ceiling("jobs.close_market", 5_000),
            actions::close_market(deployer, mint, market),
            &[&meter.world.deployer],
        )
        .await;
}
