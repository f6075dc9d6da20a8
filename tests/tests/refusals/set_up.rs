//! Configurations, markets and queues.

use nosana_client::{
    actions,
    jobs::{self, types::MarketTerms},
    pda, rewards, staking,
};
use nosana_tests::{
    Refusal, programs,
    terms::{batch, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn initialize_jobs() -> World {
    let world = World::bare().await;
    let (five, freezing) = (world.mint_with(5, false).await, world.mint_with(6, true).await);
    let valid = world.initialize_jobs();
    let with = |change: fn(&mut jobs::instructions::Initialize)| {
        let mut changed = valid.clone();
        change(&mut changed);
        changed
    };
    let stranger =
        jobs::instructions::Initialize { deployer: world.stranger.pubkey(), ..valid.clone() };
    let (deployer, by) = (world.deployer.pubkey(), [&world.deployer]);
    world
        .refuse_all([
            case("a stranger", jobs::Error::NotDeployer, stranger, &[&world.stranger]),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), deployer), &[]),
            case(
                "a fee over a quarter",
                jobs::Error::PolicyOutOfRange,
                with(|it| it.network_fee_bps = 2_501),
                &by,
            ),
            case(
                "the data of another program",
                jobs::Error::NotDeployer,
                with(|it| it.program_data = programs::data_address(&rewards::ID)),
                &by,
            ),
            case(
                "no program data",
                jobs::Error::NotDeployer,
                with(|it| it.program_data = pda::jobs::authority()),
                &by,
            ),
            case(
                "another program",
                Refusal::wrong_address(jobs::ID),
                swap(valid.clone(), jobs::ID, rewards::ID),
                &by,
            ),
            case(
                "another place",
                Refusal::wrong_seeds(),
                with(|it| it.config = pda::staking::config()),
                &by,
            ),
            case(
                "a deposit over a million NOS",
                jobs::Error::PolicyOutOfRange,
                with(|it| it.market_deposit = 1_000_000_000_001),
                &by,
            ),
            case(
                "five decimals",
                jobs::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, five),
                &by,
            ),
            case(
                "a mint that freezes",
                jobs::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, freezing),
                &by,
            ),
            case(
                "not a mint",
                Refusal::wrong_owner(),
                with(|it| it.mint = programs::data_address(&jobs::ID)),
                &by,
            ),
        ])
        .await;
    world.run(valid.clone(), &by).await;
    world.refuse(Refusal::already_there(), valid, &by).await;
    world
}

pub async fn initialize_staking() -> World {
    let world = World::bare().await;
    let (five, freezing) = (world.mint_with(5, false).await, world.mint_with(6, true).await);
    let valid = world.initialize_staking();
    let stranger =
        staking::instructions::Initialize { deployer: world.stranger.pubkey(), ..valid.clone() };
    let wrong_data = programs::data_address(&jobs::ID);
    let other_data =
        staking::instructions::Initialize { program_data: wrong_data, ..valid.clone() };
    let token_account = world.token_account(&world.deployer.pubkey());
    let not_a_mint = staking::instructions::Initialize { mint: token_account, ..valid.clone() };
    let vault = staking::instructions::Initialize { vault: pda::rewards::vault(), ..valid.clone() };
    let (deployer, by) = (world.deployer.pubkey(), [&world.deployer]);
    world
        .refuse_all([
            case("a stranger", staking::Error::NotDeployer, stranger, &[&world.stranger]),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), deployer), &[]),
            case("the data of another program", staking::Error::NotDeployer, other_data, &by),
            case("a token account as the mint", Refusal::wrong_type(), not_a_mint, &by),
            case("another vault", Refusal::wrong_seeds(), vault, &by),
            case(
                "five decimals",
                staking::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, five),
                &by,
            ),
            case(
                "a mint that freezes",
                staking::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, freezing),
                &by,
            ),
            case(
                "another program",
                Refusal::wrong_address(staking::ID),
                swap(valid.clone(), staking::ID, jobs::ID),
                &by,
            ),
        ])
        .await;
    world.run(valid.clone(), &by).await;
    world.refuse(Refusal::already_there(), valid, &by).await;
    world
}

