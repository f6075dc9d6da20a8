//! What a node needs on the chain before it can take a job: access to the market, a stake, an
//! account.

use anyhow::{Context, Result, ensure};
use nosana_client::{actions, jobs::accounts::Node, pda, staking::accounts::Stake, token};
use nosana_engine::HardwareCommitment;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{
    slots::Slots,
    worker::{NO_STAKE, Worker},
};

impl Worker {
    /// Checks the node against the market's terms, stakes, and registers the node, where that has
    /// not been done or `account` differs.
    pub(crate) async fn join_market(&self, account: Option<&Node>) -> Result<()> {
        self.check_access().await?;
        let is_idle = self.is_idle(account).await?;
        if is_idle {
            self.machine.check_hardware(&self.market.terms)?;
        }
        self.ensure_stake().await.context("cannot stake")?;

        match account {
            None => self.register_node().await.context("cannot register the node")?,
            Some(node) if self.machine.registered && self.machine.reports_capabilities(node) => {}
            Some(node) if is_idle => {
                self.update_hardware(node).await.context("cannot register the new hardware")?;
            }
            // The jobs that the node holds rely on the registered hardware until they end.
            Some(_) if self.machine.registered => tracing::debug!(
                "what this machine can run has changed; it is registered at the next start with \
                 free slots"
            ),
            Some(_) => tracing::warn!(
                "the hardware has changed; it is registered at the next start with free slots"
            ),
        }

        Ok(())
    }

    /// Fails before anything is staked if the market is not open to this owner.
    async fn check_access(&self) -> Result<()> {
        let owner = self.config.authority.pubkey();
        let collection = self.market.terms.access_collection;
        let is_open =
            collection == Address::default() || self.find_access(&collection).await?.is_some();
        ensure!(
            is_open,
            "this market is for holders of a token of the collection {collection}, and {owner} \
             has none"
        );

        Ok(())
    }

    /// Checks the owner's stake, or makes one.
    async fn ensure_stake(&self) -> Result<()> {
        let owner = self.config.authority.pubkey();
        let address = pda::staking::stake(&owner);

        if let Some(stake) = self.session.find_account::<Stake>(&address).await? {
            let delegated = if stake.unstaked_at == 0 { stake.delegated_xnos } else { 0 };
            let total = stake.xnos.saturating_add(delegated);
            let required = self.market.terms.min_xnos;
            ensure!(
                total >= required,
                "the stake has {total} xNOS and the market requires {required}: stake more, or \
                 longer"
            );
            return Ok(());
        }

        ensure!(self.config.stake_amount > 0, NO_STAKE);
        let stake = actions::open_stake(
            owner,
            self.config.mint,
            self.config.stake_amount,
            self.config.stake_duration_seconds,
        );
        self.send_silently(&[stake.into()]).await
    }

    async fn register_node(&self) -> Result<()> {
        let owner = self.config.authority.pubkey();
        let mint = self.config.mint;

        let payout = token::create_associated_account(&owner, &owner, &mint);
        let hardware = self.machine.onchain_hardware(self.config.slots)?;
        let register = actions::register_node(owner, mint, hardware);
        self.send_silently(&[payout, register.into()]).await
    }

    /// Registers the current hardware and keeps the number of slots.
    async fn update_hardware(&self, node: &Node) -> Result<()> {
        let owner = self.config.authority.pubkey();
        let hardware = self.machine.onchain_hardware(node.capacity)?;
        self.send_silently(&[actions::update_hardware(owner, hardware).into()]).await?;

        let HardwareCommitment {
            device,
            prompt_tokens_per_second,
            weights_bytes_per_second,
            vram_mib,
            ..
        } = &self.machine.commitment;
        let memory_mib = hardware.memory_mib;
        tracing::info!(
            device,
            prompt_tokens_per_second,
            weights_bytes_per_second,
            vram_mib,
            memory_mib,
            "registered the new hardware"
        );
        Ok(())
    }

    /// Returns whether no slot is in use, so that the hardware may change.
    async fn is_idle(&self, node: Option<&Node>) -> Result<bool> {
        let Some(node) = node else { return Ok(true) };
        let slots = Slots::read_from(node, self.session.fetch_clock().await?.unix_timestamp);
        Ok(slots.are_unused() && slots.resting == 0)
    }

    /// Sends instructions without an event: the worker has no listener yet.
    async fn send_silently(&self, instructions: &[Instruction]) -> Result<()> {
        self.session.send_transaction(instructions, &*self.config.authority, &[]).await?;
        Ok(())
    }
}
