//! `nosana deploy FILE`: keeps the replicas running.

use anyhow::{Result, ensure};
use nosana_client::{jobs::accounts::Config, pda};
use nosana_protocol::units::UnixTimestamp;

use super::{
    content::ReplicaContent,
    cost::{announce_cost, cost_of},
    deployment::{Deployment, DeploymentTerms},
    nonce::DeploymentTag,
    options::RequiredOptions,
    record::{DeploymentRecord, record_path},
    replica::{Replica, find_replicas},
    visibility::{check_record, check_visibility, describe_absence},
};
use crate::{
    commands::{
        job::{
            definition_file::{check_models, read_definition_file},
            listing::collect_inputs,
        },
        values::format_nos,
    },
    confirm::ensure_confirmed,
    shutdown,
};

/// The shortest time for which a job is paid at once, in seconds.
const MIN_CHUNK_SECONDS: u64 = 30;

/// Keeps the replicas running until the time is over or a signal arrives.
pub async fn keep_deployment(options: RequiredOptions) -> Result<()> {
    let definition = read_definition_file(&options.file)?;
    definition.validate_service()?;
    check_models(&definition)?;

    ensure!(
        options.other.chunk.0 >= MIN_CHUNK_SECONDS,
        "--chunk must be at least {MIN_CHUNK_SECONDS} s: each extension is a transaction"
    );

    let name = options.find_name()?;
    let tag = DeploymentTag::of_name(&name)?;
    let ctx = options.other.connect().await?;
    let (market, account) = ctx.fetch_market(options.other.market).await?;
    let config = ctx.session.fetch_account::<Config>(&pda::jobs::config()).await?;
    let max_price = options.other.max_price.map_or(account.terms.price_per_second, |price| price.0);

    let path = record_path(&name, &ctx.address().to_string())?;
    let now = ctx.chain_time().await?;
    let replicas = find_replicas(&ctx, tag, now).await?;
    let is_private = options.other.private;
    let earlier = DeploymentRecord::load(&path)?;
    check_record(&name, is_private, earlier.as_ref(), now)?;
    check_visibility(&name, is_private, &replicas)?;
    if is_private {
        collect_inputs(&ctx, &definition, account.terms.start_seconds).await?;
    }
    let record = find_record(earlier, &options, &replicas, now);
    let is_new = replicas.iter().all(|replica| !replica.is_active());
    if is_new {
        let chunk = cost_of(
            account.terms.price_per_second,
            config.network_fee_bps,
            options.other.chunk.0.min(options.duration.0),
        )?;
        ensure!(
            options.budget.0 >= chunk,
            "a replica costs {} for each --chunk, more than the budget; raise --budget or shorten \
             --chunk",
            format_nos(chunk)
        );
        announce_cost(&options, &account, config.network_fee_bps)?;
        ensure_confirmed("Start the deployment?", options.other.yes)?;
    }
    record.save(&path)?;

    let content = ReplicaContent::prepare(&ctx, definition, is_private)?;
    let fee_bps = config.network_fee_bps;
    let terms =
        DeploymentTerms { name: name.clone(), tag, market, content, max_price, fee_bps, path };
    let mut deployment = Deployment::new(&ctx, &options, terms, record);
    tokio::select! {
        ended = deployment.keep_running() => ended,
        () = shutdown::wait_for_signal() => {
            eprintln!("{}", describe_absence(&name, is_private));
            Ok(())
        }
    }
}

/// The record of an earlier start, if it goes on; else a new one.
fn find_record(
    earlier: Option<DeploymentRecord>,
    options: &RequiredOptions,
    replicas: &[Replica],
    now: UnixTimestamp,
) -> DeploymentRecord {
    let is_private = options.other.private;
    let active = replicas.iter().filter(|replica| replica.is_active());
    let oldest = active.map(|replica| replica.listed_at).min();
    let goes_on = |record: &DeploymentRecord| oldest.is_some() || record.is_held(now.0);
    if let Some(mut record) = earlier.filter(goes_on) {
        record.is_private = Some(is_private);
        return record;
    }

    let begin = oldest.unwrap_or(now.0);
    let ends_at = begin.saturating_add_unsigned(options.duration.0);
    DeploymentRecord::new(begin, ends_at, is_private)
}
