//! Changes in a valid instruction, all of which must be refused in every state: a change is only
//! made where the specification leaves no room for it.

use nosana_tests::catalogue::{self, idl::account_names};
use solana_address::Address;
use solana_instruction::Instruction;

use crate::{actors::STRANGER, fixture::Fixture};

/// What is changed in a valid instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// Nothing.
    None,
    /// A signature is missing.
    Unsigned,
    /// Another market.
    Market,
    /// The queue of another market.
    Queue,
    /// The vault of another market.
    Vault,
    /// The refund goes to the stranger.
    Refund,
    /// The pay goes to the stranger.
    Pay,
    /// Another node, with the stake of the right one.
    Node,
    /// Another node's stake.
    Stake,
    /// The job is read-only.
    ReadOnly,
    /// The last byte is missing.
    Cut,
}

impl Fixture {
    /// Tampers with the instruction. Returns false if it has nothing to change.
    pub fn tamper(&self, instruction: &mut Instruction, tampering: Tampering) -> bool {
        let names =
            |all: &[Address]| instruction.accounts.iter().any(|meta| all.contains(&meta.pubkey));
        let in_queue = names(&self.queues) || names(&self.vaults);
        let with_stake = names(&self.stakes);

        match tampering {
            Tampering::None => false,
            Tampering::Unsigned => {
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
            Tampering::Market => in_queue && swap(instruction, &self.markets),
            Tampering::Queue => swap(instruction, &self.queues),
            Tampering::Vault => swap(instruction, &self.vaults),
            Tampering::Refund => {
                let place = refund_place(instruction);
                let stranger = match place {
                    Some(place) if self.wallets.contains(&instruction.accounts[place].pubkey) => {
                        self.wallets[STRANGER]
                    }
                    _ => self.token_accounts[STRANGER],
                };
                place.is_some_and(|place| replace(instruction, place, stranger))
            }
            // Before the start the instructions name the payer's account in the node's place.
            Tampering::Pay => {
                let refund = refund_place(instruction);
                let pay = account_place(instruction, "node_token");
                pay.zip(refund).is_some_and(|(pay, refund)| {
                    instruction.accounts[refund].pubkey != instruction.accounts[pay].pubkey
                        && replace(instruction, pay, self.token_accounts[STRANGER])
                })
            }
            // Without a stake to compare with, it might be the signer's own node.
            Tampering::Node => with_stake && swap(instruction, &self.nodes),
            Tampering::Stake => swap(instruction, &self.stakes),
            Tampering::ReadOnly => {
                let meta =
                    instruction.accounts.iter_mut().find(|meta| self.jobs.contains(&meta.pubkey));
                meta.is_some_and(|meta| std::mem::replace(&mut meta.is_writable, false))
            }
            Tampering::Cut => instruction.data.pop().is_some(),
        }
    }
}

/// The place of the account to which the instruction refunds: the payer's, unless the payer signs
/// and so pays from it.
fn refund_place(instruction: &Instruction) -> Option<usize> {
    let payer = account_place(instruction, "payer");
    if payer.is_some_and(|place| instruction.accounts[place].is_signer) {
        return None;
    }
    account_place(instruction, "payer_token").or(payer)
}

/// The place of the account with this name in the IDL.
fn account_place(instruction: &Instruction, name: &str) -> Option<usize> {
    let entry = catalogue::identify(instruction)?;
    account_names(entry.program, entry.name).iter().position(|found| found == name)
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
