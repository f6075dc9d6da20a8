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

use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use nosana_client::{
    Session, actions,
    jobs::accounts::{Config, Job, Market},
    pda,
};
use nosana_protocol::{
    job::{Kind, Reason, State},
    units::Amount,
};
use solana_address::Address;
use solana_keypair::{Keypair, read_keypair_file};
use solana_signer::Signer;

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
    let job = list_job(&session, &client, market, definition).await?;
    println!("listed job {job}");

    wait_for_settlement(&session, job).await
}

/// Lists a job at the market's current price, and returns its address.
async fn list_job(
    session: &Session,
    client: &Keypair,
    market: Address,
    definition: [u8; 32],
) -> Result<Address> {
    let config: Config = session.fetch_account(&pda::jobs::config()).await?;
    let terms = session.fetch_account::<Market>(&market).await?.terms;

    // The nonce distinguishes the jobs of one client; any unused number does.
    let nonce = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let order = actions::JobListing {
        nonce,
        definition,
        kind: Kind::Batch as u8,
        timeout_seconds: TIMEOUT_SECONDS.min(terms.max_timeout_seconds),
        max_price_per_second: terms.price_per_second,
        is_private: false,
    };
    let address = client.pubkey();
    let list = actions::list(address, address, market, config.nos_mint, order);

    // The client signs and pays: no further signers.
    session.send_transaction(&[list.into()], client, &[]).await?;
    Ok(pda::jobs::job(&address, nonce))
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
