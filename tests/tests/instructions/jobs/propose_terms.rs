//! `propose_terms`: the authority of a market announces new terms.

use nosana_client::{
    jobs::{self, instructions::ProposePolicy, types::MarketTerms},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{NOTICE, challenged, terms, verified_terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::{
    World,
    helpers::{apply_terms, propose_terms, stored_market},
};

pub fn dearer() -> MarketTerms {
    MarketTerms { price_per_second: 50, start_seconds: 60, ..challenged() }
}

pub async fn a_proposal_replaces_the_previous_one() -> World {
    let world = World::new(terms()).await;
    world.run(propose_terms(&world, dearer()), &[&world.deployer]).await;

    world.advance_clock(u64::from(NOTICE) - 1);
    world.run(propose_terms(&world, terms()), &[&world.deployer]).await;

    world.advance_clock(1);
    world.refuse(jobs::Error::NothingAnnounced, apply_terms(&world), &[]).await;

    world.advance_clock(u64::from(NOTICE) - 1);
    world.run(apply_terms(&world), &[]).await;
    assert_eq!(stored_market(&world).await.terms, terms());
    world
}

pub async fn terms_are_within_the_old_and_the_current_policy() -> World {
    let world = World::new(terms()).await;
    let long = MarketTerms { max_timeout_seconds: 7_200, ..terms() };
    world.run(propose_terms(&world, long), &[&world.deployer]).await;
    let admin = world.deployer.pubkey();
    let config = pda::jobs::config();
    let policy = ProposePolicy {
        admin,
        config,
        network_fee_bps: 0,
        market_deposit: 0,
        max_timeout_seconds: 7_199,
    };
    world.run(policy, &[&world.deployer]).await;

    world.advance_clock(NOTICE.into());
    world.refuse(jobs::Error::TermsOutOfRange, apply_terms(&world), &[]).await;
    let out = jobs::Error::TermsOutOfRange;
    let bad = |change: fn(&mut MarketTerms)| {
        let mut changed = terms();
        change(&mut changed);
        propose_terms(&world, changed)
    };
    let bad_verified = |change: fn(&mut MarketTerms)| {
        let mut changed = verified_terms();
        change(&mut changed);
        propose_terms(&world, changed)
    };
    let by = [&world.deployer];

    world
        .refuse_all([
            case("longer than the policy allows", out, propose_terms(&world, long), &by),
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
            case("too long phases", out, bad_verified(|it| it.dispute_seconds = 86_401), &by),
            case("too short phases", out, bad_verified(|it| it.dispute_seconds = 119), &by),
            case("too high a panel fee", out, bad_verified(|it| it.panel_fee_bps = 20_001), &by),
            case("too low a panel fee", out, bad_verified(|it| it.panel_fee_bps = 2_499), &by),
            case("too low a ratio", out, bad_verified(|it| it.min_collateral_ratio = 9), &by),
            case("too high a ratio", out, bad_verified(|it| it.min_collateral_ratio = 10_001), &by),
            case("too short a window", out, bad_verified(|it| it.challenge_seconds = 59), &by),
            case("phases alone", out, bad(|it| it.dispute_seconds = 120), &by),
            case(
                "more than a whole reputation",
                out,
                bad(|it| it.min_reputation_bps = 10_001),
                &by,
            ),
            case("too many attempts", out, bad(|it| it.max_attempts = 17), &by),
            case("no slots", out, bad(|it| it.max_parallel = 0), &by),
            case("more slots than there are", out, bad(|it| it.max_parallel = 17), &by),
        ])
        .await;
    world
}

pub async fn only_the_authority_announces() -> World {
    let world = World::new(terms()).await;
    let valid = propose_terms(&world, dearer());
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
    world
}
