//! Lists a batch job on a cluster and waits until it is settled.
//!
//! ```sh
//! cargo run -p nosana-client --example post_job -- \
//!     http://127.0.0.1:8899 ws://127.0.0.1:8900 keypair.json MARKET DIGEST
//! ```
//!
//! `MARKET` is the market's address. `DIGEST` is the SHA-256 digest of the job's definition in
//! hexadecimal: the 32 bytes of its content identifier. Nodes read the definition from their
//! content store, so publish it before you list the job.
//!
//! The keypair pays rent and fees in SOL, and the deposit from its associated NOS account.

use std::env;

use anyhow::{Context, Result, anyhow, bail, ensure};
use nosana_client::{Session, jobs::accounts::Job};
use nosana_protocol::{
    job::{Reason, State},
    units::Amount,
};
use solana_address::Address;
use solana_keypair::read_keypair_file;

/// Longest paid time of the job.
const TIMEOUT_SECONDS: u64 = 600;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [rpc_url, websocket_url, keypair, market, digest] = arguments.as_slice() else {
        bail!("usage: post_job RPC_URL WEBSOCKET_URL KEYPAIR MARKET DIGEST");
    };
    let client = read_keypair_file(keypair)
        .map_err(|error| anyhow!("cannot read the keypair `{keypair}`: {error}"))?;
    let market: Address =
        market.parse().with_context(|| format!("`{market}` is not a valid address"))?;
    let definition = parse_digest(digest)?;

    let session = Session::connect(rpc_url, websocket_url).await?;
    // The client signs and pays, at the market's current price.
    let job = session.list_job(&client, market, definition, TIMEOUT_SECONDS).await?;
    println!("listed job {job}");

    wait_for_settlement(&session, job).await
}

/// Follows the job's account until it is settled.
async fn wait_for_settlement(session: &Session, address: Address) -> Result<()> {
    let mut updates = session.subscribe_account::<Job>(address);
    while let Some(update) = updates.next().await {
        let job = update?.account.context("the job was closed before its settlement was read")?;
        let state = State::from_byte(job.state).context("the job is in an unknown state")?;
        println!("{state:?}");

        if state == State::Settled {
            ensure!(
                job.reason == Reason::Completed as u8,
                "the job ended without a result: {:?}",
                Reason::from_byte(job.reason)
            );
            let refundable = Amount(job.payer_credit);
            println!("result {}, {refundable} to collect", to_hex(&job.result));
            return Ok(());
        }
    }

    bail!("the subscription ended")
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

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
