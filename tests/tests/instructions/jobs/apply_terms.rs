//! `apply_terms`: anyone puts a market's announced terms in force, within their time.

use nosana_client::{Event, actions, jobs};
use nosana_tests::terms::{NOTICE, batch, deposit, terms};
use solana_signer::Signer;

use super::propose_terms::dearer;
use crate::{
    World,
    helpers::{apply_terms, propose_terms, stored_market},
};

const TWO_WEEKS: u64 = 14 * 86_400;

pub async fn new_terms_wait_for_their_notice_and_hold_for_new_jobs() -> World {
    let world = World::new(terms()).await;
    let listed = world.list(batch(1)).await;
    let done = world.run(propose_terms(&world, dearer()), &[&world.deployer]).await;
    let from = world.now() + i64::from(NOTICE);
    let events = done.events();
    let [Event::Jobs(jobs::events::Event::MarketTermsChanged(change))] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((change.from, change.price_per_second), (from, 50));
    let announced = stored_market(&world).await;
    assert_eq!(
        (announced.terms, announced.announced, announced.announced_from),
        (terms(), dearer(), from)
    );
    world.refuse(jobs::Error::NothingAnnounced, apply_terms(&world), &[]).await;

    world.advance_clock(u64::from(NOTICE) - 1);
    world.refuse(jobs::Error::NothingAnnounced, apply_terms(&world), &[]).await;

    world.advance_clock(1);
    world.run(apply_terms(&world), &[]).await;
    let after = stored_market(&world).await;
    assert_eq!((after.terms, after.announced_from, after.collection_since), (dearer(), 0, 0));
    world.refuse(jobs::Error::NothingAnnounced, apply_terms(&world), &[]).await;

    let too_dear = actions::list(
        world.client.pubkey(),
        world.client.pubkey(),
        world.market,
        world.mint,
        batch(2),
    );
    world.refuse(jobs::Error::PriceAboveMaximum, too_dear, &[&world.client]).await;
    let later = world.list(actions::JobListing { max_price_per_second: 50, ..batch(2) }).await;
    assert_eq!(world.job(&later).await.price_per_second, 50);
    let kept = world.job(&listed).await;
    assert_eq!((kept.price_per_second, kept.start_seconds, kept.challenge_seconds), (47, 120, 0));
    assert_eq!(kept.escrow, deposit());
    world.work_and_start(&world.node, &listed).await;
    world.finish(&world.node, &listed).await;
    assert_eq!(
        world.job(&listed).await.settled_at,
        world.now(),
        "it was listed without a challenge window"
    );
    world.work_and_start(&world.node, &later).await;
    world.finish(&world.node, &later).await;
    assert_eq!(world.job(&later).await.settled_at, 0);
    world
}

pub async fn terms_are_applied_within_two_weeks_or_never() -> World {
    let world = World::new(terms()).await;
    world.run(propose_terms(&world, dearer()), &[&world.deployer]).await;

    world.advance_clock(u64::from(NOTICE) + TWO_WEEKS + 1);
    world.refuse(jobs::Error::NothingAnnounced, apply_terms(&world), &[]).await;

    world.set_clock(world.now() - 1);
    world.run(apply_terms(&world), &[]).await;
    world
}
