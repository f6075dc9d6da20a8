//! `resolve`: anyone ends a dispute.

use nosana_client::{
    Event, actions, jobs, jobs::events::Event as JobsEvent, pda, rewards, staking,
};
use nosana_protocol::{
    dispute::votes::{Outcome, Verdict},
    job::{Reason, State},
};
use nosana_tests::{
    Refusal,
    terms::{FEE_BPS, NOS, OTHER_SKETCH, SKETCH, STAKE, deposit, earnings, verified_terms},
    world::{case, swap},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    World,
    helpers::{settled_amounts, state_and_reason},
};

/// The fee of a panelist.
const FEE: u64 = 7_050;
/// The collateral of the node.
const COLLATERAL: u64 = 10 * NOS;
/// The collateral of each panelist: twenty times the price of the timeout.
const SEAT_COLLATERAL: u64 = 20 * 28_200;

/// A world with a result of `node` that was submitted after a second, and a panel of three.
async fn submitted() -> (World, Address, [Keypair; 3]) {
    let world = World::new(verified_terms()).await;
    let panel = [world.panelist().await, world.panelist().await, world.panelist().await];
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    (world, job, panel)
}

/// Panelists who lost a part of their stake take seats with what is left.
async fn enrol_again(world: &World, panel: &[Keypair; 3]) {
    for panelist in panel {
        world.enrol(panelist).await;
    }
}

async fn resolve_instruction(world: &World, address: &Address) -> jobs::instructions::Resolve {
    let stored = world.dispute(address).await;
    let job = world.job(&stored.job).await;
    let node = world.get(&stored.node).await;
    actions::resolve(*address, &stored, &job, &node, world.mint)
}

pub async fn refusals() -> World {
    let (world, job, panel) = submitted().await;
    let other = world.open_market(2, verified_terms()).await;
    let second = world.submit_verified(&world.node, 2).await;
    let said = (Verdict::Right, SKETCH);
    let address = world.seat_panel(&world.stranger, &job, &[&panel[0], &panel[1], &panel[2]]).await;
    let valid = resolve_instruction(&world, &address).await;
    world.refuse(jobs::Error::WrongPhase, valid.clone(), &[]).await;
    for panelist in &panel {
        world.commit_sketch(panelist, &address, said).await;
    }
    world.open_trace(&world.node, &address, SKETCH).await;
    for panelist in &panel {
        world.refuse(jobs::Error::WrongPhase, valid.clone(), &[]).await;
        world.reveal(panelist, &address, said).await;
    }

    let account = || jobs::Error::WrongAccount.into();
    let fixed = || Refusal::wrong_address(jobs::ID);
    let foreign = || Refusal::from(staking::Error::WrongAccount);
    let tokens = world.token_account(&solana_signer::Signer::pubkey(&world.other_node));
    let node = pda::jobs::node(&solana_signer::Signer::pubkey(&world.other_node));
    let stake = pda::staking::stake(&solana_signer::Signer::pubkey(&world.staker));
    let wrong =
        |what, refusal: Refusal, from, to| case(what, refusal, swap(valid.clone(), from, to), &[]);
    world
        .refuse_all([
            wrong("another market", jobs::Error::WrongMarket.into(), world.market, other),
            wrong("another queue", account(), valid.queue, pda::jobs::queue(&other)),
            wrong("another vault", account(), valid.vault, pda::jobs::vault(&other)),
            wrong("another job", account(), valid.job, second),
            wrong("another node", jobs::Error::NotThisNode.into(), valid.node, node),
            wrong("a refund to another", account(), valid.payer_token, tokens),
            wrong("pay to another", account(), valid.node_token, tokens),
            wrong("the bond to another", account(), valid.challenger_token, tokens),
            wrong("the stake of another", account(), valid.stake, stake),
            wrong("another signer PDA", fixed(), pda::jobs::authority(), pda::jobs::config()),
            wrong("another configuration", fixed(), pda::staking::config(), pda::jobs::config()),
            wrong("another pool", fixed(), pda::rewards::pool(), node),
            wrong("another staking program", fixed(), staking::ID, jobs::ID),
            wrong("another rewards program", fixed(), rewards::ID, jobs::ID),
        ])
        .await;
    world.resolve(&address).await;
    world.refuse(jobs::Error::WrongPhase, valid, &[]).await;

    // A slash pays no other account, whatever the accounts are called.
    let said = (Verdict::Wrong, OTHER_SKETCH);
    let members = panel.each_ref().map(|panelist| (panelist, said));
    let third = world.submit_verified(&world.node, 3).await;
    let lost = world.hold_dispute(&third, (&world.node, SKETCH), &members).await;
    let valid = resolve_instruction(&world, &lost).await;
    world
        .refuse_all([
            case(
                "from another vault",
                foreign(),
                swap(valid.clone(), valid.stake_vault, tokens),
                &[],
            ),
            case("another mint", foreign(), swap(valid.clone(), valid.nos_mint, tokens), &[]),
            case("another position", foreign(), swap(valid.clone(), valid.position, node), &[]),
        ])
        .await;

    // As if the collateral did not bound the panel's fee.
    let raise = |dispute: &mut jobs::accounts::Dispute| dispute.panel_fee = COLLATERAL / 10;
    world.tamper(&lost, raise).await;
    world.refuse(staking::Error::ReporterPartTooLarge, valid, &[]).await;
    world
}

