//! Disputes against other programs that turned bad, and against jobs that come back.

use nosana_client::{actions, jobs, pda, rewards, staking};
use nosana_protocol::{
    dispute::votes::{Outcome, Verdict},
    job::{Reason, State},
};
use nosana_tests::{
    terms::{
        DURATION, OTHER_SKETCH, RESULT, SKETCH, STAKE, deposit, earnings, verified, verified_terms,
    },
    world::disputes::{EVERYBODYS_TURN, Said, trace_commitment},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{World, goodwill::replace_code};

const DAY: u64 = 86_400;
/// The fee of a panelist.
const FEE: u64 = 7_050;
const WRONG: Said = (Verdict::Wrong, OTHER_SKETCH);

/// A world with a dispute that the node has lost, and is not resolved yet.
async fn lost_dispute() -> (World, Address, [Keypair; 3]) {
    let world = World::new(verified_terms()).await;
    let panel = [world.panelist().await, world.panelist().await, world.panelist().await];
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let said = panel.each_ref().map(|panelist| (panelist, WRONG));
    let address = world.hold_dispute(&job, (&world.node, SKETCH), &said).await;
    (world, address, panel)
}

async fn resolve_instruction(world: &World, address: &Address) -> jobs::instructions::Resolve {
    let stored = world.dispute(address).await;
    let job = world.job(&stored.job).await;
    actions::resolve(*address, &stored, &job, &world.get(&stored.node).await, world.mint)
}

/// A staking program that takes the collateral for itself pays no bounty: the market's vault owes
/// none.
#[tokio::test]
async fn no_bounty_is_paid_that_has_not_arrived() {
    let (world, address, _) = lost_dispute().await;
    replace_code(&world, &staking::ID, "nosana_thief");
    let resolve = resolve_instruction(&world, &address).await;
    world.refuse(jobs::Error::InvariantViolated, resolve.clone(), &[]).await;

    // After 60 days nothing is slashed: the client and the challenger have what was theirs.
    let before = [&world.client, &world.stranger];
    let before = [world.tokens(before[0]).await, world.tokens(before[1]).await];
    world.advance_clock(60 * DAY + 1);
    world.attempt(resolve, &[]).await.expect("the thief does not refuse");
    assert_eq!(world.tokens(&world.client).await, before[0] + deposit());
    assert_eq!(world.tokens(&world.stranger).await, before[1] + 4 * FEE);
    assert_eq!(world.dispute(&address).await.seats.map(|seat| seat.fee), [0; 3]);
}

/// A rewards program that refuses keeps a client's deposit for 60 days at most.
#[tokio::test]
async fn who_refuses_to_slash_keeps_no_deposit() {
    let (world, address, _) = lost_dispute().await;
    replace_code(&world, &rewards::ID, "toolchain_selftest");
    let resolve = resolve_instruction(&world, &address).await;
    assert!(world.attempt(resolve.clone(), &[]).await.is_err(), "it settles the positions");
    world.advance_clock(60 * DAY + 1);
    world.attempt(resolve, &[]).await.expect("nobody else is called");
    let job = world.job(&world.dispute(&address).await.job).await;
    assert_eq!((job.state, job.reason), (State::Settled as u8, Reason::ResultWrong as u8));
    let collateral = verified_terms().collateral_per_job;
    assert_eq!(world.collateral_of(&world.node).await, (collateral, collateral), "it lost nothing");
    let release = actions::release_collateral(world.node.pubkey());
    world.attempt(release, &[&world.node]).await.expect("it does not call rewards");
    assert_eq!(world.collateral_of(&world.node).await, (0, 0));
}

/// The settled job is cleaned and listed again while its dispute is still open.
#[tokio::test]
async fn a_job_that_comes_back_is_another_one() {
    let (world, address, _) = lost_dispute().await;
    let old = world.dispute(&address).await;
    world.resolve(&address).await;
    world.advance_clock(u64::from(verified_terms().retention_seconds));
    world.clean(&old.job).await;
    let again = world.submit_verified(&world.node, 1).await;
    assert_eq!(again, old.job, "at the same address");

    let second = world.challenge(&world.stranger, &again).await;
    assert_ne!(second, address);
    let before = world.job(&again).await;
    world.refuse(jobs::Error::WrongPhase, resolve_instruction(&world, &address).await, &[]).await;
    world.close_all(&address).await;
    assert_eq!(world.job(&again).await, before, "the old dispute does not touch it");
    world.advance_clock(601);
    world.resolve(&second).await;
    assert_eq!(world.dispute(&second).await.outcome, Outcome::Undecided as u8);
}

/// One who has seen the trace of another dispute, or of this one, cannot use it without the work.
#[tokio::test]
async fn a_trace_that_was_opened_is_of_no_use_to_who_has_not_committed() {
    let world = World::new(verified_terms()).await;
    let panel = [world.panelist().await, world.panelist().await, world.panelist().await];
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let [one, two, lazy] = &panel;
    let address = world.seat_panel(&world.stranger, &job, &[one, two, lazy]).await;
    world.commit_sketch(one, &address, (Verdict::Right, SKETCH)).await;
    world.commit_sketch(two, &address, (Verdict::Right, SKETCH)).await;
    let guess = (Verdict::Right, [0x66; 32]);
    world.commit_sketch(lazy, &address, guess).await;
    world.open_trace(&world.node, &address, SKETCH).await;

    let owner = lazy.pubkey();
    let copied = actions::reveal(owner, address, SKETCH, Verdict::Right as u8, [0xa1; 32]);
    world.refuse(jobs::Error::CommitmentMismatch, copied, &[lazy]).await;
    world.reveal(lazy, &address, guess).await;
    world.reveal(one, &address, (Verdict::Right, SKETCH)).await;
    world.reveal(two, &address, (Verdict::Right, SKETCH)).await;
    world.resolve(&address).await;
    let dispute = world.dispute(&address).await;
    assert_eq!(dispute.outcome, Outcome::Acquitted as u8);
    assert_eq!(dispute.seats.map(|seat| seat.loss), [0, 0, 4 * FEE]);
    assert_eq!(dispute.seats[2].node, pda::jobs::node(&owner));
}

/// A client with a sponsor challenges its own job: refund, bond and pay go to three accounts, or
/// to one.
#[tokio::test]
async fn the_client_may_challenge_with_its_refund_account() {
    let world = World::new(verified_terms()).await;
    let job = world.list(verified(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.finish(&world.node, &job).await;
    let before = world.tokens(&world.client).await;
    let address = world.challenge(&world.client, &job).await;
    world.advance_clock(601);
    world.resolve(&address).await;
    let paid = world.job(&job).await;
    let spent = 47 + 4;
    assert_eq!(paid.reason, Reason::Completed as u8);
    assert_eq!(world.tokens(&world.client).await, before + deposit() - spent);
    world.close_dispute(&address).await;
}

/// Twenty honest nodes stay away, because a client gives the content of its job to nobody but the
/// node. Two nodes of two per cent of the weight do not convict it.
#[tokio::test]
async fn few_nodes_do_not_convict_while_all_others_stay_away() {
    let world = World::new(verified_terms()).await;
    let mut weight = 0;
    for _ in 0..20 {
        weight += world.stake_of(&world.panelist().await).await.xnos;
    }
    let friends = [world.wallet().await, world.wallet().await];
    for friend in &friends {
        let owner = friend.pubkey();
        let stake = actions::open_stake(owner, world.mint, STAKE / 5, DURATION);
        world.run(stake, &[friend]).await;
        world.register(friend).await;
        world.enrol(friend).await;
        assert!(world.stake_of(friend).await.xnos >= weight / 100);
    }

    world.advance_clock(1);
    for nonce in 1..=6 {
        let job = world.submit_verified(&world.node, nonce).await;
        let before = world.tokens(&world.node).await;
        let stake = world.stake_of(&world.node).await.amount;
        let address = world.challenge(&world.stranger, &job).await;
        world.draw_panel(&address).await;
        for _ in 0..6 {
            let stored = world.dispute(&address).await;
            for friend in &friends {
                let owner = friend.pubkey();
                let claim = actions::claim_seat(owner, address, &stored);
                let _ = world.attempt(claim, &[friend]).await;
            }
            world.advance_clock(99);
        }
        let seats = world.dispute(&address).await.seats_taken;
        assert!(seats < 2, "draw {nonce}: the panel is theirs");

        world.end_phase(&address).await;
        world.advance_clock(601);
        world.resolve(&address).await;
        assert_eq!(world.dispute(&address).await.outcome, Outcome::Undecided as u8);
        assert_eq!(world.stake_of(&world.node).await.amount, stake);
        assert_eq!(world.tokens(&world.node).await, before + earnings(1).0);
        world.close_all(&address).await;
        for friend in &friends {
            world.enrol(friend).await;
        }
        world.advance_clock(1);
    }
}

/// A node submits garbage and disputes it itself, so that its client cannot reject it.
#[tokio::test]
async fn a_node_takes_no_right_to_reject_by_a_challenge_of_its_own() {
    let world = World::new(verified_terms()).await;
    let job = world.list(verified(1)).await;
    world.work_and_start(&world.node, &job).await;
    let before = world.tokens(&world.node).await;
    let running = world.job(&job).await;
    let owner = world.node.pubkey();
    let trace = trace_commitment(&owner, &job, SKETCH);
    let finish = actions::finish(owner, job, &running, owner, RESULT, trace);
    let accomplice = world.stranger.pubkey();
    let stored = jobs::accounts::Job { node: pda::jobs::node(&owner), ..running };
    let challenge = actions::challenge(accomplice, job, &stored, world.mint);
    let address = challenge.dispute;
    let both = [finish.into(), challenge.into()];
    let done = world.attempt_all(&both, &[&world.node, &world.stranger]).await;
    world.record_events(&done.expect("in one transaction"));

    world.reject(&job, false).await;
    world.advance_clock(601);
    world.resolve(&address).await;
    assert_eq!(world.tokens(&world.node).await, before, "garbage is not paid");
    let settled = world.job(&job).await;
    assert_eq!(
        (settled.state, settled.reason),
        (State::Settled as u8, Reason::ResultRejected as u8)
    );
    world.close_dispute(&address).await;
}

/// Colluders are there in the second of their turn, since they need no content of the job.
#[tokio::test]
async fn a_head_start_takes_no_seat_from_a_lower_score() {
    let world = World::new(verified_terms()).await;
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(world.panelist().await);
    }
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    let address = world.challenge(&world.stranger, &job).await;
    world.draw_panel(&address).await;
    world.advance_clock(EVERYBODYS_TURN);
    let ranked = world.rank_panelists(&all, &address).await;
    let (honest, quick) = ranked.split_at(3);
    for panelist in quick {
        world.take_seat(panelist, &address).await;
        let commit = actions::commit_sketch(panelist.pubkey(), address, [0x66; 32]);
        world.refuse(jobs::Error::WrongPhase, commit, &[panelist]).await;
    }
    world.end_phase(&address).await;
    world.set_clock(world.now() - 1);
    for panelist in honest {
        world.take_seat(panelist, &address).await;
    }
    let node_of = |owner: &&Keypair| pda::jobs::node(&owner.pubkey());
    let mut seated = world.dispute(&address).await.seats.map(|seat| seat.node);
    let mut expected: Vec<Address> = honest.iter().map(node_of).collect();
    seated.sort();
    expected.sort();
    assert_eq!(seated[..], expected[..]);
    let collateral = world.dispute(&address).await.collateral;
    for panelist in quick {
        assert_eq!(world.release_all(panelist).await, collateral, "who lost a seat keeps it");
    }
}