pub async fn initialize_rewards() -> World {
    let world = World::bare().await;
    let (five, freezing) = (world.mint_with(5, false).await, world.mint_with(6, true).await);
    let valid = world.initialize_rewards();
    let epoch =
        |epoch_seconds| rewards::instructions::Initialize { epoch_seconds, ..valid.clone() };
    let stranger =
        rewards::instructions::Initialize { deployer: world.stranger.pubkey(), ..valid.clone() };
    let (deployer, by) = (world.deployer.pubkey(), [&world.deployer]);
    world
        .refuse_all([
            case("a stranger", rewards::Error::NotDeployer, stranger, &[&world.stranger]),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), deployer), &[]),
            case("no epoch", rewards::Error::EpochOutOfRange, epoch(0), &by),
            case("an epoch under a minute", rewards::Error::EpochOutOfRange, epoch(59), &by),
            case(
                "five decimals",
                rewards::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, five),
                &by,
            ),
            case(
                "a mint that freezes",
                rewards::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, freezing),
                &by,
            ),
            case(
                "an epoch over 30 days",
                rewards::Error::EpochOutOfRange,
                epoch(30 * 86_400 + 1),
                &by,
            ),
        ])
        .await;
    world.run(epoch(60), &by).await;
    world.refuse(Refusal::already_there(), valid, &by).await;
    world
}

pub async fn open_market() -> World {
    let world = World::new(terms()).await;
    let by = [&world.deployer];
    let bad = |change: fn(&mut MarketTerms)| {
        let mut changed = terms();
        change(&mut changed);
        world.opening(2, changed)
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
                "less than 5 seconds between heartbeats",
                out,
                bad(|it| it.heartbeat_seconds = 4),
                &by,
            ),
            case(
                "more than a whole reputation",
                out,
                bad(|it| it.min_reputation_bps = 10_001),
                &by,
            ),
            case("no slots", out, bad(|it| it.max_parallel = 0), &by),
            case("more slots than there are", out, bad(|it| it.max_parallel = 9), &by),
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
            case("more audits than results", out, bad(|it| it.audit_rate_bps = 10_001), &by),
            case("too many attempts", out, bad(|it| it.max_attempts = 17), &by),
        ])
        .await;
    let valid = world.opening(2, terms());
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
            case("again", Refusal::already_there(), world.opening(1, terms()), &by),
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
        audit_rate_bps: 10_000,
        max_attempts: 16,
        ..terms()
    };
    world.open_market(2, most).await;
    world
}

pub async fn keep_a_queue() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let queue = pda::jobs::queue(&world.market);
    let grow = |cells| jobs::instructions::GrowQueue {
        payer: world.stranger.pubkey(),
        market: world.market,
        queue,
        cells,
    };
    let by = [&world.stranger];
    world
        .refuse_all([
            case("grow by nothing", jobs::Error::TermsOutOfRange, grow(0), &by),
            case("grow by too much", jobs::Error::TermsOutOfRange, grow(201), &by),
            case(
                "grow without a payer",
                Refusal::unsigned(),
                unsigned(grow(1), world.stranger.pubkey()),
                &[],
            ),
            case(
                "grow the queue of another market",
                jobs::Error::WrongAccount,
                swap(grow(1), queue, pda::jobs::queue(&other)),
                &by,
            ),
        ])
        .await;
    world
}

pub async fn sweep_fees() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let valid = actions::sweep_fees(world.market);
    world.refuse(jobs::Error::NoFees, valid.clone(), &[]).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.pass(60);
    world.finish(&world.node, &job).await;
    let stranger = world.token_account(&world.stranger.pubkey());
    world
        .refuse_all([
            case(
                "to a stranger",
                rewards::Error::WrongAccount,
                swap(valid.clone(), pda::rewards::vault(), stranger),
                &[],
            ),
            case(
                "to the stakes",
                rewards::Error::WrongAccount,
                swap(valid.clone(), pda::rewards::vault(), pda::staking::vault()),
                &[],
            ),
            case(
                "of another market's queue",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &[],
            ),
            case(
                "from another market's vault",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::jobs::vault(&other)),
                &[],
            ),
            case(
                "through another program",
                Refusal::wrong_address(jobs::ID),
                swap(valid.clone(), rewards::ID, staking::ID),
                &[],
            ),
            case(
                "to another pool",
                Refusal::wrong_address(jobs::ID),
                swap(valid.clone(), pda::rewards::pool(), pda::jobs::node(&world.node.pubkey())),
                &[],
            ),
        ])
        .await;
    world.run(valid, &[]).await;
    world
}
