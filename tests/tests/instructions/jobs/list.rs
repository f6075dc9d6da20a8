//! `list`: a client lists a job and deposits its price.

use nosana_client::{
    actions::{self, JobListing},
    jobs::{self, types::MarketTerms},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{INITIAL_BALANCE, NOS, batch, challenged, terms, verified, verified_terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let dear = world.open_market(3, MarketTerms { price_per_second: u64::MAX, ..terms() }).await;
    let costly =
        world.open_market(4, MarketTerms { price_per_second: INITIAL_BALANCE, ..terms() }).await;
    let client = world.client.pubkey();
    let list = |order| actions::list(client, client, world.market, world.mint, order);
    let greedy = |market, timeout_seconds| {
        let order = JobListing { max_price_per_second: u64::MAX, timeout_seconds, ..batch(1) };
        actions::list(client, client, market, world.mint, order)
    };
    let valid = list(batch(1));
    let by = [&world.client];

    world
        .refuse_all([
            case(
                "no definition",
                jobs::Error::EmptyDigest,
                list(JobListing { definition: [0; 32], ..batch(1) }),
                &by,
            ),
            case(
                "an unknown kind",
                jobs::Error::UnknownKind,
                list(JobListing { kind: 3, ..batch(1) }),
                &by,
            ),
            case(
                "no time",
                jobs::Error::TimeoutOutOfRange,
                list(JobListing { timeout_seconds: 0, ..batch(1) }),
                &by,
            ),
            case(
                "more time than the market allows",
                jobs::Error::TimeoutOutOfRange,
                list(JobListing { timeout_seconds: terms().max_timeout_seconds + 1, ..batch(1) }),
                &by,
            ),
            case(
                "a price above the client's limit",
                jobs::Error::PriceAboveMaximum,
                list(JobListing { max_price_per_second: terms().price_per_second - 1, ..batch(1) }),
                &by,
            ),
            case("a cost that overflows", jobs::Error::Overflow, greedy(dear, 2), &by),
            case("a fee that overflows", jobs::Error::Overflow, greedy(dear, 1), &by),
            case("more than the payer has", Refusal::too_few_tokens(), greedy(costly, 1), &by),
            case(
                "the queue of another market",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &by,
            ),
            case(
                "the vault of another market",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::jobs::vault(&other)),
                &by,
            ),
            case(
                "the job of another number",
                Refusal::wrong_seeds(),
                swap(valid.clone(), valid.job, pda::jobs::job(&client, 2)),
                &by,
            ),
        ])
        .await;

    let payer = world.stranger.pubkey();
    let sponsored = actions::list(client, payer, world.market, world.mint, batch(1));
    let theft = swap(valid.clone(), valid.payer_token, world.token_account(&payer));
    world
        .refuse_all([
            case(
                "somebody else's tokens",
                Refusal::Program(nosana_client::token::PROGRAM, 4),
                theft,
                &by,
            ),
            case("without the payer", Refusal::unsigned(), unsigned(sponsored.clone(), payer), &by),
            case(
                "without the client",
                Refusal::unsigned(),
                unsigned(sponsored, client),
                &[&world.stranger],
            ),
        ])
        .await;

    world.list(batch(1)).await;
    world.refuse(Refusal::account_exists(), list(batch(1)), &by).await;
    world
}

pub async fn refusals_in_a_full_queue() -> World {
    let world = World::new(terms()).await;
    let first = world.list(batch(1)).await;
    // As if 199 others had come after it: every cell is in use.
    let queue = pda::jobs::queue(&world.market);
    world
        .tamper::<jobs::accounts::QueueHeader>(&queue, |header| {
            (header.touched, header.live, header.open_jobs) = (200, 200, 200)
        })
        .await;
    let client = world.client.pubkey();
    let list = actions::list(client, client, world.market, world.mint, batch(4));
    world.refuse(jobs::Error::QueueFull, list, &[&world.client]).await;
    assert_eq!(world.job(&first).await.attempts, 0);
    world
}

pub async fn verified_jobs_need_their_terms() -> World {
    let world = World::new(verified_terms()).await;
    let client = world.client.pubkey();
    let without = world.open_market(2, challenged()).await;
    // The price of ten minutes is 28,200: a ratio of 355 requires 10,011,000.
    let ratio = |ratio| MarketTerms { min_collateral_ratio: ratio, ..verified_terms() };
    let risky = world.open_market(3, ratio(355)).await;
    let covered = world.open_market(4, ratio(354)).await;
    let list = |market, order| actions::list(client, client, market, world.mint, order);
    let brief = JobListing { timeout_seconds: 1, ..verified(1) };
    let cheap = MarketTerms { price_per_second: 3, ..verified_terms() };
    let cheap = world.open_market(5, cheap).await;
    // Nobody could recompute a job of 600 s in a phase or in a window of 599 s.
    let hasty = MarketTerms { dispute_seconds: 599, ..verified_terms() };
    let hasty = world.open_market(6, hasty).await;
    let brisk = MarketTerms { challenge_seconds: 599, ..verified_terms() };
    let brisk = world.open_market(7, brisk).await;
    // Six fees of a quarter of the price are 900.0015 NOS, for a phase of 600 s.
    let dear = MarketTerms {
        price_per_second: 1_000_001,
        collateral_per_job: 40_000 * NOS,
        ..verified_terms()
    };
    let dear = world.open_market(8, dear).await;
    let order = JobListing { max_price_per_second: u64::MAX, ..verified(1) };
    let risk = list(dear, order);
    let hidden = list(covered, JobListing { is_private: true, ..verified(1) });
    let by = [&world.client];
    world
        .refuse_all([
            case(
                "where there are none",
                jobs::Error::NotVerifiable,
                list(without, verified(1)),
                &by,
            ),
            case(
                "too little collateral",
                jobs::Error::NotVerifiable,
                list(risky, verified(1)),
                &by,
            ),
            case("no fee for a panelist", jobs::Error::NotVerifiable, list(cheap, brief), &by),
            case("longer than a phase", jobs::Error::NotVerifiable, list(hasty, verified(1)), &by),
            case(
                "longer than the window",
                jobs::Error::NotVerifiable,
                list(brisk, verified(1)),
                &by,
            ),
            case("fees that a phase does not cover", jobs::Error::NotVerifiable, risk, &by),
            case("a panel cannot read it", jobs::Error::NotVerifiable, hidden, &by),
        ])
        .await;

    world.run(list(covered, verified(1)), &by).await;
    let job = world.job(&pda::jobs::job(&client, 1)).await;
    assert_eq!(job.is_private, 0);
    let terms = verified_terms();
    assert_eq!(
        (job.min_vram_mib, job.min_prompt_tokens_per_second, job.min_reputation_bps),
        (terms.min_vram_mib, terms.min_prompt_tokens_per_second, terms.min_reputation_bps)
    );
    assert_eq!((job.panel_fee, job.min_collateral), (7_050, 354 * 28_200));
    assert_eq!(job.dispute_seconds, verified_terms().dispute_seconds);
    world.run(list(risky, JobListing { is_private: true, ..batch(2) }), &by).await;
    let job = world.job(&pda::jobs::job(&client, 2)).await;
    assert_eq!(job.is_private, 1);
    assert_eq!((job.panel_fee, job.min_collateral, job.dispute_seconds), (0, 0, 0));
    world
}
