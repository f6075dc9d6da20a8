//! `open_trace`: the node opens the trace to which it committed with its result.

use nosana_client::{
    actions,
    jobs::{self, instructions::OpenTrace},
};
use nosana_protocol::dispute::{phase::Phase, votes::Verdict};
use nosana_tests::{
    Refusal,
    terms::{OTHER_SKETCH, SALT, SKETCH, verified_terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn only_what_was_committed_and_after_the_panel() -> World {
    let world = World::new(verified_terms()).await;
    let (panelist, silent) = (world.panelist().await, world.panelist().await);
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let other = world.submit_verified(&world.node, 2).await;
    let address = world.seat_panel(&world.stranger, &job, &[&panelist, &silent]).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let stored = world.dispute(&address).await;
    let valid = actions::open_trace(owner, address, &stored, SKETCH, SALT);
    world.refuse(jobs::Error::WrongPhase, valid.clone(), &by).await;
    world.commit_sketch(&panelist, &address, (Verdict::Right, SKETCH)).await;
    let stored = world.dispute(&address).await;
    world.refuse(jobs::Error::WrongPhase, valid.clone(), &by).await;

    world.set_clock(stored.ends_at + 1);
    let another = actions::open_trace(panelist.pubkey(), address, &stored, SKETCH, SALT);
    world
        .refuse_all([
            case(
                "another sketch",
                jobs::Error::CommitmentMismatch,
                OpenTrace { sketch: OTHER_SKETCH, ..valid.clone() },
                &by,
            ),
            case(
                "another salt",
                jobs::Error::CommitmentMismatch,
                OpenTrace { salt: [0; 32], ..valid.clone() },
                &by,
            ),
            case("another node", jobs::Error::NotThisNode, another, &[&panelist]),
            case(
                "a stranger",
                jobs::Error::NotNodeAuthority,
                swap(valid.clone(), owner, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case("another job", jobs::Error::WrongAccount, swap(valid.clone(), job, other), &by),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
        ])
        .await;

    world.set_clock(stored.ends_at + 601);
    world.refuse(jobs::Error::WrongPhase, valid.clone(), &by).await;
    world.set_clock(stored.ends_at + 600);
    world.run(valid.clone(), &by).await;
    let opened = world.dispute(&address).await;
    assert_eq!((opened.trace, opened.opened), (SKETCH, 1));
    assert_eq!((opened.phase, opened.ends_at), (Phase::Voting as u8, world.now() + 600));
    world.refuse(jobs::Error::WrongPhase, valid, &by).await;
    world
}
