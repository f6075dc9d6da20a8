//! Content of a job: this command brings it to each node that takes the job, until one has started
//! it. A private job starts in no other way; for a public one this is the quickest way.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use nosana_client::{Session, jobs::accounts::Job};
use nosana_job_spec::ContentId;
use nosana_net::{
    content::ContentError,
    directory::NodeEntry,
    exchange::{ContentExchange, list_input_content},
    job::CredentialSource,
};
use nosana_protocol::job::State;
use nosana_store::Store;
use solana_address::Address;
use tokio::{
    task::{AbortHandle, spawn_blocking},
    time::{Instant, sleep},
};

use super::{
    feed_pace::{FeedPace, QueueLooks},
    feed_stage::{Stage, find_stage, has_moved_on},
};
use crate::{
    commands::{context::CliContext, job::waiting::describe_unserved},
    exit_status::{CommandFailed, INTERRUPTED},
    shutdown,
};

/// A node that was killed and started again may have lost what it got: it is offered again, which is
/// one message for each file that the node still has.
const RESEND_INTERVAL: Duration = Duration::from_secs(3);

/// The holders of a public job are offered its content first: a node may be one of them, and takes
/// one transfer of an object at a time.
const PUBLIC_DELAY: Duration = Duration::from_secs(1);

/// A job counts as missing after so many reads without it: a server may be behind the listing.
const MAX_MISSED_READS: u32 = 10;

/// The node that has a job which waits in no queue.
#[derive(Clone, Copy)]
struct Holder {
    node: Address,
    /// The attempt of the job for which it has the job.
    attempt_id: u64,
    /// Whether it did not take the content: who had the job may have been a stale read.
    is_doubted: bool,
}

/// A node that has got everything.
#[derive(Clone, Copy)]
struct Fed {
    node: Address,
    /// The attempt of the job for which it got it.
    attempt_id: u64,
    at: Instant,
}

/// The content of one job.
pub struct ContentFeed {
    session: Session,
    exchange: Arc<ContentExchange>,
    /// Signatures of a party of a private job; `None` for a public one.
    credentials: Option<Arc<dyn CredentialSource>>,
    store: Store,
    job: Address,
    /// The definition, then its inputs.
    contents: Vec<ContentId>,
    /// Who had the job last: finding out may take a list of all nodes.
    holder: Option<Holder>,
    /// What was sent last.
    fed: Option<Fed>,
    /// The reads in a row that did not find the job.
    missed_reads: u32,
    last_problem: String,
    /// How often it looks at who has the job.
    pace: FeedPace,
    /// The looks at the queue, of a public job.
    queue_looks: QueueLooks,
}

impl ContentFeed {
    /// Prepares to send the content of a private job that is in the store, as a party of the job.
    pub async fn prepare_private(
        ctx: &CliContext,
        store: Store,
        job: Address,
        definition: ContentId,
    ) -> Result<Self> {
        let feed = Self::prepare(ctx, store, job, definition).await?;

        Ok(Self { credentials: Some(ctx.sign_requests(job)), ..feed })
    }

    /// Prepares to send what is in the store, to whom everybody could send it.
    async fn prepare(
        ctx: &CliContext,
        store: Store,
        job: Address,
        definition: ContentId,
    ) -> Result<Self> {
        let local = store.clone();
        let contents = spawn_blocking(move || list_input_content(&local, &definition)).await??;

        Ok(Self {
            session: ctx.session.clone(),
            exchange: ctx.network.exchange().await?,
            credentials: None,
            store,
            job,
            contents,
            holder: None,
            fed: None,
            missed_reads: 0,
            last_problem: String::new(),
            pace: FeedPace::default(),
            queue_looks: QueueLooks::default(),
        })
    }

    /// Sends the content of a public job in the background, to the node that takes the job and
    /// lacks it. The job does not depend on that: what fails is only logged.
    pub async fn spawn_public(ctx: &CliContext, job: Address, definition: ContentId) {
        match Self::prepare(ctx, ctx.store.without_sources(), job, definition).await {
            Ok(feed) => {
                tokio::spawn(async move {
                    sleep(PUBLIC_DELAY).await;
                    feed.spawn(FeedPace::default());
                });
            }
            Err(error) => tracing::debug!(%job, "cannot send its content to its node: {error:#}"),
        }
    }

    /// Sends the content in the background until the job is over, this process ends, or the handle
    /// aborts it: the job may return to the queue after it was started.
    pub fn spawn(mut self, pace: FeedPace) -> AbortHandle {
        self.pace = pace;

        let feeding = async move {
            loop {
                match self.feed_node().await {
                    // A public one is closed: no more depends on it.
                    Stage::Missing if self.credentials.is_none() => return,
                    Stage::Waiting | Stage::Missing => sleep(self.looking_interval()).await,
                    Stage::Started => sleep(FeedPace::running_interval()).await,
                    Stage::Over | Stage::Unstarted(_) => return,
                }
            }
        };
        tokio::spawn(feeding).abort_handle()
    }

    /// Sends the content until a node has started the job.
    ///
    /// # Errors
    /// If the job ends without a start, or cannot be found for several reads.
    pub async fn send_until_started(mut self) -> Result<()> {
        eprintln!("the job is private: this command stays until a node has started it");
        let job = self.job;

        tokio::select! {
            sent = self.serve_until_started() => sent,
            () = shutdown::wait_for_signal() => {
                let message = describe_unserved(&job);
                Err(CommandFailed { exit_code: INTERRUPTED, message }.into())
            }
        }
    }

