//! Attempts to cost others time or money without paying for it.

use nosana_client::{
    actions::{self, JobListing},
    jobs::{
        self,
        accounts::Market,
        instructions::{ApplyTerms, GrowQueue, ProposeTerms},
        types::MarketTerms,
    },
    pda,
};
use nosana_protocol::{
    job::{Reason, State},
    slot::SlotState,
};
use nosana_tests::{
    chain::Executed,
    terms::{NOS, NOTICE, RESULT, batch, challenged, earnings, service, terms},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::World;

async fn state_of(world: &World, job: &Address) -> (State, Reason) {
    let job = world.job(job).await;
    (State::from_byte(job.state).unwrap(), Reason::from_byte(job.reason).unwrap())
}

async fn slot_states(world: &World, owner: &Keypair) -> Vec<SlotState> {
    let slots = world.node_of(owner).await.slots;
    slots.iter().map(|slot| SlotState::from_byte(slot.state).unwrap()).collect()
}

fn propose_terms(world: &World, terms: MarketTerms) -> ProposeTerms {
    ProposeTerms {
        authority: world.deployer.pubkey(),
        config: pda::jobs::config(),
        market: world.market,
        terms,
    }
}

fn apply_terms(world: &World) -> ApplyTerms {
    ApplyTerms { config: pda::jobs::config(), market: world.market }
}

/// Changes the market's terms; returns since when they require their collection.
async fn change_terms(world: &World, terms: MarketTerms) -> i64 {
    world.run(propose_terms(world, terms), &[&world.deployer]).await;
    world.advance_clock(NOTICE.into());
    world.run(apply_terms(world), &[]).await;
    world.get::<Market>(&world.market).await.collection_since
}

/// Starts and finishes the jobs that the node can take, with any digest. Returns how many.
async fn finish_garbage(world: &World, jobs: &[Address]) -> usize {
    let mut finished = 0;
    for _ in jobs {
        let work = actions::work(world.node.pubkey(), world.market, 1);
        if world.attempt(work, &[&world.node]).await.is_err() {
            break;
        }
        let [job, ..] = world.claimed_jobs(&world.node).await[..] else { break };
        world.start(&world.node, &job).await;
        world.finish(&world.node, &job).await;
        finished += 1;
    }
    finished
}

#[tokio::test]
async fn garbage_is_not_paid_and_ends_one_job_a_run() {
    let rest = MarketTerms { min_run_seconds: 60, min_timeout_seconds: 60, ..challenged() };
    let world = World::new(rest).await;
    let before = world.tokens(&world.node).await;
    let mut all = Vec::new();
    for nonce in 0..10 {
        all.push(world.list(batch(nonce)).await);
    }

    // The node has two slots: each ends one job, and rests until the shortest run is over.
    assert_eq!(finish_garbage(&world, &all).await, 2);
    assert_eq!(slot_states(&world, &world.node).await[..2], [SlotState::Resting; 2]);
    world.advance_clock(60);
    assert_eq!(finish_garbage(&world, &all).await, 0);
    world.advance_clock(1);
    assert_eq!(finish_garbage(&world, &all).await, 2);

    for job in &all[..4] {
        world.reject(job, false).await;
    }
    assert_eq!(world.tokens(&world.node).await, before);
    let node = world.node_of(&world.node).await;
    assert_eq!((node.jobs_completed, node.jobs_rejected, node.reputation_good), (0, 4, 0));
}

#[tokio::test]
async fn results_that_nobody_could_reject_make_no_reputation() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    let node = world.node_of(&world.node).await;
    assert_eq!((node.earned, node.jobs_completed, node.reputation_good), (4_700, 1, 0));
}

#[tokio::test]
async fn an_unrunnable_job_costs_each_node_seconds_and_ends() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    for attempt in 0..=terms().max_attempts {
        assert_eq!(state_of(&world, &job).await, (State::Queued, Reason::None), "{attempt}");
        world.work(&world.node).await;
        world.quit(&world.node, &job).await;
        let rest = world.node_of(&world.node).await.slots[0].since - world.now();
        assert_eq!(rest, 5 << attempt);
        world.advance_clock(41);
    }
    assert_eq!(state_of(&world, &job).await, (State::Settled, Reason::Unplaceable));
}

#[tokio::test]
async fn a_job_of_ones_own_does_not_make_refusing_cheap_again() {
    let world = World::new(terms()).await;
    for (nonce, rest) in [(1, 5), (2, 10), (3, 20)] {
        let job = world.list(batch(nonce)).await;
        world.work(&world.node).await;
        world.quit(&world.node, &job).await;
        let slot = world.node_of(&world.node).await.slots[0];
        assert_eq!(slot.since - world.now(), rest);
        world.cancel(&job).await;
        world.advance_clock(21);

        let own = world.list_for(&world.node, &world.node, batch(nonce)).await;
        world.work_and_start(&world.node, &own).await;
        world.finish(&world.node, &own).await;
    }
}

