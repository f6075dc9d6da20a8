//! The steps of a setup. Each is explained, confirmed and sent, or reported as done already.

use anyhow::{Result, bail, ensure};
use nosana_client::actions;
use nosana_protocol::units::SECONDS_PER_DAY;
use serde_json::{Value, json};
use solana_instruction::Instruction;

use super::{hardware::DetectedHardware, plan::StakePlan};
use crate::{
    commands::{
        context::CliContext,
        node::{
            owner_state::OwnerState,
            slots::{SlotUse, fetch_slots},
        },
        values::{format_nos, format_xnos},
    },
    confirm::ask_confirmation,
};

/// Runs the steps, and records each.
pub struct SetupSteps<'a> {
    /// The network and the key.
    pub ctx: &'a CliContext,
    /// Whether to skip the questions.
    pub yes: bool,
    /// Whether the result is printed as JSON; the explanations go to standard error then.
    pub as_json: bool,
    /// The steps that were sent, and those that were done already.
    pub done: Vec<Value>,
}

impl SetupSteps<'_> {
    /// Prints one line of explanation.
    pub fn print_line(&self, line: &str) {
        if self.as_json {
            eprintln!("{line}");
        } else {
            println!("{line}");
        }
    }

    fn skip_step(&mut self, step: &str, what: &str) {
        self.print_line(&format!("{step:<11} done already: {what}"));
        self.done.push(json!({ "step": step, "did": false }));
    }

    /// Explains the step, asks, and sends it.
    async fn run_step(&mut self, step: &str, why: &str, what: &[Instruction]) -> Result<()> {
        self.print_line(&format!("{step:<11} {why}"));
        if !ask_confirmation("Do it?", self.yes)? {
            bail!("stopped before the step `{step}`; `nosana node setup` continues from there");
        }

        let receipt = self.ctx.send_all(what).await?;
        let signature = receipt.signature.to_string();
        self.done.push(json!({ "step": step, "did": true, "signature": signature }));
        Ok(())
    }

    /// Creates the token account that the node is paid to.
    pub async fn open_payout_account(&mut self, state: &OwnerState) -> Result<()> {
        let account = self.ctx.token_account();
        if state.can_be_paid {
            let payout = state.node.as_ref().map_or(account, |node| node.payout);
            self.skip_step("payout", &format!("the node is paid to {payout}"));
            return Ok(());
        }

        let mut steps = vec![self.ctx.create_token_account()];
        if state.node.as_ref().is_some_and(|node| node.payout != account) {
            steps.push(actions::set_payout(state.owner, account).into());
        }
        let why = format!("creates {account}, the token account that the node is paid to");
        self.run_step("payout", &why, &steps).await
    }

    /// Opens the stake, or brings it to the planned amount and cooldown.
    pub async fn adjust_stake(&mut self, state: &OwnerState, plan: &StakePlan) -> Result<()> {
        let owner = state.owner;
        let mint = self.ctx.mint;
        let days = format!("{} days", plan.duration_seconds / SECONDS_PER_DAY);
        let added = format_nos(plan.added);
        let amount = format_nos(plan.amount);
        let weight = format_xnos(plan.xnos);

        if plan.is_done() {
            self.skip_step("stake", &format!("{amount}, cooldown {days}"));
            return Ok(());
        }
        if plan.cancels_cooldown {
            let why = "cancels the cooldown of the stake, during which it has no weight";
            self.run_step("restake", why, &[actions::restake(owner).into()]).await?;
        }
        if plan.opens_stake {
            let why = format!(
                "stakes {added}, of weight {weight}; \
                 after `nosana stake unstake` it comes back over {days}.\n            \
                 Jobs lock a part of it; the node loses some of that \
                 if it takes a job and does not start it"
            );
            let stake = actions::open_stake(owner, mint, plan.added, plan.duration_seconds);
            return self.run_step("stake", &why, &[stake.into()]).await;
        }

        if plan.added > 0 {
            let why = format!("adds {added} to the stake, for a total of {amount}");
            let top_up = actions::top_up_stake(owner, mint, plan.added);
            self.run_step("stake", &why, &[top_up.into()]).await?;
        }
        if let Some(seconds) = plan.extended_seconds {
            let why = format!(
                "extends the cooldown to {days}, for a weight of {weight}; \
                 it never becomes shorter"
            );
            self.run_step("extend", &why, &[actions::extend_stake(owner, seconds).into()]).await?;
        }
        Ok(())
    }

    /// Registers the node, or its changed hardware.
    pub async fn register_node(
        &mut self,
        state: &OwnerState,
        detected: &DetectedHardware,
    ) -> Result<()> {
        let owner = state.owner;
        let hardware = detected.hardware;
        let Some(node) = &state.node else {
            let why = format!("registers the node {} with this machine", state.node_address);
            let register = actions::register_node(owner, self.ctx.mint, hardware);
            return self.run_step("register", &why, &[register.into()]).await;
        };
        if detected.is_registered {
            self.skip_step("register", &format!("the node is {}", state.node_address));
            return Ok(());
        }

        let slots = fetch_slots(&self.ctx.session, &state.node_address, node).await?;
        ensure!(
            slots.iter().all(|slot| slot.usage == SlotUse::Free),
            "the node's slots are in use, and its hardware cannot change until they are free; \
             run `nosana node drain`, and wait until `nosana node status` shows them free"
        );
        let why = "registers this machine in place of the node's earlier hardware";
        let update = actions::update_hardware(owner, hardware);
        self.run_step("hardware", why, &[update.into()]).await
    }
}
