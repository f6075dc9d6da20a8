//! Where a node says that it is reached, and whether it answers there.

use nosana_client::jobs::accounts::Node;
use nosana_net::directory::{NodeEntry, read_endpoint};
use serde_json::{Value, json};
use solana_address::Address;

use crate::commands::context::CliContext;

/// How a node is reached.
pub enum Reachability {
    /// It has announced nothing: content travels by folders and IPFS nodes.
    NotAnnounced,
    /// It has announced something that is not an address.
    NotValid(String),
    /// It has announced this address.
    Announced {
        /// As text.
        address: String,
        /// The milliseconds after which it answered, or why it did not.
        answer: Result<u128, String>,
    },
}

impl Reachability {
    /// Reads the node's address and connects to it.
    pub async fn probe(ctx: &CliContext, node: Address, account: &Node) -> Self {
        let address = match read_endpoint(&account.endpoint) {
            Ok(None) => return Self::NotAnnounced,
            Err(error) => return Self::NotValid(error.to_string()),
            Ok(Some(address)) => address,
        };

        let text = address.to_string();
        let entry = NodeEntry { node, address };
        let answer = match ctx.network.exchange().await {
            Ok(exchange) => exchange.probe_node(&entry).await.map_err(|error| error.to_string()),
            Err(error) => Err(format!("{error:#}")),
        };
        Self::Announced { address: text, answer: answer.map(|elapsed| elapsed.as_millis()) }
    }

    /// As a line of the status.
    pub fn describe(&self) -> String {
        match self {
            Self::NotAnnounced => "nowhere: the node has announced no endpoint".to_owned(),
            Self::NotValid(problem) => format!("nowhere: its account names no address: {problem}"),
            Self::Announced { address, answer: Ok(millis) } => {
                format!("{address}; answers in {millis} ms")
            }
            Self::Announced { address, answer: Err(problem) } => {
                format!("{address}; does not answer: {problem}")
            }
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::NotAnnounced => Value::Null,
            Self::NotValid(problem) => json!({ "problem": problem }),
            Self::Announced { address, answer } => json!({
                "address": address,
                "answers": answer.is_ok(),
                "problem": answer.as_ref().err(),
            }),
        }
    }
}
