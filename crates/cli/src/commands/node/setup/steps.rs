//! The steps of a setup: each is explained, asked about, and done, or said to be done already.

use anyhow::{Result, bail, ensure};
use nosana_client::{actions, token};
use serde_json::{Value, json};
use solana_instruction::Instruction;

use super::{
    hardware::Seen,
    needs::{DAY, Plan},
};
use crate::{
    commands::{
        connection::Open,
        node::{facts::Facts, slots},
        nos,
    },
    confirm::agreed,
};

/// Walks through the steps, and keeps what became of them.
pub struct Steps<'a> {
    /// The network.
    pub open: &'a Open,
    /// Whether nobody is asked.
    pub yes: bool,
    /// Whether the result is printed as JSON: then what is said goes to stderr.
    pub json: bool,
    /// What was done, and what had been done before.
    pub done: Vec<Value>,
}

impl Steps<'_> {
    /// Says one line.
    pub fn say(&self, line: &str) {
        if self.json {
            eprintln!("{line}");
        } else {
            println!("{line}");
        }
    }

    fn already(&mut self, step: &str, what: &str) {
        self.say(&format!("{step:<11} done already: {what}"));
        self.done.push(json!({ "step": step, "did": false }));
    }

    /// Explains, asks, sends.
    async fn make(&mut self, step: &str, why: &str, what: &[Instruction]) -> Result<()> {
        self.say(&format!("{step:<11} {why}"));
        if !agreed("Do it?", self.yes)? {
            bail!("stopped before the step `{step}`: `nosana node setup` goes on from there");
        }
        let receipt = self.open.send_all(what).await?;
        self.done
            .push(json!({ "step": step, "did": true, "signature": receipt.signature.to_string() }));
        Ok(())
    }

    /// The token account that the node is paid to.
    pub async fn payout(&mut self, facts: &Facts) -> Result<()> {
        let (owner, mint) = (facts.owner, self.open.mint);
        let account = token::associated_address(&owner, &mint);
        if facts.can_be_paid {
            let paid = facts.node.as_ref().map_or(account, |node| node.payout);
            self.already("payout", &format!("the node is paid to {paid}"));
            return Ok(());
        }
        let mut steps = vec![token::create_associated(&owner, &owner, &mint)];
        if facts.node.as_ref().is_some_and(|node| node.payout != account) {
            steps.push(actions::set_payout(owner, account).into());
        }
        self.make(
            "payout",
            &format!("makes {account}, the token account that the node is paid to"),
            &steps,
        )
        .await
    }

    /// The stake.
    pub async fn stake(&mut self, facts: &Facts, plan: &Plan) -> Result<()> {
        let (owner, mint) = (facts.owner, self.open.mint);
        let days = format!("{} days", plan.duration_seconds / DAY);
        if plan.is_done() {
            self.already("stake", &format!("{}, cooldown {days}", nos(plan.amount.into())));
            return Ok(());
        }
        let weight = super::xnos(plan.xnos);
        let add = nos(plan.add.into());
        if plan.restake {
            let why = "breaks the cooldown of the stake off: in it a stake has no weight";
            self.make("restake", why, &[actions::restake(owner).into()]).await?;
        }
        if plan.open {
            let why = format!(
                "stakes {add}, of weight {weight}; after `nosana stake unstake` it comes back over {days}.\n            \
                 Jobs lock a part of it, which is lost in part if the node takes a job and does not start it"
            );
            let stake = actions::stake(owner, mint, plan.add, plan.duration_seconds);
            return self.make("stake", &why, &[stake.into()]).await;
        }
        if plan.add > 0 {
            let why = format!("adds {add} to the stake, which is {} then", nos(plan.amount.into()));
            self.make("stake", &why, &[actions::top_up_stake(owner, mint, plan.add).into()])
                .await?;
        }
        if let Some(seconds) = plan.extend {
            let why = format!(
                "makes the cooldown {days} long, for a weight of {weight}; it never becomes shorter"
            );
            self.make("extend", &why, &[actions::extend_stake(owner, seconds).into()]).await?;
        }
        Ok(())
    }

    /// The node's account.
    pub async fn node(&mut self, facts: &Facts, seen: &Seen) -> Result<()> {
        let (owner, hardware) = (facts.owner, seen.hardware);
        let Some(node) = &facts.node else {
            let why = format!("registers the node {} with this machine", facts.node_address);
            return self
                .make(
                    "register",
                    &why,
                    &[actions::register_node(owner, self.open.mint, hardware).into()],
                )
                .await;
        };
        if seen.known {
            self.already("register", &format!("the node is {}", facts.node_address));
            return Ok(());
        }
        let uses = slots::uses(&self.open.session, &facts.node_address, node).await?;
        ensure!(
            uses.iter().all(|one| one.state == slots::Use::Free),
            "the node's slots are in use, and its hardware is fixed as long: `nosana node drain`, and wait until \
             `nosana node status` shows them free"
        );
        let why = "registers this machine in place of what the node said before";
        self.make("hardware", why, &[actions::update_hardware(owner, hardware).into()]).await
    }
}
