//! Stakes NOS, enters the reward pool, and claims what the position has earned.
//!
//! ```sh
//! cargo run -p nosana-client --example stake_and_claim -- \
//!     http://127.0.0.1:8899 ws://127.0.0.1:8900 keypair.json 150000000
//! ```
//!
//! The last argument is the amount in base units: 150,000,000 are 150 NOS. If the keypair has a
//! stake, the example only claims. It pays rent and fees in SOL, and the stake from its associated
//! NOS account.

use std::env;

use anyhow::{Context, Result, anyhow, bail};
use nosana_client::{
    Session, actions, pda,
    rewards::accounts::{Pool, Position},
    staking::accounts::Stake,
    token::associated_address,
};
use solana_keypair::read_keypair_file;
use solana_signer::Signer;

/// How long the stake's cooldown lasts once it is left: 14 days, the shortest.
const DURATION_SECONDS: u64 = 14 * 86_400;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [rpc_url, websocket_url, keypair, amount] = arguments.as_slice() else {
        bail!("usage: stake_and_claim RPC_URL WEBSOCKET_URL KEYPAIR AMOUNT");
    };
    let owner = read_keypair_file(keypair)
        .map_err(|error| anyhow!("cannot read the keypair `{keypair}`: {error}"))?;
    let amount: u64 = amount
        .parse()
        .with_context(|| format!("`{amount}` is not a valid number of base units"))?;
    let address = owner.pubkey();

    let session = Session::connect(rpc_url, websocket_url).await?;
    let pool: Pool = session.fetch_account(&pda::rewards::pool()).await?;
    let mint = pool.nos_mint;

    // Both in one transaction: a stake earns nothing before it has a position.
    if session.find_account::<Stake>(&pda::staking::stake(&address)).await?.is_none() {
        let stake = actions::open_stake(address, mint, amount, DURATION_SECONDS);
        let enter = actions::enter(address);
        session.send_transaction(&[stake.into(), enter.into()], &owner, &[]).await?;
    }
    let position: Position = session.fetch_account(&pda::rewards::position(&address)).await?;
    println!("the position's weight is {} xNOS of {}", position.weight, pool.total_weight);

    // The associated account exists: the stake was paid from it.
    let wallet = associated_address(&address, &mint);
    let before = session.fetch_token_balance(&wallet).await?;
    let harvest = actions::harvest(address, mint);
    session.send_transaction(&[harvest.into()], &owner, &[]).await?;
    let after = session.fetch_token_balance(&wallet).await?;

    println!("claimed {} base units", after - before);
    Ok(())
}