#[tokio::test]
async fn a_penalty_that_nobody_claims_keeps_no_job() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.advance_clock(u64::from(terms().start_seconds) + 60 * 86_400 + 1);
    world.expire_match(&job, &world.node).await;
    let stake = world.stake_of(&world.node).await;
    assert_eq!((stake.slashed, stake.locked), (0, 0));
}

#[tokio::test]
async fn a_client_that_silences_a_node_pays_for_its_work() {
    let world = World::new(terms()).await;
    let before = world.tokens(&world.node).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(200, &world.node, &job).await;
    world.advance_clock(61);

    let stored = world.job(&job).await;
    let expire = actions::expire_run(world.client.pubkey(), job, &stored, world.node.pubkey());
    world.run(expire, &[&world.client]).await;
    assert_eq!(state_of(&world, &job).await, (State::Settled, Reason::HeartbeatLost));
    assert_eq!(world.tokens(&world.node).await - before, earnings(200).0);
    assert_eq!(world.node_of(&world.node).await.reputation_bad, 0);
}

#[tokio::test]
async fn two_nodes_cannot_keep_a_job_from_its_client() {
    let world = World::new(terms()).await;
    let nodes = [&world.node, &world.other_node];
    for node in nodes {
        world.work(node).await;
    }
    let job = world.list(batch(1)).await;
    assert_eq!(state_of(&world, &job).await.0, State::Matched);

    world.cancel_matched(&job).await;
    world.quit(nodes[0], &job).await;
    assert_eq!(state_of(&world, &job).await, (State::Settled, Reason::Cancelled));
    assert_eq!(world.queue().await.waiting.len(), 1, "the other node still waits");
}

#[tokio::test]
async fn nobody_clears_a_penalty_by_a_change_of_terms() {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    world.run(propose_terms(&world, terms()), &[&world.deployer]).await;
    world.advance_clock(NOTICE.into());
    let job = world.list(batch(1)).await;
    world.advance_clock(u64::from(terms().start_seconds) + 1);

    world.run(apply_terms(&world), &[]).await;
    let before = world.stake_of(&world.node).await.slashed;
    world.expire_match(&job, &world.node).await;
    assert_eq!(world.stake_of(&world.node).await.slashed - before, terms().no_start_penalty);
}

#[tokio::test]
async fn the_same_terms_again_evict_no_member() {
    let collection = Address::new_from_array([9; 32]);
    let world = World::new(terms()).await;
    let members = MarketTerms { access_collection: collection, ..terms() };
    let since = change_terms(&world, members).await;
    assert_eq!(since, world.now());

    assert_eq!(change_terms(&world, members).await, since);
    assert_eq!(change_terms(&world, terms()).await, world.now());
}

#[tokio::test]
async fn a_full_queue_ends_nobodys_job_and_anyone_can_make_room() {
    let world = World::new(terms()).await;
    let job = world.list(batch(0)).await;
    world.work_and_start(&world.node, &job).await;
    let short = |nonce| JobListing { timeout_seconds: 1, ..batch(nonce) };
    for nonce in 1..200 {
        world.list(short(nonce)).await;
    }
    let client = world.client.pubkey();
    let one_more = actions::list(client, client, world.market, world.mint, short(200));
    world.refuse(jobs::Error::QueueFull, one_more.clone(), &[&world.client]).await;

    world.quit(&world.node, &job).await;
    assert_eq!(state_of(&world, &job).await, (State::Queued, Reason::None));
    assert_eq!(world.waiting().await[0], job);

    let queue = pda::jobs::queue(&world.market);
    let grow = GrowQueue { payer: client, market: world.market, queue, cells: 1 };
    let together: [Instruction; 2] = [grow.into(), one_more.into()];
    world.attempt_all(&together, &[&world.client]).await.expect("there is room");
}

#[tokio::test]
async fn a_node_without_a_stake_does_not_wait() {
    let free = MarketTerms { min_xnos: 0, collateral_per_job: 0, no_start_penalty: 0, ..terms() };
    let world = World::new(free).await;
    world.work(&world.node).await;
    let node = pda::jobs::node(&world.node.pubkey());
    let cell = world.cell(&node).await;
    let evict = actions::evict_node(world.node.pubkey(), world.market, cell);
    world.refuse(jobs::Error::NotEvictable, evict.clone(), &[]).await;

    world.run(actions::unstake(world.node.pubkey()), &[&world.node]).await;
    let work = actions::work(world.node.pubkey(), world.market, 1);
    world.refuse(jobs::Error::StakeTooSmall, work, &[&world.node]).await;
    world.run(evict, &[]).await;
}

