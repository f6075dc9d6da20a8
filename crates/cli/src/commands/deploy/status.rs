//! `nosana deploy status`: the replicas of a deployment.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use clap::Args;
use nosana_gateway::GatewayUrl;
use nosana_job_spec::ContentId;
use nosana_protocol::units::UnixTimestamp;
use serde_json::{Value, json};

use super::{
    nonce::DeploymentTag,
    readiness::Readiness,
    record::{DeploymentRecord, record_path},
    replica::{Phase, Replica, find_replicas},
    reports::{Reading, Reports},
    visibility::describe_visibility,
};
use crate::commands::{
    connection::ConnectionOptions,
    context::CliContext,
    job::dates::format_time,
    public_urls::{GatewayOptions, PublicUrl, list_urls, read_public_ports},
    values::{format_nos, print_json},
};

/// A deployment.
#[derive(Debug, Args)]
pub struct StatusOptions {
    /// Its name
    name: String,
    #[command(flatten)]
    gateway: GatewayOptions,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Shows the replicas.
pub async fn show_deployment(options: StatusOptions) -> Result<()> {
    let tag = DeploymentTag::of_name(&options.name)?;
    let ctx = options.connection.connect().await?;
    let now = ctx.chain_time().await?;
    let replicas = find_replicas(&ctx, tag, now).await?;
    let record = DeploymentRecord::load(&record_path(&options.name, &ctx.address().to_string())?)?;

    ensure!(
        record.is_some() || !replicas.is_empty(),
        "no deployment of this wallet is named `{}`",
        options.name
    );
    let closed = record.as_ref().map_or(0, |record| record.closed_cost(&replicas));
    let spent = replicas.iter().map(|replica| replica.committed).fold(closed, u64::saturating_add);
    let ends_at = record.as_ref().map(|record| record.ends_at);
    let replacements = record.map(|record| record.replacements).unwrap_or_default();
    let reports = Reports::read_all(&ctx, &replicas).await;
    let active: Vec<&Replica> = replicas.iter().filter(|replica| replica.is_active()).collect();
    let visibility = describe_visibility(&active);
    let mut public_ports = PublicPorts::new(&ctx, options.gateway.gateway.as_ref());
    let shown = active.into_iter().map(|replica| (replica, public_ports.find_urls(replica)));
    if options.connection.is_json() {
        return print_json(&json!({
            "name": options.name,
            "ends_at": ends_at,
            "spent": spent,
            "unhealthy_in_row": replacements.in_row(),
            "next_listing": replacements.next_listing(now.0),
            "replicas": shown
                .map(|(replica, public_urls)| {
                    replica_to_json(replica, public_urls.as_deref(), reports.find_reading(replica))
                })
                .collect::<Vec<_>>(),
        }));
    }

    println!("name      {}", options.name);
    println!("ends      {}", ends_at.map_or_else(|| "-".to_owned(), format_time));
    println!("spent     {}, with the deposits of what runs", format_nos(spent));
    if let Some(visibility) = visibility {
        println!("content   {visibility}");
    }
    if let Some(delay) = replacements.describe_delay(now.0) {
        println!("health    {delay}");
    }
    for (replica, public_urls) in shown {
        let ready = describe_reading(reports.find_reading(replica));
        println!("replica   {}{ready}", describe_replica(replica, Some(now)));
        for public in public_urls.iter().flatten() {
            println!("url       {}", public.url);
        }
    }
    Ok(())
}

/// The public ports of the definitions of a deployment, each of which is read once.
struct PublicPorts<'a> {
    ctx: &'a CliContext,
    gateway: Option<&'a GatewayUrl>,
    /// `None` if the definition cannot be read.
    known: HashMap<ContentId, Option<Vec<u16>>>,
}

impl<'a> PublicPorts<'a> {
    fn new(ctx: &'a CliContext, gateway: Option<&'a GatewayUrl>) -> Self {
        Self { ctx, gateway, known: HashMap::new() }
    }

    /// Returns the URLs of a replica's public ports. `None` without a gateway, or if the definition
    /// cannot be read: nothing is guessed.
    fn find_urls(&mut self, replica: &Replica) -> Option<Vec<PublicUrl>> {
        let gateway = self.gateway?;
        let ctx = self.ctx;
        let read = || {
            let ports = read_ports(ctx, replica);
            ports.inspect_err(|error| {
                tracing::warn!("cannot say which ports are public: {error:#}");
            })
        };
        let known = self.known.entry(replica.definition);
        let ports = known.or_insert_with(|| read().ok()).as_deref()?;
        Some(list_urls(gateway, replica.address, ports))
    }
}

/// The public ports of a replica. The definition of a private one comes from this machine, or from
/// the node that runs it.
fn read_ports(ctx: &CliContext, replica: &Replica) -> Result<Vec<u16>> {
    let store = ctx.open_content(replica.address, replica.is_private)?;
    Ok(read_public_ports(store, &replica.definition)?)
}

/// One line about a replica.
pub(super) fn describe_replica(replica: &Replica, now: Option<UnixTimestamp>) -> String {
    let address = replica.address;

    match replica.phase {
        Phase::Waiting => format!("{address} waits for a node"),
        Phase::Stranded => format!("{address} waits, and its content is lost"),
        Phase::Unhealthy => format!("{address} is not healthy"),
        Phase::Running { node, ends_at, has_ended, .. } => {
            let left = now.map(|now| ends_at.saturating_sub(now.0).max(0));
            let left = left.map_or_else(String::new, |left| format!(", paid for {left} s more"));
            let ended = if has_ended { "; its node has given up" } else { "" };
            format!("{address} runs on {node}{left}{ended}")
        }
        Phase::Over => format!("{address} is over"),
    }
}

/// How many ports are ready; nothing if that is not known, or if no port is exposed.
fn describe_reading(reading: Reading<'_>) -> String {
    let ready = match reading {
        Reading::Known(readiness) => readiness.describe(),
        Reading::Unknown | Reading::Pending => None,
    };
    ready.map_or_else(String::new, |ready| format!(", {ready}"))
}

fn replica_to_json(
    replica: &Replica,
    public_urls: Option<&[PublicUrl]>,
    reading: Reading<'_>,
) -> Value {
    let (node, ends_at) = match replica.phase {
        Phase::Running { node, ends_at, .. } => (Some(node.to_string()), Some(ends_at)),
        Phase::Waiting | Phase::Stranded | Phase::Unhealthy | Phase::Over => (None, None),
    };
    let readiness = match reading {
        Reading::Known(readiness) => Some(readiness),
        Reading::Unknown | Reading::Pending => None,
    };

    json!({
        "job": replica.address.to_string(),
        "node": node,
        "paid_until": ends_at,
        "committed": replica.committed,
        "private": replica.is_private,
        "public_urls": public_urls,
        "healthy": readiness.and_then(Readiness::is_healthy),
        "ports": readiness.map(Readiness::ports),
    })
}
