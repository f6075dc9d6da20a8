//! `nosana job show`: one job's account, its cost and its history.

use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use nosana_client::jobs::accounts::Job;
use nosana_gateway::GatewayUrl;
use nosana_job_spec::{ContentId, ServiceReport};
use nosana_protocol::units::UnixTimestamp;
use serde_json::{Map, Value, json};
use solana_address::Address;

use super::{
    command_text::find_command_text,
    cost::JobCost,
    dates::format_known_time,
    history::{JobHistory, transactions_to_json},
    job_json::{content_text, job_to_json},
    market_nodes::MarketNodes,
    node_words::{find_node_words, has_node_words},
    options::JobOptions,
    returns::{JobReturn, add_last_cause},
    service,
    waiting::is_unstarted,
    words::{kind_name, reason_name, state_name, visibility_name},
};
use crate::commands::{
    context::CliContext,
    public_urls::{GatewayOptions, PublicUrl, is_reachable, list_urls, read_public_ports},
    values::{format_bps, format_nos, print_json},
};

/// The longest time to wait for the report of a service.
const REPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// A job, and a gateway that leads to its ports.
#[derive(Debug, Args)]
pub struct ShowOptions {
    #[command(flatten)]
    named: JobOptions,
    #[command(flatten)]
    gateway: GatewayOptions,
}

/// A job and what is known about it.
struct ShownJob {
    address: Address,
    job: Job,
    /// The chain's time.
    now: UnixTimestamp,
    cost: JobCost,
    command: Option<String>,
    /// How often a service was restarted; `None` if its node has not reported it.
    restarts: Option<u32>,
    /// `None` if the network's node does not return it.
    history: Option<JobHistory>,
    /// What the last node that gave it back says.
    node_words: Option<String>,
    /// Of its public ports; `None` without a gateway, or if the definition cannot be read.
    public_urls: Option<Vec<PublicUrl>>,
}

/// Shows one job.
pub async fn show_job(options: ShowOptions) -> Result<()> {
    let ShowOptions { named, gateway } = options;
    let ctx = named.connection.connect().await?;
    let shown = ShownJob::fetch(&ctx, named.job, gateway.gateway.as_ref()).await?;

    if named.connection.is_json() {
        return print_json(&shown.to_json()?);
    }
    let mut lines = shown.to_lines()?;
    if is_unstarted(&shown.job) {
        lines.extend(describe_market(&ctx, &shown.job).await);
    }
    for (name, value) in lines {
        println!("{name:<12} {value}");
    }
    Ok(())
}

impl ShownJob {
    async fn fetch(
        ctx: &CliContext,
        address: Address,
        gateway: Option<&GatewayUrl>,
    ) -> Result<Self> {
        let job = ctx.fetch_job(&address).await?;
        let now = ctx.chain_time().await?;
        let history = JobHistory::find(ctx, &address).await;

        Ok(Self {
            address,
            job,
            now,
            cost: JobCost::compute(&job, now)?,
            command: find_command_text(&ctx.local_store(&job)?, &job),
            restarts: find_restarts(ctx, &address, &job),
            history,
            node_words: find_node_words(&ctx.job_store(&address, &job)?, &job),
            public_urls: gateway.and_then(|gateway| find_urls(ctx, gateway, &address, &job)),
        })
    }

    fn to_lines(&self) -> Result<Vec<(&'static str, String)>> {
        let mut lines = self.account_lines();
        let public_urls = self.public_urls.iter().flatten();
        lines.extend(public_urls.map(|public| ("public url", public.url.clone())));
        lines.extend(self.cost.to_lines());

        if self.job.is_service() {
            lines.extend(service::describe_cost(&self.job, self.now)?);
            let restarts = self.restarts.map(|count| count.to_string());
            lines.push(("restarts", or_dash(restarts)));
        }
        lines.extend(self.find_returns().iter().flatten().map(JobReturn::to_line));
        lines.extend(self.node_words.clone().map(|words| ("node says", words)));
        lines.extend(self.history.iter().flat_map(JobHistory::to_lines));
        Ok(lines)
    }

