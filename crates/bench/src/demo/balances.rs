//! Reads the balances of a demo.

use anyhow::{Context, Result};
use nosana_client::{pda, token};
use nosana_localnet::World;
use solana_signer::Signer;

use crate::balances::{BalanceSheet, Balances, ExpectedChanges, Period, TokenHolder};

/// Reads the base units of each holder.
pub async fn fetch_balances(world: &World) -> Result<Balances> {
    let mut balances = Balances::default();
    for (balance, holder) in balances.iter_mut().zip(TokenHolder::ALL) {
        let account = match holder {
            TokenHolder::Client => world.token_account(&world.client.pubkey()),
            TokenHolder::Node => world.token_account(&world.node.pubkey()),
            TokenHolder::Staker => world.token_account(&world.staker.pubkey()),
            TokenHolder::Deployer => world.token_account(&world.deployer.pubkey()),
            TokenHolder::MarketVault => pda::jobs::vault(&world.market),
            TokenHolder::StakingVault => pda::staking::vault(),
            TokenHolder::RewardsVault => pda::rewards::vault(),
        };
        *balance = world
            .session
            .fetch_token_balance(&account)
            .await
            .with_context(|| format!("cannot read the balance of the {}", holder.name()))?;
    }

    Ok(balances)
}

/// Returns the periods between these balances, each with its expected changes.
pub async fn build_balance_sheet(
    world: &World,
    balances: [Balances; 4],
    changes: [(&str, ExpectedChanges); 3],
) -> Result<BalanceSheet> {
    let mint =
        world.session.fetch_raw_account(&world.mint).await?.context("cannot find the mint")?;
    let supply = token::read_mint(&mint.data)?.supply;

    let periods = balances.windows(2).zip(changes).filter_map(|(ends, (name, expected))| {
        let [before, after] = *ends else { return None };
        Some(Period { name: name.to_owned(), before, after, expected })
    });
    Ok(BalanceSheet::new(supply, periods.collect()))
}
