//! `nosana job list`: the client's jobs.

use std::cmp::Reverse;

use anyhow::Result;
use clap::{Args, ValueEnum};
use nosana_client::{jobs::accounts::Job, session::Filter};
use nosana_protocol::{job::State, units::UnixTimestamp};
use serde_json::{Value, json};
use solana_address::Address;

use super::{
    command_text::find_command_text,
    cost::JobCost,
    dates::{Since, format_time},
    history::transaction_to_json,
    job_json::job_to_json,
    words::{kind_name, reason_name, state_name},
};
use crate::commands::{
    connection::ConnectionOptions,
    context::CliContext,
    values::{format_nos, print_json},
};

/// States of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StateChoice {
    /// Not settled
    Open,
    /// Waits for a node, or a node took it and has not started it
    Queued,
    /// Matched with a waiting node
    Matched,
    /// Runs on a node
    Running,
    /// Has a result within its challenge window
    Submitted,
    /// Has a result that is disputed
    Challenged,
    /// Has ended
    Settled,
}

/// Which of the client's jobs.
#[derive(Debug, Args)]
pub struct ListOptions {
    /// State of the jobs; several are separated by commas; defaults to all
    #[arg(long, value_enum, value_delimiter = ',')]
    state: Vec<StateChoice>,
    /// Begin of the period in which the jobs were listed: an age like `12h` or `7d`, or a date like
    /// `2026-11-28`, UTC
    #[arg(long, value_name = "TIME")]
    since: Option<Since>,
    /// Most jobs to list, the newest; defaults to all
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// List the paid seconds, price, pay, fee and refund of each job too
    #[arg(long)]
    cost: bool,
    /// List the transactions of each job too
    #[arg(long)]
    transactions: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// A job and what is printed about it.
struct ListedJob {
    address: Address,
    job: Job,
    cost: JobCost,
    command: Option<String>,
    transactions: Option<Vec<Value>>,
}

/// Lists the client's jobs, the newest first.
pub async fn list_jobs(options: ListOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let now = ctx.chain_time().await?;

    let mut found = fetch_jobs(&ctx, &options, now).await?;
    let limit = options.limit.map_or(usize::MAX, |limit| limit as usize);
    let left_out = found.len().saturating_sub(limit);
    found.truncate(limit);

    let mut listed = Vec::with_capacity(found.len());
    for (address, job) in found {
        listed.push(describe_job(&ctx, address, job, now, options.transactions).await?);
    }

    if options.connection.is_json() {
        let all: Vec<Value> = listed.iter().map(ListedJob::to_json).collect();
        return print_json(&all);
    }
    print_table(&ctx, &options, &listed);
    if left_out > 0 {
        eprintln!("{left_out} older job(s) are not listed; raise --limit");
    }
    Ok(())
}

/// Returns the jobs that the options select, the newest first.
async fn fetch_jobs(
    ctx: &CliContext,
    options: &ListOptions,
    now: UnixTimestamp,
) -> Result<Vec<(Address, Job)>> {
    let mut filters = vec![Filter::new(Job::CLIENT_OFFSET, ctx.address())];
    // One state is selected by the network's node, several or open ones here.
    if let [choice] = options.state[..] {
        let bytes = choice.to_state().map(|state| [state as u8]);
        filters.extend(bytes.map(|bytes| Filter::new(Job::STATE_OFFSET, bytes)));
    }

    let mut jobs = ctx.session.list_accounts::<Job>(&filters).await?;
    let since = options.since.map(|since| since.resolve(now));
    jobs.retain(|(_, job)| {
        let is_chosen =
            options.state.is_empty() || options.state.iter().any(|choice| choice.includes(job));
        is_chosen && since.is_none_or(|since| job.listed_at >= since.0)
    });

    jobs.sort_by_key(|(_, job)| Reverse((job.listed_at, job.nonce)));
    Ok(jobs)
}

async fn describe_job(
    ctx: &CliContext,
    address: Address,
    job: Job,
    now: UnixTimestamp,
    with_transactions: bool,
) -> Result<ListedJob> {
    let transactions = if with_transactions {
        let found = ctx.session.list_transactions(&address).await?;
        Some(found.iter().map(transaction_to_json).collect())
    } else {
        None
    };

    let cost = JobCost::compute(&job, now)?;
    let command = find_command_text(&ctx.local_store(&job)?, &job);
    Ok(ListedJob { address, job, cost, command, transactions })
}

fn print_table(ctx: &CliContext, options: &ListOptions, listed: &[ListedJob]) {
    if listed.is_empty() {
        let is_filtered = !options.state.is_empty() || options.since.is_some();
        let advice = if is_filtered {
            "that --state and --since select"
        } else {
            "on this network: `nosana job embed TEXT` lists one"
        };
        println!("{} has no jobs {advice}", ctx.address());
        return;
    }

    println!(
        "{:<19}  {:<44}  {:<8}  {:<18}  {:>14}  command",
        "listed", "job", "kind", "state", "cost"
    );
    for job in listed {
        println!("{}", job.to_row());
        if options.cost {
            println!("{:<19}  {}", "", job.cost.describe_parts());
        }
        for transaction in job.transactions.iter().flatten() {
            println!("{:<19}  {}", "", transaction["signature"].as_str().unwrap_or_default());
        }
    }
}

impl StateChoice {
    /// The state; `None` if the choice includes several.
    const fn to_state(self) -> Option<State> {
        match self {
            Self::Open => None,
            Self::Queued => Some(State::Queued),
            Self::Matched => Some(State::Matched),
            Self::Running => Some(State::Running),
            Self::Submitted => Some(State::Submitted),
            Self::Challenged => Some(State::Challenged),
            Self::Settled => Some(State::Settled),
        }
    }

    fn includes(self, job: &Job) -> bool {
        let is_settled = job.state == State::Settled as u8;
        self.to_state().map_or(!is_settled, |state| job.state == state as u8)
    }
}

impl ListedJob {
    fn to_row(&self) -> String {
        // A settled job is described by the reason for which it was settled.
        let state = if self.cost.is_final { reason_name(&self.job) } else { state_name(&self.job) };

        format!(
            "{:<19}  {:<44}  {:<8}  {state:<18}  {:>14}  {}",
            format_time(self.job.listed_at),
            self.address.to_string(),
            kind_name(&self.job),
            format_nos(self.cost.total()),
            self.command.as_deref().unwrap_or("-")
        )
    }

    fn to_json(&self) -> Value {
        let mut value = job_to_json(&self.address, &self.job, &self.cost);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("command".to_owned(), json!(self.command));
            if let Some(transactions) = &self.transactions {
                fields.insert("transactions".to_owned(), json!(transactions));
            }
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    #[test]
    fn each_state_is_chosen_and_open_means_unsettled() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let job = Job::from_data(&zeroed).unwrap();
        for state in (0..=5).map(|byte| State::from_byte(byte).unwrap()) {
            let job = Job { state: state as u8, ..job };
            let chosen: Vec<_> = StateChoice::value_variants()
                .iter()
                .filter(|choice| **choice != StateChoice::Open && choice.includes(&job))
                .map(|choice| choice.to_state().unwrap())
                .collect();
            assert_eq!(chosen, [state]);
            assert_eq!(StateChoice::Open.includes(&job), state != State::Settled);
        }
    }
}
