//! The terms of a market: announced by its authority, applied by anyone.

use nosana_client::{
    Event, actions,
    jobs::{self, instructions::ProposePolicy, types::MarketTerms},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{NOTICE, batch, challenged, deposit, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::{World, application, market, proposal};

const TWO_WEEKS: u64 = 14 * 86_400;

fn dearer() -> MarketTerms {
    MarketTerms { price_per_second: 50, start_seconds: 60, ..challenged() }
}

#[tokio::test]
async fn new_terms_wait_for_their_notice_and_hold_for_new_jobs() {
    let world = World::new(terms()).await;
    let listed = world.list(batch(1)).await;
    let done = world.run(proposal(&world, dearer()), &[&world.deployer]).await;
    let from = world.now() + i64::from(NOTICE);
    let events = done.events();
    let [Event::Jobs(jobs::events::Event::MarketTermsChanged(change))] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((change.from, change.price_per_second), (from, 50));
    let announced = market(&world).await;
    assert_eq!(
        (announced.terms, announced.announced, announced.announced_from),
        (terms(), dearer(), from)
    );
    world.refuse(jobs::Error::NothingAnnounced, application(&world), &[]).await;
    world.pass(u64::from(NOTICE) - 1);
    world.refuse(jobs::Error::NothingAnnounced, application(&world), &[]).await;
    world.pass(1);
    world.run(application(&world), &[]).await;
    let after = market(&world).await;
    assert_eq!((after.terms, after.announced_from, after.terms_since), (dearer(), 0, from));
    world.refuse(jobs::Error::NothingAnnounced, application(&world), &[]).await;

    let too_dear = actions::list(
        world.client.pubkey(),
        world.client.pubkey(),
        world.market,
        world.mint,
        batch(2),
    );
    world.refuse(jobs::Error::PriceAboveMaximum, too_dear, &[&world.client]).await;
    let later = world.list(actions::Order { max_price_per_second: 50, ..batch(2) }).await;
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
}

#[tokio::test]
async fn a_proposal_takes_the_place_of_the_one_before() {
    let world = World::new(terms()).await;
    world.run(proposal(&world, dearer()), &[&world.deployer]).await;
    world.pass(u64::from(NOTICE) - 1);
    world.run(proposal(&world, terms()), &[&world.deployer]).await;
    world.pass(1);
    world.refuse(jobs::Error::NothingAnnounced, application(&world), &[]).await;
    world.pass(u64::from(NOTICE) - 1);
    world.run(application(&world), &[]).await;
    assert_eq!(market(&world).await.terms, terms());
}

#[tokio::test]
async fn terms_are_applied_within_two_weeks_or_never() {
    let world = World::new(terms()).await;
    world.run(proposal(&world, dearer()), &[&world.deployer]).await;
    world.pass(u64::from(NOTICE) + TWO_WEEKS + 1);
    world.refuse(jobs::Error::NothingAnnounced, application(&world), &[]).await;
    world.travel(world.now() - 1);
    world.run(application(&world), &[]).await;
}

#[tokio::test]
async fn terms_lie_in_the_policy_of_then_and_of_now() {
    let world = World::new(terms()).await;
    let long = MarketTerms { max_timeout_seconds: 7_200, ..terms() };
    world.run(proposal(&world, long), &[&world.deployer]).await;
    let (admin, config) = (world.deployer.pubkey(), pda::jobs::config());
    let policy = ProposePolicy {
        admin,
        config,
        network_fee_bps: 0,
        market_deposit: 0,
        max_timeout_seconds: 7_199,
    };
    world.run(policy, &[&world.deployer]).await;
    world.pass(NOTICE.into());
    world.refuse(jobs::Error::TermsOutOfRange, application(&world), &[]).await;
    let out = jobs::Error::TermsOutOfRange;
    let bad = |change: fn(&mut MarketTerms)| {
        let mut changed = terms();
        change(&mut changed);
        proposal(&world, changed)
    };
    let by = [&world.deployer];
    world
        .refuse_all([
            case("longer than the policy allows", out, proposal(&world, long), &by),
            case("no timeout", out, bad(|it| it.max_timeout_seconds = 0), &by),
            case("no price", out, bad(|it| it.price_per_second = 0), &by),
            case(
                "a penalty above the collateral",
                out,
                bad(|it| it.no_start_penalty = it.collateral_per_job + 1),
                &by,
            ),
            case("less than 5 seconds to wait", out, bad(|it| it.queue_seconds = 4), &by),
            case(
                "less than 30 seconds to start at a penalty",
                out,
                bad(|it| it.start_seconds = 29),
                &by,
            ),
            case(
                "less than 5 seconds to start without one",
                out,
                bad(|it| (it.start_seconds, it.no_start_penalty) = (4, 0)),
                &by,
            ),
            case(
                "less than 5 seconds between heartbeats",
                out,
                bad(|it| it.heartbeat_seconds = 4),
                &by,
            ),
            case(
                "over 7 days of grace",
                out,
                bad(|it| it.finish_grace_seconds = 7 * 86_400 + 1),
                &by,
            ),
            case(
                "over 7 days of challenge",
                out,
                bad(|it| it.challenge_seconds = 7 * 86_400 + 1),
                &by,
            ),
            case(
                "over 7 days of retention",
                out,
                bad(|it| it.retention_seconds = 7 * 86_400 + 1),
                &by,
            ),
            case("more audits than results", out, bad(|it| it.audit_rate_bps = 10_001), &by),
            case(
                "more than a whole reputation",
                out,
                bad(|it| it.min_reputation_bps = 10_001),
                &by,
            ),
            case("too many attempts", out, bad(|it| it.max_attempts = 17), &by),
            case("no slots", out, bad(|it| it.max_parallel = 0), &by),
            case("more slots than there are", out, bad(|it| it.max_parallel = 9), &by),
        ])
        .await;
}

#[tokio::test]
async fn only_the_authority_announces() {
    let world = World::new(terms()).await;
    let valid = proposal(&world, dearer());
    let (authority, stranger) = (world.deployer.pubkey(), world.stranger.pubkey());
    world
        .refuse_all([
            case(
                "a stranger",
                jobs::Error::NotMarketAuthority,
                swap(valid.clone(), authority, stranger),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), authority), &[]),
            case(
                "the queue",
                Refusal::wrong_type(),
                swap(valid, world.market, pda::jobs::queue(&world.market)),
                &[&world.deployer],
            ),
        ])
        .await;
}
