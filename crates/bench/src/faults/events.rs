//! The events of the jobs program, as the trial receives them: they say when something happened.

use std::sync::{Arc, Mutex, PoisonError};

use nosana_client::{
    Event,
    jobs::{self, events::Event as JobsEvent},
};
use nosana_localnet::World;
use tokio::task::JoinHandle;

use crate::wait::Stopwatch;

/// An event, and when it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedEvent {
    /// Milliseconds of the trial's clock.
    pub at_ms: u64,
    /// The event.
    pub event: JobsEvent,
}

/// Receives events until it is dropped. Some are missed while the websocket is opened again, so
/// nothing is counted by them.
pub struct EventReceiver {
    events: Arc<Mutex<Vec<ReceivedEvent>>>,
    task: JoinHandle<()>,
}

impl EventReceiver {
    /// Subscribes to the program's transactions.
    pub fn subscribe(world: &World, watch: Stopwatch) -> Self {
        let events: Arc<Mutex<Vec<ReceivedEvent>>> = Arc::default();
        let kept = Arc::clone(&events);
        let mut transactions = world.session.subscribe_logs(jobs::ID);

        let task = tokio::spawn(async move {
            while let Some(transaction) = transactions.next().await {
                let at_ms = watch.elapsed_ms();
                let received = transaction.events.into_iter().filter_map(|event| match event {
                    Event::Jobs(event) => Some(ReceivedEvent { at_ms, event }),
                    Event::Staking(_) | Event::Rewards(_) => None,
                });
                kept.lock().unwrap_or_else(PoisonError::into_inner).extend(received);
            }
        });
        Self { events, task }
    }

    /// Returns what was received so far.
    pub fn list_events(&self) -> Vec<ReceivedEvent> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for EventReceiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}
