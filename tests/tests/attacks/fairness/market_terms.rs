//! Terms that change while nodes and jobs wait, and the bounds of terms.

use nosana_client::{
    actions::{self, JobListing},
    jobs::{
        self,
        accounts::Market,
        instructions::{ApplyTerms, ProposeTerms},
        types::MarketTerms,
    },
    pda,
};
use nosana_tests::terms::{NOS, NOTICE, batch, terms};
use solana_address::Address;
use solana_signer::Signer;

use crate::World;

fn propose_terms(world: &World, terms: MarketTerms) -> ProposeTerms {
    ProposeTerms {
        authority: world.deployer.pubkey(),
        config: pda::jobs::config(),
        market: world.market,
        terms,
    }
}

fn apply_terms(world: &World) -> ApplyTerms {
    ApplyTerms { config: pda::jobs::config(), market: world.market }
}

/// Changes the market's terms; returns since when they require their collection.
async fn change_terms(world: &World, terms: MarketTerms) -> i64 {
    world.run(propose_terms(world, terms), &[&world.deployer]).await;
    world.advance_clock(NOTICE.into());
    world.run(apply_terms(world), &[]).await;
    world.get::<Market>(&world.market).await.collection_since
}

/// Puts `then` in force once the start clock of a match is over. Returns what the node loses, and
/// how often the terms have changed that bind nodes.
async fn penalty_under(then: MarketTerms) -> (u64, u32) {
    let world = World::new(terms()).await;
    let revision = async || world.get::<Market>(&world.market).await.terms_revision;
    let at_match = revision().await;
    world.work(&world.node).await;
    world.run(propose_terms(&world, then), &[&world.deployer]).await;
    world.advance_clock(NOTICE.into());
    let job = world.list(batch(1)).await;
    world.advance_clock(u64::from(terms().start_seconds) + 1);

    world.run(apply_terms(&world), &[]).await;
    world.expire_match(&job, &world.node).await;
    (world.stake_of(&world.node).await.slashed, revision().await - at_match)
}

#[tokio::test]
async fn nobody_clears_a_penalty_by_a_change_of_terms() {
    assert_eq!(penalty_under(terms()).await, (terms().no_start_penalty, 0), "the same terms");
}

#[tokio::test]
async fn terms_that_bind_later_slots_change_no_penalty_of_a_match() {
    let cases = [
        ("no penalty", MarketTerms { no_start_penalty: 0, ..terms() }),
        ("a higher penalty", MarketTerms { no_start_penalty: 2 * NOS, ..terms() }),
        ("less collateral", MarketTerms { collateral_per_job: NOS, ..terms() }),
        ("a longer start clock", MarketTerms { start_seconds: 600, ..terms() }),
        ("more stake", MarketTerms { min_xnos: 200 * NOS, ..terms() }),
    ];
    for (what, then) in cases {
        assert_eq!(penalty_under(then).await, (terms().no_start_penalty, 1), "{what}");
    }
}

#[tokio::test]
async fn an_assigned_job_uses_the_slot_of_its_own_terms() {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    change_terms(&world, MarketTerms { no_start_penalty: 2 * NOS, ..terms() }).await;
    world.work(&world.node).await;

    let newer = world.queue().await.waiting[1].index;
    let (client, node) = (world.client.pubkey(), pda::jobs::node(&world.node.pubkey()));
    let chosen = (node, newer);
    let assign = actions::assign(client, client, world.market, world.mint, batch(1), chosen);
    let job = assign.job;
    world.run(assign, &[&world.client]).await;

    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.expire_match(&job, &world.node).await;
    assert_eq!(world.stake_of(&world.node).await.slashed, 2 * NOS);
}

#[tokio::test]
async fn the_same_terms_again_evict_no_member() {
    let collection = Address::new_from_array([9; 32]);
    let world = World::new(terms()).await;
    let members = MarketTerms { access_collection: collection, ..terms() };
    let since = change_terms(&world, members).await;
    assert_eq!(since, world.now());

    assert_eq!(change_terms(&world, members).await, since);
    assert_eq!(change_terms(&world, terms()).await, world.now());
}

#[tokio::test]
async fn a_job_pays_at_least_the_markets_shortest_time() {
    let world = World::new(MarketTerms { min_timeout_seconds: 60, ..terms() }).await;
    let client = world.client.pubkey();
    let order = JobListing { timeout_seconds: 59, ..batch(1) };
    let list = actions::list(client, client, world.market, world.mint, order);
    world.refuse(jobs::Error::TimeoutOutOfRange, list, &[&world.client]).await;
    world.list(JobListing { timeout_seconds: 60, ..batch(1) }).await;
}

#[tokio::test]
async fn what_a_reporter_can_gain_is_bounded_by_the_start_clock() {
    let world = World::new(terms()).await;
    let with = |no_start_penalty, start_seconds| {
        let collateral_per_job = 100 * NOS;
        MarketTerms { no_start_penalty, start_seconds, collateral_per_job, ..terms() }
    };
    // All slots of a node together lose at most one NOS for each of 30 seconds.
    let slots = world.node_of(&world.node).await.slots.len();
    let most = 30 * NOS / u64::try_from(slots).expect("a small number");
    let too_much = world.open_market_instruction(2, with(most + 1, 30));
    world.refuse(jobs::Error::TermsOutOfRange, too_much, &[&world.deployer]).await;
    world.open_market(2, with(most, 30)).await;
}
