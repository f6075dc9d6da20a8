//! Markets, their vaults and queues.

use nosana_client::{Queue, jobs::accounts::Market};
use nosana_protocol::{dispute::phase::Phase, queue::Side};
use nosana_tests::Chain;
use solana_address::Address;

use super::{Difference, compare_values};
use crate::{
    actors::{DEPLOYER, NOTICES},
    fixture::Fixture,
    model::{Model, NO_TERMS, Waiter},
};

impl Fixture {
    pub(super) async fn compare_market(&self, model: &Model, number: usize) -> Difference {
        let expected = model.markets[number].as_ref();
        let actual = self.found::<Market>(&self.markets[number], expected.is_some()).await?;
        let vault = self.balance_of(&self.vaults[number]).await;
        let (Some(expected), Some(actual)) = (expected, actual) else {
            let queue = self.world.chain.account(&self.queues[number]).await;
            return compare_values(
                "what is left of a closed market",
                &(vault, queue),
                &(None, None),
            );
        };
        let (announced, announced_from) = expected.announced.unwrap_or((NO_TERMS, 0));
        let market = Market {
            creator: self.wallets[DEPLOYER],
            authority: self.wallets[DEPLOYER],
            pending_authority: Address::default(),
            queue: self.queues[number],
            vault: self.vaults[number],
            terms: expected.terms,
            announced,
            announced_from,
            collection_since: expected.collection_since,
            terms_revision: expected.revision,
            id: number as u64,
            deposit: expected.deposit,
            notice_seconds: NOTICES[number],
            retired: expected.retired.into(),
            version: actual.version,
            bump: actual.bump,
            padding: [0; 1],
            reserved: [0; 20],
        };
        compare_values(&format!("market {number}"), &actual, &market)?;
        compare_values(
            &format!("the vault of market {number}"),
            &vault,
            &Some(model.vault(number)),
        )?;

        let data = self
            .world
            .chain
            .account(&self.queues[number])
            .await
            .map(|account| account.data)
            .unwrap_or_default();
        let queue = Queue::decode(&data)
            .map_err(|error| format!("the queue of market {number}: {error}"))?;

        let waiting: Vec<(Address, u64)> =
            queue.waiting.iter().map(|place| (place.address, place.price_per_second)).collect();
        let places: Vec<(Address, u64)> =
            expected.queue.iter().map(|place| (self.address_of(place.who), place.price)).collect();
        compare_values(&format!("who waits in market {number}"), &waiting, &places)?;

        let side = match expected.queue.front().map(|place| place.who) {
            None => Side::Empty,
            Some(Waiter::Job(_)) => Side::Jobs,
            Some(Waiter::Node(_)) => Side::Nodes,
        };

        let numbers =
            (queue.header.fees_accrued, queue.header.credits_owed, queue.header.jobs_listed);
        let wanted = (expected.fees, expected.credits, expected.listed);
        compare_values(
            &format!("fees, credits and jobs so far of market {number}"),
            &numbers,
            &wanted,
        )?;

        let rest =
            (queue.header.market, queue.header.open_jobs, queue.fifo.side, queue.capacity as usize);
        let wanted = (self.markets[number], expected.open, side, expected.cells);
        compare_values(&format!("open jobs, side and cells of market {number}"), &rest, &wanted)?;

        let resolved = model.disputes.values().filter(|dispute| {
            dispute.market == number && dispute.progress.phase == Phase::Resolved
        });
        let disputes = resolved.count() as u64;
        compare_values(
            &format!("resolved disputes of market {number}"),
            &queue.header.open_disputes,
            &disputes,
        )
    }

    const fn address_of(&self, who: Waiter) -> Address {
        match who {
            Waiter::Job(job) => self.jobs[job],
            Waiter::Node(node) => self.nodes[node],
        }
    }
}
