//! A deployment that is kept running: reads the chain in each interval, and does what is due.

use std::{ops::ControlFlow, path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use nosana_client::jobs::accounts::Market;
use solana_address::Address;
use tokio::time::sleep;

use super::{
    content::ReplicaContent,
    cost::cost_of,
    feeds::Feeds,
    judgment::Judgment,
    nonce::DeploymentTag,
    numbers::JobNumbers,
    offers::Offers,
    options::RequiredOptions,
    plan::{Goal, Plan, Step},
    record::DeploymentRecord,
    replica::{Replica, find_replicas},
    spread::NodeUse,
    status::describe_replica,
    step::StepContext,
    visibility::check_visibility,
};
use crate::commands::{context::CliContext, values::format_nos};

/// The interval at which the command reads the chain.
const INTERVAL: Duration = Duration::from_secs(5);
/// The failed reads of the chain in a row after which the command stops.
const MAX_FAILURES: u32 = 60;

/// What does not change while a deployment runs.
pub struct DeploymentTerms {
    /// Its name.
    pub name: String,
    /// What the nonces of its jobs have in common.
    pub tag: DeploymentTag,
    /// Where jobs are listed.
    pub market: Address,
    /// What the replicas run.
    pub content: ReplicaContent,
    /// Highest price, in base units per second.
    pub max_price: u64,
    /// The network's fee, in basis points.
    pub fee_bps: u16,
    /// File of the record.
    pub path: PathBuf,
}

/// A deployment that is kept running.
pub struct Deployment<'a> {
    ctx: &'a CliContext,
    options: &'a RequiredOptions,
    terms: DeploymentTerms,
    record: DeploymentRecord,
    offers: Offers,
    feeds: Feeds,
    judgment: Judgment,
    numbers: JobNumbers,
    /// What was last printed.
    printed: String,
    /// Why the last plan was not complete.
    shortage: Option<String>,
}

impl<'a> Deployment<'a> {
    /// A deployment of which nothing was read yet.
    pub fn new(
        ctx: &'a CliContext,
        options: &'a RequiredOptions,
        terms: DeploymentTerms,
        record: DeploymentRecord,
    ) -> Self {
        Self {
            ctx,
            options,
            terms,
            record,
            offers: Offers::default(),
            feeds: Feeds::default(),
            judgment: Judgment::default(),
            numbers: JobNumbers::default(),
            printed: String::new(),
            shortage: None,
        }
    }

    /// Does what is due until everything is over, or the network does not answer for long.
    ///
    /// # Errors
    /// If the network does not answer, or if another process lists replicas of the other kind.
    pub async fn keep_running(&mut self) -> Result<()> {
        let mut failures = 0;

        loop {
            match self.take_turn().await {
                Ok(ControlFlow::Break(ended)) => return ended,
                Ok(ControlFlow::Continue(())) => failures = 0,
                Err(error) => {
                    failures += 1;
                    eprintln!("{error:#}; trying again");
                    ensure!(failures < MAX_FAILURES, "the network does not answer: giving up");
                }
            }
            sleep(INTERVAL).await;
        }
    }

    /// Reads the chain and does what is due. Breaks when everything is over, and with an error that
    /// another turn does not mend.
    async fn take_turn(&mut self) -> Result<ControlFlow<Result<()>>> {
        let now = self.ctx.chain_time().await?;
        let mut replicas = find_replicas(self.ctx, self.terms.tag, now).await?;
        replicas.retain(|replica| self.record.includes(replica));
        if self.record.note_costs(&replicas) {
            self.record.save(&self.terms.path)?;
        }
        // Another process may have listed some since the start.
        let is_private = self.terms.content.is_private();
        if let Err(mixed) = check_visibility(&self.terms.name, is_private, &replicas) {
            return Ok(ControlFlow::Break(Err(mixed)));
        }

        self.bring_content(&mut replicas).await;
        self.judge_health(&mut replicas, now.0)?;
        self.print_changes(&replicas);
        if now.0 >= self.record.ends_at && replicas.iter().all(|replica| !replica.is_pending()) {
            println!("the deployment is over");
            return Ok(ControlFlow::Break(Ok(())));
        }

        let market = self.ctx.session.fetch_account::<Market>(&self.terms.market).await?;
        let mut nodes = NodeUse::count(&replicas, self.record.replacements.nodes());
        let free_nodes = self.step_context(&market).count_free(&nodes).await?;
        let goal = Goal { free_nodes, ..self.compute_goal(&market, now.0)? };
        let spent = self.record.closed_cost(&replicas);
        let plan = Plan::compute(&goal, &replicas, spent, now.0);
        self.print_shortage(&plan, &market, now.0);
        self.numbers.note_turn(&replicas, now);
        self.perform(&plan, &market, &mut nodes).await;
        Ok(ControlFlow::Continue(()))
    }

