//! Attempts on the collateral that nodes keep from one job to the next: to use it twice, to run
//! away with it, to have it slashed for the fault of another slot.

use nosana_client::{actions, jobs, jobs::types::MarketTerms, pda, staking};
use nosana_protocol::dispute::votes::Verdict;
use nosana_tests::{
    Refusal,
    terms::{DURATION, OTHER_SKETCH, SKETCH, STAKE, batch, terms, verified_terms},
    world::{case, disputes::EVERYBODYS_TURN},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use staking::instructions::Close;

use crate::World;

/// The collateral of a slot, in base units.
const COLLATERAL: u64 = terms().collateral_per_job;

/// The node keeps the collateral of this many slots.
async fn keep_collateral(world: &World, node: &Keypair, slots: u64) {
    for _ in 0..slots {
        world.work(node).await;
    }
    for _ in 0..slots {
        world.leave(node).await;
    }
    let kept =
        slots * world.get::<jobs::accounts::Market>(&world.market).await.terms.collateral_per_job;
    assert_eq!(world.collateral_of(node).await, (kept, kept));
}

#[tokio::test]
async fn a_penalty_takes_the_collateral_of_its_slot_at_most() {
    let harsh = MarketTerms { no_start_penalty: COLLATERAL, start_seconds: 160, ..terms() };
    let world = World::new(harsh).await;
    let node = &world.node;
    keep_collateral(&world, node, 2).await;
    let missed = world.list(batch(1)).await;
    world.work(node).await;
    assert_eq!(world.collateral_of(node).await, (2 * COLLATERAL, COLLATERAL));

    world.advance_clock(u64::from(harsh.start_seconds) + 1);
    world.expire_match(&missed, node).await;
    let stake = world.stake_of(node).await;
    assert_eq!((stake.amount, stake.slashed), (STAKE - COLLATERAL, COLLATERAL));
    assert_eq!(world.collateral_of(node).await, (COLLATERAL, COLLATERAL), "the other is untouched");

    // The same fault again takes nothing more.
    let stored = world.job(&missed).await;
    let again = actions::expire_match(
        missed,
        &stored,
        node.pubkey(),
        world.mint,
        world.nonexistent_account(),
    );
    world.refuse(jobs::Error::NoSuchSlot, again, &[]).await;
    assert_eq!(world.release_all(node).await, COLLATERAL);
}

#[tokio::test]
async fn a_release_before_the_penalty_saves_nothing() {
    let world = World::new(terms()).await;
    let node = &world.node;
    keep_collateral(&world, node, 1).await;
    let missed = world.list(batch(1)).await;
    world.work(node).await;
    world.release_collateral(node).await;
    assert_eq!(world.collateral_of(node).await, (COLLATERAL, 0), "the slot uses it");

    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.expire_match(&missed, node).await;
    assert_eq!(world.stake_of(node).await.slashed, terms().no_start_penalty);
    assert_eq!(world.release_all(node).await, COLLATERAL - terms().no_start_penalty);
}

#[tokio::test]
async fn what_is_idle_once_is_used_once() {
    let half = STAKE / 2 + 1;
    let world = World::new(MarketTerms { collateral_per_job: half, ..terms() }).await;
    let (node, by) = (&world.node, [&world.node]);
    keep_collateral(&world, node, 1).await;
    let work = || actions::work(node.pubkey(), world.market, 1);

    // Not in one transaction either, nor with a release between the two.
    let release = || actions::release_collateral(node.pubkey());
    let twice: [Instruction; 2] = [work().into(), work().into()];
    let between: [Instruction; 3] = [work().into(), release().into(), work().into()];
    for together in [&twice[..], &between[..]] {
        let failure = world.attempt_all(together, &by).await.expect_err("there is too little");
        assert!(failure.refusal() == staking::Error::InsufficientCollateral.into());
        assert_eq!(world.collateral_of(node).await, (half, half), "nothing has happened");
    }

    world.work(node).await;
    world.refuse(staking::Error::InsufficientCollateral, work(), &by).await;
    assert_eq!(world.collateral_of(node).await, (half, 0));
}

/// Neither a withdrawal nor a stake that is closed and opened again frees what is idle.
#[tokio::test]
async fn what_is_idle_does_not_leave_with_the_stake() {
    let world = World::new(terms()).await;
    let (node, by) = (&world.node, [&world.node]);
    let owner = node.pubkey();
    keep_collateral(&world, node, 1).await;
    world.run(actions::unstake(owner), &by).await;
    world.advance_clock(DURATION);
    let before = world.tokens(node).await;
    world.run(actions::withdraw(owner, world.mint), &by).await;
    assert_eq!(world.tokens(node).await - before, STAKE - COLLATERAL, "all but what is locked");

    let close = Close { owner, stake: pda::staking::stake(&owner) };
    let withdraw = actions::withdraw(owner, world.mint);
    world
        .refuse_all([
            case("withdraw", staking::Error::NothingToWithdraw, withdraw.clone(), &by),
            case("close", staking::Error::StakeNotEmpty, close.clone(), &by),
        ])
        .await;
    let open = actions::open_stake(owner, world.mint, STAKE, DURATION);
    let open = world.attempt(open, &by).await.unwrap_err();
    assert_eq!(open.refusal(), Refusal::Program(Address::default(), 0), "the stake is still there");

    assert_eq!(world.release_all(node).await, COLLATERAL);
    world.run(withdraw, &by).await;
    world.run(close, &by).await;
    world.stake(node).await;
    let done = world.work(node).await;
    assert_eq!(done.inner_units(&staking::ID).len(), 1, "the new stake has locked nothing");
    assert_eq!(world.collateral_of(node).await, (COLLATERAL, 0));
}

#[tokio::test]
async fn a_lost_dispute_takes_the_collateral_of_its_result_only() {
    let world = World::new(verified_terms()).await;
    let node = &world.node;
    let panel = [world.panelist().await, world.panelist().await, world.panelist().await];
    world.advance_clock(1);
    keep_collateral(&world, node, 2).await;
    let job = world.submit_verified(node, 1).await;
    assert_eq!(world.collateral_of(node).await, (2 * COLLATERAL, COLLATERAL));

    let said = panel.each_ref().map(|panelist| (panelist, (Verdict::Wrong, OTHER_SKETCH)));
    let address = world.hold_dispute(&job, (node, SKETCH), &said).await;
    world.resolve(&address).await;
    assert_eq!(world.stake_of(node).await.slashed, COLLATERAL);
    assert_eq!(world.release_all(node).await, COLLATERAL);
}

/// A seat uses what a slot has left, and the loss of an absent panelist is that of the seat.
#[tokio::test]
async fn an_absent_panelist_loses_what_its_seat_holds_at_most() {
    let world = World::new(verified_terms()).await;
    let panelist = world.panelist().await;
    keep_collateral(&world, &panelist, 1).await;
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.seat_panel(&world.stranger, &job, &[&panelist]).await;
    let seat = world.dispute(&address).await.collateral;
    assert_eq!(world.collateral_of(&panelist).await, (COLLATERAL, COLLATERAL - seat));

    world.advance_clock(601);
    world.resolve(&address).await;
    let loss = world.dispute(&address).await.seats[0].loss;
    assert!(loss > 0 && loss <= seat, "{loss}");
    world.close_seat(&address, 0).await;
    assert_eq!(world.release_all(&panelist).await, COLLATERAL - loss);
}

/// Who takes a seat of another names the node of that seat, and no other account.
#[tokio::test]
async fn the_collateral_of_a_lost_seat_goes_to_nobody_else() {
    let world = World::new(verified_terms()).await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(world.panelist().await);
    }
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.challenge(&world.stranger, &job).await;
    world.draw_panel(&address).await;
    world.advance_clock(EVERYBODYS_TURN);
    let ranked = world.rank_panelists(&all, &address).await;
    let [lowest, second, third, highest] = ranked[..] else { panic!("four panelists") };
    for early in [second, third, highest] {
        world.take_seat(early, &address).await;
    }

    let full = world.dispute(&address).await;
    let by = [lowest];
    let valid = actions::claim_seat(lowest.pubkey(), address, &full);
    let displaces = |owner: &Keypair| jobs::instructions::ClaimSeat {
        displaced_node: Some(pda::jobs::node(&owner.pubkey())),
        ..valid.clone()
    };
    let refusal = || Refusal::from(jobs::Error::NotHighestSeat);
    world
        .refuse_all([
            case("a friend of the node", refusal(), displaces(&world.other_node), &by),
            case("a lower seat", refusal(), displaces(second), &by),
        ])
        .await;
    let own = world.attempt(displaces(lowest), &by).await.unwrap_err();
    assert_eq!(own.refusal(), Refusal::same_account_twice(jobs::ID), "the node itself");

    world.run(valid, &by).await;
    assert_eq!(world.collateral_of(lowest).await, (full.collateral, 0));
    assert_eq!(world.release_all(highest).await, full.collateral, "it has lost its seat only");
}
