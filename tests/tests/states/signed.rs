//! An instruction that a wallet signs which may send it.

use solana_instruction::Instruction;
use solana_keypair::Keypair;

/// A call of an instruction, with its name for messages.
pub struct SignedCall<'a> {
    pub name: String,
    pub instruction: Instruction,
    pub signers: Vec<&'a Keypair>,
}