#[tokio::test]
async fn a_late_start_does_not_save_the_penalty() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.advance_clock(u64::from(terms().start_seconds) + 1);

    let start = actions::start(world.node.pubkey(), job, &world.job(&job).await);
    world.refuse(jobs::Error::DeadlinePassed, start, &[&world.node]).await;
    world.expire_match(&job, &world.node).await;
    assert_eq!(world.stake_of(&world.node).await.slashed, terms().no_start_penalty);
}

#[tokio::test]
async fn a_halt_of_the_cluster_ends_no_run() {
    let world = World::new(terms()).await;
    let before = world.tokens(&world.node).await;
    let job = world.list(service(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;

    // The silence is not paid, and what follows is.
    world.advance_clock(200);
    world.heartbeat(&world.node, &job).await;
    assert_eq!(world.job(&job).await.silent_seconds, 200);
    world.heartbeat_for(300, &world.node, &job).await;
    world.expire_run(&job, &world.node).await;
    assert_eq!(state_of(&world, &job).await, (State::Settled, Reason::Completed));
    assert_eq!(world.tokens(&world.node).await - before, earnings(400).0);
}

/// Takes a job and loses it again in one transaction, by leaving the stake.
async fn take_and_lose(world: &World, job: Address) -> Result<Executed, nosana_tests::Failure> {
    let owner = world.node.pubkey();
    let stored = world.job(&job).await;
    let started = jobs::accounts::Job { node_token: world.token_account(&owner), ..stored };
    let all: [Instruction; 5] = [
        actions::work(owner, world.market, 1).into(),
        actions::start(owner, job, &stored).into(),
        actions::unstake(owner).into(),
        actions::expire_run(owner, job, &started, owner).into(),
        actions::restake(owner).into(),
    ];
    world.attempt_all(&all, &[&world.node]).await
}

#[tokio::test]
async fn whatever_takes_a_job_from_a_node_rests_its_slot() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    take_and_lose(&world, job).await.expect("the first slot");
    take_and_lose(&world, job).await.expect("the second slot");
    assert_eq!(slot_states(&world, &world.node).await[..2], [SlotState::Resting; 2]);
    assert!(take_and_lose(&world, job).await.is_err(), "a slot did not rest");

    // By silence, and by a missed start.
    world.advance_clock(1_000);
    world.work_and_start(&world.node, &job).await;
    world.advance_clock(61);
    world.expire_run(&job, &world.node).await;
    assert_eq!(slot_states(&world, &world.node).await[0], SlotState::Resting);
    world.advance_clock(1_000);
    let other = world.list(batch(2)).await;
    world.work(&world.node).await;
    let [taken] = world.claimed_jobs(&world.node).await[..] else { panic!("none claimed") };
    world.advance_clock(121);
    world.expire_match(&taken, &world.node).await;
    assert_eq!(slot_states(&world, &world.node).await[0], SlotState::Resting);
    assert_ne!(taken, other);
}

#[tokio::test]
async fn a_job_pays_at_least_the_markets_shortest_time() {
    let world = World::new(MarketTerms { min_timeout_seconds: 60, ..terms() }).await;
    let client = world.client.pubkey();
    let order = JobListing { timeout_seconds: 59, ..batch(1) };
    let list = actions::list(client, client, world.market, world.mint, order);
    world.refuse(jobs::Error::TimeoutOutOfRange, list, &[&world.client]).await;
    world.list(JobListing { timeout_seconds: 60, ..batch(1) }).await;
}

#[tokio::test]
async fn an_instruction_for_a_closed_job_does_not_hit_its_successor() {
    let world = World::new(MarketTerms { retention_seconds: 0, ..terms() }).await;
    let owner = world.node.pubkey();
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    let old = world.job(&job).await;
    let stale = actions::finish(owner, job, &old, owner, RESULT, actions::NO_TRACE);
    world.stop(&job, &world.node).await;
    world.clean(&job).await;

    assert_eq!(world.list(batch(1)).await, job, "at the same address");
    world.work_and_start(&world.node, &job).await;
    world.refuse(jobs::Error::AnotherAttempt, stale, &[&world.node]).await;
    let stop = actions::stop(world.client.pubkey(), job, &old, owner);
    world.refuse(jobs::Error::AnotherAttempt, stop, &[&world.client]).await;
}

#[tokio::test]
async fn what_a_reporter_can_gain_is_bounded_by_the_start_clock() {
    let world = World::new(terms()).await;
    let with = |no_start_penalty, start_seconds| {
        let collateral_per_job = 100 * NOS;
        MarketTerms { no_start_penalty, start_seconds, collateral_per_job, ..terms() }
    };
    let too_much = world.open_market_instruction(2, with(3_750_001, 30));
    world.refuse(jobs::Error::TermsOutOfRange, too_much, &[&world.deployer]).await;
    world.open_market(2, with(3_750_000, 30)).await;
}
