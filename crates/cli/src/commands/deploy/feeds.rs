//! Brings the content of private replicas to the nodes that take them, beside everything else: a
//! node waits some seconds for it, and a turn of the deployment may last longer.

use std::collections::HashSet;

use nosana_client::pda;
use nosana_job_spec::ContentId;
use solana_address::Address;

use super::{
    content::{PrivateContent, ReplicaContent},
    nonce::DeploymentTag,
    replica::{Phase, Replica},
    waiting_jobs::WaitingJobs,
};
use crate::commands::{context::CliContext, job::listing::PrivateFeed};

/// The private replicas that wait for a node.
#[derive(Default)]
pub struct Feeds(WaitingJobs);

impl Feeds {
    /// Begins to serve private replicas that wait, and ends that for others. Marks those as
    /// stranded whose content this machine does not have.
    pub async fn update(
        &mut self,
        ctx: &CliContext,
        content: &PrivateContent,
        tag: DeploymentTag,
        replicas: &mut [Replica],
    ) {
        let waiting = replicas.iter().filter(|replica| needs_feed(replica));
        self.0.keep_only(&waiting.map(|replica| replica.address).collect::<HashSet<_>>());

        for replica in replicas.iter_mut().filter(|replica| needs_feed(replica)) {
            let Replica { address, number, definition, .. } = *replica;
            if self.0.has_task(&address) {
                continue;
            }

            match content.recover(tag.nonce(number), &definition) {
                Ok(true) => self.begin(ctx, content, address, definition).await,
                Ok(false) => {
                    eprintln!(
                        "{address} cannot start, because this machine has lost its content: it is \
                         ended, and replaced"
                    );
                    replica.phase = Phase::Stranded;
                }
                Err(error) => {
                    eprintln!("the content of {address} is not sent yet: {error:#}; trying again");
                }
            }
        }
    }

    /// Begins to serve a replica that was just listed, if it is private: a node may have taken it,
    /// and waits only some seconds, while the next steps of a plan are transactions. What fails is
    /// tried again with the next update.
    pub async fn begin_listed(&mut self, ctx: &CliContext, content: &ReplicaContent, nonce: u64) {
        let ReplicaContent::Private(private) = content else { return };

        let job = pda::jobs::job(&ctx.address(), nonce);
        match content.define_replica(nonce) {
            Ok(definition) => self.begin(ctx, private, job, definition).await,
            Err(error) => {
                eprintln!("the content of {job} is not sent yet: {error:#}; trying again");
            }
        }
    }

    async fn begin(
        &mut self,
        ctx: &CliContext,
        content: &PrivateContent,
        job: Address,
        definition: ContentId,
    ) {
        match PrivateFeed::prepare(ctx, content.store().clone(), job, definition).await {
            Ok(feed) => self.0.add_task(job, feed.spawn()),
            Err(error) => {
                eprintln!("the content of {job} is not sent yet: {error:#}; trying again");
            }
        }
    }
}

fn needs_feed(replica: &Replica) -> bool {
    replica.is_private && replica.phase == Phase::Waiting
}
