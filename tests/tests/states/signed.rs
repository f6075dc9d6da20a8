//! An instruction that a wallet signs which may send it.

use std::fmt::Debug;

use nosana_tests::{Refusal, world::case};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::World;

/// A call of an instruction, with its name for messages.
pub struct SignedCall<'a> {
    pub name: String,
    pub instruction: Instruction,
    pub signers: Vec<&'a Keypair>,
}

impl SignedCall<'_> {
    /// Sends the call, which must succeed, and audits the accounts of the economy. Returns the
    /// situation, the call and the outcome for messages.
    pub async fn expect_success(
        self,
        world: &World,
        situation: impl Debug,
        outcome: impl Debug,
    ) -> String {
        let Self { name, instruction, signers } = self;
        let expected = format!("{situation:?}, {name}: expected {outcome:?}");
        match world.attempt(instruction, &signers).await {
            Ok(done) => world.record_events(&done),
            Err(failure) => {
                panic!("{expected}: {}\n{}", failure.refusal(), failure.logs.join("\n"))
            }
        }

        world.audit().await;
        expected
    }

    /// Sends the call, which must be refused and change nothing.
    pub async fn expect_refusal(
        self,
        world: &World,
        situation: impl Debug,
        refusal: impl Into<Refusal>,
    ) {
        let Self { name, instruction, signers } = self;
        let what = format!("{situation:?}, {name}");
        world.refuse_all([case(what.leak(), refusal, instruction, &signers)]).await;
    }
}
