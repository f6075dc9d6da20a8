//! Content of a job that was just listed: who keeps it until a node takes the job.

use nosana_job_spec::ContentId;
use nosana_net::exchange::{REPLICAS, Replication};
use solana_address::Address;
use tokio::time::timeout;

use crate::commands::{client_network::REPLICATION_TIMEOUT, context::CliContext};

/// Gives the definition and the inputs to nodes, and reports how many keep them. The job is listed
/// and paid: a failure is a warning.
pub async fn replicate_inputs(
    ctx: &CliContext,
    job: Address,
    definition: ContentId,
    replicas: usize,
) {
    if replicas == 0 {
        return;
    }

    match find_holders(ctx, job, definition, replicas).await {
        Ok(Some(holders)) => eprintln!("{holders}"),
        Ok(None) => {}
        Err(problem) => eprintln!("{problem}; `nosana job wait {job}` tries again"),
    }
}

/// Gives the definition and the inputs of a twin to nodes. No advice to wait for the twin: that
/// would accept its result unchecked.
pub async fn replicate_twin(ctx: &CliContext, twin: Address, definition: ContentId) {
    match find_holders(ctx, twin, definition, REPLICAS).await {
        Ok(Some(line)) | Err(line) => eprintln!("{line}"),
        Ok(None) => {}
    }
}

/// Returns how many nodes keep the content; `None` if nobody has to. The error: why none does.
async fn find_holders(
    ctx: &CliContext,
    job: Address,
    definition: ContentId,
    replicas: usize,
) -> Result<Option<String>, String> {
    let replicating = ctx.network.replicate_inputs(&ctx.store, job, definition, replicas);
    match timeout(REPLICATION_TIMEOUT, replicating).await {
        Ok(Ok(None)) => Ok(None),
        Ok(Ok(Some(replication))) => describe_holders(&replication).map(Some),
        Ok(Err(error)) => Err(format!("no node has the definition yet: {error:#}")),
        Err(_) => Err("no node has taken the definition in time".to_owned()),
    }
}

fn describe_holders(replication: &Replication) -> Result<String, String> {
    let asked = replication.asked;

    match replication.holders.len() {
        0 => {
            let problem = replication.last_problem.as_deref().unwrap_or("none could be reached");
            Err(format!("none of {asked} nodes keeps the definition: {problem}"))
        }
        1 => Ok("1 node keeps the definition and the inputs".to_owned()),
        count => Ok(format!("{count} nodes keep the definition and the inputs")),
    }
}