    fn account_lines(&self) -> Vec<(&'static str, String)> {
        let job = &self.job;
        let time = |at: i64| format_known_time((at != 0).then_some(at));
        let price = format_nos(job.price_per_second);

        vec![
            ("job", self.address.to_string()),
            ("state", state_name(job)),
            ("reason", reason_name(job)),
            ("kind", kind_name(job).to_owned()),
            ("content", visibility_name(job).to_owned()),
            ("command", or_dash(self.command.clone())),
            ("market", job.market.to_string()),
            ("node", or_dash((job.node != Address::default()).then(|| job.node.to_string()))),
            ("definition", or_dash(content_text(job.definition))),
            ("result", or_dash(content_text(job.result))),
            ("listed", time(job.listed_at)),
            ("started", time(job.started_at)),
            ("settled", time(job.settled_at)),
            ("timeout", format!("{} s at {price} a second", job.timeout_seconds)),
            ("escrow", format_nos(job.escrow)),
            ("refund due", format_nos(job.payer_credit)),
            ("progress", format_bps(job.progress_bps)),
            ("attempts", format!("{} of {}", job.attempts, job.max_attempts)),
        ]
    }

    fn to_json(&self) -> Result<Value> {
        let mut value = job_to_json(&self.address, &self.job, &self.cost);
        let Some(fields) = value.as_object_mut() else { return Ok(value) };

        fields.insert("command".to_owned(), json!(self.command));
        fields.insert("public_urls".to_owned(), json!(self.public_urls));
        fields.extend(self.history_to_json());
        if self.job.is_service() {
            fields.extend(service::cost_to_json(&self.job, self.now)?);
            fields.insert("restarts".to_owned(), json!(self.restarts));
        }
        Ok(value)
    }

    /// How nodes gave the job back, the oldest first; `None` if its history is not known.
    fn find_returns(&self) -> Option<Vec<JobReturn>> {
        let mut returns = self.history.as_ref()?.find_returns(&self.address);
        add_last_cause(&mut returns, &self.job);
        Some(returns)
    }

    fn history_to_json(&self) -> Map<String, Value> {
        let transactions = transactions_to_json(self.history.as_ref());
        let returns: Option<Vec<Value>> =
            self.find_returns().map(|returns| returns.iter().map(JobReturn::to_json).collect());

        let fields = json!({
            "transactions": transactions,
            "returns": returns,
            "node_words": self.node_words,
        });
        fields.as_object().cloned().unwrap_or_default()
    }
}

/// The line about the nodes that a waiting job waits for.
async fn describe_market(ctx: &CliContext, job: &Job) -> Option<(&'static str, String)> {
    match MarketNodes::fetch(ctx, &job.market).await {
        Ok(nodes) => Some(("waits", nodes.describe())),
        Err(error) => {
            tracing::debug!("cannot list the market's nodes: {error:#}");
            None
        }
    }
}

/// Returns how often the node of a service has restarted it by its last report. The last heartbeat
/// of a service that served its whole time names its result instead.
fn find_restarts(ctx: &CliContext, address: &Address, job: &Job) -> Option<u32> {
    let has_run = job.started_at != 0;
    let has_report = has_run && job.checkpoint != [0; 32] && !has_node_words(job);
    if !job.is_service() || !has_report || service::has_ended_early(job) {
        return None;
    }

    let store = ctx.job_store(address, job).ok()?.with_deadline(Instant::now() + REPORT_TIMEOUT);
    let report = store.get_json::<ServiceReport>(&ContentId::from_digest(job.checkpoint)).ok()?;
    Some(report.restarts)
}

/// Returns the URLs of the job's public ports. `None` if its definition cannot be read: nothing is
/// guessed.
fn find_urls(
    ctx: &CliContext,
    gateway: &GatewayUrl,
    address: &Address,
    job: &Job,
) -> Option<Vec<PublicUrl>> {
    if !is_reachable(job) {
        return Some(Vec::new());
    }

    let definition = ContentId::from_digest(job.definition);
    let ports =
        ctx.job_store(address, job).and_then(|store| Ok(read_public_ports(store, &definition)?));
    match ports {
        Ok(ports) => Some(list_urls(gateway, *address, &ports)),
        Err(error) => {
            tracing::warn!("cannot say which ports are public: {error:#}");
            None
        }
    }
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}
