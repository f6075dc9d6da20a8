//! States that no sequence of instructions reaches: if a bug ever makes one, the programs stop
//! there.

use nosana_client::{
    actions,
    jobs::{
        self,
        accounts::{Job, Node, QueueHeader},
    },
    pda, rewards, staking,
};
use nosana_tests::{
    terms::{RESULT, batch, terms},
    world::case,
};
use solana_signer::Signer;

use crate::World;

/// A change that breaks an account, and the error of the instruction that finds it.
type Break<T> = (fn(&mut T), jobs::Error);

pub async fn a_queue() -> World {
    let world = World::new(terms()).await;
    let queue = pda::jobs::queue(&world.market);
    let client = world.client.pubkey();
    let list = actions::list(client, client, world.market, world.mint, batch(1));
    let work = actions::work(world.node.pubkey(), world.market, 47);
    let broken: [fn(&mut QueueHeader); 3] = [
        |it| it.side = 3,
        // One waits, beyond the cells.
        |it| (it.side, it.first, it.last, it.touched, it.live) = (1, 201, 201, 1, 1),
        |it| (it.side, it.first, it.last, it.touched, it.live) = (2, 201, 201, 1, 1),
    ];
    let sound = world.queue().await.header;
    for change in broken {
        world.tamper::<QueueHeader>(&queue, change).await;
        world
            .refuse_all([
                case("list", jobs::Error::InvariantViolated, list.clone(), &[&world.client]),
                case("work", jobs::Error::InvariantViolated, work.clone(), &[&world.node]),
            ])
            .await;

        world.tamper::<QueueHeader>(&queue, |it| *it = sound).await;
    }
    // One entry waits, in a cell that is vacant: the next one to take it finds nothing.
    world
        .tamper::<QueueHeader>(&queue, |it| {
            (it.side, it.first, it.last, it.touched, it.live) = (1, 1, 1, 1, 1)
        })
        .await;
    world.refuse(jobs::Error::InvariantViolated, work, &[&world.node]).await;
    world.tamper::<QueueHeader>(&queue, |it| *it = sound).await;
    let job = world.list(batch(1)).await;
    let cancel = actions::cancel(job, &world.job(&job).await, 0);
    world.tamper::<QueueHeader>(&queue, |it| it.open_jobs = 0).await;
    world.refuse(jobs::Error::InvariantViolated, cancel.clone(), &[&world.client]).await;
    world.tamper::<QueueHeader>(&queue, |it| it.open_jobs = 1).await;
    world.run(cancel, &[&world.client]).await;
    world
}

pub async fn a_job() -> World {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;

    world.advance_clock(30);
    let sound = world.job(&job).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let finish = actions::finish(owner, job, &sound, owner, RESULT, actions::NO_TRACE);
    let broken: [Break<Job>; 6] = [
        (|it| it.state = 6, jobs::Error::InvariantViolated),
        (|it| it.state = 4, jobs::Error::WrongState),
        (|it| it.kind = 3, jobs::Error::InvariantViolated),
        (|it| it.escrow += 1, jobs::Error::InvariantViolated),
        (|it| it.escrow = 0, jobs::Error::InvariantViolated),
        (|it| it.payer_credit = 1, jobs::Error::InvariantViolated),
    ];
    for (change, error) in broken {
        world.tamper::<Job>(&job, change).await;
        world.refuse(error, finish.clone(), &by).await;
        world.tamper::<Job>(&job, |it| *it = sound).await;
    }
    let node = pda::jobs::node(&owner);
    let slots = world.node_of(&world.node).await.slots;
    world.tamper::<Node>(&node, |it| it.slots[0].state = 0).await;
    world.refuse(jobs::Error::NoSuchSlot, finish.clone(), &by).await;
    world.tamper::<Node>(&node, |it| it.slots = slots).await;
    world.tamper::<Node>(&node, |it| it.idle_collateral = u64::MAX).await;
    world.refuse(jobs::Error::Overflow, finish.clone(), &by).await;
    world.tamper::<Node>(&node, |it| it.idle_collateral = 0).await;
    world.run(finish, &by).await;

    // More than the stake has locked: no slot gets it, and staking refuses to release it.
    let idle = world.node_of(&world.node).await.idle_collateral;
    let release = actions::release_collateral(owner);
    world.tamper::<Node>(&node, |it| it.idle_collateral += 1).await;
    world.refuse(staking::Error::LockTooSmall, release.clone(), &by).await;
    let work = actions::work(owner, world.market, 1);
    world.refuse(jobs::Error::InvariantViolated, work, &by).await;
    world.tamper::<Node>(&node, |it| it.idle_collateral = u64::MAX).await;
    world.refuse(staking::Error::LockTooSmall, release, &by).await;
    world.tamper::<Node>(&node, |it| it.idle_collateral = idle).await;
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
    world
}

pub async fn a_stake() -> World {
    let world = World::new(terms()).await;
    let owner = world.staker.pubkey();
    let stake = pda::staking::stake(&owner);
    let by = [&world.staker];
    let sound = world.stake_of(&world.staker).await;
    world.tamper::<staking::accounts::Stake>(&stake, |it| it.locked = it.amount + 1).await;
    world.refuse(staking::Error::InvariantViolated, actions::unstake(owner), &by).await;
    world.tamper::<staking::accounts::Stake>(&stake, |it| *it = sound).await;

    // A stake of which a position is being settled forever.
    world.tamper::<staking::accounts::Stake>(&stake, |it| it.is_settling = 1).await;
    world.refuse(staking::Error::InvariantViolated, actions::unstake(owner), &by).await;
    world.tamper::<staking::accounts::Stake>(&stake, |it| *it = sound).await;

    let pool = pda::rewards::pool();
    let kept = world.pool().await;
    world.tamper::<rewards::accounts::Pool>(&pool, |it| it.total_weight = 1).await;
    world.refuse(rewards::Error::Overflow, actions::unstake(owner), &by).await;
    world.tamper::<rewards::accounts::Pool>(&pool, |it| *it = kept).await;

    // Refused before anything is transferred: the client has tokens to fund the pool with.
    let fund = actions::fund(world.client.pubkey(), world.mint, 1);
    world.tamper::<rewards::accounts::Pool>(&pool, |it| it.epoch_seconds = 2_592_001).await;
    let violated = rewards::Error::InvariantViolated;
    world.refuse(violated, fund.clone(), &[&world.client]).await;
    world.tamper::<rewards::accounts::Pool>(&pool, |it| *it = kept).await;
    world.run(fund, &[&world.client]).await;

    // A stake that claims a withdrawal while it is not in its cooldown.
    let top_up = actions::top_up_stake(owner, world.mint, 1);
    world.tamper::<staking::accounts::Stake>(&stake, |it| it.withdrawn = 1).await;
    world.refuse(staking::Error::InvariantViolated, top_up.clone(), &by).await;
    world.tamper::<staking::accounts::Stake>(&stake, |it| *it = sound).await;
    world.run(top_up, &by).await;
    world
}
