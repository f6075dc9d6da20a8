//! The runtime against the model: all accounts, with every field that the model has.

mod dispute;
mod job;
mod market;
mod node;

use std::fmt::Debug;

use nosana_client::{
    ProgramAccount,
    jobs::accounts::{Config, Panelists},
    pda,
};
use nosana_tests::terms::STAKE;
use solana_address::Address;

use crate::{
    actors::{DEPLOYER, JOBS, MARKETS, NODES, TOKEN_ACCOUNTS},
    fixture::Fixture,
    model::Model,
};

/// Ok, or what differs.
pub type Difference = Result<(), String>;

/// Fails with both values if they differ.
fn compare_values<T: PartialEq + Debug>(what: &str, actual: &T, expected: &T) -> Difference {
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{what}\nis       {actual:?}\nexpected {expected:?}"))
    }
}

impl Fixture {
    /// Compares everything.
    pub async fn compare(&self, model: &Model) -> Difference {
        model.check_invariants();
        compare_values("the time", &self.world.now(), &model.now)?;
        self.compare_config(model).await?;
        for market in 0..MARKETS {
            self.compare_market(model, market).await?;
        }
        for job in 0..JOBS {
            self.compare_job(model, job).await?;
        }
        for key in model.disputes.keys() {
            self.compare_dispute(model, *key).await?;
        }
        for node in 0..NODES {
            self.compare_node(model, node).await?;
        }
        let panelists: Panelists = self.world.get(&pda::jobs::panelists()).await;
        compare_values("the weight of all panelists", &panelists.weight, &model.panel_weight())?;
        for account in 0..TOKEN_ACCOUNTS {
            let held = self.balance_of(&self.token_accounts[account]).await;
            compare_values(&format!("token account {account}"), &held, &model.balances[account])?;
        }
        let staked = self.balance_of(&pda::staking::vault()).await;
        compare_values("the staking vault", &staked, &Some(model.staked() + STAKE))?;
        compare_values(
            "the reward vault",
            &self.balance_of(&pda::rewards::vault()).await,
            &Some(model.income),
        )?;
        compare_values("the supply", &self.world.supply().await, &(self.supply - model.burned))
    }

    /// Returns an account, which must exist exactly if the model has it.
    async fn found<T: ProgramAccount>(
        &self,
        address: &Address,
        expected: bool,
    ) -> Result<Option<T>, String> {
        let found = self.world.find::<T>(address).await;
        compare_values(
            &format!("whether there is a {} at {address}", T::NAME),
            &found.is_some(),
            &expected,
        )?;
        Ok(found)
    }

    async fn compare_config(&self, model: &Model) -> Difference {
        let actual: Config = self.world.get(&pda::jobs::config()).await;
        let (fee, deposit, longest) = model.config.policy;
        let ((next_fee, next_deposit, next_longest), from) =
            model.config.announced.unwrap_or_default();
        let expected = Config {
            admin: self.wallets[DEPLOYER],
            pending_admin: Address::default(),
            guardian: self.wallets[DEPLOYER],
            nos_mint: self.world.mint,
            market_deposit: deposit,
            max_timeout_seconds: longest,
            pending_market_deposit: next_deposit,
            pending_max_timeout_seconds: next_longest,
            pending_from: from,
            network_fee_bps: fee,
            pending_network_fee_bps: next_fee,
            paused: model.config.paused.into(),
            version: actual.version,
            bump: actual.bump,
            padding: [0; 1],
            reserved: [0; 128],
        };
        compare_values("the configuration", &actual, &expected)
    }
}
