//! `cancel`: the client withdraws a waiting job.

use nosana_client::{actions, jobs, pda};
use nosana_protocol::job::{Reason, State};
use nosana_tests::{
    Refusal,
    terms::{batch, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::{World, helpers::state_and_reason};

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let [waiting, running, taken] =
        [world.list(batch(3)).await, world.list(batch(1)).await, world.list(batch(2)).await];
    let cell = world.cell(&waiting).await;
    let stored = world.job(&waiting).await;
    let valid = actions::cancel(waiting, &stored, cell);
    let (stranger, by) = (world.stranger.pubkey(), [&world.client]);

    world
        .refuse_all([
            case(
                "by a stranger",
                jobs::Error::NotClient,
                jobs::instructions::Cancel { client: stranger, ..valid.clone() },
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), stored.client), &[]),
            case(
                "in another market",
                jobs::Error::WrongMarket,
                swap(valid.clone(), world.market, other),
                &by,
            ),
            case(
                "in another queue",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &by,
            ),
            case(
                "from another vault",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::jobs::vault(&other)),
                &by,
            ),
            case(
                "to another account",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.payer_token, world.token_account(&stranger)),
                &by,
            ),
            case(
                "in the cell of another job",
                jobs::Error::NotInQueue,
                jobs::instructions::Cancel { cell: cell + 1, ..valid.clone() },
                &by,
            ),
            case(
                "in an empty cell",
                jobs::Error::NotInQueue,
                jobs::instructions::Cancel { cell: cell + 3, ..valid.clone() },
                &by,
            ),
            case(
                "beyond the queue",
                jobs::Error::NotInQueue,
                jobs::instructions::Cancel { cell: u32::MAX, ..valid.clone() },
                &by,
            ),
        ])
        .await;

    world.cancel(&waiting).await;
    world.work_and_start(&world.node, &running).await;
    world.work(&world.node).await;
    let taken_job = world.job(&taken).await;
    world.work(&world.other_node).await;
    let matched = world.list(batch(4)).await;
    let running_job = world.job(&running).await;

    world
        .refuse_all([
            case("again", jobs::Error::WrongState, valid, &by),
            case(
                "while it runs",
                jobs::Error::WrongState,
                actions::cancel(running, &running_job, 0),
                &by,
            ),
            case(
                "after a node took it",
                jobs::Error::NotInQueue,
                actions::cancel(taken, &taken_job, 2),
                &by,
            ),
        ])
        .await;

    // A matched job is settled instead of requeued, and its node may still start it.
    let request = actions::cancel(matched, &world.job(&matched).await, 0);
    world.run(request, &by).await;
    assert_eq!(world.job(&matched).await.cancel_requested, 1);
    world.quit(&world.other_node, &matched).await;
    assert_eq!(state_and_reason(&world.job(&matched).await), (State::Settled, Reason::Cancelled));
    world
}
