//! The panel of a job for the holders of a collection's tokens: nodes without a token may judge.

use nosana_client::{
    actions,
    jobs::{
        instructions::{Start, Work},
        types::MarketTerms,
    },
    pda,
};
use nosana_tests::{
    terms::{verified, verified_terms},
    world::{
        access::{COLLECTION, Pass},
        disputes::EVERYBODYS_TURN,
    },
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::World;

/// The node, which holds this token, submits the result of a verified job.
async fn submit_as_member(world: &World, node: &Keypair, pass: Pass) -> Address {
    let owner = node.pubkey();
    let (token, metadata) = pass;
    let (access_token, access_metadata) = (Some(token), Some(metadata));
    let job = world.list(verified(1)).await;
    let work = actions::work(owner, world.market, 1);
    world.run(Work { access_token, access_metadata, ..work }, &[node]).await;
    let start = actions::start(owner, job, &world.job(&job).await);
    world.run(Start { access_token, access_metadata, ..start }, &[node]).await;

    world.advance_clock(1);
    world.finish(node, &job).await;
    job
}

/// Otherwise the collection's authority chooses the panel after the challenge: it leaves only the
/// tokens of its own nodes verified.
#[tokio::test]
async fn a_node_without_the_collections_token_takes_a_seat() {
    let members_only = MarketTerms { access_collection: COLLECTION, ..verified_terms() };
    let world = World::new(members_only).await;
    let panelist = &world.node;
    world.enrol(panelist).await;
    let pass = world.give_pass(&world.other_node).await;
    let job = submit_as_member(&world, &world.other_node, pass).await;
    assert_eq!(world.job(&job).await.access_collection, COLLECTION);
    let dispute = world.challenge(&world.stranger, &job).await;
    world.draw_panel(&dispute).await;
    world.advance_clock(EVERYBODYS_TURN);

    world.take_seat(panelist, &dispute).await;
    let seat = world.dispute(&dispute).await.seats[0];
    assert_eq!(seat.node, pda::jobs::node(&panelist.pubkey()));
}
