//! What an instruction costs does not depend on how many others use the programs: each is measured
//! beside few and beside many jobs, markets and stakers.
//!
//! `target/bench/growth.json` has the figures, also those without any others, and the slope of each:
//! the compute units that one more of them adds, by least squares. Longer queues, up to 10,000
//! entries, are those of [`queue`](crate::queue).

use std::fs;

use nosana_client::actions::{self, Emission};
use nosana_tests::{
    Lite, World, report_folder,
    terms::{EPOCH, NOS, START, batch, terms},
};
use serde_json::Value;
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    growth_row::{Costs, GrowthRow, collect_rows},
    meter::nonce_with_first_bump,
    queue::measure_queues,
};

/// How many others there are. The slope begins beside one: an entry without neighbors in the queue
/// is some units cheaper.
const COUNTS: [u32; 3] = [1, 16, 64];

/// The population that grows.
#[derive(Clone, Copy)]
enum Growing {
    /// Jobs that wait in the queue, ahead of the one that is measured.
    WaitingJobs,
    /// Jobs that are settled and not closed yet.
    SettledJobs,
    /// Markets.
    Markets,
    /// Stakers with a position in the reward pool.
    Stakers,
}

impl Growing {
    const ALL: [Self; 4] = [Self::WaitingJobs, Self::SettledJobs, Self::Markets, Self::Stakers];

    const fn name(self) -> &'static str {
        match self {
            Self::WaitingJobs => "waiting jobs",
            Self::SettledJobs => "settled jobs",
            Self::Markets => "markets",
            Self::Stakers => "stakers",
        }
    }

    /// Adds this many to a world.
    async fn add(self, world: &World<Lite>, count: u32) {
        for number in 0..count {
            match self {
                Self::WaitingJobs => {
                    world.list(batch(10_000 + u64::from(number))).await;
                }
                Self::SettledJobs => {
                    let job = world.list(batch(10_000 + u64::from(number))).await;
                    world.work_and_start(&world.other_node, &job).await;
                    world.finish(&world.other_node, &job).await;
                }
                Self::Markets => {
                    world.open_market(100 + u64::from(number), terms()).await;
                }
                Self::Stakers => {
                    let staker = world.wallet().await;
                    world.stake(&staker).await;
                    world.enter(&staker).await;
                }
            }
        }
    }
}

/// Lists a job whose address has the first bump, and returns it with the units.
async fn list_next(world: &World<Lite>, from: u64) -> (Address, u64) {
    let client = world.client.pubkey();
    let order = batch(nonce_with_first_bump(&client, from));
    let list = actions::list(client, client, world.market, world.mint, order);

    (list.job, world.run(list, &[&world.client]).await.compute_units)
}

/// Measures a job's life, and a staker's, at the same times in every world. Jobs that wait are
/// taken by the other node first, so that the measured one's turn comes.
async fn measure_costs(world: &World<Lite>, waiting: u32) -> Costs {
    let mut costs = Costs::new();
    let (cancelled, _) = list_next(world, 1).await;
    costs.push(("cancel", world.cancel(&cancelled).await.compute_units));
    let (job, units) = list_next(world, 100).await;
    costs.push(("list", units));

    for _ in 0..waiting {
        world.work(&world.other_node).await;
        let first = world.claimed_jobs(&world.other_node).await[0];
        world.start(&world.other_node, &first).await;
        world.finish(&world.other_node, &first).await;
    }
    costs.push(("work", world.work(&world.node).await.compute_units));
    costs.push(("start", world.start(&world.node, &job).await.compute_units));
    costs.push(("quit, requeued", world.quit(&world.node, &job).await.compute_units));
    world.advance_clock(60);
    world.work_and_start(&world.node, &job).await;
    costs.push(("heartbeat", world.heartbeat(&world.node, &job).await.compute_units));
    costs.push(("finish", world.finish(&world.node, &job).await.compute_units));

    measure_rewards(world, &mut costs).await;
    costs
}

async fn measure_rewards(world: &World<Lite>, costs: &mut Costs) {
    let (client, mint) = (world.client.pubkey(), world.mint);
    let emission = Emission {
        id: 1,
        amount: 1_000 * NOS,
        start: START + 100_000,
        end: START + 200_000,
        cancellable: false,
    };
    let open = actions::open_stream(client, mint, emission);
    let stream = open.stream;
    world.run(open, &[&world.client]).await;

    world.set_clock(START + 100_000 + i64::try_from(EPOCH).unwrap());
    costs.push(("drip", world.run(actions::drip(stream), &[]).await.compute_units));
    world.advance_clock(2 * EPOCH);
    let sync = world.run(actions::sync(world.staker.pubkey()), &[]).await;
    costs.push(("sync", sync.compute_units));
    world.advance_clock(EPOCH);
    let claim = actions::claim(world.staker.pubkey(), mint);
    costs.push(("claim", world.run(claim, &[&world.staker]).await.compute_units));
}

#[tokio::test]
async fn no_instruction_costs_more_because_others_use_the_programs() {
    // Without others, all worlds are alike.
    let alone = measure_costs(&World::<Lite>::new(terms()).await, 0).await;
    let mut rows = Vec::new();
    for growing in Growing::ALL {
        let mut series: Vec<Costs> = Vec::new();
        for count in COUNTS {
            let world = World::<Lite>::new(terms()).await;
            growing.add(&world, count).await;
            let waiting = if matches!(growing, Growing::WaitingJobs) { count } else { 0 };
            series.push(measure_costs(&world, waiting).await);
        }
        let of_growing = collect_rows(growing.name(), &COUNTS, &series);
        rows.extend(of_growing.into_iter().map(|row| row.with_alone(&alone)));
    }
    rows.extend_from_slice(measure_queues().await);

    rows.iter().for_each(GrowthRow::print_row);
    rows.iter().for_each(GrowthRow::check_slope);
    let report: Vec<Value> = rows.iter().map(GrowthRow::to_json).collect();
    let path = report_folder().join("growth.json");
    fs::write(path, serde_json::to_string_pretty(&report).unwrap()).unwrap();
}
