//! `nosana job connect`: ports of this machine that lead to the ports of a running job.

use std::{
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    time::Duration,
};

use anyhow::{Result, bail, ensure};
use clap::Args;
use nosana_client::{Session, jobs::accounts::Job};
use nosana_gateway::JobHost;
use nosana_net::{
    forward::PortListener,
    job::{LinkStatus, PortStatus},
};
use nosana_protocol::job::State;
use serde_json::json;
use solana_address::Address;
use tokio::time::sleep;

use super::{
    port_choice::PortChoice,
    reach::{JobReach, ReachOptions, StartNotice, wait_until_running},
    words::describe_state,
};
use crate::{
    commands::{
        connection::ConnectionOptions,
        public_urls::GatewayOptions,
        values::{parse_address, print_json},
    },
    shutdown,
};

/// How often a port that is not ready is looked at.
const READY_INTERVAL: Duration = Duration::from_millis(500);

/// A job, and its ports.
#[derive(Debug, Args)]
pub struct ConnectOptions {
    /// Address of the job
    #[arg(value_parser = parse_address)]
    job: Address,
    /// Port of the job, or a port of this machine and the job's, like 9000:8080; may be given
    /// several times; defaults to all that the job exposes
    #[arg(short, long, value_name = "[LOCAL:]PORT")]
    port: Vec<PortChoice>,
    /// Wait until a node runs the job and the ports are ready
    #[arg(short, long)]
    wait: bool,
    #[command(flatten)]
    gateway: GatewayOptions,
    #[command(flatten)]
    reach: ReachOptions,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Forwards ports until the job ends, or until a signal.
pub async fn connect_ports(options: ConnectOptions) -> Result<()> {
    tokio::select! {
        ended = forward_ports(&options) => ended,
        () = shutdown::wait_for_signal() => Ok(()),
    }
}

async fn forward_ports(options: &ConnectOptions) -> Result<()> {
    let session = options.connection.open_session().await?;
    let job = find_running(&session, options).await?;
    let relays = options.connection.relays()?;
    let read_key = || options.connection.read_key();
    let reach =
        JobReach::prepare(&session, &options.reach, relays, options.job, &job, read_key).await?;

    let exposed = reach.list_ports().await?;
    let chosen = PortChoice::choose(&options.port, &exposed)?;
    if options.wait {
        wait_until_ready(&reach, options.job, &chosen).await?;
    }

    let mut listeners = Vec::new();
    for choice in &chosen {
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, choice.local));
        listeners.push(PortListener::bind(reach.link.clone(), local, choice.remote).await?);
    }
    print_ports(options, &chosen, &exposed)?;

    let mut status = pin!(report_status(&reach));
    tokio::select! {
        reason = wait_for_end(&session, options.job) => eprintln!("{}", reason?),
        reason = wait_for_listeners(&mut listeners) => eprintln!("{reason}"),
        () = &mut status => {}
    }
    reach.close().await;
    Ok(())
}

async fn find_running(session: &Session, options: &ConnectOptions) -> Result<Job> {
    if options.wait {
        return wait_until_running(session, options.job, StartNotice::Print).await;
    }

    let Some(job) = session.find_account::<Job>(&options.job).await? else {
        bail!("cannot find a job at {}: it was never listed, or is closed already", options.job);
    };
    ensure!(
        job.state == State::Running as u8,
        "the job does not run: it is {}; --wait waits for its start",
        describe_state(&job)
    );
    Ok(job)
}

async fn wait_until_ready(reach: &JobReach, job: Address, chosen: &[PortChoice]) -> Result<()> {
    let mut is_announced = false;

    loop {
        let exposed = reach.list_ports().await?;
        let is_ready = |choice: &PortChoice| {
            exposed.iter().any(|status| status.port == choice.remote && status.is_ready)
        };
        if chosen.iter().all(is_ready) {
            return Ok(());
        }

        if !is_announced {
            is_announced = true;
            eprintln!(
                "the job runs, and its ports are not ready yet; `nosana job logs {job} --follow` \
                 says why"
            );
        }
        sleep(READY_INTERVAL).await;
    }
}

fn print_ports(
    options: &ConnectOptions,
    chosen: &[PortChoice],
    exposed: &[PortStatus],
) -> Result<()> {
    let url = |choice: &PortChoice| format!("http://127.0.0.1:{}", choice.local);
    let public_url = |choice: &PortChoice| {
        let port = choice.remote;
        let is_public = exposed.iter().any(|status| status.port == port && status.is_public);
        let gateway = options.gateway.gateway.as_ref().filter(|_| is_public)?;
        Some(gateway.job_url(JobHost { job: options.job, port }))
    };
    if options.connection.is_json() {
        let ports = chosen.iter().map(|choice| {
            json!({
                "port": choice.remote,
                "local_port": choice.local,
                "url": url(choice),
                "public_url": public_url(choice),
            })
        });
        return print_json(&json!({ "ports": ports.collect::<Vec<_>>() }));
    }

    for choice in chosen {
        let name = exposed
            .iter()
            .find(|status| status.port == choice.remote && !status.name.is_empty())
            .map_or_else(String::new, |status| format!(" ({})", status.name));
        println!("{} leads to port {}{name} of the job", url(choice), choice.remote);
        if let Some(public_url) = public_url(choice) {
            println!("{public_url} leads there for everybody");
        }
    }
    eprintln!("until the job ends, or Ctrl-C");
    Ok(())
}

/// Prints when the line to the node is cut, and when it is made again.
async fn report_status(reach: &JobReach) {
    let mut status = reach.link.watch_status();
    let mut is_cut = false;

    while status.changed().await.is_ok() {
        match &*status.borrow_and_update() {
            LinkStatus::Idle => {}
            LinkStatus::Connected if is_cut => {
                is_cut = false;
                eprintln!("connected again");
            }
            LinkStatus::Connected => {}
            LinkStatus::Reconnecting(reason) if !is_cut => {
                is_cut = true;
                eprintln!("the line to the node is cut: {reason}; connecting again");
            }
            LinkStatus::Reconnecting(_) => {}
        }
    }
}

/// Returns why the job no longer runs, by its account.
async fn wait_for_end(session: &Session, address: Address) -> Result<String> {
    let mut updates = session.subscribe_account::<Job>(address);

    while let Some(update) = updates.next().await {
        match update?.account {
            Some(job) if job.state == State::Running as u8 => {}
            Some(job) => return Ok(format!("the job has ended: it is {}", describe_state(&job))),
            None => return Ok("the job has ended, and its account is closed".to_owned()),
        }
    }
    // The listeners notice the end, too.
    std::future::pending().await
}

/// Returns why the node serves no more connections.
async fn wait_for_listeners(listeners: &mut [PortListener]) -> String {
    loop {
        for listener in listeners.iter_mut() {
            let ended = tokio::time::timeout(Duration::ZERO, listener.wait_for_end()).await;
            if let Ok(reason) = ended {
                return reason.to_string();
            }
        }
        sleep(READY_INTERVAL).await;
    }
}