/// What everybody has, before and after: client, challenger, node and the panel.
async fn balances(world: &World, panel: &[Keypair; 3]) -> [u64; 6] {
    let mut held = [0; 6];
    let [one, two, three] = panel;
    let all = [&world.client, &world.stranger, &world.node, one, two, three];
    for (held, wallet) in held.iter_mut().zip(all) {
        *held = world.tokens(wallet).await;
    }
    held
}

pub async fn a_garbage_result_is_convicted_and_the_client_is_whole() -> World {
    let (world, job, panel) = submitted().await;
    let before = balances(&world, &panel).await;
    let supply = world.supply().await;
    let pool = world.pool().await;
    let wrong = (Verdict::Wrong, OTHER_SKETCH);
    let members = panel.each_ref().map(|panelist| (panelist, wrong));
    let address = world.hold_dispute(&job, (&world.node, SKETCH), &members).await;
    let done = world.resolve(&address).await;

    let settled = world.job(&job).await;
    assert_eq!(state_and_reason(&settled), (State::Settled, Reason::ResultWrong));
    assert_eq!(settled_amounts(&done), (0, deposit() + FEE, 0), "what was paid");
    let dispute = world.dispute(&address).await;
    assert_eq!(dispute.outcome, Outcome::Convicted as u8);
    world.close_all(&address).await;
    let after = balances(&world, &panel).await;
    assert_eq!(after[0], before[0] + deposit() + FEE, "client");
    assert_eq!(after[1], before[1] + 2 * FEE, "challenger");
    assert_eq!(after[2], before[2], "node");
    for seat in 3..6 {
        assert_eq!(after[seat], before[seat] + FEE, "panelist");
    }
    let stake = world.stake_of(&world.node).await;
    assert_eq!((stake.amount, stake.locked), (STAKE - COLLATERAL, 0));
    assert_eq!(world.node_of(&world.node).await.idle_collateral, 0, "it lost all of it");
    assert_eq!(world.supply().await, supply - (COLLATERAL - 6 * FEE));
    assert_eq!(world.tokens_in(&pool.vault).await, pool.accounted, "stakers earn nothing by it");
    let node = world.node_of(&world.node).await;
    assert_eq!((node.jobs_completed, node.jobs_rejected), (0, 1));
    assert!(node.reputation_bad > 0);
    assert_eq!(world.node_of(&panel[0]).await.panels_right, 1);
    assert!(world.find::<jobs::accounts::Dispute>(&address).await.is_none());
    world
}

