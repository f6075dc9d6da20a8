//! Lists a job that prints a greeting: the program of docs/clients.md.

use std::env::var;

use anyhow::{Result, anyhow};
use nosana_client::Session;
use nosana_store::Store;
use serde_json::json;
use solana_keypair::read_keypair_file;

#[tokio::main]
async fn main() -> Result<()> {
    let session = Session::connect(&var("NOSANA_URL")?, &var("NOSANA_WS")?).await?;
    let client = read_keypair_file(var("NOSANA_KEYPAIR")?).map_err(|error| anyhow!("{error}"))?;

    let steps = json!([{ "name": "greet", "run": "echo hello" }]);
    let run = json!({ "id": "greet", "type": "command/run", "args": { "steps": steps } });
    let definition = json!({ "version": "nosana/1", "ops": [run] });
    let cid = Store::open(var("NOSANA_STORE")?)?.put_json(&definition)?;

    let market = var("NOSANA_MARKET")?.parse()?;
    println!("{}", session.list_job(&client, market, cid.digest(), 600).await?);
    Ok(())
}