    /// Brings the content of replicas that wait to nodes. Marks those for which it is lost. Nothing
    /// in the store of a private deployment is offered to nodes that keep public content.
    async fn bring_content(&mut self, replicas: &mut [Replica]) {
        match &self.terms.content {
            ReplicaContent::Public(_) => self.offers.update(self.ctx, replicas),
            ReplicaContent::Private(content) => {
                self.feeds.update(self.ctx, content, self.terms.tag, replicas).await;
            }
        }
    }

    /// Marks the replicas that are to be replaced because they are not healthy.
    fn judge_health(&mut self, replicas: &mut [Replica], now: i64) -> Result<()> {
        let options = &self.options.other;
        let replacements = &mut self.record.replacements;

        if self.judgment.judge_replicas(self.ctx, options, replicas, replacements, now) {
            self.record.save(&self.terms.path)?;
        }
        Ok(())
    }

    fn step_context(&self, market: &Market) -> StepContext<'_> {
        StepContext {
            ctx: self.ctx,
            market: (self.terms.market, *market),
            content: &self.terms.content,
            max_price: self.terms.max_price,
        }
    }

    async fn perform(&mut self, plan: &Plan, market: &Market, nodes: &mut NodeUse) {
        for step in &plan.steps {
            let done = match *step {
                Step::List { timeout_seconds } => {
                    self.list_replica(market, timeout_seconds, nodes, false).await
                }
                Step::Move { timeout_seconds } => {
                    self.list_replica(market, timeout_seconds, nodes, true).await
                }
                Step::Extend { job, added_seconds } => {
                    self.step_context(market).extend_job(job, added_seconds).await
                }
                Step::End { job } => self.step_context(market).end_job(job).await,
            };
            if let Err(error) = done {
                eprintln!("{error:#}; trying again");
            }
        }
    }

    async fn list_replica(
        &mut self,
        market: &Market,
        timeout_seconds: u64,
        nodes: &mut NodeUse,
        needs_free_node: bool,
    ) -> Result<()> {
        let number = self.numbers.next_number();
        let nonce = self.terms.tag.nonce(number);
        let steps = self.step_context(market);

        if steps.list_job(nonce, timeout_seconds, nodes, needs_free_node).await? {
            self.numbers.note_listed(number);
            self.feeds.begin_listed(self.ctx, &self.terms.content, nonce).await;
        }
        Ok(())
    }

    fn compute_goal(&self, market: &Market, now: i64) -> Result<Goal> {
        let terms = &market.terms;
        let price = terms.price_per_second;
        let is_affordable = price <= self.terms.max_price;

        Ok(Goal {
            replicas: usize::try_from(self.options.other.replicas).unwrap_or(1),
            ends_at: self.record.ends_at,
            chunk_seconds: self.options.other.chunk.0.max(1),
            timeout_bounds: (terms.min_timeout_seconds.into(), terms.max_timeout_seconds),
            cost_per_second: is_affordable
                .then(|| cost_of(price, self.terms.fee_bps, 1))
                .transpose()?,
            budget: self.options.budget.0,
            held: self.record.replacements.count_held(now),
            free_nodes: 0,
        })
    }

    /// Says once why the plan is not complete.
    fn print_shortage(&mut self, plan: &Plan, market: &Market, now: i64) {
        let shortage = if plan.is_over_budget {
            let budget = format_nos(self.options.budget.0);
            Some(format!("the budget of {budget} is used up: no more is listed or extended"))
        } else if plan.is_held_back {
            Some(
                "replicas end too soon, `nosana job logs` shows why: the next one is listed in \
                 some minutes"
                    .to_owned(),
            )
        } else if plan.is_too_expensive {
            Some(format!(
                "the market's price is {} a second, more than {}: nothing is listed until it \
                 falls; --max-price allows more",
                format_nos(market.terms.price_per_second),
                format_nos(self.terms.max_price)
            ))
        } else if plan.is_unhealthy {
            self.record.replacements.describe_delay(now)
        } else {
            None
        };

        if shortage != self.shortage {
            shortage.iter().for_each(|shortage| eprintln!("{shortage}"));
            self.shortage = shortage;
        }
    }

    fn print_changes(&mut self, replicas: &[Replica]) {
        let active = replicas.iter().filter(|replica| replica.is_active());
        let lines: Vec<String> = active.map(|replica| describe_replica(replica, None)).collect();
        let text = lines.join("\n");

        if text != self.printed {
            println!("{}\n{text}", format_count(lines.len(), self.options.other.replicas));
            self.printed = text;
        }
    }
}

fn format_count(active: usize, wanted: u64) -> String {
    format!("{active} of {wanted} replicas")
}
