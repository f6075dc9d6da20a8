//! Prints the events of the jobs program as they happen.
//!
//! ```sh
//! cargo run -p nosana-client --example watch_events -- \
//!     http://127.0.0.1:8899 ws://127.0.0.1:8900 JobSettled
//! ```
//!
//! The last argument is optional: the program ends with the first event of that name. Events are
//! missed while the websocket is being opened again; [`Session::list_transactions`] finds past ones.

use std::env;

use anyhow::{Result, bail};
use nosana_client::{Event, Session, jobs};

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (rpc_url, websocket_url, last) = match arguments.as_slice() {
        [rpc_url, websocket_url] => (rpc_url, websocket_url, None),
        [rpc_url, websocket_url, last] => (rpc_url, websocket_url, Some(last)),
        _ => bail!("usage: watch_events RPC_URL WEBSOCKET_URL [EVENT]"),
    };

    let session = Session::connect(rpc_url, websocket_url).await?;
    let mut transactions = session.subscribe_logs(jobs::ID);

    while let Some(transaction) = transactions.next().await {
        for event in &transaction.events {
            println!("slot {}: {}", transaction.slot, describe_event(event));
            if last.is_some_and(|last| last == event.name()) {
                return Ok(());
            }
        }
    }
    bail!("the subscription ended")
}

/// Describes an event. A program decides here what it acts on: the fields have the IDL's names.
fn describe_event(event: &Event) -> String {
    match event {
        Event::Jobs(jobs::events::Event::JobListed(listed)) => {
            format!("job {} was listed for {} s", listed.job, listed.timeout_seconds)
        }
        Event::Jobs(jobs::events::Event::JobSettled(settled)) => format!(
            "job {} was settled: {} to its node, {} back to its payer",
            settled.job, settled.node_amount, settled.payer_amount
        ),
        other => other.name().to_owned(),
    }
}
