//! Draws what happens in disputes. Most of it fits their phase: of what is drawn at random hardly
//! any dispute would ever come to votes.

use nosana_protocol::{
    dispute::{
        phase::Phase,
        votes::{SeatState, Verdict},
    },
    job::{Kind as JobKind, State},
};
use nosana_tests::rng::Rng;

use super::{
    Action, ClientAction,
    DisputeAction::{
        self, Challenge, ClaimSeat, CloseDispute, CloseSeat, CommitSketch, DrawPanel,
        EnrolPanelist, OpenTrace, RemovePanelist, Resolve, Reveal,
    },
    Kind, NodeAction, OutsideAction,
};
use crate::{
    actors::{self, JOBS, NODES, Order, SKETCHES, TOKEN_ACCOUNTS, WALLETS, owner_of},
    draw::{EVERYBODYS_TURN, draw_order, draw_owner, to_number},
    model::{self, Dispute, Key, Model},
};

pub const KINDS: &[Kind] = &[
    (25, |rng, model| draw_challenge(rng, model).into()),
    (16, |rng, _| {
        let node = rng.byte(NODES);
        EnrolPanelist { node, by: draw_owner(rng, node), on: rng.chance(85) }.into()
    }),
    (12, |rng, _| RemovePanelist { node: rng.byte(NODES) }.into()),
    (150, |rng, model| draw_act(rng, model).into()),
];

/// How often an act is drawn until one is allowed.
const DRAWS: usize = 8;
/// The market with verified jobs.
const VERIFIED: u8 = 1;
/// More verified jobs than so many are listed only by chance.
const ENOUGH: usize = 2;
/// Wallets without a node: a challenger takes no seat.
const CHALLENGERS: [u8; 5] = [0, 1, 2, 3, 10];
/// The sketches to which nodes commit: mostly that of the work.
const TRACES: [u8; 8] = [0, 0, 0, 0, 1, 2, 3, 4];
/// In how many of 100 cases an act is drawn whether or not it is allowed.
const MISTAKE_PERCENT: u64 = 15;
/// In how many of 100 cases everybody who could still act in a phase stays away.
const ABSENCE_PERCENT: u64 = 5;

/// Draws an act that leads a dispute on, or that leads to one.
pub fn pursue_dispute(rng: &mut Rng, model: &Model) -> Option<Action> {
    let open: Vec<&Dispute> =
        model.disputes.values().filter(|d| d.progress.phase != Phase::Resolved).collect();
    if open.is_empty() || rng.chance(25) {
        return pursue_result(rng, model);
    }

    if rng.chance(MISTAKE_PERCENT) {
        return Some(draw_act(rng, model).into());
    }

    let dispute = rng.pick(&open);
    pass_time(rng, model, dispute).or_else(|| {
        let mut acts = (0..DRAWS).map(|_| draw_act(rng, model).into());
        acts.find(|action: &Action| action.is_allowed(model))
    })
}

/// Draws an act that leads to a result that can be disputed, or to a larger panel.
fn pursue_result(rng: &mut Rng, model: &Model) -> Option<Action> {
    let mut all: Vec<Action> = Vec::new();
    for number in 0..NODES {
        let (node, by) = (to_number(number), to_number(owner_of(number)));
        if model.nodes[number].panel_weight == 0 {
            all.push(EnrolPanelist { node, by, on: true }.into());
        } else {
            all.push(RemovePanelist { node }.into());
        }
    }
    let is_verified =
        |job: &model::Job| job.terms.kind == JobKind::VerifiedBatch && job.state != State::Settled;
    let mut verified = 0;
    for (number, job) in model.jobs.iter().enumerate() {
        let Some(job) = job.filter(is_verified) else { continue };
        verified += 1;
        let number = to_number(number);
        if job.state == State::Submitted {
            let by = if rng.chance(80) { rng.pick(&CHALLENGERS) } else { rng.byte(WALLETS) };
            all.extend([Action::from(Challenge { job: number, by }); 4]);
        }
        for holder in 0..NODES {
            let (node, by) = (to_number(holder), to_number(owner_of(holder)));
            let trace = 1 + rng.pick(&TRACES);
            all.push(NodeAction::Start { node, job: number, by, misread: false }.into());
            all.push(NodeAction::Finish { job: number, node, by, blank: false, trace }.into());
        }
    }
    if verified < ENOUGH {
        let node = rng.byte(NODES);
        let by = to_number(owner_of(node.into()));
        let (lowest, highest) = (0, u64::MAX);
        all.push(NodeAction::Work { node, market: VERIFIED, lowest, highest, by }.into());
        let seconds = rng.pick(&[29, 60, 120]);
        let order = Order { market: VERIFIED, kind: 2, seconds, ..draw_order(rng) };
        all.push(ClientAction::List { order }.into());
    }

    all.retain(|action| action.is_allowed(model));
    (!all.is_empty()).then(|| rng.pick(&all))
}

/// Lets time pass where a dispute waits for it: for the turns of all nodes, for the end of the
/// phase in which they take seats, or because somebody stays away.
fn pass_time(rng: &mut Rng, model: &Model, dispute: &Dispute) -> Option<Action> {
    let progress = dispute.progress_at(model.now);
    let turn = dispute.drawn_at + EVERYBODYS_TURN;
    let is_drawn = progress.phase == Phase::Seating && dispute.drawn_at != 0;
    let moment = if is_drawn && model.now < turn && rng.chance(60) {
        turn
    } else if (is_drawn && model.now >= turn && rng.chance(12)) || rng.chance(ABSENCE_PERCENT) {
        progress.ends.0 + 1
    } else {
        return None;
    };
    let seconds = u64::try_from(moment - model.now).ok().filter(|wait| *wait > 0)?;
    Some(OutsideAction::AdvanceClock { seconds }.into())
}