    /// The pause until the next look at a job that waits.
    fn looking_interval(&self) -> Duration {
        let interval = self.pace.waiting_interval();

        match (&self.credentials, self.holder) {
            (None, None) => self.queue_looks.interval(interval),
            _ => interval,
        }
    }

    async fn serve_until_started(&mut self) -> Result<()> {
        let job = self.job;

        loop {
            match self.feed_node().await {
                Stage::Waiting => sleep(self.pace.waiting_interval()).await,
                Stage::Started | Stage::Over => return Ok(()),
                Stage::Unstarted(state) => {
                    bail!("no node has started the job {job}: it is {state}; list it again")
                }
                Stage::Missing => bail!(
                    "the RPC server does not find the job {job}: the job is closed, or the server \
                     is behind; `nosana job wait {job}` goes on bringing its content"
                ),
            }
        }
    }

    /// Sends the content if a node has taken the job and not started it. Prints a problem of a
    /// private job once.
    async fn feed_node(&mut self) -> Stage {
        match self.try_feed().await {
            Ok(stage) => stage,
            Err(error) => {
                let problem = format!("{error:#}");
                let is_new = problem != self.last_problem;
                if is_new && self.credentials.is_some() {
                    eprintln!("the content is not sent yet: {problem}");
                } else if is_new {
                    tracing::debug!(job = %self.job, "its node does not have it yet: {problem}");
                }
                self.last_problem = problem;
                Stage::Waiting
            }
        }
    }

    async fn try_feed(&mut self) -> Result<Stage> {
        let Some(job) = self.session.find_account::<Job>(&self.job).await? else {
            self.missed_reads = self.missed_reads.saturating_add(1);
            let is_missing = self.missed_reads >= MAX_MISSED_READS;
            return Ok(if is_missing { Stage::Missing } else { Stage::Waiting });
        };
        self.missed_reads = 0;
        if let Some(stage) = find_stage(&job) {
            return Ok(stage);
        }

        if let Some(node) = self.find_holder(&job).await? {
            let sent = self.send_to(node, job.attempt_id).await;
            if let Some(holder) = &mut self.holder {
                holder.is_doubted = sent.is_err();
            }
            sent?;
        }
        Ok(Stage::Waiting)
    }

    /// The node that has the job. It stays the same until the job's attempt changes.
    async fn find_holder(&mut self, job: &Job) -> Result<Option<Address>> {
        let known = self.holder.filter(|known| known.attempt_id == job.attempt_id);
        let holder = match known {
            Some(Holder { node, is_doubted: false, .. }) => return Ok(Some(node)),
            // Offers may fail every second, and a list of all nodes is large.
            Some(Holder { node, is_doubted: true, .. }) => {
                self.session.recheck_holder(&self.job, job, &node).await?
            }
            None if self.skips_queue(job) => None,
            None => self.session.holder_of(&self.job, job).await?,
        };

        let attempt_id = job.attempt_id;
        self.holder =
            holder.map(|holder| Holder { node: holder.address, attempt_id, is_doubted: false });
        Ok(self.holder.map(|holder| holder.node))
    }

    /// Whether this look leaves out the queue, in which a public job probably still is.
    fn skips_queue(&mut self, job: &Job) -> bool {
        let is_queued = job.state == State::Queued as u8 && job.node == Address::default();

        is_queued && self.credentials.is_none() && !self.queue_looks.note_look(job.attempt_id)
    }

    /// Sends the content to a node, unless it has got it a moment ago.
    async fn send_to(&mut self, node: Address, attempt_id: u64) -> Result<()> {
        let last = self.fed.filter(|fed| fed.node == node && fed.attempt_id == attempt_id);
        if last.is_some_and(|fed| fed.at.elapsed() < RESEND_INTERVAL) {
            return Ok(());
        }

        let entry = self.exchange.directory().find_node(&node).await?;
        let entry = entry.with_context(|| match self.credentials {
            Some(_) => format!("the node {node} has no endpoint; it gives the job back"),
            None => format!("the node {node} has no endpoint"),
        })?;

        let offered = tokio::select! {
            offered = self.offer_to(&entry) => offered,
            // A node that takes everything and answers nothing must not keep the next one waiting,
            // and gets nothing more.
            () = self.wait_for_change(attempt_id) => return Ok(()),
        };
        offered.with_context(|| format!("the node {node} does not take it"))?;

        if last.is_none() && self.credentials.is_some() {
            eprintln!("the node {node} has the definition and the inputs");
        }
        self.fed = Some(Fed { node, attempt_id, at: Instant::now() });
        Ok(())
    }

    /// Offers the content: to the node of a private job as a party, to that of a public job if the
    /// node lacks it.
    async fn offer_to(&self, entry: &NodeEntry) -> Result<(), ContentError> {
        let (job, store, contents) = (self.job, &self.store, &self.contents);

        match &self.credentials {
            Some(credentials) => {
                self.exchange.offer_private(job, entry, credentials, store, contents).await
            }
            None => self.exchange.offer_missing(job, entry, store, contents).await,
        }
    }

    /// Returns when the node that had the job no longer waits for its content.
    async fn wait_for_change(&self, attempt_id: u64) {
        loop {
            sleep(self.pace.waiting_interval()).await;
            // A read that fails, or does not find the job, says nothing.
            let job = self.session.find_account::<Job>(&self.job).await;
            if matches!(job, Ok(Some(job)) if has_moved_on(&job, attempt_id)) {
                return;
            }
        }
    }
}
