//! Votes that are neither right nor wrong by themselves, and what a client's rejection does to a
//! dispute.

use nosana_protocol::{
    dispute::votes::{Outcome, Standing, Verdict},
    job::{Reason, State},
};
use nosana_tests::terms::{NOS, OTHER_SKETCH, SKETCH, STAKE, deposit, earnings, verified_terms};
use solana_address::Address;
use solana_keypair::Keypair;

use crate::{
    World,
    helpers::{settled_amounts, state_and_reason},
};

/// The fee of a panelist.
const FEE: u64 = 7_050;

/// A world with a result of `node` that was submitted after a second, and a panel of three.
async fn submitted() -> (World, Address, [Keypair; 3]) {
    let world = World::new(verified_terms()).await;
    let panel = [world.panelist().await, world.panelist().await, world.panelist().await];
    world.advance_clock(1);
    let job = world.submit_verified(&world.node, 1).await;
    (world, job, panel)
}

/// Anyone who finds itself alone loses nothing by the truth.
#[tokio::test]
async fn a_lone_vote_for_wrong_is_neither_paid_nor_fined() {
    let (world, job, panel) = submitted().await;
    let [one, two, three] = &panel;
    let wrong = (Verdict::Wrong, OTHER_SKETCH);
    let alone = world.hold_dispute(&job, (&world.node, SKETCH), &[(one, wrong)]).await;
    world.resolve(&alone).await;
    let dispute = world.dispute(&alone).await;
    assert_eq!(dispute.outcome, Outcome::Undecided as u8);
    assert_eq!(dispute.seats[0].standing, Standing::Uncounted as u8);
    let before = world.tokens(one).await;
    world.close_all(&alone).await;
    assert_eq!(world.tokens(one).await, before);
    assert_eq!(world.stake_of(one).await.amount, STAKE);
    assert_eq!(world.release_all(one).await, dispute.collateral);

    // The others do not vote: they alone are fined.
    let job = world.submit_verified(&world.node, 2).await;
    let address = world.seat_panel(&world.stranger, &job, &[one, two, three]).await;
    world.commit_sketch(one, &address, wrong).await;
    world.commit_sketch(two, &address, wrong).await;
    world.end_phase(&address).await;
    world.open_trace(&world.node, &address, SKETCH).await;
    world.reveal(one, &address, wrong).await;
    world.end_phase(&address).await;
    world.resolve(&address).await;
    let losses = world.dispute(&address).await.seats.map(|seat| seat.loss);
    assert_eq!(losses, [0, 4 * FEE, 4 * FEE]);
    world.close_all(&address).await;
}

/// A node's trace at the edge of what agrees with the work of one backend, and beyond that of
/// another one, whose panelist says the same.
#[tokio::test]
async fn a_trace_at_the_edge_harms_no_panelist() {
    let (world, job, panel) = submitted().await;
    let [one, two, _] = &panel;
    let apart = |bits: usize| {
        let mut sketch = SKETCH;
        for bit in 0..bits {
            sketch[bit / 8] ^= 1 << (bit % 8);
        }
        sketch
    };
    let members = [(one, (Verdict::Right, apart(23))), (two, (Verdict::Right, apart(27)))];
    let address = world.hold_dispute(&job, (&world.node, SKETCH), &members).await;
    world.resolve(&address).await;
    let dispute = world.dispute(&address).await;
    assert_eq!(dispute.outcome, Outcome::Acquitted as u8);
    assert_eq!(dispute.seats.map(|seat| seat.fee), [FEE, FEE, 0]);
    world.close_all(&address).await;
}

/// The client's rejection decides who is paid where the panel does not, and nothing else.
#[tokio::test]
async fn a_rejection_counts_where_the_panel_does_not_decide() {
    let (world, _, panel) = submitted().await;
    let [one, two, three] = &panel;
    let right = (Verdict::Right, SKETCH);
    let wrong = (Verdict::Wrong, OTHER_SKETCH);
    let table = [
        ([right, wrong], Reason::ResultRejected),
        ([right, right], Reason::Completed),
        ([wrong, wrong], Reason::ResultWrong),
    ];
    for (at, (said, reason)) in table.into_iter().enumerate() {
        let job = world.submit_verified(&world.node, at as u64 + 2).await;
        let node = world.tokens(&world.node).await;
        let client = world.tokens(&world.client).await;
        let address = world.take_seats(&world.stranger, &job, &[one, two]).await;
        world.reject(&job, false).await;
        world.end_phase(&address).await;
        let members = [(one, said[0]), (two, said[1])];
        world.hear_panel(&address, (&world.node, SKETCH), &members).await;
        let fees = world.queue().await.header.fees_accrued;
        let done = world.resolve(&address).await;
        let stored = world.job(&job).await;
        assert_eq!(state_and_reason(&stored), (State::Settled, reason));

        let work = stored.submitted_at - stored.started_at;
        let (pay, fee) = earnings(work.unsigned_abs().max(1));
        let paid = match reason {
            Reason::ResultRejected => (0, deposit() - pay - fee, pay + fee),
            Reason::Completed => (pay + FEE, deposit() - pay - fee, fee),
            _ => (0, deposit() + FEE, 0),
        };
        assert_eq!(settled_amounts(&done), paid, "{reason:?}");
        assert_eq!(world.tokens(&world.node).await, node + paid.0, "{reason:?}");
        assert_eq!(world.tokens(&world.client).await, client + paid.1, "{reason:?}");
        assert_eq!(world.queue().await.header.fees_accrued, fees + paid.2, "{reason:?}");
        world.close_all(&address).await;
        for panelist in [one, two, three] {
            world.enrol(panelist).await;
        }
        world.advance_clock(1);
    }
}

/// The panelists who did the work prove that a node with a copied result did not.
#[tokio::test]
async fn a_copied_result_is_convicted() {
    let (world, job, panel) = submitted().await;
    let did_the_work = (Verdict::Right, OTHER_SKETCH);
    let members = panel.each_ref().map(|panelist| (panelist, did_the_work));
    let address = world.hold_dispute(&job, (&world.node, SKETCH), &members).await;
    world.resolve(&address).await;
    assert_eq!(world.dispute(&address).await.outcome, Outcome::TraceRefuted as u8);
    assert_eq!(world.job(&job).await.reason, Reason::ResultWrong as u8);
    assert_eq!(world.stake_of(&world.node).await.amount, STAKE - 10 * NOS);
    world.close_all(&address).await;
}
