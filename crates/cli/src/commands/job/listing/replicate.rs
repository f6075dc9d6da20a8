//! Content of a job that was just listed: who keeps it until a node takes the job.

use nosana_job_spec::ContentId;
use nosana_net::exchange::Replication;
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

    let replicating = ctx.network.replicate_inputs(&ctx.store, job, definition, replicas);
    match timeout(REPLICATION_TIMEOUT, replicating).await {
        Ok(Ok(None)) => {}
        Ok(Ok(Some(replication))) => eprintln!("{}", describe_holders(&job, &replication)),
        Ok(Err(error)) => eprintln!("no node has the definition yet: {error:#}; {}", advise(&job)),
        Err(_) => eprintln!("no node has taken the definition in time; {}", advise(&job)),
    }
}

fn describe_holders(job: &Address, replication: &Replication) -> String {
    let asked = replication.asked;

    match replication.holders.len() {
        0 => {
            let problem = replication.last_problem.as_deref().unwrap_or("none could be reached");
            format!("none of {asked} nodes keeps the definition: {problem}; {}", advise(job))
        }
        1 => "1 node keeps the definition and the inputs".to_owned(),
        count => format!("{count} nodes keep the definition and the inputs"),
    }
}

fn advise(job: &Address) -> String {
    format!("`nosana job wait {job}` tries again")
}
