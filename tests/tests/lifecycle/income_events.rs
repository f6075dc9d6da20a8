//! What waits in the reward pool, rebuilt from the events alone.

use nosana_client::{
    Event,
    actions::{self, Emission},
    rewards::events::Event as RewardsEvent,
};
use nosana_tests::{
    Bank, Executed, World,
    terms::{EPOCH, NOS, START, terms},
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::world;

/// What an observer knows who reads the events only. Something is staked all the time, so income
/// returns only with an event.
struct Observer {
    world: World<Bank>,
    epoch: u64,
    pending: u64,
    /// The names of the events that added to `pending`, in order.
    seen: Vec<&'static str>,
}

impl Observer {
    /// Sends an instruction of the rewards program, and compares what waits with the pool.
    async fn follow(&mut self, instruction: impl Into<Instruction>, signers: &[&Keypair]) {
        let done = self.world.run(instruction, signers).await;
        self.read_events(&done);
        assert_eq!(self.world.pool().await.pending, self.pending, "{:?}", self.seen);
    }

    fn read_events(&mut self, done: &Executed) {
        let seconds = self.world.now() - START;
        let epoch = u64::try_from(seconds).expect("after the start") / EPOCH;
        if epoch > self.epoch {
            self.pending = 0;
        }
        self.epoch = epoch;

        for event in done.events() {
            let (name, amount) = match event {
                Event::Rewards(RewardsEvent::Funded(event)) => ("funded", event.amount),
                Event::Rewards(RewardsEvent::IncomeCounted(event)) => ("counted", event.amount),
                Event::Rewards(RewardsEvent::StreamDripped(event)) => ("dripped", event.amount),
                Event::Rewards(RewardsEvent::IncomeReturned(event)) => {
                    assert_eq!(event.pending, self.pending + event.amount);
                    ("returned", event.amount)
                }
                _ => continue,
            };
            self.seen.push(name);
            self.pending += amount;
        }
    }
}

#[tokio::test]
async fn what_waits_is_the_sum_of_the_events() {
    let world = world(terms()).await;
    let mut observer = Observer { world, epoch: 0, pending: 0, seen: Vec::new() };
    let client = observer.world.client.insecure_clone();
    let staker = observer.world.staker.insecure_clone();
    let mint = observer.world.mint;
    let emission = Emission {
        id: 1,
        amount: 70 * NOS,
        start: START,
        end: START + 7 * EPOCH as i64,
        cancellable: true,
    };
    let open = actions::open_stream(client.pubkey(), mint, emission);
    let stream = open.stream;
    observer.follow(open, &[&client]).await;
    observer.follow(actions::fund(client.pubkey(), mint, 30 * NOS), &[&client]).await;

    observer.world.advance_clock(EPOCH / 2);
    observer.follow(actions::drip(stream), &[]).await;
    assert_eq!(observer.pending, 35 * NOS);

    // One of three equal weights leaves in the middle of the epoch that pays.
    observer.world.advance_clock(EPOCH);
    observer.follow(actions::sync(staker.pubkey()), &[]).await;
    observer.follow(actions::unstake_unsettled(staker.pubkey()), &[&staker]).await;
    observer.world.advance_clock(EPOCH / 4);
    observer.follow(actions::sync(staker.pubkey()), &[]).await;
    assert!(observer.pending > 2 * NOS, "{}", observer.pending);

    let close = actions::close_stream(client.pubkey(), client.pubkey(), mint, 1);
    observer.follow(close, &[&client]).await;
    assert_eq!(observer.seen, ["funded", "dripped", "returned", "dripped"]);

    observer.world.advance_clock(EPOCH);
    observer.follow(actions::sync(staker.pubkey()), &[]).await;
    assert_eq!(observer.pending, 0, "the next epoch has begun");
}
