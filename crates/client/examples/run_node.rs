//! Registers a node, takes one job of a market, and submits a result for it.
//!
//! ```sh
//! cargo run -p nosana-client --example run_node -- \
//!     http://127.0.0.1:8899 ws://127.0.0.1:8900 keypair.json MARKET RESULT
//! ```
//!
//! `MARKET` is the market's address. `RESULT` is the SHA-256 digest of the result's file in
//! hexadecimal. A node reads the job's definition from its content store, runs it, and publishes the
//! result before it submits the digest; this example leaves that out, and submits `RESULT` for
//! whatever job comes.
//!
//! The keypair pays rent and fees in SOL. It has a stake, if the market requires one: the example
//! `stake_and_claim` opens it.

use std::{env, time::Duration};

use anyhow::{Context, Result, anyhow, bail, ensure};
use nosana_client::{
    Session, actions,
    jobs::{
        accounts::{Config, Job, Market, Node},
        types::Hardware,
    },
    pda,
    session::Filter,
};
use nosana_protocol::job::State;
use solana_address::Address;
use solana_keypair::{Keypair, read_keypair_file};
use solana_signer::Signer;
use tokio::time::sleep;

/// The pause between two looks for a job.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [rpc_url, websocket_url, keypair, market, digest] = arguments.as_slice() else {
        bail!("usage: run_node RPC_URL WEBSOCKET_URL KEYPAIR MARKET RESULT");
    };
    let authority = read_keypair_file(keypair)
        .map_err(|error| anyhow!("cannot read the keypair `{keypair}`: {error}"))?;
    let market: Address =
        market.parse().with_context(|| format!("`{market}` is not a valid address"))?;
    let result = parse_digest(digest)?;

    let session = Session::connect(rpc_url, websocket_url).await?;
    register_node(&session, &authority).await?;
    let (address, job) = take_job(&session, &authority, market).await?;
    println!("took job {address}");

    submit_result(&session, &authority, address, job, result).await
}

/// Registers the node, unless it is registered.
async fn register_node(session: &Session, authority: &Keypair) -> Result<()> {
    let owner = authority.pubkey();
    if session.find_account::<Node>(&pda::jobs::node(&owner)).await?.is_some() {
        return Ok(());
    }

    // What the node commits to. Markets may require memory and speed; `nosana node` measures them.
    let hardware = Hardware {
        digest: [1; 32],
        vram_mib: 0,
        prompt_tokens_per_second: 0,
        capacity: 1,
        capabilities: 0,
        memory_mib: 1_024,
    };
    let config: Config = session.fetch_account(&pda::jobs::config()).await?;
    let register = actions::register_node(owner, config.nos_mint, hardware);
    session.send_transaction(&[register.into()], authority, &[]).await?;
    Ok(())
}

/// Takes the first waiting job, or waits until one is listed.
async fn take_job(
    session: &Session,
    authority: &Keypair,
    market: Address,
) -> Result<(Address, Job)> {
    let owner = authority.pubkey();
    let price = session.fetch_account::<Market>(&market).await?.terms.price_per_second;
    let work = actions::work(owner, market, price);
    session.send_transaction(&[work.into()], authority, &[]).await?;

    let filters = [
        Filter::new(Job::NODE_OFFSET, pda::jobs::node(&owner)),
        Filter::new(Job::STATE_OFFSET, [State::Matched as u8]),
    ];
    loop {
        if let Some(found) = session.list_accounts::<Job>(&filters).await?.into_iter().next() {
            return Ok(found);
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// Starts the job, and submits its result. A job that runs for longer than the market's
/// `heartbeat_seconds` also needs heartbeats.
async fn submit_result(
    session: &Session,
    authority: &Keypair,
    address: Address,
    job: Job,
    result: [u8; 32],
) -> Result<()> {
    let owner = authority.pubkey();
    let start = actions::start(owner, address, &job);
    session.send_transaction(&[start.into()], authority, &[]).await?;

    // The account names the attempt and the token account that is paid only once the job runs.
    let running: Job = session.fetch_account(&address).await?;
    let finish = actions::finish(owner, address, &running, owner, result, actions::NO_TRACE);
    session.send_transaction(&[finish.into()], authority, &[]).await?;

    let node: Node = session.fetch_account(&pda::jobs::node(&owner)).await?;
    println!("submitted the result; the node has earned {} base units", node.earned);
    Ok(())
}

fn parse_digest(text: &str) -> Result<[u8; 32]> {
    let is_hex = text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    ensure!(is_hex, "`{text}` is not a valid digest: it must have 64 hexadecimal digits");

    let mut digest = [0; 32];
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16)?;
    }
    Ok(digest)
}
