//! `finish`: the node submits a result.

use nosana_client::{actions, jobs};
use nosana_tests::{
    Refusal,
    terms::{RESULT, batch, service, terms},
    world::{case, unsigned},
};
use solana_signer::Signer;

use crate::{World, helpers::wrong_accounts};

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    let endless = world.list(service(2)).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let early = actions::finish(owner, job, &world.job(&job).await, owner, RESULT);
    world.refuse(jobs::Error::WrongState, early, &by).await;
    world.work_and_start(&world.node, &job).await;
    world.work_and_start(&world.node, &endless).await;
    let stored = world.job(&job).await;
    let valid = actions::finish(owner, job, &stored, owner, RESULT);
    let (another, stranger) = (world.other_node.pubkey(), world.stranger.pubkey());
    let of_service = actions::finish(owner, endless, &world.job(&endless).await, owner, RESULT);

    world
        .refuse_all([
            case(
                "by a stranger",
                jobs::Error::NotNodeAuthority,
                actions::finish(stranger, job, &stored, owner, RESULT),
                &[&world.stranger],
            ),
            case(
                "by its client",
                jobs::Error::NotNodeAuthority,
                actions::finish(stored.client, job, &stored, owner, RESULT),
                &[&world.client],
            ),
            case(
                "by another node",
                jobs::Error::NotThisNode,
                actions::finish(another, job, &stored, another, RESULT),
                &[&world.other_node],
            ),
            case(
                "without a result",
                jobs::Error::EmptyDigest,
                actions::finish(owner, job, &stored, owner, [0; 32]),
                &by,
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "another attempt",
                jobs::Error::AnotherAttempt,
                jobs::instructions::Finish { attempt_id: stored.attempt_id + 1, ..valid.clone() },
                &by,
            ),
            case("a service", jobs::Error::ServiceHasNoResult, of_service, &by),
        ])
        .await;

    world.refuse_all(wrong_accounts(&world, other, valid.clone().into(), &stored, &by)).await;

    world.advance_clock(631);
    world.refuse(jobs::Error::DeadlinePassed, valid.clone(), &by).await;

    world.advance_clock(0);
    world.set_clock(world.now() - 1);
    world.finish(&world.node, &job).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world
}
