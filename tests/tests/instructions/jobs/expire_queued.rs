//! `expire_queued`: anyone ends a job that waits for longer than its market allows.

use nosana_client::{actions, jobs, pda};
use nosana_protocol::job::{Reason, State};
use nosana_tests::{
    terms::{batch, deposit, terms},
    world::{case, swap},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::{World, helpers::state_and_reason};

async fn expire_queued(world: &World, job: Address) -> jobs::instructions::ExpireQueued {
    actions::expire_queued(job, &world.job(&job).await, world.cell(&job).await)
}

pub async fn only_where_it_waits_and_only_to_its_payer() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let (job, taken) = (world.list(batch(1)).await, world.list(batch(2)).await);

    world.advance_clock(u64::from(terms().queue_seconds) + 1);
    let valid = expire_queued(&world, job).await;
    let late = expire_queued(&world, taken).await;
    let stranger = world.token_account(&world.stranger.pubkey());
    let wrong =
        |what, from, to| case(what, jobs::Error::WrongAccount, swap(valid.clone(), from, to), &[]);
    let at = |cell| jobs::instructions::ExpireQueued { cell, ..valid.clone() };

    world
        .refuse_all([
            case(
                "in another market",
                jobs::Error::WrongMarket,
                swap(valid.clone(), world.market, other),
                &[],
            ),
            wrong("another queue", valid.queue, pda::jobs::queue(&other)),
            wrong("another vault", valid.vault, pda::jobs::vault(&other)),
            wrong("a refund to another", valid.payer_token, stranger),
            case("the cell of another", jobs::Error::NotInQueue, at(late.cell), &[]),
            case("beyond the queue", jobs::Error::NotInQueue, at(u32::MAX), &[]),
        ])
        .await;

    world.work_and_start(&world.node, &job).await;
    world.refuse(jobs::Error::WrongState, valid, &[]).await;
    world.work(&world.node).await;
    world.refuse(jobs::Error::NotInQueue, late, &[]).await;
    world
}

pub async fn the_deposit_goes_back_after_the_last_second() -> World {
    let world = World::new(terms()).await;
    let before = world.tokens(&world.client).await;
    let [first, second, third] =
        [world.list(batch(1)).await, world.list(batch(2)).await, world.list(batch(3)).await];

    world.advance_clock(terms().queue_seconds.into());
    world.refuse(jobs::Error::TooEarly, expire_queued(&world, second).await, &[]).await;

    world.advance_clock(1);
    world.run(expire_queued(&world, second).await, &[]).await;
    assert_eq!(state_and_reason(&world.job(&second).await), (State::Settled, Reason::Expired));
    assert_eq!(world.waiting().await, [first, third], "the others keep their places");
    assert_eq!(world.tokens(&world.client).await, before - 2 * deposit());
    // It is optional: jobs that wait too long may still be taken.
    world.work_and_start(&world.node, &first).await;
    world.finish(&world.node, &first).await;
    world.cancel(&third).await;
    world
}

pub async fn a_failure_starts_the_wait_anew_and_a_refusal_does_not() -> World {
    let world = World::new(terms()).await;
    let [failed, refused] = [world.list(batch(1)).await, world.list(batch(2)).await];
    let listed = world.now();

    world.advance_clock(1_000);
    world.work_and_start(&world.node, &failed).await;
    world.quit(&world.node, &failed).await;
    world.work(&world.other_node).await;
    world.quit(&world.other_node, &failed).await;
    assert_eq!(world.job(&failed).await.queued_at, listed + 1_000);
    assert_eq!(world.waiting().await, [refused, failed]);
    world.work(&world.other_node).await;
    world.quit(&world.other_node, &refused).await;
    assert_eq!(world.job(&refused).await.queued_at, listed);

    world.set_clock(listed + i64::from(terms().queue_seconds) + 1);
    world.refuse(jobs::Error::TooEarly, expire_queued(&world, failed).await, &[]).await;
    world.run(expire_queued(&world, refused).await, &[]).await;

    world.advance_clock(1_000);
    world.run(expire_queued(&world, failed).await, &[]).await;
    world
}

#[tokio::test]
async fn a_job_that_is_refused_too_late_is_refunded() {
    let world = World::new(terms()).await;
    let before = world.tokens(&world.client).await;
    let job = world.list(batch(1)).await;

    world.advance_clock(terms().queue_seconds.into());
    world.work(&world.node).await;

    world.advance_clock(1);
    world.quit(&world.node, &job).await;
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Expired));
    assert_eq!(world.tokens(&world.client).await, before);
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
}
