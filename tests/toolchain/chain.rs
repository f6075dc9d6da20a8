//! The program in the real runtime.

use std::{env, path::PathBuf};

use anyhow::{Context, Result, anyhow};
use litesvm::LiteSVM;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_transaction::Transaction;

use crate::cases::INPUT_LEN;

/// A runtime with the program loaded.
pub struct Chain {
    svm: LiteSVM,
    payer: Keypair,
    program: Address,
}

impl Chain {
    /// Loads the program that `cargo xtask build-programs` has built.
    pub fn new() -> Result<Self> {
        let deploy = env::var_os("SBF_OUT_DIR").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/deploy")),
            PathBuf::from,
        );
        let file = deploy.join("toolchain_selftest.so");
        let mut svm = LiteSVM::new().with_sigverify(false).with_transaction_history(0);
        let program = Address::new_from_array([7; 32]);
        svm.add_program_from_file(program, &file)
            .map_err(|error| anyhow!("{error}"))
            .with_context(|| {
                format!("{} does not load; `cargo xtask build-programs` makes it", file.display())
            })?;
        let payer = Keypair::new();
        svm.airdrop(&payer.pubkey(), 1_000_000_000_000)
            .map_err(|failed| anyhow!("no airdrop: {}", failed.err))?;
        Ok(Self { svm, payer, program })
    }

    /// Returns the output of a case for an input.
    pub fn run(&mut self, case: u8, input: &[u8; INPUT_LEN]) -> Result<Vec<u8>> {
        let mut data = vec![case];
        data.extend_from_slice(input);
        self.send(data)
    }

    /// Returns the output of the program for instruction data.
    pub fn send(&mut self, data: Vec<u8>) -> Result<Vec<u8>> {
        let instruction = Instruction { program_id: self.program, accounts: Vec::new(), data };
        let payer = self.payer.pubkey();
        let blockhash = self.svm.latest_blockhash();
        let transaction = Transaction::new_signed_with_payer(
            &[instruction],
            Some(&payer),
            &[&self.payer],
            blockhash,
        );
        match self.svm.send_transaction(transaction) {
            Ok(done) => Ok(done.return_data.data),
            Err(failed) => {
                let last = failed.meta.logs.last().map_or("", String::as_str);
                Err(anyhow!("failed on chain: {} ({last})", failed.err))
            }
        }
    }
}
