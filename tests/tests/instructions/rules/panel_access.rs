//! The panel of a job for the holders of a collection's tokens: all of its members hold one.

use nosana_client::{
    actions,
    jobs::{
        self,
        instructions::{ClaimSeat, Start, Work},
        types::MarketTerms,
    },
    pda, token,
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

use super::access::{make_passes, refuse_invalid};
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

#[tokio::test]
async fn only_members_take_seats() {
    let members_only = MarketTerms { access_collection: COLLECTION, ..verified_terms() };
    let world = World::new(members_only).await;
    let passes = make_passes(&world).await;
    let panelist = &world.node;
    world.enrol(panelist).await;
    let (_, metadata) = passes.valid;
    let token = world.hold_token(&world.other_node, &passes.mint, 1).await;
    let job = submit_as_member(&world, &world.other_node, (token, metadata)).await;
    let dispute = world.challenge(&world.stranger, &job).await;
    world.draw_panel(&dispute).await;
    world.advance_clock(EVERYBODYS_TURN);
    let stored = world.dispute(&dispute).await;
    let claim = |access_token, access_metadata| ClaimSeat {
        access_token,
        access_metadata,
        ..actions::claim_seat(panelist.pubkey(), dispute, &stored)
    };
    refuse_invalid(&world, &passes, |token, metadata| claim(token, metadata).into()).await;

    // It was a member while the job ran, and has passed its token on.
    let (held, metadata) = passes.valid;
    let elsewhere = world.hold_token(&world.stranger, &passes.mint, 0).await;
    let (owner, stranger) = (panelist.pubkey(), world.stranger.pubkey());
    let pass_on = |from, to, owner| {
        spl_token_interface::instruction::transfer(&token::PROGRAM, from, to, owner, &[], 1)
            .expect("valid")
    };
    world.run(pass_on(&held, &elsewhere, &owner), &[panelist]).await;
    let without = claim(Some(held), Some(metadata));
    world.refuse(jobs::Error::NoAccess, without, &[panelist]).await;
    let foreign = claim(Some(token), Some(metadata));
    world.refuse(jobs::Error::NoAccess, foreign, &[panelist]).await;
    world.run(pass_on(&elsewhere, &held, &stranger), &[&world.stranger]).await;

    world.run(claim(Some(held), Some(metadata)), &[panelist]).await;
    let seat = world.dispute(&dispute).await.seats[0];
    assert_eq!(seat.node, pda::jobs::node(&panelist.pubkey()));
}
