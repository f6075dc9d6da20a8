//! The life of jobs, stakes and rewards on a real bank, from every beginning to every end. After
//! each step the books of the whole economy are audited: see `nosana_tests::world`.

mod clocks;
mod credits;
mod ends;
mod fairness;
mod happy;
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
use nosana_tests::{Bank, Done, World};

async fn world(terms: MarketTerms) -> World<Bank> {
    World::new(terms).await
}

/// Where a job stands, and why it was settled.
fn standing(job: &Job) -> (State, Reason) {
    (
        State::from_byte(job.state).expect("a state"),
        Reason::from_byte(job.reason).expect("a reason"),
    )
}

/// The settlement in a transaction's events.
fn settlement(done: &Done) -> JobSettled {
    let settled = done.events().into_iter().find_map(|event| match event {
        Event::Jobs(nosana_client::jobs::events::Event::JobSettled(settled)) => Some(settled),
        _ => None,
    });
    settled.expect("the transaction settles a job")
}