fn draw_challenge(rng: &mut Rng, model: &Model) -> DisputeAction {
    let is_disputable = |job: &model::Job| job.state == State::Submitted && job.panel_fee > 0;
    let all: Vec<usize> =
        (0..JOBS).filter(|job| model.jobs[*job].as_ref().is_some_and(is_disputable)).collect();
    let job = if all.is_empty() { rng.byte(JOBS) } else { to_number(rng.pick(&all)) };
    Challenge { job, by: rng.byte(WALLETS) }
}

/// Draws what somebody does in a dispute, mostly what fits its phase.
fn draw_act(rng: &mut Rng, model: &Model) -> DisputeAction {
    let keys: Vec<Key> = model.disputes.keys().copied().collect();
    if keys.is_empty() {
        return draw_challenge(rng, model);
    }
    let key = rng.pick(&keys);
    let dispute = &model.disputes[&key];
    let (job, attempt) = (to_number(key.0), key.1);
    if rng.chance(12) {
        return match rng.below(8) {
            0 => draw_panel(rng, key),
            1 => draw_claim(rng, key),
            2 => draw_commitment(rng, key, dispute),
            3 => draw_opening(rng, key, model),
            4 => draw_reveal(rng, key, dispute),
            5 => Resolve { job, attempt },
            6 => draw_closing(rng, key, 4),
            _ => CloseDispute { job, attempt },
        };
    }

    match dispute.progress_at(model.now).phase {
        Phase::Seating if dispute.drawn_at == 0 => draw_panel(rng, key),
        Phase::Seating => draw_claim(rng, key),
        Phase::Committing => draw_commitment(rng, key, dispute),
        Phase::Opening => draw_opening(rng, key, model),
        Phase::Voting => draw_reveal(rng, key, dispute),
        Phase::Over => Resolve { job, attempt },
        Phase::Resolved => {
            let is_open =
                |seat: &model::Seat| !matches!(seat.state, SeatState::Empty | SeatState::Closed);
            match dispute.seats.iter().position(is_open) {
                Some(_) => draw_closing(rng, key, 3),
                None => CloseDispute { job, attempt },
            }
        }
    }
}

fn draw_panel(rng: &mut Rng, (job, attempt): Key) -> DisputeAction {
    let (first, last) = rng.pick(&[(0, 60), (0, 60), (0, 60), (0, 9), (30, 90)]);
    DrawPanel { job: to_number(job), attempt, first, last, salt: rng.byte(200) }
}

fn draw_claim(rng: &mut Rng, (job, attempt): Key) -> DisputeAction {
    let node = rng.byte(NODES);
    ClaimSeat { job: to_number(job), attempt, node, by: draw_owner(rng, node) }
}

/// Draws a node, mostly one that has a seat, and mostly its owner.
fn draw_panelist(rng: &mut Rng, dispute: &Dispute) -> (u8, u8) {
    let seated: Vec<usize> = dispute.seats.iter().filter_map(|seat| seat.node).collect();
    let is_other = seated.is_empty() || rng.chance(5);
    let node = if is_other { rng.byte(NODES) } else { to_number(rng.pick(&seated)) };
    (node, draw_owner(rng, node))
}

fn draw_commitment(rng: &mut Rng, (job, attempt): Key, dispute: &Dispute) -> DisputeAction {
    let (node, by) = draw_panelist(rng, dispute);
    let verdict = rng.pick(&[
        Verdict::Right,
        Verdict::Right,
        Verdict::Right,
        Verdict::Wrong,
        Verdict::Wrong,
        Verdict::Wrong,
        Verdict::NotDecidable,
    ]) as u8;
    let sketch = rng.pick(&[0, 0, 0, 0, 1, 2, 3, 3, 4]);
    CommitSketch { job: to_number(job), attempt, node, by, verdict, sketch }
}

fn draw_opening(rng: &mut Rng, key: Key, model: &Model) -> DisputeAction {
    let owner = to_number(owner_of(model.disputes[&key].node));
    let by = if rng.chance(5) { rng.byte(WALLETS) } else { owner };
    let trace = model.jobs[key.0].and_then(|job| job.trace).unwrap_or(0);
    let sketch = if rng.chance(10) { rng.byte(SKETCHES) } else { trace };
    OpenTrace { job: to_number(key.0), attempt: key.1, by, sketch }
}

fn draw_reveal(rng: &mut Rng, (job, attempt): Key, dispute: &Dispute) -> DisputeAction {
    let (node, by) = draw_panelist(rng, dispute);
    let seat = dispute.seats.iter().find(|seat| seat.node == Some(actors::node(node)));
    let said = seat.and_then(|seat| seat.said).unwrap_or((1, 0));
    let is_other = rng.chance(10);
    let (verdict, sketch) = if is_other { (rng.byte(5), rng.byte(SKETCHES)) } else { said };
    Reveal { job: to_number(job), attempt, node, by, verdict, sketch }
}

fn draw_closing(rng: &mut Rng, (job, attempt): Key, seats: usize) -> DisputeAction {
    let (seat, reporter) = (rng.byte(seats), rng.byte(TOKEN_ACCOUNTS));
    CloseSeat { job: to_number(job), attempt, seat, reporter }
}
