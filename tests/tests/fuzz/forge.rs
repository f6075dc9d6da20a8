//! What the forger changes. Every forgery that is made has to be refused, whatever the state is: so
//! one is only made where the specification leaves no room for it.

use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    cast::STRANGER,
    stage::Stage,
    step::{Action, Forgery, Step},
};

impl Stage {
    /// Forges the instruction of `step`; whether there was anything to forge.
    pub fn forge(&self, instruction: &mut Instruction, step: &Step) -> bool {
        let names =
            |all: &[Address]| instruction.accounts.iter().any(|meta| all.contains(&meta.pubkey));
        let (in_queue, with_stake) =
            (names(&self.queues) || names(&self.vaults), names(&self.stakes));
        match step.forgery {
            Forgery::Honest => false,
            Forgery::Unsigned => {
                let signer =
                    instruction.accounts.iter().find(|meta| meta.is_signer).map(|meta| meta.pubkey);
                // It may be there twice, as client and as payer.
                for meta in
                    instruction.accounts.iter_mut().filter(|meta| Some(meta.pubkey) == signer)
                {
                    meta.is_signer = false;
                }
                signer.is_some()
            }
            Forgery::Market => in_queue && swap(instruction, &self.markets),
            Forgery::Queue => swap(instruction, &self.queues),
            Forgery::Vault => swap(instruction, &self.vaults),
            Forgery::Refund => match step.action {
                Action::Clean { .. } => replace(instruction, 1, self.wallets[STRANGER]),
                Action::ExpireQueued { .. } => replace(instruction, 4, self.purses[STRANGER]),
                Action::Cancel { .. } | Action::ExpireMatch { .. } => {
                    replace(instruction, 5, self.purses[STRANGER])
                }
                _ => ends_a_run(&step.action) && replace(instruction, 6, self.purses[STRANGER]),
            },
            // Before the start any account stands in for the node's: then it is the payer's, for
            // this client.
            Forgery::Pay => {
                ends_a_run(&step.action)
                    && instruction.accounts[6].pubkey != instruction.accounts[7].pubkey
                    && replace(instruction, 7, self.purses[STRANGER])
            }
            // Without a stake to compare with, it might be the signer's own node.
            Forgery::Node => with_stake && swap(instruction, &self.nodes),
            Forgery::Stake => swap(instruction, &self.stakes),
            Forgery::ReadOnly => {
                let meta =
                    instruction.accounts.iter_mut().find(|meta| self.jobs.contains(&meta.pubkey));
                meta.is_some_and(|meta| std::mem::replace(&mut meta.is_writable, false))
            }
            Forgery::Cut => instruction.data.pop().is_some(),
        }
    }
}

/// Whether the action takes a job from its node: these instructions have the same accounts.
const fn ends_a_run(action: &Action) -> bool {
    matches!(
        action,
        Action::Stop { .. }
            | Action::Accept { .. }
            | Action::Finish { .. }
            | Action::Quit { .. }
            | Action::ExpireRun { .. }
            | Action::Settle { .. }
    )
}

/// Puts the next one of `all` in the place of each.
fn swap(instruction: &mut Instruction, all: &[Address]) -> bool {
    let mut changed = false;
    for meta in &mut instruction.accounts {
        if let Some(found) = all.iter().position(|address| *address == meta.pubkey) {
            meta.pubkey = all[(found + 1) % all.len()];
            changed = true;
        }
    }
    changed
}

fn replace(instruction: &mut Instruction, at: usize, with: Address) -> bool {
    instruction.accounts[at].pubkey = with;
    true
}
