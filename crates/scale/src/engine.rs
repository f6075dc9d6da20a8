//! The markets as models of `nexosim`, which runs their events in the order of their times.
//!
//! A market is one model, and not each node: 100,000 mailboxes would cost more than their events.
//! All markets send to one chain. They run in one thread, so that the same seed gives the same
//! result.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use nexosim::{
    model::{BuildContext, Context, Model, ProtoModel, schedulable},
    simulation::{Mailbox, SimInit},
    time::MonotonicTime,
};
use serde::{Deserialize, Serialize};

use crate::{
    chain::Chain,
    event::{Event, Moment},
    fault::Fault,
    market::Market,
    outcome::Outcome,
    record::Record,
    scenario::Scenario,
    time::{Nanos, from_seconds},
};

/// Nearly all jobs have started if at most one of so many has not.
const UNSTARTED_DIVISOR: u64 = 1_000;
/// Steps in which the time after the measured one is simulated.
const DRAIN_STEPS: u32 = 50;

/// All markets, and the chain.
struct MarketSet {
    chain: Chain,
    markets: Vec<Market>,
}

/// A market in the engine. Its state is in the [`MarketSet`]: the engine need not store it.
#[derive(Serialize, Deserialize)]
struct MarketModel;

/// The place of a market among all, and room for the events that follow from one.
struct Place {
    market: usize,
    shared: Arc<Mutex<MarketSet>>,
    next: Vec<(Nanos, Event)>,
}

/// A market that the engine does not have yet.
struct MarketPrototype(Place);

impl MarketSet {
    fn new(scenario: &Scenario) -> Self {
        let (from, to) = scenario.window();
        let chain = Chain::new(scenario.limits, &scenario.costs, scenario.markets, from, to);
        let markets = (0..scenario.markets).map(|number| Market::new(scenario, number)).collect();
        Self { chain, markets }
    }

    /// Returns true if nearly all jobs that were listed in the measured time have started.
    fn have_started(&self) -> bool {
        let records = self.markets.iter().map(|market| &market.record);
        let listed: u64 = records.clone().map(|record| record.listed).sum();
        let unstarted: u64 = records.map(Record::count_unstarted).sum();
        unstarted * UNSTARTED_DIVISOR <= listed
    }

    /// Begins a market, or lets something happen in it. Adds what follows to `next`.
    fn advance_market(
        &mut self,
        market: usize,
        now: Nanos,
        event: Option<Event>,
        next: &mut Vec<(Nanos, Event)>,
    ) {
        let mut moment = Moment { now, chain: &mut self.chain, next, market };
        match event {
            None => self.markets[market].begin(&mut moment),
            Some(event) => self.markets[market].handle(event, &mut moment),
        }
    }
}

impl ProtoModel for MarketPrototype {
    type Model = MarketModel;

    fn build(self, _: &mut BuildContext<Self>) -> (MarketModel, Place) {
        (MarketModel, self.0)
    }
}

#[Model(type Env=Place)]
impl MarketModel {
    #[nexosim(init)]
    async fn begin(&mut self, context: &Context<Self>, place: &mut Place) {
        Self::pass_event(None, context, place);
    }

    #[nexosim(schedulable)]
    fn handle(&mut self, event: Event, context: &Context<Self>, place: &mut Place) {
        Self::pass_event(Some(event), context, place);
    }

    /// Lets something happen, and schedules what follows.
    fn pass_event(event: Option<Event>, context: &Context<Self>, place: &mut Place) {
        let now = context.time().duration_since(MonotonicTime::EPOCH).as_nanos() as Nanos;
        lock_markets(&place.shared).advance_market(place.market, now, event, &mut place.next);

        for (time, event) in place.next.drain(..) {
            let time = MonotonicTime::EPOCH + Duration::from_nanos(time.max(now + 1));
            // The engine refuses only times that are not after the current one.
            let _ = context.schedule_event(time, schedulable!(Self::handle), event);
        }
    }
}

fn lock_markets(shared: &Mutex<MarketSet>) -> MutexGuard<'_, MarketSet> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Simulates markets.
///
/// # Errors
/// If the scenario makes no sense, or the engine stops.
pub fn simulate(scenario: &Scenario) -> Result<Outcome, Fault> {
    scenario.check()?;
    let shared = Arc::new(Mutex::new(MarketSet::new(scenario)));

    let mut bench = SimInit::with_num_threads(1);
    for market in 0..scenario.markets {
        let place = Place { market, shared: Arc::clone(&shared), next: Vec::new() };
        let name = format!("market {market}");
        bench = bench.add_model(MarketPrototype(place), Mailbox::new(), &name);
    }
    let begun = bench.init(MonotonicTime::EPOCH);
    let mut simulation = begun.map_err(|error| Fault::Engine(error.to_string()))?;

    let (_, end) = scenario.window();
    let step = Duration::from_nanos(from_seconds(scenario.drain_seconds)) / DRAIN_STEPS;
    let drain = std::iter::repeat_n(step, DRAIN_STEPS as usize).take_while(|_| !step.is_zero());
    for duration in std::iter::once(Duration::from_nanos(end)).chain(drain) {
        simulation.step_until(duration).map_err(|error| Fault::Engine(error.to_string()))?;
        if lock_markets(&shared).have_started() {
            break;
        }
    }
    drop(simulation);

    let shared = lock_markets(&shared);
    let records: Vec<&Record> = shared.markets.iter().map(|market| &market.record).collect();
    Ok(Outcome::of_records(scenario, &records, &shared.chain.measured))
}
