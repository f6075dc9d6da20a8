//! The first half of the trial: five nodes take jobs and submit results.

use std::sync::Arc;

use anyhow::{Context, Result};
use nosana_client::{jobs::accounts::Job, pda};
use nosana_job_spec::ContentId;
use nosana_worker::Worker;
use solana_address::Address;
use tokio::task::spawn_blocking;

use super::{
    behavior::Behavior,
    cheater::{Cheater, ClaimedTrace},
    forge::Forger,
    jobs::{ListedJob, list_job},
    nodes::RunningNode,
    poll::await_result,
    trial::Trial,
};
use crate::progress::Part;

/// A result that can be disputed.
pub struct OpenCase<'a> {
    /// What the node did.
    pub behavior: Behavior,
    /// The job.
    pub job: Address,
    /// The dispute about its result.
    pub dispute: Address,
    /// The trace of a cheating node, until it is opened. A real node opens its own.
    pub trace: Option<(Cheater<'a>, ClaimedTrace)>,
}

/// A cheating node that has started its job.
struct StartedCheat<'a> {
    behavior: Behavior,
    cheater: Cheater<'a>,
    job: ListedJob,
}

/// Runs one job on each cheating node, then one on the honest node, which goes on running.
pub async fn submit_results<'a>(
    trial: &Trial<'a>,
    forger: Forger,
    honest: Worker,
    part: &Part,
) -> Result<(Vec<OpenCase<'a>>, RunningNode)> {
    let forger = Arc::new(forger);
    let mut cases = Vec::new();
    let mut waiting = Vec::new();
    for (number, (behavior, owner)) in (1..).zip(&trial.people.cheats) {
        part.set_step(format!("{} takes job {number}", owner.name));
        // The node waits alone, so that the job is matched with it.
        let cheater = Cheater::join_queue(trial.world, owner).await?;
        let job = trial.list_case(*behavior, number).await?;
        cheater.start_job(job.address).await?;

        let cheat = StartedCheat { behavior: *behavior, cheater, job };
        match behavior {
            Behavior::Copy => waiting.push(cheat),
            _ => cases.push(finish_cheat(trial, &forger, cheat, None).await?),
        }
    }

    part.set_step("the honest node works");
    let running = RunningNode::start(&trial.people.honest, honest);
    let number = u64::try_from(trial.people.cheats.len())? + 1;
    let job = trial.list_case(Behavior::Honest, number).await?;
    let account = await_result(trial.world, job.address, trial.config.patience).await?;
    running.check_alive()?;

    part.set_step("the last node copies its result");
    let result = ContentId::from_digest(account.result);
    for cheat in waiting {
        cases.push(finish_cheat(trial, &forger, cheat, Some(result)).await?);
    }
    let dispute = pda::jobs::dispute(&job.address, account.attempt_id);
    let honest = OpenCase { behavior: Behavior::Honest, job: job.address, dispute, trace: None };
    cases.push(honest);
    Ok((cases, running))
}

/// Forges and submits the result of a cheating node.
async fn finish_cheat<'a>(
    trial: &Trial<'a>,
    forger: &Arc<Forger>,
    cheat: StartedCheat<'a>,
    copied: Option<ContentId>,
) -> Result<OpenCase<'a>> {
    let StartedCheat { behavior, cheater, job } = cheat;
    let ListedJob { address, definition } = job;
    let forger = Arc::clone(forger);
    let forging =
        spawn_blocking(move || forger.forge_result(behavior, &address, definition, copied));
    let forgery = forging.await.context("the forgery crashed")??;

    let trace = cheater.submit_forgery(address, &forgery).await?;
    let account = trial.world.session.fetch_account::<Job>(&address).await?;
    let dispute = pda::jobs::dispute(&address, account.attempt_id);
    Ok(OpenCase { behavior, job: address, dispute, trace: Some((cheater, trace)) })
}

impl Trial<'_> {
    async fn list_case(&self, behavior: Behavior, number: u64) -> Result<ListedJob> {
        list_job(self.world, self.store, &self.people.client, behavior, number).await
    }
}
