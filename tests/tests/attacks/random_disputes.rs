//! Random disputes, against a count of who is paid that uses no rule of the protocol. Whatever
//! anybody does or leaves undone, clocks and strangers end each of them, and the balances agree
//! after every step.

use nosana_client::{actions, jobs::accounts::Dispute};
use nosana_protocol::dispute::{
    phase::Phase,
    votes::{SeatState, Verdict},
};
use nosana_tests::{
    rng::Rng,
    terms::{NOS, OTHER_SKETCH, SALT, SKETCH, deposit, earnings, verified_terms},
    world::disputes::{Said, vote_commitment},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::World;

/// Disputes that are tried.
const DISPUTES: u64 = 200;
/// What is tried in one dispute, at most: some of them end in the middle of a phase.
const MAX_ACTS: u64 = 160;
/// The pauses between two of these, in seconds: so many acts take some four phases.
const PAUSES: [u64; 6] = [0, 0, 0, 5, 30, 60];
/// The fee of a panelist.
const FEE: u64 = 7_050;
/// The collateral of the node.
const COLLATERAL: u64 = 10 * NOS;
/// The collateral of each panelist: twenty times the price of the timeout.
const SEAT_COLLATERAL: u64 = 20 * 28_200;

/// What one dispute changes: in the wallets of client, challenger, node and panel, and in the
/// stakes of node and panel.
#[derive(Debug, PartialEq, Eq)]
struct Changes {
    wallets: Vec<i128>,
    stakes: Vec<i128>,
}

fn draw_said(rng: &mut Rng) -> Said {
    let verdicts = [Verdict::Right, Verdict::Right, Verdict::Wrong, Verdict::NotDecidable];
    (rng.pick(&verdicts), rng.pick(&[SKETCH, SKETCH, OTHER_SKETCH, OTHER_SKETCH, [0x99; 32]]))
}

/// Draws what somebody tries next.
fn draw_act(
    rng: &mut Rng,
    world: &World,
    panel: &[Keypair],
    (address, stored): (Address, &Dispute),
    said: &[Said],
) -> (Instruction, Option<usize>) {
    let who = rng.below(panel.len() as u64) as usize;
    let owner = panel[who].pubkey();
    let (verdict, sketch) = said[who];
    match rng.below(8) {
        0 => (actions::draw_panel(address).into(), None),
        1 | 2 => (actions::claim_seat(owner, address, stored).into(), Some(who)),
        3 | 4 => {
            let commitment = vote_commitment(&owner, &address, said[who]);
            (actions::commit_sketch(owner, address, commitment).into(), Some(who))
        }
        5 => {
            let node = world.node.pubkey();
            (actions::open_trace(node, address, stored, SKETCH, SALT).into(), Some(panel.len()))
        }
        _ => {
            let reveal = actions::reveal(owner, address, sketch, verdict as u8, SALT);
            (reveal.into(), Some(who))
        }
    }
}

/// The outcome by counting: whether the node loses, wins damages, and what each seat earns or
/// loses.
fn count_votes(dispute: &Dispute) -> (bool, bool, [(u64, u64); 3]) {
    let seats = &dispute.seats;
    let is_in = |state: u8, at: SeatState| state == at as u8;
    let is_empty = |seat: usize| is_in(seats[seat].state, SeatState::Empty);
    let says = |seat: usize, verdict: Verdict| {
        is_in(seats[seat].state, SeatState::Revealed) && seats[seat].verdict == verdict as u8
    };
    let is_backed = |seat: usize, also: &dyn Fn(usize) -> bool| {
        also(seat)
            && (0..3).any(|other| {
                other != seat && also(other) && seats[other].sketch == seats[seat].sketch
            })
    };
    let is_right = |seat: usize| says(seat, Verdict::Right) && seats[seat].sketch == dispute.trace;
    let is_wrong = |seat: usize| is_backed(seat, &|at| says(at, Verdict::Wrong));
    let has_voted = |seat: usize| says(seat, Verdict::Right) || says(seat, Verdict::Wrong);
    let refutes =
        |seat: usize| is_backed(seat, &|at| has_voted(at) && seats[at].sketch != dispute.trace);
    let has_committed =
        |seat: usize| !is_empty(seat) && !is_in(seats[seat].state, SeatState::Claimed);
    let all = |test: &dyn Fn(usize) -> bool| (0..3).filter(|seat| test(*seat)).count();

    let is_alone = |seat: usize| {
        says(seat, Verdict::Wrong)
            && (0..3).all(|other| other == seat || !is_in(seats[other].state, SeatState::Revealed))
    };

    let lost = (4 * FEE).min(SEAT_COLLATERAL);
    let settle = |wins: &dyn Fn(usize) -> bool| {
        [0, 1, 2].map(|seat| match () {
            () if is_empty(seat) => (0, 0),
            () if wins(seat) => (FEE, 0),
            () if dispute.opened != 0 && is_alone(seat) => (0, 0),
            () => (0, lost),
        })
    };
    if dispute.opened == 0 {
        return (all(&has_committed) > 0, false, settle(&has_committed));
    }
    if all(&is_wrong) >= 2 {
        return (true, false, settle(&is_wrong));
    }
    if all(&refutes) >= 2 {
        return (true, false, settle(&refutes));
    }
    (false, all(&is_right) >= 2, settle(&is_right))
}

/// What the dispute has to change, by the counted votes.
fn expected_changes(world: &World, panel: &[Keypair], dispute: &Dispute) -> Changes {
    let (is_lost, is_acquitted, seats) = count_votes(dispute);
    let (pay, fee) = earnings(1);
    let fees: u64 = seats.iter().map(|seat| seat.0).sum();
    let damages = if is_acquitted { FEE } else { 0 };
    let [client, challenger, node, slash] = if is_lost {
        [deposit() + FEE, 6 * FEE, 0, COLLATERAL]
    } else {
        [deposit() - pay - fee, 4 * FEE - fees - damages, pay + damages, 0]
    };

    let mut wallets = vec![client.into(), i128::from(challenger), node.into()];
    let mut stakes = vec![-i128::from(slash)];
    for panelist in panel {
        let address = nosana_client::pda::jobs::node(&panelist.pubkey());
        let seat = dispute.seats.iter().position(|seat| seat.node == address);
        let (earned, lost) = seat.map_or((0, 0), |seat| seats[seat]);
        wallets.push(earned.into());
        stakes.push(-i128::from(lost));
    }
    assert_eq!(world.market, dispute.market);
    Changes { wallets, stakes }
}

/// What everybody has.
async fn holdings(world: &World, challenger: &Keypair, panel: &[Keypair]) -> Changes {
    let mut wallets = Vec::new();
    for wallet in [&world.client, challenger, &world.node].into_iter().chain(panel) {
        wallets.push(world.tokens(wallet).await.into());
    }
    let mut stakes = Vec::new();
    for owner in [&world.node].into_iter().chain(panel) {
        stakes.push(world.stake_of(owner).await.amount.into());
    }
    Changes { wallets, stakes }
}

#[tokio::test]
async fn every_dispute_ends_by_clocks_and_pays_as_counted() {
    let world = World::new(verified_terms()).await;
    let mut panel = Vec::new();
    for _ in 0..5 {
        panel.push(world.panelist().await);
    }
    world.advance_clock(1);
    let mut rng = Rng::new(11);
    let mut outcomes = std::collections::BTreeSet::new();

    for nonce in 1..=DISPUTES {
        let job = world.submit_verified(&world.node, nonce).await;
        let address = world.challenge(&world.stranger, &job).await;
        let before = holdings(&world, &world.stranger, &panel).await;
        let said: Vec<Said> = panel.iter().map(|_| draw_said(&mut rng)).collect();
        world.pass_slots(&address).await;
        for _ in 0..rng.below(MAX_ACTS) {
            let stored = world.dispute(&address).await;
            let (act, who) = draw_act(&mut rng, &world, &panel, (address, &stored), &said);
            let signer = who.map(|who| panel.get(who).unwrap_or(&world.node));
            let signers: Vec<&Keypair> = signer.into_iter().collect();
            if world.attempt(act, &signers).await.is_ok() {
                world.audit().await;
            }
            world.advance_clock(rng.pick(&PAUSES));
        }

        // From here on only clocks and strangers act.
        world.advance_clock(5 * 601);
        let end = world.dispute(&address).await;
        assert_ne!(end.phase, Phase::Resolved as u8);
        world.resolve(&address).await;
        outcomes.insert(world.dispute(&address).await.outcome);
        let expected = expected_changes(&world, &panel, &end);
        world.close_all(&address).await;
        for panelist in &panel {
            world.enrol(panelist).await;
        }
        let after = holdings(&world, &world.stranger, &panel).await;
        let difference = |after: &[i128], before: &[i128]| {
            after.iter().zip(before).map(|(after, before)| after - before).collect()
        };
        let changes = Changes {
            wallets: difference(&after.wallets, &before.wallets),
            stakes: difference(&after.stakes, &before.stakes),
        };
        assert_eq!(changes, expected, "dispute {nonce}: {end:?}");

        // The audit reads every job that is left.
        world.advance_clock(verified_terms().retention_seconds.into());
        world.clean(&job).await;
    }
    assert_eq!(outcomes.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5], "every outcome occurs");
}
