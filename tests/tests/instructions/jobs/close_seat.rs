//! `close_seat`: a panelist of a resolved dispute is paid or punished.

use nosana_client::{Event, actions, jobs, jobs::events::Event as JobsEvent, pda};
use nosana_protocol::dispute::votes::{SeatState, Standing, Verdict};
use nosana_tests::{
    Refusal,
    terms::{OTHER_SKETCH, SKETCH, STAKE, verified_terms},
    world::{case, swap},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::World;

const DAY: u64 = 86_400;
/// The fee of a panelist.
const FEE: u64 = 7_050;
/// The collateral of each panelist: twenty times the price of the timeout.
const SEAT_COLLATERAL: u64 = 20 * 28_200;

/// A resolved dispute in which one panelist is paid and another was absent.
async fn resolved() -> (World, Address, [Keypair; 2]) {
    let world = World::new(verified_terms()).await;
    let panel = [world.panelist().await, world.panelist().await];
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.seat_panel(&world.stranger, &job, &[&panel[0], &panel[1]]).await;
    world.commit_sketch(&panel[0], &address, (Verdict::Right, SKETCH)).await;
    world.end_phase(&address).await;
    world.open_trace(&world.node, &address, SKETCH).await;
    let early = close_instruction(&world, &address, 0).await;
    world.refuse(jobs::Error::WrongPhase, early, &[]).await;
    world.reveal(&panel[0], &address, (Verdict::Right, SKETCH)).await;
    world.resolve(&address).await;
    (world, address, panel)
}

async fn close_instruction(
    world: &World,
    address: &Address,
    seat: u8,
) -> jobs::instructions::CloseSeat {
    let stored = world.dispute(address).await;
    let owner = stored.seats[usize::from(seat)].node;
    let reporter = world.token_account(&world.staker.pubkey());
    let node = world.get(&owner).await;
    actions::close_seat(*address, &stored, seat, owner, &node, world.mint, reporter)
}

pub async fn refusals() -> World {
    let (world, address, panel) = resolved().await;
    let other = world.open_market(2, verified_terms()).await;
    let valid = close_instruction(&world, &address, 0).await;
    let second = close_instruction(&world, &address, 1).await;
    let of = |seat| jobs::instructions::CloseSeat { seat, ..valid.clone() };
    let account = || jobs::Error::WrongAccount.into();
    let tokens = world.token_account(&world.stranger.pubkey());
    let stake = pda::staking::stake(&world.staker.pubkey());
    let wrong =
        |what, refusal: Refusal, from, to| case(what, refusal, swap(valid.clone(), from, to), &[]);
    world
        .refuse_all([
            case("an empty seat", jobs::Error::NotSeated, of(2), &[]),
            case("no seat", jobs::Error::NotSeated, of(3), &[]),
            case("the seat of another", jobs::Error::NotThisNode, of(1), &[]),
            wrong("another market", jobs::Error::WrongMarket.into(), world.market, other),
            wrong("another queue", account(), valid.queue, pda::jobs::queue(&other)),
            wrong("another vault", account(), valid.vault, pda::jobs::vault(&other)),
            wrong("pay to another", account(), valid.payout, tokens),
            wrong("the stake of another", account(), valid.stake, stake),
        ])
        .await;

    let before = world.tokens(&panel[0]).await;
    world.close_seat(&address, 0).await;
    assert_eq!(world.tokens(&panel[0]).await, before + FEE);
    assert_eq!(world.dispute(&address).await.seats[0].state, SeatState::Closed as u8);
    assert_eq!(world.stake_of(&panel[0]).await.amount, STAKE);
    assert_eq!(world.node_of(&panel[0]).await.panels_right, 1);
    world.refuse(jobs::Error::NotSeated, valid, &[]).await;

    // Anyone who closes a seat that loses gets a fee of it; the rest is burnt.
    let before = world.tokens(&world.staker).await;
    let supply = world.supply().await;
    let done = world.run(second, &[]).await;
    assert_eq!(world.tokens(&world.staker).await, before + FEE);
    assert_eq!(world.supply().await, supply - 3 * FEE);
    let event = done.events().into_iter().find_map(|event| match event {
        Event::Jobs(JobsEvent::SeatClosed(event)) => Some(event),
        _ => None,
    });
    let event = event.expect("the event");
    assert_eq!((event.fee, event.forfeited), (0, 0));
    assert_eq!((event.slashed, event.reward), (4 * FEE, FEE));
    assert_eq!(world.stake_of(&panel[1]).await.amount, STAKE - 4 * FEE);
    assert_eq!(world.release_all(&panel[1]).await, SEAT_COLLATERAL - 4 * FEE);
    let node = world.node_of(&panel[1]).await;
    assert_eq!((node.panels_right, node.panels_overruled), (0, 0));
    world
}

pub async fn a_fee_that_cannot_be_paid_waits_for_thirty_days() -> World {
    let (world, address, panel) = resolved().await;
    let resolved_at = world.dispute(&address).await.resolved_at;
    world.close_tokens(&panel[0]).await;
    let close = close_instruction(&world, &address, 0).await;
    world.refuse(jobs::Error::CannotReceive, close.clone(), &[]).await;
    world.set_clock(resolved_at + 30 * DAY as i64 - 1);
    world.refuse(jobs::Error::CannotReceive, close, &[]).await;
    world.advance_clock(1);
    let fees = world.queue().await.header.fees_accrued;
    let done = world.close_seat(&address, 0).await;
    assert_eq!(world.queue().await.header.fees_accrued, fees + FEE);
    let is_told = |event: Event| match event {
        Event::Jobs(JobsEvent::SeatClosed(event)) => (event.fee, event.forfeited) == (0, FEE),
        _ => false,
    };
    assert!(done.events().into_iter().any(is_told), "nothing was paid");
    world
}

/// After 60 days a staking program that refuses to slash keeps nobody's collateral.
pub async fn nothing_is_slashed_after_sixty_days() -> World {
    let (world, address, panel) = resolved().await;
    world.advance_clock(60 * DAY + 1);
    world.close_seat(&address, 1).await;
    assert_eq!(world.stake_of(&panel[1]).await.amount, STAKE);
    assert_eq!(world.release_all(&panel[1]).await, SEAT_COLLATERAL);
    world
}

/// Two say Right, and a third one alone says Wrong: it loses four fees, which are burnt. Those that
/// are paid wait for its seat until the last second of the seventh day.
pub async fn nobody_gains_by_a_lone_vote_and_who_is_paid_waits_for_a_week() -> World {
    let world = World::new(verified_terms()).await;
    let panel = [world.panelist().await, world.panelist().await, world.panelist().await];
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let [one, two, lone] = &panel;
    let right = (Verdict::Right, SKETCH);
    let members = [(one, right), (two, right), (lone, (Verdict::Wrong, OTHER_SKETCH))];
    let address = world.hold_dispute(&job, (&world.node, SKETCH), &members).await;
    world.resolve(&address).await;

    let stored = world.dispute(&address).await;
    assert_eq!(stored.seats[2].standing, Standing::Unsupported as u8);
    assert_eq!(stored.seats.map(|seat| (seat.fee, seat.loss)), [(FEE, 0), (FEE, 0), (0, 4 * FEE)]);
    assert_eq!(world.queue().await.header.credits_owed, 2 * FEE);

    let first = close_instruction(&world, &address, 0).await;
    world.refuse(jobs::Error::SeatsOpen, first.clone(), &[]).await;
    world.set_clock(stored.resolved_at + 7 * DAY as i64);
    world.refuse(jobs::Error::SeatsOpen, first, &[]).await;
    world.advance_clock(1);

    let before = [world.tokens(one).await, world.tokens(two).await, world.tokens(lone).await];
    let reporter = world.tokens(&world.deployer).await;
    let supply = world.supply().await;
    world.close_seat(&address, 0).await;
    assert_eq!(world.tokens(one).await, before[0] + FEE);
    assert_eq!(world.stake_of(lone).await.locked, SEAT_COLLATERAL, "its seat is still open");
    let close = actions::close_dispute(address, &world.dispute(&address).await);
    world.refuse(jobs::Error::SeatsOpen, close, &[]).await;

    let done = world.close_seat(&address, 2).await;
    let is_told = |event: Event| match event {
        Event::Jobs(JobsEvent::SeatClosed(event)) => (event.slashed, event.reward) == (4 * FEE, 0),
        _ => false,
    };
    assert!(done.events().into_iter().any(is_told), "nobody gets a part of the loss");
    world.close_seat(&address, 1).await;

    let after = [world.tokens(one).await, world.tokens(two).await, world.tokens(lone).await];
    assert_eq!(after, [before[0] + FEE, before[1] + FEE, before[2]]);
    assert_eq!(world.tokens(&world.deployer).await, reporter);
    assert_eq!(world.supply().await, supply - 4 * FEE, "all of the loss is burnt");
    assert_eq!(world.stake_of(lone).await.amount, STAKE - 4 * FEE);
    assert_eq!(world.release_all(lone).await, SEAT_COLLATERAL - 4 * FEE);
    assert_eq!(world.queue().await.header.credits_owed, 0);
    world.close_dispute(&address).await;
    world
}
