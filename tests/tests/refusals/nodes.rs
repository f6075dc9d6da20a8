//! Nodes: registering, working, leaving, starting.

use nosana_client::{
    actions,
    jobs::{self, instructions::RegisterNode, types::MarketTerms},
    pda, staking,
};
use nosana_tests::{
    Refusal,
    terms::{DURATION, HARDWARE, NOS, STAKE, batch, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn register_node() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.client.pubkey(), [&world.client]);
    let valid = actions::register_node(owner, world.mint, HARDWARE);
    let with = |change: &dyn Fn(&mut RegisterNode)| {
        let mut changed = valid.clone();
        change(&mut changed);
        changed
    };
    let stranger = world.token_account(&world.stranger.pubkey());
    let vault = pda::jobs::vault(&world.market);
    world
        .refuse_all([
            case(
                "no slots",
                jobs::Error::CapacityOutOfRange,
                with(&|it| it.hardware.capacity = 0),
                &by,
            ),
            case(
                "too many slots",
                jobs::Error::CapacityOutOfRange,
                with(&|it| it.hardware.capacity = 9),
                &by,
            ),
            case(
                "no hardware",
                jobs::Error::EmptyDigest,
                with(&|it| it.hardware.digest = [0; 32]),
                &by,
            ),
            case(
                "paid to no account",
                jobs::Error::CannotReceive,
                with(&|it| it.payout = world.stranger.pubkey()),
                &by,
            ),
            case(
                "paid to a mint",
                jobs::Error::CannotReceive,
                with(&|it| it.payout = world.mint),
                &by,
            ),
            case(
                "paid to somebody else",
                jobs::Error::PayoutNotOwned,
                with(&|it| it.payout = stranger),
                &by,
            ),
            case(
                "paid to a vault",
                jobs::Error::PayoutNotOwned,
                with(&|it| it.payout = vault),
                &by,
            ),
            case(
                "the stake of another",
                Refusal::wrong_seeds(),
                with(&|it| it.stake = pda::staking::stake(&world.node.pubkey())),
                &by,
            ),
            case(
                "another place",
                Refusal::wrong_seeds(),
                with(&|it| it.node = pda::jobs::node(&stranger)),
                &by,
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
        ])
        .await;
    world.run(valid.clone(), &by).await;
    world.refuse(Refusal::already_there(), valid, &by).await;
    world
}

pub async fn work() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let valid = actions::work(owner, world.market, 47);
    let dearer = actions::work(owner, world.market, 48);
    let theft = swap(valid.clone(), owner, world.stranger.pubkey());
    world
        .refuse_all([
            case("for more than the market pays", jobs::Error::PriceBelowMinimum, dearer, &by),
            case(
                "with the node of another",
                jobs::Error::NotNodeAuthority,
                theft,
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "in another queue",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &by,
            ),
            case(
                "on the stake of another",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.stake, pda::staking::stake(&world.staker.pubkey())),
                &by,
            ),
            case(
                "through another program",
                Refusal::wrong_address(jobs::ID),
                swap(valid.clone(), staking::ID, nosana_client::rewards::ID),
                &by,
            ),
            case(
                "with another signer PDA",
                Refusal::wrong_address(jobs::ID),
                swap(valid.clone(), pda::jobs::authority(), pda::jobs::config()),
                &by,
            ),
        ])
        .await;
    world.work(&world.node).await;
    world.work(&world.node).await;
    world.refuse(jobs::Error::NoFreeSlot, valid, &by).await;
    world
}

