use nosana_client::ProgramAccount;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::World;
use crate::{
    chain::{Chain, Executed, Lite},
    failure::Failure,
};

/// Returns the instruction with another account in the place of `from`.
pub fn swap(instruction: impl Into<Instruction>, from: Address, to: Address) -> Instruction {
    let mut instruction = instruction.into();
    let metas = instruction.accounts.iter_mut().filter(|meta| meta.pubkey == from);
    assert!(metas.map(|meta| meta.pubkey = to).count() > 0, "the instruction has no {from}");
    instruction
}

/// Returns the instruction without the signature of `signer`.
pub fn unsigned(instruction: impl Into<Instruction>, signer: Address) -> Instruction {
    let mut instruction = instruction.into();
    let metas =
        instruction.accounts.iter_mut().filter(|meta| meta.pubkey == signer && meta.is_signer);
    assert!(
        metas.map(|meta| meta.is_signer = false).count() > 0,
        "{signer} does not sign the instruction"
    );
    instruction
}

impl<C: Chain> World<C> {
    /// Freezes or thaws a token account, as the authority of another mint could.
    pub async fn set_frozen(&self, address: &Address, frozen: bool) {
        const STATE: usize = 108;
        let mut account = self.chain.account(address).await.expect("the account is there");
        account.data[STATE] = if frozen { 2 } else { 1 };
        self.chain.set_account(address, account);
    }

    /// Changes a program's account directly, for states that only a bug could reach.
    pub async fn tamper<T: ProgramAccount>(&self, address: &Address, change: impl FnOnce(&mut T)) {
        let mut account = self.chain.account(address).await.expect("the account is there");
        let (mut value, tail) = T::split_data(&account.data).expect("the account is of this type");
        change(&mut value);
        let mut data = value.to_data();
        data.extend(tail);
        account.data = data;
        self.chain.set_account(address, account);
    }
}

impl World<Lite> {
    /// Simulates an instruction, as if every required signature were there.
    pub fn simulate(&self, instruction: &Instruction) -> Result<Executed, Failure> {
        self.chain.simulate(std::slice::from_ref(instruction), &self.fee_payer.pubkey())
    }
}
