//! `nosana job share`: a grant for somebody else.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use clap::{Args, value_parser};
use nosana_net::{
    access::{Grant, MAX_GRANT_SECONDS, PortRights, Rights},
    transport::{EndpointId, parse_endpoint_id},
};
use nosana_protocol::job::State;
use serde_json::json;
use solana_address::Address;

use super::{dates::Age, words::describe_state};
use crate::commands::{
    connection::ConnectionOptions,
    dates::format_time,
    values::{parse_address, print_json},
};

/// What is shared, with whom, and for how long.
#[derive(Debug, Args)]
pub struct ShareOptions {
    /// Address of the job
    #[arg(value_parser = parse_address)]
    job: Address,
    /// Share the log; without --logs and --port, the log and all ports are shared
    #[arg(long)]
    logs: bool,
    /// Port to share; may be given several times, at most 16
    #[arg(long, value_name = "PORT", value_parser = value_parser!(u16).range(1..))]
    port: Vec<u16>,
    /// How long the grant is valid, like `30m`, `12h` or `7d`; at most 31 days. It cannot be taken
    /// back
    #[arg(long = "for", value_name = "TIME", default_value = "1h")]
    duration: Age,
    /// Endpoint that may use the grant, as `--identity` of its owner prints it; defaults to anyone
    /// who has the grant
    #[arg(long, value_name = "ID", value_parser = parse_endpoint_id)]
    endpoint: Option<EndpointId>,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Signs and prints a grant.
pub async fn share_job(options: ShareOptions) -> Result<()> {
    let Age(seconds) = options.duration;
    ensure!(
        (1..=MAX_GRANT_SECONDS).contains(&seconds),
        "a grant is valid for 1 second to 31 days; choose another time with --for"
    );
    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;
    ensure!(
        job.client == ctx.address(),
        "{} is not the job's client, who alone can share it; name the key of {} with --keypair",
        ctx.address(),
        job.client
    );
    ensure!(
        job.state != State::Settled as u8,
        "the job has ended: {}; nothing of it can be shared",
        describe_state(&job)
    );

    let rights = choose_rights(options.logs, &options.port)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let expiry = now.as_secs().saturating_add(seconds);
    let grant = Grant::sign(&ctx.keypair, options.job, rights.clone(), expiry, options.endpoint)?;

    if options.connection.is_json() {
        return print_json(&json!({
            "job": options.job.to_string(),
            "grant": grant.to_string(),
            "rights": rights.to_string(),
            "expiry": expiry,
            "endpoint": options.endpoint.map(|endpoint| endpoint.to_string()),
        }));
    }
    println!("{grant}");
    let holder = match options.endpoint {
        Some(endpoint) => format!("the endpoint {endpoint}"),
        None => "anyone who has it".to_owned(),
    };
    let until = format_time(i64::try_from(expiry).unwrap_or(i64::MAX));
    eprintln!("it allows {rights}, until {until}, to {holder}; it cannot be taken back");
    Ok(())
}

fn choose_rights(logs: bool, ports: &[u16]) -> Result<Rights> {
    if !logs && ports.is_empty() {
        return Ok(Rights::all());
    }
    Ok(Rights::new(logs, PortRights::Only(ports.to_vec()))?)
}

#[cfg(test)]
mod tests {
    use super::choose_rights;

    #[test]
    fn what_is_named_is_shared_and_nothing_else() {
        let text = |logs, ports: &[u16]| choose_rights(logs, ports).unwrap().to_string();
        assert_eq!(text(false, &[]), "logs, all ports");
        assert_eq!(text(true, &[]), "logs, no ports");
        assert_eq!(text(false, &[8080]), "no logs, ports 8080");
        assert_eq!(text(true, &[8080, 80]), "logs, ports 80 8080");
        assert!(choose_rights(true, &(1..=17).collect::<Vec<u16>>()).is_err());
    }
}
