//! A long queue costs no more than a short one.
//!
//! Beside a queue of waiting jobs these are measured: the next `list`, the next `work`, what a node
//! does with jobs that it took before, the cancellation of the last job, and `drip` and `claim` of
//! the reward pool. Beside waiting nodes, `list` and `work`.

use nosana_client::{
    actions::{self, NO_DETAIL, NO_TRACE},
    jobs::{
        accounts::{Job, QueueHeader},
        instructions::List,
    },
    pda,
};
use nosana_protocol::{job::ReturnCause, queue::Side};
use nosana_tests::{
    Chain, Lite, World,
    terms::{RESULT, batch, terms},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;
use tokio::sync::OnceCell;

use crate::{
    growth_row::{Costs, GrowthRow, collect_rows},
    meter::nonce_with_first_bump,
    queue_income::prepare_income,
};

/// How many wait.
const WAITING: [u32; 4] = [2, 100, 1_000, 10_000];
/// Cells that one instruction adds to a queue, at most.
const CELLS_PER_GROWTH: u32 = 200;
/// The nonce of the first job that a node takes, or that is cancelled. Jobs that are only simulated
/// have lower ones.
const FIRST_NONCE: u64 = 10_000;

/// A market whose queue has room for many, and a job in each state in which it can be moved.
struct LongQueue {
    world: World<Lite>,
    /// The node has started it.
    running: Address,
    /// The node has taken it.
    claimed: Address,
    /// It waits.
    waiting: Address,
    /// A stream into the reward pool, of which something is due.
    stream: Address,
}

/// Returns what instructions cost beside queues of all lengths, measured once for all tests.
pub async fn measure_queues() -> &'static [GrowthRow] {
    static ROWS: OnceCell<Vec<GrowthRow>> = OnceCell::const_new();
    ROWS.get_or_init(measure_rows).await
}

async fn measure_rows() -> Vec<GrowthRow> {
    let queue = LongQueue::new().await;
    let mut beside_jobs = Vec::new();
    let mut beside_nodes = Vec::new();
    for count in WAITING {
        beside_jobs.push(queue.measure_beside_jobs(count).await);
        beside_nodes.push(queue.measure_beside_nodes(count).await);
    }

    let mut rows = collect_rows("jobs of a long queue", &WAITING, &beside_jobs);
    rows.extend(collect_rows("nodes of a long queue", &WAITING, &beside_nodes));
    rows
}

impl LongQueue {
    async fn new() -> Self {
        let world = World::<Lite>::new(terms()).await;
        for _ in 0..WAITING[3].div_ceil(CELLS_PER_GROWTH) {
            let payer = world.stranger.pubkey();
            let grow = actions::grow_queue(payer, world.market, CELLS_PER_GROWTH);
            world.run(grow, &[&world.stranger]).await;
        }

        let stream = prepare_income(&world).await;
        let running = world.list(batch(FIRST_NONCE)).await;
        world.work_and_start(&world.node, &running).await;
        world.advance_clock(30);
        let claimed = world.list(batch(FIRST_NONCE + 1)).await;
        world.work(&world.node).await;
        let waiting = world.list(batch(FIRST_NONCE + 2)).await;
        Self { world, running, claimed, waiting, stream }
    }

    /// What instructions cost while this many jobs wait.
    async fn measure_beside_jobs(&self, count: u32) -> Costs {
        let world = &self.world;
        let node = world.node.pubkey();
        fill_queue(world, Side::Jobs, count, Some(self.waiting)).await;

        let running = world.job(&self.running).await;
        let claimed = world.job(&self.claimed).await;
        let waiting = world.job(&self.waiting).await;
        let quit = |job: Address, stored: &Job| {
            actions::quit(node, job, stored, node, ReturnCause::Unspecified as u8, NO_DETAIL)
        };
        let finish = actions::finish(node, self.running, &running, node, RESULT, NO_TRACE);

        vec![
            ("list", self.simulate_units(next_list(world))),
            ("work", self.simulate_units(actions::work(self.idle_node(), world.market, 1))),
            ("start", self.simulate_units(actions::start(node, self.claimed, &claimed))),
            ("finish", self.simulate_units(finish)),
            ("quit before the start", self.simulate_units(quit(self.claimed, &claimed))),
            ("quit after the start", self.simulate_units(quit(self.running, &running))),
            ("cancel", self.simulate_units(actions::cancel(self.waiting, &waiting, count - 1))),
            ("drip", self.simulate_units(actions::drip(self.stream))),
            ("claim", self.simulate_units(actions::claim(world.staker.pubkey(), world.mint))),
        ]
    }

    /// What instructions cost while this many nodes wait.
    async fn measure_beside_nodes(&self, count: u32) -> Costs {
        let world = &self.world;
        fill_queue(world, Side::Nodes, count, None).await;

        vec![
            ("list", self.simulate_units(next_list(world))),
            ("work", self.simulate_units(actions::work(self.idle_node(), world.market, 1))),
        ]
    }

    /// A node with a free slot.
    fn idle_node(&self) -> Address {
        self.world.other_node.pubkey()
    }

    fn simulate_units(&self, instruction: impl Into<Instruction>) -> u64 {
        self.world.simulate(&instruction.into()).expect("it succeeds").compute_units
    }
}

/// Returns the listing of another job.
fn next_list(world: &World<Lite>) -> List {
    let client = world.client.pubkey();
    let order = batch(nonce_with_first_bump(&client, 1));
    actions::list(client, client, world.market, world.mint, order)
}

/// Lets this many jobs or nodes wait, and `last` in the last cell. The accounts of the others do
/// not exist: only their addresses are read.
async fn fill_queue(world: &World<Lite>, side: Side, count: u32, last: Option<Address>) {
    let address = pda::jobs::queue(&world.market);
    let mut account = world.chain.account(&address).await.expect("there is a queue");
    let cells = account.data.split_at_mut(QueueHeader::SIZE + 4).1.as_chunks_mut::<48>().0;
    for (place, cell) in (1_u32..).zip(&mut cells[..usize::try_from(count).expect("in range")]) {
        let waiting = last.filter(|_| place == count).unwrap_or_else(Address::new_unique);
        cell[..32].copy_from_slice(waiting.as_ref());
        cell[32..40].copy_from_slice(&terms().price_per_second.to_le_bytes());
        cell[40..44].copy_from_slice(&(place - 1).to_le_bytes());
        cell[44..].copy_from_slice(&if place == count { 0 } else { place + 1 }.to_le_bytes());
    }
    world.chain.set_account(&address, account);

    // No cell was vacated: what waited before has been overwritten.
    let header = |it: &mut QueueHeader| {
        (it.side, it.first, it.last, it.touched, it.live) = (side as u8, 1, count, count, count);
        it.vacated = 0;
    };
    world.tamper::<QueueHeader>(&address, header).await;
}

#[tokio::test]
async fn ten_thousand_that_wait_cost_no_more_than_two() {
    for row in measure_queues().await {
        row.print_row();
        let few = row.units[0];
        assert!(row.units.iter().all(|units| *units == few), "{}", row.to_json());
    }
}

#[tokio::test]
async fn the_first_that_waits_costs_hardly_less_than_others() {
    let world = World::<Lite>::new(terms()).await;
    let cost = || world.simulate(&next_list(&world).into()).expect("it succeeds").compute_units;
    let first = cost();
    fill_queue(&world, Side::Jobs, WAITING[0], None).await;
    let later = cost();

    println!("list costs {first} for the first, {later} for the others");
    assert!(first.abs_diff(later) < 50, "{first} for the first, {later} for the others");
}
