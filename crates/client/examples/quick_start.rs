//! Lists a job that prints a greeting: the program of docs/clients.md.

use std::env::var;

use anyhow::{Result, anyhow};
use nosana_client::{Session, actions, jobs::accounts::Config, pda};
use nosana_protocol::job::Kind;
use nosana_store::Store;
use serde_json::json;
use solana_keypair::read_keypair_file;
use solana_signer::Signer;

#[tokio::main]
async fn main() -> Result<()> {
    let session = Session::connect(&var("NOSANA_URL")?, &var("NOSANA_WS")?).await?;
    let client = read_keypair_file(var("NOSANA_KEYPAIR")?).map_err(|error| anyhow!("{error}"))?;

    let steps = json!([{ "name": "greet", "run": "echo hello" }]);
    let run = json!({ "id": "greet", "type": "command/run", "args": { "steps": steps } });
    let definition = json!({ "version": "nosana/1", "ops": [run] });
    let cid = Store::open(var("NOSANA_STORE")?)?.put_json(&definition)?;

    let config: Config = session.fetch_account(&pda::jobs::config()).await?;
    let listing = actions::JobListing {
        nonce: 1,
        definition: cid.digest(),
        kind: Kind::Batch as u8,
        timeout_seconds: 600,
        max_price_per_second: 1_000,
        is_private: false,
    };
    let (address, market) = (client.pubkey(), var("NOSANA_MARKET")?.parse()?);
    let list = actions::list(address, address, market, config.nos_mint, listing);
    session.send_transaction(&[list.into()], &client, &[]).await?;
    println!("{}", pda::jobs::job(&address, 1));
    Ok(())
}