pub async fn a_right_result_is_acquitted_and_the_challenger_pays() -> World {
    let (world, job, panel) = submitted().await;
    let before = balances(&world, &panel).await;
    let said = (Verdict::Right, SKETCH);
    let members = panel.each_ref().map(|panelist| (panelist, said));
    let address = world.hold_dispute(&job, (&world.node, SKETCH), &members).await;
    let done = world.resolve(&address).await;
    world.close_all(&address).await;

    let (pay, fee) = earnings(1);
    let paid = (pay + FEE, deposit() - pay - fee, fee);
    assert_eq!(settled_amounts(&done), paid, "with the damages");
    assert_eq!(world.node_of(&world.node).await.earned, pay + FEE);
    let after = balances(&world, &panel).await;
    assert_eq!(after[0], before[0] + deposit() - pay - fee, "client");
    assert_eq!(after[1], before[1] - 4 * FEE, "challenger");
    assert_eq!(after[2], before[2] + pay + FEE, "node");
    assert_eq!(after[3], before[3] + FEE, "panelist");
    let settled = world.job(&job).await;
    assert_eq!(state_and_reason(&settled), (State::Settled, Reason::Completed));
    assert_eq!(world.release_all(&world.node).await, COLLATERAL);
    assert_eq!(world.queue().await.header.fees_accrued, pay * u64::from(FEE_BPS) / 10_000);
    world
}

pub async fn every_split_of_the_votes() -> World {
    let (world, mut job, panel) = submitted().await;
    let right = (Verdict::Right, SKETCH);
    let guess = (Verdict::Right, OTHER_SKETCH);
    let wrong = (Verdict::Wrong, OTHER_SKETCH);
    let lonely = (Verdict::Wrong, [0x99; 32]);
    let unable = (Verdict::NotDecidable, SKETCH);
    // What each says, the outcome, and what each panelist loses.
    let lost = 4 * FEE;
    let table = [
        ([right, right, wrong], Outcome::Acquitted, [0, 0, lost]),
        ([wrong, wrong, right], Outcome::Convicted, [0, 0, lost]),
        ([wrong, lonely, right], Outcome::Undecided, [lost, lost, 0]),
        ([wrong, lonely, (Verdict::Wrong, [0; 32])], Outcome::Undecided, [lost; 3]),
        ([unable, unable, unable], Outcome::Undecided, [lost; 3]),
        ([guess, guess, right], Outcome::TraceRefuted, [0, 0, lost]),
        ([guess, wrong, unable], Outcome::TraceRefuted, [0, 0, lost]),
    ];
    for (at, (said, outcome, losses)) in table.into_iter().enumerate() {
        let [one, two, three] = &panel;
        let members = [(one, said[0]), (two, said[1]), (three, said[2])];
        let address = world.hold_dispute(&job, (&world.node, SKETCH), &members).await;
        world.resolve(&address).await;
        let dispute = world.dispute(&address).await;
        assert_eq!(dispute.outcome, outcome as u8, "{said:?}");
        assert_eq!(dispute.seats.map(|seat| seat.loss), losses, "{said:?}");
        let has_voted = said[2].0 != Verdict::NotDecidable;
        if has_voted && losses[0] == 0 && losses[2] > 0 {
            check_unrewarded(&world, &address, losses[2]).await;
        }
        world.close_all(&address).await;
        assert_eq!(world.release_all(one).await, SEAT_COLLATERAL - losses[0], "{said:?}");
        enrol_again(&world, &panel).await;
        job = world.submit_verified(&world.node, at as u64 + 2).await;
    }
    let overruled = world.node_of(&panel[2]).await;
    assert_eq!(overruled.panels_overruled, 2);
    world
}

/// Nobody earns by the third seat, whose panelist loses by its vote, and the others wait for it.
async fn check_unrewarded(world: &World, address: &Address, loss: u64) {
    let stored = world.dispute(address).await;
    let reporter = world.token_account(&world.deployer.pubkey());
    let paid = stored.seats[0].node;
    let node = world.get(&paid).await;
    let early = actions::close_seat(*address, &stored, 0, paid, &node, world.mint, reporter);
    world.refuse(jobs::Error::SeatsOpen, early, &[]).await;

    let before = (world.tokens(&world.deployer).await, world.supply().await);
    let done = world.close_seat(address, 2).await;
    let after = (world.tokens(&world.deployer).await, world.supply().await);
    assert_eq!(after, (before.0, before.1 - loss));
    let event = done.events().into_iter().find_map(|event| match event {
        Event::Jobs(JobsEvent::SeatClosed(event)) => Some(event),
        _ => None,
    });
    let event = event.expect("the event");
    assert_eq!((event.slashed, event.reward), (loss, 0));
}

