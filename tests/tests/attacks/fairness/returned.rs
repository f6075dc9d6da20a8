//! Jobs that waiting nodes give back: who gets them next, and what is left of the queue.

use nosana_client::{actions, jobs, pda};
use nosana_protocol::job::{Reason, State};
use nosana_tests::terms::{batch, terms};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::state_of;
use crate::World;

fn node_address(owner: &Keypair) -> Address {
    pda::jobs::node(&owner.pubkey())
}

/// Registers one more node, with a stake.
async fn add_node(world: &World) -> Keypair {
    let owner = world.wallet().await;
    world.stake(&owner).await;
    world.enter(&owner).await;
    world.register(&owner).await;
    owner
}

/// A known limit. None of the two chose the job, so their rests do not double either.
#[tokio::test]
async fn two_nodes_of_one_owner_give_a_job_to_each_other_until_it_ends() {
    let world = World::new(terms()).await;
    let behind = add_node(&world).await;
    let owners = [&world.node, &world.other_node];
    for owner in [owners[0], owners[0], owners[1], owners[1], &behind] {
        world.work(owner).await;
    }

    let job = world.list(batch(1)).await;
    for turn in 0..=usize::from(terms().max_attempts) {
        let owner = owners[turn % 2];
        assert_eq!(world.job(&job).await.node, node_address(owner), "{turn}");
        world.quit(owner, &job).await;
    }
    assert_eq!(state_of(&world, &job).await, (State::Settled, Reason::Unplaceable));
    assert_eq!(world.waiting().await, [node_address(&behind)]);

    for owner in owners {
        let slots = world.node_of(owner).await.slots;
        assert_eq!([0, 1].map(|slot| slots[slot].since - world.now()), [5, 5]);
    }
}

#[tokio::test]
async fn a_cell_that_a_returned_job_vacates_in_the_middle_is_used_again() {
    let world = World::new(terms()).await;
    let last = add_node(&world).await;
    for owner in [&world.node, &world.node, &world.other_node, &last] {
        world.work(owner).await;
    }
    let vacated = world.cell(&node_address(&world.other_node)).await;

    let job = world.list(batch(1)).await;
    world.quit(&world.node, &job).await;
    assert_eq!(world.job(&job).await.node, node_address(&world.other_node));
    assert_eq!(world.waiting().await, [&world.node, &last].map(node_address));

    // Its hint is of no use any more, also once another node waits there.
    let owner = world.other_node.pubkey();
    let leave = || actions::leave(owner, world.market, vacated);
    world.refuse(jobs::Error::NotInQueue, leave(), &[&world.other_node]).await;
    world.work(&last).await;
    let places = world.queue().await.waiting;
    assert_eq!(places.last().map(|place| place.index), Some(vacated));
    world.refuse(jobs::Error::NotInQueue, leave(), &[&world.other_node]).await;

    world.start(&world.other_node, &job).await;
    for (nonce, owner) in [(2, &world.node), (3, &last), (4, &last)] {
        let next = world.list(batch(nonce)).await;
        assert_eq!(world.job(&next).await.node, node_address(owner), "{nonce}");
    }
    assert!(world.waiting().await.is_empty());
}
