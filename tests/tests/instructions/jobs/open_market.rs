//! `open_market`: anyone opens a market for a deposit.

use nosana_client::{
    jobs::{self, types::MarketTerms},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{terms, verified_terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let by = [&world.deployer];
    let bad = |change: fn(&mut MarketTerms)| {
        let mut changed = terms();
        change(&mut changed);
        world.open_market_instruction(2, changed)
    };
    let bad_verified = |change: fn(&mut MarketTerms)| {
        let mut changed = verified_terms();
        change(&mut changed);
        world.open_market_instruction(2, changed)
    };
    let out = jobs::Error::TermsOutOfRange;

    world
        .refuse_all([
            case("no price", out, bad(|it| it.price_per_second = 0), &by),
            case(
                "a penalty above the collateral",
                out,
                bad(|it| it.no_start_penalty = it.collateral_per_job + 1),
                &by,
            ),
            case("no timeout", out, bad(|it| it.max_timeout_seconds = 0), &by),
            case(
                "a timeout over 30 days",
                out,
                bad(|it| it.max_timeout_seconds = 30 * 86_400 + 1),
                &by,
            ),
            case("less than 5 seconds to wait", out, bad(|it| it.queue_seconds = 4), &by),
            case("over 7 days to wait", out, bad(|it| it.queue_seconds = 7 * 86_400 + 1), &by),
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
            case("over 7 days to start", out, bad(|it| it.start_seconds = 7 * 86_400 + 1), &by),
            case(
                "less than 30 seconds between heartbeats",
                out,
                bad(|it| it.heartbeat_seconds = 29),
                &by,
            ),
            case("less than 30 seconds of grace", out, bad(|it| it.finish_grace_seconds = 29), &by),
            case(
                "a penalty of more than a sixteenth of a NOS a second",
                out,
                bad(|it| {
                    it.collateral_per_job = 100_000_000;
                    it.no_start_penalty = 62_500 * u64::from(it.start_seconds) + 1;
                }),
                &by,
            ),
            case("no shortest timeout", out, bad(|it| it.min_timeout_seconds = 0), &by),
            case(
                "a shortest timeout above the longest",
                out,
                bad(|it| it.min_timeout_seconds = 3_601),
                &by,
            ),
            case(
                "a rest that no job pays for",
                out,
                bad(|it| it.min_run_seconds = it.min_timeout_seconds + 1),
                &by,
            ),
            case("less than 30 seconds to reject", out, bad(|it| it.challenge_seconds = 29), &by),
            case(
                "more than a whole reputation",
                out,
                bad(|it| it.min_reputation_bps = 10_001),
                &by,
            ),
            case("no slots", out, bad(|it| it.max_parallel = 0), &by),
            case("more slots than there are", out, bad(|it| it.max_parallel = 17), &by),
            case(
                "over 7 days between heartbeats",
                out,
                bad(|it| it.heartbeat_seconds = 7 * 86_400 + 1),
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
            case("too many attempts", out, bad(|it| it.max_attempts = 17), &by),
        ])
        .await;

    let valid = world.open_market_instruction(2, terms());
    let other_mint = world.new_mint().await;
    let other_queue =
        jobs::instructions::OpenMarket { queue: pda::jobs::queue(&world.market), ..valid.clone() };
    let other_id = jobs::instructions::OpenMarket { id: 3, ..valid.clone() };
    let slow = jobs::instructions::OpenMarket { notice_seconds: 7 * 86_400 + 1, ..valid.clone() };
    let hasty = jobs::instructions::OpenMarket { notice_seconds: 3_599, ..valid.clone() };
    let poor = swap(valid.clone(), valid.source, world.token_account(&world.stranger.pubkey()));

    world
        .refuse_all([
            case(
                "another mint",
                jobs::Error::WrongAccount,
                swap(valid.clone(), world.mint, other_mint),
                &by,
            ),
            case("the queue of another market", Refusal::wrong_seeds(), other_queue, &by),
            case("another number", Refusal::wrong_seeds(), other_id, &by),
            case("over 7 days of notice", out, slow, &by),
            case("less than an hour of notice", out, hasty, &by),
            case(
                "a deposit of another's",
                Refusal::Program(nosana_client::token::PROGRAM, 4),
                poor,
                &by,
            ),
            case(
                "again",
                Refusal::account_exists(),
                world.open_market_instruction(1, terms()),
                &by,
            ),
            case(
                "no signature",
                Refusal::unsigned(),
                unsigned(valid, world.deployer.pubkey()),
                &[],
            ),
        ])
        .await;

    let most = MarketTerms {
        no_start_penalty: terms().collateral_per_job,
        max_timeout_seconds: 30 * 86_400,
        queue_seconds: 7 * 86_400,
        start_seconds: 7 * 86_400,
        heartbeat_seconds: 7 * 86_400,
        finish_grace_seconds: 7 * 86_400,
        challenge_seconds: 7 * 86_400,
        retention_seconds: 7 * 86_400,
        min_run_seconds: 3_600,
        min_timeout_seconds: 3_600,
        panel_fee_bps: 20_000,
        dispute_seconds: 86_400,
        min_collateral_ratio: 10_000,
        max_attempts: 16,
        ..terms()
    };
    world.open_market(2, most).await;
    world
}
