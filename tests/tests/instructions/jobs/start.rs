//! `start`: the node begins the run of its job.

use nosana_client::{
    actions,
    jobs::{self, types::MarketTerms},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{NOS, batch, terms, verified, verified_terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::{World, helpers::change_terms};

pub async fn refusals() -> World {
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
    let now = world.now();
    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.refuse(jobs::Error::DeadlinePassed, valid.clone(), &by).await;
    world.set_clock(now);
    world.start(&world.node, &taken).await;
    world.refuse(jobs::Error::NoSuchSlot, valid, &by).await;

    world.run(actions::unstake(world.other_node.pubkey()), &[&world.other_node]).await;
    let weak = actions::start(world.other_node.pubkey(), matched, &matched_job);
    world.refuse(jobs::Error::StakeTooSmall, weak, &[&world.other_node]).await;
    world
}

pub async fn a_verified_job_needs_its_collateral() -> World {
    let world = World::new(verified_terms()).await;
    world.work(&world.node).await;
    // A slot that was taken for 10 NOS waits, and the job requires 14,100,000.
    let dearer =
        MarketTerms { collateral_per_job: 20 * NOS, min_collateral_ratio: 500, ..verified_terms() };
    change_terms(&world, dearer).await;
    let job = world.list(verified(1)).await;
    let start = actions::start(world.node.pubkey(), job, &world.job(&job).await);
    world.refuse(jobs::Error::CollateralTooSmall, start, &[&world.node]).await;

    // It loses nothing: it took its slot under other terms.
    world.quit(&world.node, &job).await;
    world.work_and_start(&world.other_node, &job).await;
    world
}
