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
use crate::commands::{
    context::CliContext,
    job::listing::{ContentFeed, FeedPace},
};

/// The private replicas that wait for a node, and those that may return to the queue.
#[derive(Default)]
pub struct Feeds {
    tasks: WaitingJobs,
    pace: FeedPace,
    /// The replicas of which was said that this machine does not have their content.
    reported: HashSet<Address>,
}

impl Feeds {
    /// Begins to serve private replicas that wait, and ends that for those that are over: one that
    /// runs may return to the queue, and its next node waits only some seconds.
    ///
    /// Marks those as stranded that a node gave back without their content, if this machine does
    /// not have it either. Before that another machine with the same wallet may serve them.
    pub async fn update(
        &mut self,
        ctx: &CliContext,
        content: &PrivateContent,
        tag: DeploymentTag,
        replicas: &mut [Replica],
    ) {
        let active = replicas.iter().filter(|replica| replica.is_private && replica.is_active());
        let active: HashSet<Address> = active.map(|replica| replica.address).collect();
        self.tasks.keep_only(&active);
        self.reported.retain(|address| active.contains(address));
        self.pace.note_waiting(replicas.iter().filter(|replica| needs_feed(replica)).count());

        for replica in replicas.iter_mut().filter(|replica| needs_feed(replica)) {
            let Replica { address, number, definition, lacked_content, .. } = *replica;
            if self.tasks.has_task(&address) {
                continue;
            }

            match content.recover(tag.nonce(number), &definition) {
                Ok(true) => self.begin(ctx, content, address, definition).await,
                Ok(false) if !lacked_content => {
                    if self.reported.insert(address) {
                        eprintln!(
                            "{address} waits, and this machine does not have its content: it is \
                             replaced once a node has given it back, unless another machine with \
                             this wallet serves it"
                        );
                    }
                }
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
            Ok(definition) => {
                self.pace.add_waiting();
                self.begin(ctx, private, job, definition).await;
            }
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
        let store = content.store().clone();
        match ContentFeed::prepare_private(ctx, store, job, definition).await {
            Ok(feed) => self.tasks.add_task(job, feed.spawn(self.pace.clone())),
            Err(error) => {
                eprintln!("the content of {job} is not sent yet: {error:#}; trying again");
            }
        }
    }
}

fn needs_feed(replica: &Replica) -> bool {
    replica.is_private && replica.phase == Phase::Waiting
}
