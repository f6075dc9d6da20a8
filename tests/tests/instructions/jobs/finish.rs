//! `finish`: the node submits a result.

use nosana_client::{
    actions::{self, NO_TRACE},
    jobs,
};
use nosana_tests::{
    Refusal,
    terms::{RESULT, SKETCH, batch, service, terms, verified, verified_terms},
    world::{case, disputes::trace_commitment, unsigned},
};
use solana_signer::Signer;

use crate::{World, helpers::wrong_accounts};

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    let endless = world.list(service(2)).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let early = actions::finish(owner, job, &world.job(&job).await, owner, RESULT, NO_TRACE);
    world.refuse(jobs::Error::WrongState, early, &by).await;
    world.work_and_start(&world.node, &job).await;
    world.work_and_start(&world.node, &endless).await;
    let stored = world.job(&job).await;
    let valid = actions::finish(owner, job, &stored, owner, RESULT, NO_TRACE);
    let (another, stranger) = (world.other_node.pubkey(), world.stranger.pubkey());
    let of_service =
        actions::finish(owner, endless, &world.job(&endless).await, owner, RESULT, NO_TRACE);

    world
        .refuse_all([
            case(
                "by a stranger",
                jobs::Error::NotNodeAuthority,
                actions::finish(stranger, job, &stored, owner, RESULT, NO_TRACE),
                &[&world.stranger],
            ),
            case(
                "by its client",
                jobs::Error::NotNodeAuthority,
                actions::finish(stored.client, job, &stored, owner, RESULT, NO_TRACE),
                &[&world.client],
            ),
            case(
                "by another node",
                jobs::Error::NotThisNode,
                actions::finish(another, job, &stored, another, RESULT, NO_TRACE),
                &[&world.other_node],
            ),
            case(
                "without a result",
                jobs::Error::EmptyDigest,
                actions::finish(owner, job, &stored, owner, [0; 32], NO_TRACE),
                &by,
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "another attempt",
                jobs::Error::AnotherAttempt,
                jobs::instructions::Finish { attempt_id: stored.attempt_id + 1, ..valid.clone() },
                &by,
            ),
            case(
                "with a trace",
                jobs::Error::TraceMismatch,
                actions::finish(owner, job, &stored, owner, RESULT, SKETCH),
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

pub async fn a_verified_job_needs_a_trace() -> World {
    let world = World::new(verified_terms()).await;
    let job = world.list(verified(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat(&world.node, &job).await;
    let (owner, stored) = (world.node.pubkey(), world.job(&job).await);
    let bare = actions::finish(owner, job, &stored, owner, RESULT, NO_TRACE);
    world.refuse(jobs::Error::TraceMismatch, bare, &[&world.node]).await;

    world.finish(&world.node, &job).await;
    let trace = trace_commitment(&owner, &job, SKETCH);
    let submitted = world.job(&job).await;
    assert_eq!((submitted.result, submitted.checkpoint), (RESULT, trace));
    assert_eq!(submitted.collateral, verified_terms().collateral_per_job);

    world.advance_clock(verified_terms().challenge_seconds.into());
    world.settle(&job).await;
    assert_eq!(world.job(&job).await.checkpoint, trace, "what was committed stays readable");
    world
}