pub async fn whoever_is_absent_stops_nothing() -> World {
    let (world, job, panel) = submitted().await;
    // Nobody comes.
    let empty = world.challenge(&world.stranger, &job).await;
    world.advance_clock(601);
    let before = world.tokens(&world.stranger).await;
    world.resolve(&empty).await;
    assert_eq!(world.dispute(&empty).await.outcome, Outcome::Undecided as u8);
    assert_eq!(world.tokens(&world.stranger).await, before + 4 * FEE, "the whole bond");
    world.close_dispute(&empty).await;

    // All take seats, and none commits.
    let job = world.submit_verified(&world.node, 2).await;
    let [one, two, three] = &panel;
    let silent = world.seat_panel(&world.stranger, &job, &[one, two, three]).await;
    world.advance_clock(601);
    world.resolve(&silent).await;
    let dispute = world.dispute(&silent).await;
    assert_eq!(dispute.outcome, Outcome::Undecided as u8);
    assert_eq!(dispute.seats.map(|seat| seat.loss), [4 * FEE; 3]);
    world.close_all(&silent).await;
    enrol_again(&world, &panel).await;

    // One commits, and the node does not open.
    let job = world.submit_verified(&world.node, 3).await;
    let hidden = world.seat_panel(&world.stranger, &job, &[one, two, three]).await;
    world.commit_sketch(one, &hidden, (Verdict::Right, SKETCH)).await;
    world.advance_clock(601);
    world.refuse(jobs::Error::WrongPhase, resolve_instruction(&world, &hidden).await, &[]).await;
    world.advance_clock(600);
    world.resolve(&hidden).await;
    let dispute = world.dispute(&hidden).await;
    assert_eq!(dispute.outcome, Outcome::NotOpened as u8);
    assert_eq!(dispute.seats.map(|seat| seat.loss), [0, 4 * FEE, 4 * FEE]);
    assert_eq!(dispute.seats.map(|seat| seat.fee), [FEE, 0, 0]);
    assert_eq!(world.job(&job).await.reason, Reason::ResultWrong as u8);
    world.close_all(&hidden).await;
    enrol_again(&world, &panel).await;

    // All commit, and none reveals.
    let job = world.submit_verified(&world.node, 4).await;
    let unsaid = world.seat_panel(&world.stranger, &job, &[one, two, three]).await;
    for panelist in [one, two, three] {
        world.commit_sketch(panelist, &unsaid, (Verdict::Wrong, OTHER_SKETCH)).await;
    }
    world.open_trace(&world.node, &unsaid, SKETCH).await;
    world.advance_clock(601);
    world.resolve(&unsaid).await;
    let dispute = world.dispute(&unsaid).await;
    assert_eq!(dispute.outcome, Outcome::Undecided as u8);
    assert_eq!(dispute.seats.map(|seat| seat.loss), [4 * FEE; 3]);
    world.close_all(&unsaid).await;
    world
}

/// The payer's, the node's and the challenger's token accounts are closed: each keeps a credit.
pub async fn who_cannot_be_paid_keeps_a_credit() -> World {
    let (world, job, panel) = submitted().await;
    let said = (Verdict::Right, SKETCH);
    let members = [(&panel[0], said), (&panel[1], said)];
    let address = world.hold_dispute(&job, (&world.node, SKETCH), &members).await;
    for wallet in [&world.client, &world.node] {
        world.close_tokens(wallet).await;
    }
    world.resolve(&address).await;
    let (pay, fee) = earnings(1);
    let settled = world.job(&job).await;
    assert_eq!(settled.node_credit, pay + FEE);
    assert_eq!(settled.payer_credit, deposit() - pay - fee);
    assert_eq!(world.dispute(&address).await.challenger_credit, 0, "it could be paid");
    world.close_all(&address).await;
    world
}
