//! A dispute, from the challenge to its end.

use nosana_client::{
    actions::{self, JobListing},
    jobs,
};
use nosana_protocol::{
    dispute::votes::{Outcome, Verdict},
    job::Kind,
    seeds,
};
use nosana_tests::{
    Executed,
    terms::{NOS, OTHER_SKETCH, SKETCH, verified_terms},
    world::disputes::{EVERYBODYS_TURN, Said},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::meter::{Meter, ceiling, has_backed_bumps, has_first_bump, has_first_bumps};

pub async fn measure_disputes(meter: &mut Meter) {
    let market = meter.world.open_market(3, verified_terms()).await;
    let market = std::mem::replace(&mut meter.world.market, market);
    let panel = [panelist(meter).await, panelist(meter).await, panelist(meter).await];
    let members = panel.each_ref();
    let fourth = panelist(meter).await;
    meter.world.advance_clock(121);

    measure_undisputed(meter).await;
    measure_displacement(meter, &members, &fourth).await;
    let convicted = measure_dispute(meter, &members).await;
    let done = meter.world.resolve(&convicted).await;
    meter.record(ceiling("jobs.resolve", 20_000).when("convicted").with_goal(20_000), &done);
    let done = meter.world.close_seat(&convicted, 0).await;
    meter.record(ceiling("jobs.close_seat", 6_500), &done);
    meter.world.close_seat(&convicted, 1).await;
    meter.world.close_seat(&convicted, 2).await;
    let done = meter.world.close_dispute(&convicted).await;
    meter.record(ceiling("jobs.close_dispute", 2_500), &done);

    let job = submit_result(meter, &meter.world.node).await;
    let right = members.map(|panelist| (panelist, (Verdict::Right, SKETCH)));
    let acquitted = meter.world.hold_dispute(&job, (&meter.world.node, SKETCH), &right).await;
    let done = meter.world.resolve(&acquitted).await;
    meter.record(ceiling("jobs.resolve", 10_000).when("acquitted").with_goal(20_000), &done);
    meter.world.close_all(&acquitted).await;

    measure_other_losses(meter, &members).await;

    let job = submit_result(meter, &meter.world.node).await;
    let absent = meter.world.seat_panel(&meter.world.stranger, &job, &members).await;
    meter.world.advance_clock(601);
    meter.world.resolve(&absent).await;
    let done = meter.world.close_seat(&absent, 0).await;
    meter.record(ceiling("jobs.close_seat", 13_500).when("absent"), &done);
    meter.world.close_seat(&absent, 1).await;
    meter.world.close_seat(&absent, 2).await;
    meter.world.close_dispute(&absent).await;
    meter.world.market = market;
}

/// A panelist whose addresses have the first bump.
async fn panelist(meter: &Meter) -> Keypair {
    let wallet = meter.world.wallet_where(has_first_bumps).await;
    meter.world.stake(&wallet).await;
    meter.world.enter(&wallet).await;
    meter.world.register(&wallet).await;
    meter.world.enrol(&wallet).await;
    wallet
}

fn next_verified(meter: &Meter) -> JobListing {
    JobListing { kind: Kind::VerifiedBatch as u8, ..meter.next_order() }
}

/// Submits the result of a verified job whose dispute has the first bump.
async fn submit_result(meter: &Meter, node: &Keypair) -> Address {
    let world = &meter.world;
    loop {
        let job = world.list(next_verified(meter)).await;
        world.work_and_start(node, &job).await;
        world.advance_clock(30);
        world.finish(node, &job).await;
        let attempt = world.job(&job).await.attempt_id.to_le_bytes();
        if has_first_bump(&jobs::ID, &[seeds::DISPUTE, job.as_ref(), &attempt]) {
            return job;
        }
        world.advance_clock(600);
        world.settle(&job).await;
    }
}

/// A verified job that nobody disputes.
async fn measure_undisputed(meter: &Meter) {
    let world = &meter.world;
    let client = world.client.pubkey();
    let list = actions::list(client, client, world.market, world.mint, next_verified(meter));
    let job = list.job;
    meter.run(ceiling("jobs.list", 7_000).when("verified"), list, &[&world.client]).await;
    world.work(&world.node).await;
    let done = world.start(&world.node, &job).await;
    meter.record(ceiling("jobs.start", 2_000).when("verified"), &done);
    world.advance_clock(30);
    let done = world.finish(&world.node, &job).await;
    meter.record(ceiling("jobs.finish", 2_500).when("verified"), &done);
    world.advance_clock(600);
    let done = world.settle(&job).await;
    meter.record(ceiling("jobs.settle", 6_500).when("verified"), &done);
}

/// The node with the lowest score comes last, and takes the seat of the highest.
async fn measure_displacement(meter: &Meter, panel: &[&Keypair; 3], fourth: &Keypair) {
    let job = submit_result(meter, &meter.world.node).await;
    let world = &meter.world;
    let dispute = world.challenge(&world.stranger, &job).await;
    world.draw_panel(&dispute).await;
    world.advance_clock(EVERYBODYS_TURN);
    let all = panel.iter().copied().chain([fourth]);
    let ranked = world.rank_panelists(all, &dispute).await;
    for panelist in ranked.iter().skip(1) {
        world.take_seat(panelist, &dispute).await;
    }
    let done = world.take_seat(ranked[0], &dispute).await;
    let ceiling = ceiling("jobs.claim_seat", 5_000).when("of another").with_goal(5_000);
    meter.record(ceiling, &done);

    let reject = actions::reject(
        world.client.pubkey(),
        job,
        &world.job(&job).await,
        world.node.pubkey(),
        false,
    );
    meter
        .run(crate::meter::ceiling("jobs.reject", 2_000).when("disputed"), reject, &[&world.client])
        .await;
    world.end_phase(&dispute).await;
    world.advance_clock(601);
    world.resolve(&dispute).await;
    world.close_all(&dispute).await;
    for panelist in ranked {
        world.enrol(panelist).await;
    }
    world.advance_clock(1);
}

/// Disputes that a node loses in other ways, and one with a position of delegations, which a slash
/// settles beside that of the stake.
async fn measure_other_losses(meter: &Meter, panel: &[&Keypair; 3]) {
    const WRONG: Said = (Verdict::Wrong, OTHER_SKETCH);
    // Other work than the trace shows.
    const OTHER_WORK: Said = (Verdict::Right, OTHER_SKETCH);
    let world = &meter.world;

    let job = submit_result(meter, &world.node).await;
    let not_opened = world.seat_panel(&world.stranger, &job, panel).await;
    for panelist in panel {
        world.commit_sketch(panelist, &not_opened, WRONG).await;
    }
    world.end_phase(&not_opened).await;
    measure_loss(meter, &not_opened, "not opened", Outcome::NotOpened).await;

    let job = submit_result(meter, &world.node).await;
    let said = panel.map(|panelist| (panelist, OTHER_WORK));
    let refuted = world.hold_dispute(&job, (&world.node, SKETCH), &said).await;
    measure_loss(meter, &refuted, "trace refuted", Outcome::TraceRefuted).await;

    let owner = world.wallet_where(has_backed_bumps).await;
    world.stake(&owner).await;
    world.enter(&owner).await;
    world.register(&owner).await;
    world.accept_delegations(&owner, 1_000).await;
    world.delegate(&world.staker, &owner, NOS).await;
    let job = submit_result(meter, &owner).await;
    let said = panel.map(|panelist| (panelist, WRONG));
    let backed = world.hold_dispute(&job, (&owner, SKETCH), &said).await;
    let situation = "convicted, with delegations";
    measure_loss(meter, &backed, situation, Outcome::Convicted).await;
    assert!(world.stake_of(&owner).await.delegated < NOS, "the delegation loses, too");
}

/// Ends a dispute that the node has lost, and records what that costs.
async fn measure_loss(meter: &Meter, dispute: &Address, situation: &'static str, outcome: Outcome) {
    let done = meter.world.resolve(dispute).await;
    assert_eq!(meter.world.dispute(dispute).await.known_outcome(), outcome, "{situation}");
    meter.record(ceiling("jobs.resolve", 20_000).when(situation).with_goal(20_000), &done);
    meter.world.close_all(dispute).await;
}

/// Takes a dispute to the end of its votes, which all say that the result is wrong.
async fn measure_dispute(meter: &Meter, panel: &[&Keypair; 3]) -> Address {
    const SAID: Said = (Verdict::Wrong, OTHER_SKETCH);
    let job = submit_result(meter, &meter.world.node).await;
    let world = &meter.world;
    let challenger = world.stranger.pubkey();
    let challenge = actions::challenge(challenger, job, &world.job(&job).await, world.mint);
    let dispute = challenge.dispute;
    let record = |path: &str, units: u64, done: &Executed| {
        meter.record(ceiling(path, units).with_goal(units), done);
    };

    record("jobs.challenge", 8_000, &world.run(challenge, &[&world.stranger]).await);
    record("jobs.draw_panel", 2_000, &world.draw_panel(&dispute).await);
    world.advance_clock(EVERYBODYS_TURN);
    let [one, two, three] = panel;
    world.take_seat(one, &dispute).await;
    world.take_seat(two, &dispute).await;
    record("jobs.claim_seat", 5_000, &world.take_seat(three, &dispute).await);
    world.end_phase(&dispute).await;
    world.commit_sketch(one, &dispute, SAID).await;
    world.commit_sketch(two, &dispute, SAID).await;
    record("jobs.commit_sketch", 1_500, &world.commit_sketch(three, &dispute, SAID).await);
    record("jobs.open_trace", 2_000, &world.open_trace(&world.node, &dispute, SKETCH).await);
    world.reveal(one, &dispute, SAID).await;
    world.reveal(two, &dispute, SAID).await;
    record("jobs.reveal", 2_000, &world.reveal(three, &dispute, SAID).await);
    dispute
}
