//! The lifecycle of jobs, stakes and rewards on a real bank, from every start to every end. After
//! each step the balances of the whole economy are audited: see `nosana_tests::world`.

mod clocks;
mod credits;
mod ends;
mod fairness;
mod happy;
mod income_events;
mod queue;
mod requeue;
mod rewards;
mod slashing;
mod stakes;
mod stakes_that_change;
mod streams;

use nosana_client::{
    Event,
    jobs::{accounts::Job, events::JobSettled, types::MarketTerms},
};
use nosana_protocol::job::{Reason, State};
use nosana_tests::{Bank, Executed, World};

async fn world(terms: MarketTerms) -> World<Bank> {
    World::new(terms).await
}

/// Returns a job's state, and why it was settled.
fn state_and_reason(job: &Job) -> (State, Reason) {
    (
        State::from_byte(job.state).expect("a state"),
        Reason::from_byte(job.reason).expect("a reason"),
    )
}

/// Returns the settlement in a transaction's events.
fn settlement_event(done: &Executed) -> JobSettled {
    let settled = done.events().into_iter().find_map(|event| match event {
        Event::Jobs(nosana_client::jobs::events::Event::JobSettled(settled)) => Some(settled),
        _ => None,
    });
    settled.expect("the transaction settles a job")
}