/// Markets that ask for more than the node has, and a stake that is gone.
pub async fn work_without_means() -> World {
    let world = World::new(terms()).await;
    let market = |id, terms| world.open_market(id, terms);
    let weighty = market(2, MarketTerms { min_xnos: 4 * STAKE + 1, ..terms() }).await;
    let roomy = market(3, MarketTerms { min_vram_mib: HARDWARE.vram_mib + 1, ..terms() }).await;
    let risky = market(4, MarketTerms { collateral_per_job: STAKE + 1, ..terms() }).await;
    let halves = market(5, MarketTerms { collateral_per_job: STAKE / 2 + 1, ..terms() }).await;
    let easy = market(6, MarketTerms { min_xnos: 0, ..terms() }).await;
    let by = [&world.node];
    let work = |market| actions::work(world.node.pubkey(), market, 1);
    world
        .refuse_all([
            case(
                "more collateral than it offers",
                jobs::Error::CollateralAboveMaximum,
                jobs::instructions::Work {
                    max_collateral: terms().collateral_per_job - 1,
                    ..work(world.market)
                },
                &by,
            ),
            case("too little weight", jobs::Error::StakeTooSmall, work(weighty), &by),
            case("too little memory", jobs::Error::NotEnoughVram, work(roomy), &by),
            case("too little collateral", staking::Error::InsufficientCollateral, work(risky), &by),
        ])
        .await;
    world.run(work(halves), &by).await;
    world.refuse(staking::Error::InsufficientCollateral, work(halves), &by).await;
    world.run(actions::unstake(world.node.pubkey()), &by).await;
    world
        .refuse_all([
            case("no weight in the cooldown", jobs::Error::StakeTooSmall, work(world.market), &by),
            case("no collateral in the cooldown", staking::Error::AlreadyUnstaked, work(easy), &by),
        ])
        .await;
    let owner = world.wallet().await;
    world.register(&owner).await;
    let without = actions::work(owner.pubkey(), easy, 1);
    world.refuse(Refusal::too_small(), without, &[&owner]).await;
    world.run(actions::stake(owner.pubkey(), world.mint, NOS, DURATION), &[&owner]).await;
    let small = actions::work(owner.pubkey(), world.market, 1);
    world.refuse(jobs::Error::StakeTooSmall, small, &[&owner]).await;
    world
}

pub async fn leave() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let valid = actions::leave(owner, world.market, 0);
    world
        .refuse_all([
            case(
                "by a stranger",
                jobs::Error::NotNodeAuthority,
                swap(valid.clone(), owner, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "the cell of another",
                jobs::Error::NotInQueue,
                actions::leave(owner, world.market, 1),
                &by,
            ),
            case(
                "an empty cell",
                jobs::Error::NotInQueue,
                actions::leave(owner, world.market, 2),
                &by,
            ),
            case("another market", jobs::Error::NotInQueue, actions::leave(owner, other, 0), &by),
            case(
                "another queue",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &by,
            ),
            case(
                "the stake of another",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.stake, pda::staking::stake(&world.other_node.pubkey())),
                &by,
            ),
        ])
        .await;
    world.list(batch(1)).await;
    world.refuse(jobs::Error::NotInQueue, valid, &by).await;
    world
}

pub async fn start() -> World {
    let world = World::new(terms()).await;
    let (taken, waiting) = (world.list(batch(1)).await, world.list(batch(2)).await);
    world.work(&world.node).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let (taken_job, waiting_job) = (world.job(&taken).await, world.job(&waiting).await);
    let valid = actions::start(owner, taken, &taken_job);
    world
        .refuse_all([
            case(
                "the node of another",
                jobs::Error::NotNodeAuthority,
                swap(valid.clone(), owner, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "the stake of another",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.stake, pda::staking::stake(&world.staker.pubkey())),
                &by,
            ),
            case(
                "another definition than it read",
                jobs::Error::NotAsRead,
                jobs::instructions::Start { definition: [1; 32], ..valid.clone() },
                &by,
            ),
            case(
                "less time than it read",
                jobs::Error::NotAsRead,
                jobs::instructions::Start {
                    min_timeout_seconds: taken_job.timeout_seconds + 1,
                    ..valid.clone()
                },
                &by,
            ),
            case(
                "a job that waits",
                jobs::Error::NoSuchSlot,
                actions::start(owner, waiting, &waiting_job),
                &by,
            ),
            case(
                "a job that another took",
                jobs::Error::NoSuchSlot,
                actions::start(world.other_node.pubkey(), taken, &taken_job),
                &[&world.other_node],
            ),
        ])
        .await;
    world.cancel(&waiting).await;
    world.work(&world.other_node).await;
    let matched = world.list(batch(3)).await;
    let matched_job = world.job(&matched).await;
    let stolen = actions::start(owner, matched, &matched_job);
    world.refuse(jobs::Error::NotThisNode, stolen, &by).await;
    world.start(&world.node, &taken).await;
    world.refuse(jobs::Error::NoSuchSlot, valid, &by).await;

    world.run(actions::unstake(world.other_node.pubkey()), &[&world.other_node]).await;
    let weak = actions::start(world.other_node.pubkey(), matched, &matched_job);
    world.refuse(jobs::Error::StakeTooSmall, weak, &[&world.other_node]).await;
    world
}
