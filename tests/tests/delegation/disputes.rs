//! What a dispute costs the delegators of a node that loses it, and those of panelists.

use nosana_client::{pda, staking::events::Slashed};
use nosana_protocol::dispute::votes::{Outcome, Verdict};
use nosana_tests::{
    terms::{NOS, OTHER_SKETCH, SKETCH, deposit, verified_terms},
    world::disputes::Said,
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{TENTH, World, slashing::slash_event};

/// The fee of a panelist: a quarter of the price of the timeout.
const FEE: u64 = 7_050;
/// The collateral of the node: a thousandth of its stake.
const COLLATERAL: u64 = 10 * NOS;

const RIGHT: Said = (Verdict::Right, SKETCH);
const WRONG: Said = (Verdict::Wrong, OTHER_SKETCH);

/// Somebody new delegates to the stake of `owner`.
async fn delegate_to(world: &World, owner: &Keypair, amount: u64) -> Keypair {
    let delegator = world.wallet().await;
    world.accept_delegations(owner, TENTH).await;
    world.delegate(&delegator, owner, amount).await;
    delegator
}

/// The amounts of a slash: what the stake lost and what its delegations lost, and what of both the
/// reporter got and what was burnt.
fn split_of(event: &Slashed) -> [u64; 4] {
    [event.amount, event.delegated, event.reporter, event.burned]
}

/// Returns the index of a panelist's seat.
async fn seat_of(world: &World, dispute: &Address, panelist: &Keypair) -> u8 {
    let node = pda::jobs::node(&panelist.pubkey());
    let stored = world.dispute(dispute).await;
    let (index, _) = stored.taken_seats().find(|(_, seat)| seat.node == node).expect("is seated");
    index
}

#[tokio::test]
async fn delegators_of_a_convicted_node_and_of_an_absent_panelist_lose_the_same_part() {
    let world = World::new(verified_terms()).await;
    let node = &world.node;
    let [one, two, absent] =
        [world.panelist().await, world.panelist().await, world.panelist().await];
    let behind_node = delegate_to(&world, node, 1_000 * NOS).await;
    let behind_absent = delegate_to(&world, &absent, 4_000 * NOS).await;
    let job = world.submit_verified(node, 1).await;
    let dispute = world.seat_panel(&world.stranger, &job, &[&one, &two, &absent]).await;
    for panelist in [&one, &two] {
        world.commit_sketch(panelist, &dispute, WRONG).await;
    }
    world.end_phase(&dispute).await;
    world.open_trace(node, &dispute, SKETCH).await;
    for panelist in [&one, &two] {
        world.reveal(panelist, &dispute, WRONG).await;
    }

    let supply = world.supply().await;
    let client = world.tokens(&world.client).await;
    let challenger = world.tokens(&world.stranger).await;
    let convicted = slash_event(&world.resolve(&dispute).await);
    assert_eq!(world.dispute(&dispute).await.known_outcome(), Outcome::Convicted);
    // Beyond escrow and bond: two fees for the panel, two for the challenger, one for the client.
    let bounty = 5 * FEE;
    let burnt = COLLATERAL - bounty + NOS;
    assert_eq!(convicted.owner, node.pubkey());
    assert_eq!(split_of(&convicted), [COLLATERAL, NOS, bounty, burnt], "a thousandth of both");
    assert_eq!(world.supply().await, supply - burnt);
    assert_eq!(world.delegation_value(&behind_node, node).await, 999 * NOS);
    assert_eq!(world.tokens(&world.client).await, client + deposit() + FEE);
    assert_eq!(world.tokens(&world.stranger).await, challenger + 6 * FEE);

    let reporter = world.tokens(&world.deployer).await;
    let seat = seat_of(&world, &dispute, &absent).await;
    let missed = slash_event(&world.close_seat(&dispute, seat).await);
    let of_delegator = 4 * FEE * 4 / 10;
    let burnt_later = 3 * FEE + of_delegator;
    assert_eq!(missed.owner, absent.pubkey());
    assert_eq!(split_of(&missed), [4 * FEE, of_delegator, FEE, burnt_later]);
    assert_eq!(world.supply().await, supply - burnt - burnt_later);
    assert_eq!(world.tokens(&world.deployer).await, reporter + FEE);
    let left = 4_000 * NOS - of_delegator;
    assert_eq!(world.delegation_value(&behind_absent, &absent).await, left);

    world.close_all(&dispute).await;
    assert_eq!(world.supply().await, supply - burnt - burnt_later, "nothing else is burnt");
}

/// The bound of a slash counts what the dispute pays out as the part of a reporter.
#[tokio::test]
async fn delegators_lose_at_most_what_nobody_gets_of_the_nodes_loss() {
    let world = World::new(verified_terms()).await;
    let node = &world.node;
    let [one, two, overruled] =
        [world.panelist().await, world.panelist().await, world.panelist().await];
    let behind_node = delegate_to(&world, node, 20_000 * NOS).await;
    let behind_winner = delegate_to(&world, &one, 1_000 * NOS).await;
    let behind_overruled = delegate_to(&world, &overruled, 4_000 * NOS).await;
    let job = world.submit_verified(node, 1).await;
    let said = [(&one, WRONG), (&two, WRONG), (&overruled, RIGHT)];
    let dispute = world.hold_dispute(&job, (node, SKETCH), &said).await;

    let supply = world.supply().await;
    let convicted = slash_event(&world.resolve(&dispute).await);
    let bounty = 5 * FEE;
    let lost = COLLATERAL - bounty;
    assert_eq!(split_of(&convicted), [COLLATERAL, lost, bounty, 2 * lost], "not two thousandths");
    assert_eq!(world.delegation_value(&behind_node, node).await, 20_000 * NOS - lost);

    let reporter = world.tokens(&world.deployer).await;
    let seat = seat_of(&world, &dispute, &overruled).await;
    let outvoted = slash_event(&world.close_seat(&dispute, seat).await);
    let of_delegator = 4 * FEE * 4 / 10;
    let burnt = 4 * FEE + of_delegator;
    assert_eq!(split_of(&outvoted), [4 * FEE, of_delegator, 0, burnt]);
    assert_eq!(world.tokens(&world.deployer).await, reporter, "nobody is paid for that");
    let left = 4_000 * NOS - of_delegator;
    assert_eq!(world.delegation_value(&behind_overruled, &overruled).await, left);

    world.close_all(&dispute).await;
    assert_eq!(world.supply().await, supply - 2 * lost - burnt);
    assert_eq!(world.delegation_value(&behind_winner, &one).await, 1_000 * NOS);
}
