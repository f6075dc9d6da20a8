//! Waiting for a job: a line for each stage, and its outputs once their hashes are checked.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, FinishReason, GenerationOutput, JobDefinition, JobResult};
use nosana_protocol::job::{Reason, State};
use serde_json::{Value, json};
use solana_address::Address;
use tokio::time::Instant;

use super::{
    connection::Open,
    logs,
    show::{reason, state},
    terminal::for_terminal,
};
use crate::shutdown;

/// How long a job may be in the queue before its client is told what that may mean.
const LONG: Duration = Duration::from_secs(30);
const QUEUED_LONG: &str =
    "no node has started it for 30 s: all are busy, or none can run what it asks for";

/// The largest definition or result that is read.
const MAX_BYTES: u64 = 16 << 20;

/// Follows the job to its end, then prints what it produced.
pub async fn for_result(open: &Open, address: Address, as_json: bool) -> Result<()> {
    let job = completed(open, address).await?;
    let outputs = outputs(open, &job)?;
    if as_json {
        let all = json!({ "job": address.to_string(), "result": ContentId::from_digest(left(&job)).to_string(), "outputs": outputs });
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        let (definition, _) = answer(open, &job)?;
        let mut succeeded = true;
        let logged =
            |id: &str| definition.ops.iter().any(|it| it.id() == id && logs::steps(it).is_some());
        if definition.ops.iter().any(|it| logs::steps(it).is_some()) {
            succeeded = logs::show(open, address, &job, None, false)?;
        }
        for (operation, output) in
            outputs.as_object().into_iter().flatten().filter(|(id, _)| !logged(id))
        {
            print(operation, output);
        }
        ensure!(
            succeeded,
            "a command failed on the node; `nosana job logs {address}` prints this again"
        );
    }
    Ok(())
}

/// Prints one output: answers as text, everything else as JSON.
fn print(operation: &str, output: &Value) {
    let Ok(GenerationOutput { generations }) = serde_json::from_value(output.clone()) else {
        println!(
            "{operation}: {}",
            String::from_utf8_lossy(&for_terminal(output.to_string().as_bytes()))
        );
        return;
    };
    for answer in generations {
        // A model's words are a stranger's: they may not move the cursor.
        println!("{}", String::from_utf8_lossy(&for_terminal(answer.text.as_bytes())));
        let tokens = answer.token_ids.len();
        match answer.finish_reason {
            FinishReason::Stop => {}
            FinishReason::Length => {
                eprintln!("(cut off after {tokens} tokens: ask for more with --max-tokens)")
            }
            FinishReason::Time => {
                eprintln!(
                    "(the job's time was over after {tokens} tokens: give it more with --timeout)"
                )
            }
        }
    }
}

/// Follows the job to its end, which must be a result.
pub(super) async fn completed(open: &Open, address: Address) -> Result<Job> {
    let job = follow(open, address).await?;
    check_completed(&job)?;
    Ok(job)
}

/// Whether the job, which is settled, has a result.
pub(super) fn check_completed(job: &Job) -> Result<()> {
    if Reason::from_byte(job.reason) != Some(Reason::Completed) {
        bail!("the job ended without a result: {}; what no node earned came back", reason(job));
    }
    Ok(())
}

/// Returns when the job is settled, and tells each stage on the way.
async fn follow(open: &Open, address: Address) -> Result<Job> {
    each_update(open, address, async |_| Ok(())).await
}

/// The same, and calls `look` with each state that is told.
pub(super) async fn each_update(
    open: &Open,
    address: Address,
    look: impl AsyncFn(&Job) -> Result<()>,
) -> Result<Job> {
    let mut updates = open.session.subscribe_account::<Job>(address);
    let mut told: Option<(u8, Address, String)> = None;
    let mut queued = std::pin::pin!(tokio::time::sleep(LONG));
    let mut advised = false;
    let mut interrupted = std::pin::pin!(shutdown::requested());
    loop {
        let update = tokio::select! {
            update = updates.next() => update,
            () = &mut queued, if !advised => {
                advised = true;
                if told.as_ref().is_none_or(|(state, ..)| *state == State::Queued as u8) {
                    eprintln!("{QUEUED_LONG}: `nosana job cancel {address}` gets the deposit back");
                }
                continue;
            }
            () = &mut interrupted => {
                bail!("the job goes on: `nosana job wait {address}` waits again, `nosana job stop` or `cancel` end it")
            }
        };
        let Some(update) = update else { break };
        let Some(job) = update?.account else {
            if let Some((_, _, last)) = told {
                bail!("the job's account is closed; {last}");
            }
            continue;
        };
        let last = match job.result {
            digest if digest == [0; 32] => {
                format!("it was {} when it was last seen", state(&job).to_lowercase())
            }
            digest => format!("its result was {}", ContentId::from_digest(digest)),
        };
        let is_news =
            told.as_ref().is_none_or(|(state, node, _)| (*state, *node) != (job.state, job.node));
        let went_back = told.as_ref().is_some_and(|(state, ..)| *state != State::Queued as u8);
        told = Some((job.state, job.node, last));
        if is_news {
            if job.state == State::Queued as u8 {
                queued.as_mut().reset(Instant::now() + LONG);
                advised = false;
            }
            let node = if job.node == Address::default() {
                String::new()
            } else {
                format!(" on {}", job.node)
            };
            let back = if went_back && job.state == State::Queued as u8 {
                ": its node gave it back, or fell silent"
            } else {
                ""
            };
            eprintln!("{}{node}{back}", state(&job).to_lowercase());
        }
        if job.state == State::Settled as u8 {
            return Ok(job);
        }
        look(&job).await?;
    }
    bail!("the network ended the subscription: `nosana job wait {address}` goes on waiting")
}

/// Why content is not there, and what to do.
pub(super) const MISSING: &str =
    "the store does not have it, or not whole: name the node's store with --store";

/// What was asked and what was answered. Reads check every hash; the result must answer the
/// definition.
pub(super) fn answer(open: &Open, job: &Job) -> Result<(JobDefinition, JobResult)> {
    let (definition, result) =
        (ContentId::from_digest(job.definition), ContentId::from_digest(left(job)));
    let definition = open.store.get(&definition, MAX_BYTES).context(MISSING)?;
    // Others may have listed it in the published schema, as it is.
    let definition =
        JobDefinition::from_json(&definition).context("the job's definition is not valid")?;
    let result: JobResult = open.store.get_json(&result).context(MISSING)?;
    result
        .validate(&definition)
        .context("the node's result does not answer the job's definition")?;
    Ok((definition, result))
}

/// The digest of what the job left: of a service, its node's last checkpoint.
pub(super) fn left(job: &Job) -> [u8; 32] {
    if job.is_service() { job.checkpoint } else { job.result }
}

/// The outputs by operation.
fn outputs(open: &Open, job: &Job) -> Result<Value> {
    let (_, result) = answer(open, job)?;
    let mut outputs = serde_json::Map::new();
    for operation in result.ops {
        let value = match operation.output {
            Some(output) => {
                serde_json::from_slice(&open.store.get(&output, MAX_BYTES).context(MISSING)?)?
            }
            None => json!({ "error": operation.error }),
        };
        outputs.insert(operation.id, value);
    }
    Ok(Value::Object(outputs))
}
