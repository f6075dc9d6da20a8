//! `nosana job clean`: close settled jobs.

use anyhow::{Error, Result, bail, ensure};
use clap::Args;
use nosana_client::{
    actions,
    due::{self, Due},
    jobs::accounts::Job,
    session::Filter,
};
use nosana_protocol::units::UnixTimestamp;
use serde_json::{Value, json};
use solana_address::Address;
use solana_instruction::Instruction;

use super::{
    command_text::find_command_text,
    dates::{Age, format_time},
    words::reason_name,
};
use crate::{
    commands::{
        connection::ConnectionOptions,
        context::CliContext,
        values::{parse_address, print_json},
    },
    confirm::ensure_confirmed,
};

/// The most jobs that one transaction closes: more of them do not fit into a packet.
const JOBS_PER_TRANSACTION: usize = 16;

/// The jobs to close.
#[derive(Debug, Args)]
pub struct CleanOptions {
    /// Addresses of the jobs; defaults to all that you paid for
    #[arg(value_parser = parse_address)]
    jobs: Vec<Address>,
    /// Least time since the jobs were settled, like `12h` or `7d`
    #[arg(long, value_name = "AGE", conflicts_with = "jobs")]
    older_than: Option<Age>,
    /// Print the jobs that would be closed, and close none
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before closing all jobs
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// What became of the jobs.
#[derive(Default)]
struct Outcome {
    closed: Vec<Address>,
    /// The signatures of the transactions.
    signatures: Vec<String>,
    /// The first error of each job that was not closed.
    failed: Vec<(Address, Error)>,
}

/// Closes settled jobs. The rent goes to their payers.
pub async fn clean_jobs(options: CleanOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let jobs = if options.jobs.is_empty() {
        find_cleanable(&ctx, options.older_than).await?
    } else {
        fetch_named(&ctx, &options.jobs).await?
    };

    if options.dry_run {
        return print_candidates(&ctx, &jobs, options.connection.is_json());
    }
    if options.jobs.is_empty() && !jobs.is_empty() {
        let question = format!(
            "Close {} jobs? Their results can no longer be found by their addresses.",
            jobs.len()
        );
        ensure_confirmed(&question, options.yes)?;
    }

    let outcome = close_jobs(&ctx, &jobs).await;
    let closed: Vec<_> = outcome.closed.iter().map(Address::to_string).collect();
    if options.connection.is_json() {
        print_json(&json!({ "closed": closed, "signatures": outcome.signatures }))?;
    } else {
        println!("{} jobs closed; their rent went back to their payers", closed.len());
    }
    outcome.report_failures()
}

/// Returns the jobs that the user paid for and that can be closed, the oldest first.
async fn find_cleanable(ctx: &CliContext, older_than: Option<Age>) -> Result<Vec<(Address, Job)>> {
    let now = ctx.chain_time().await?;
    let filter = Filter::new(Job::PAYER_OFFSET, ctx.address());

    let mut jobs = ctx.session.list_accounts::<Job>(&[filter]).await?;
    jobs.retain(|(_, job)| is_cleanable(job, older_than, now));
    jobs.sort_by_key(|(_, job)| (job.settled_at, job.nonce));
    Ok(jobs)
}

fn is_cleanable(job: &Job, older_than: Option<Age>, now: UnixTimestamp) -> bool {
    let is_old = older_than
        .is_none_or(|Age(seconds)| now.seconds_since(UnixTimestamp(job.settled_at)).0 >= seconds);
    is_old && due::find_due(job, now) == Ok(Some(Due::Clean))
}

/// Returns the named jobs. Fails if one of them cannot be closed yet.
async fn fetch_named(ctx: &CliContext, addresses: &[Address]) -> Result<Vec<(Address, Job)>> {
    let mut named: Vec<(Address, Job)> = Vec::with_capacity(addresses.len());

    for &address in addresses {
        if named.iter().any(|(other, _)| *other == address) {
            continue;
        }
        let job = ctx.fetch_job(&address).await?;
        ensure!(
            job.payer_credit == 0,
            "the job {address} still owes you a refund; \
             collect it with `nosana job collect {address}` first"
        );
        named.push((address, job));
    }
    Ok(named)
}

fn print_candidates(ctx: &CliContext, jobs: &[(Address, Job)], as_json: bool) -> Result<()> {
    if as_json {
        let to_json = |(address, job): &(Address, Job)| -> Value {
            json!({ "job": address.to_string(), "settled_at": job.settled_at })
        };
        let candidates: Vec<_> = jobs.iter().map(to_json).collect();
        return print_json(&json!({ "closed": [], "would_close": candidates }));
    }

    for (address, job) in jobs {
        let command = find_command_text(&ctx.local_store(job)?, job);
        let command = command.unwrap_or_else(|| "-".to_owned());
        let settled = format_time(job.settled_at);
        println!("{settled}  {address}  {:<18}  {command}", reason_name(job));
    }
    println!("{} jobs would be closed", jobs.len());
    Ok(())
}

/// Closes the jobs, several in each transaction.
async fn close_jobs(ctx: &CliContext, jobs: &[(Address, Job)]) -> Outcome {
    let mut outcome = Outcome::default();

    // The batches that are left, the next one last.
    let mut batches: Vec<&[(Address, Job)]> = jobs.chunks(JOBS_PER_TRANSACTION).rev().collect();
    while let Some(batch) = batches.pop() {
        let instructions: Vec<Instruction> =
            batch.iter().map(|(address, job)| actions::clean(*address, job).into()).collect();

        match (ctx.send_all(&instructions).await, batch) {
            (Ok(receipt), _) => {
                outcome.signatures.push(receipt.signature.to_string());
                outcome.closed.extend(batch.iter().map(|(address, _)| *address));
            }
            (Err(error), [(address, _)]) => outcome.failed.push((*address, error)),
            // One job fails the whole transaction, as does a packet that is too large because of
            // many payers.
            (Err(_), _) => {
                let (first, second) = batch.split_at(batch.len() / 2);
                batches.extend([second, first]);
            }
        }
    }
    outcome
}

impl Outcome {
    /// Fails if a job was not closed.
    fn report_failures(self) -> Result<()> {
        let count = self.failed.len();
        let Some((address, error)) = self.failed.into_iter().next() else { return Ok(()) };

        if count == 1 {
            return Err(error.context(format!("cannot close the job {address}")));
        }
        bail!("cannot close {count} jobs, the first of them {address}: {error:#}")
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;
    use nosana_protocol::job::State;

    use super::*;

    #[test]
    fn a_job_is_closed_after_its_retention_and_the_requested_age() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let settled = Job {
            state: State::Settled as u8,
            settled_at: 1_000,
            retention_seconds: 60,
            ..Job::from_data(&zeroed).unwrap()
        };
        let is_due = |job: &Job, age, now| is_cleanable(job, age, UnixTimestamp(now));

        assert!(!is_due(&settled, None, 1_059) && is_due(&settled, None, 1_060));
        assert!(!is_due(&settled, Some(Age(100)), 1_099));
        assert!(is_due(&settled, Some(Age(100)), 1_100));
        assert!(!is_due(&settled, Some(Age(0)), 1_059), "an age does not shorten the retention");
        assert!(!is_due(&Job { payer_credit: 1, ..settled }, None, 9_999));
        assert!(!is_due(&Job { state: State::Running as u8, ..settled }, None, 9_999));
    }
}
