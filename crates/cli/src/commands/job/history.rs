//! The history of a job: the transactions that name it.

use anyhow::Result;
use nosana_client::{
    jobs::instructions::Heartbeat,
    session::{PastTransaction, TransactionDetails},
};
use serde_json::{Value, json};
use solana_address::Address;

use super::{
    dates::format_known_time,
    returns::{JobReturn, find_returns},
};
use crate::commands::context::CliContext;

/// Transactions whose details are read from each end of the history: those between are heartbeats,
/// or one of very many attempts.
const MAX_DETAILS_PER_END: usize = 32;

/// The transactions that name a job.
#[derive(Clone, Debug, Default)]
pub struct JobHistory {
    /// All of them, the oldest first.
    pub transactions: Vec<PastTransaction>,
    /// What they did; a long history lacks those in the middle.
    details: Vec<TransactionDetails>,
}

impl JobHistory {
    /// Reads the history of a job. Nodes of the network delete old transactions, so it may be
    /// incomplete.
    pub async fn fetch(ctx: &CliContext, address: &Address) -> Result<Self> {
        let transactions = ctx.session.list_transactions(address).await?;

        let last = transactions.len().saturating_sub(MAX_DETAILS_PER_END);
        let detailed: Vec<_> = transactions
            .iter()
            .enumerate()
            .filter(|(index, _)| *index < MAX_DETAILS_PER_END || *index >= last)
            .map(|(_, transaction)| *transaction)
            .collect();
        let details = ctx.session.fetch_transactions(address, &detailed).await?;
        Ok(Self { transactions, details })
    }

    /// Reads the history of a job; `None`, with a warning, if the network's node does not return
    /// it.
    pub async fn find(ctx: &CliContext, address: &Address) -> Option<Self> {
        let fetched = Self::fetch(ctx, address).await;
        fetched
            .inspect_err(|error| tracing::warn!("cannot list the job's transactions: {error:#}"))
            .ok()
    }

    /// How nodes gave the job back, the oldest first.
    pub fn find_returns(&self, job: &Address) -> Vec<JobReturn> {
        find_returns(job, &self.details)
    }

    /// One line for each transaction; heartbeats are counted instead.
    pub fn to_lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        for details in self.details.iter().filter(|details| !is_heartbeat(details)) {
            let at = format_known_time(details.transaction.at);
            let name = describe_instructions(details);
            lines.push((
                "transaction",
                format!("{at}  {name:<12} {}", details.transaction.signature),
            ));
        }

        let others = self.transactions.len().saturating_sub(lines.len());
        if others > 0 {
            lines.push(("transaction", format!("and {others} more, such as heartbeats")));
        }
        lines
    }

    /// All transactions in JSON.
    pub fn to_json(&self) -> Value {
        let to_json = |transaction: &PastTransaction| {
            let known = self.details.iter().find(|details| details.transaction == *transaction);
            let mut value = transaction_to_json(transaction);
            value["instructions"] = json!(known.map(|details| &details.instructions));
            value
        };
        self.transactions.iter().map(to_json).collect()
    }
}

/// Prints the transactions of a job that has ended to standard error, beside its cost. Returns its
/// history, as [`JobHistory::find`] does.
pub async fn report_transactions(ctx: &CliContext, address: &Address) -> Option<JobHistory> {
    let history = JobHistory::find(ctx, address).await?;

    for (name, line) in history.to_lines() {
        eprintln!("{name}  {line}");
    }
    Some(history)
}

/// The transactions of a job in JSON; null if the network's node does not return them.
pub fn transactions_to_json(history: Option<&JobHistory>) -> Value {
    history.map_or(Value::Null, JobHistory::to_json)
}

/// A transaction in JSON, without its instructions.
pub fn transaction_to_json(transaction: &PastTransaction) -> Value {
    json!({ "signature": transaction.signature.to_string(), "at": transaction.at })
}

/// Whether the transaction only proved that the run is alive.
fn is_heartbeat(details: &TransactionDetails) -> bool {
    !details.instructions.is_empty()
        && details.instructions.iter().all(|name| *name == Heartbeat::NAME)
}

fn describe_instructions(details: &TransactionDetails) -> String {
    if details.instructions.is_empty() { "-".to_owned() } else { details.instructions.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heartbeats_are_counted_and_the_others_listed() {
        let names: [&[&'static str]; 4] = [&["list"], &["heartbeat"], &["heartbeat"], &["stop"]];
        let detail = |(slot, names): (u64, &[&'static str])| TransactionDetails {
            transaction: PastTransaction { signature: Default::default(), slot, at: Some(0) },
            payer: Address::default(),
            instructions: names.to_vec(),
            events: Vec::new(),
        };
        let mut details: Vec<_> = (0..).zip(names).map(detail).collect();
        let transactions = details.iter().map(|details| details.transaction).collect();
        // A node that deletes old transactions may not have all details.
        details.remove(1);
        let history = JobHistory { transactions, details };

        let lines: Vec<_> = history.to_lines().into_iter().map(|(_, line)| line).collect();
        assert!(lines[0].starts_with("1970-01-01 00:00:00  list "), "{lines:?}");
        assert!(lines[1].contains("  stop "), "{lines:?}");
        assert_eq!(lines[2..], ["and 2 more, such as heartbeats"]);

        let all = history.to_json();
        assert_eq!(all[0]["instructions"], json!(["list"]));
        assert_eq!(all[1]["instructions"], Value::Null);
        assert_eq!(all.as_array().unwrap().len(), 4);
    }
}
