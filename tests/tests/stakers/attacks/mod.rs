//! What somebody might try to earn more than a fair share of the income, to lessen another's, or to
//! save collateral.
//!
//! Three positions of equal weight are there from the beginning: two nodes' and the staker's.
//!
//! | module | attempts |
//! | --- | --- |
//! | [`timing`] | when to enter, to leave, to fund and to settle |
//! | [`theft`] | on what was paid already, on what is another's, and on what is nobody's |
//! | [`collateral`] | on collateral |

mod collateral;
mod theft;
mod timing;

use nosana_client::actions;
use nosana_tests::{Lite, terms::NOS};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

type World = nosana_tests::World<Lite>;

/// Income of an epoch: 30 NOS, of which each of three gets 10.
const INCOME: u64 = 30 * NOS;

async fn fund_pool(world: &World, amount: u64) {
    world.run(actions::fund(world.client.pubkey(), world.mint, amount), &[&world.client]).await;
}

/// Sends without an audit, for what is done thousands of times.
async fn send_without_audit(
    world: &World,
    instruction: impl Into<Instruction>,
    signers: &[&Keypair],
) {
    if let Err(failure) = world.attempt(instruction, signers).await {
        panic!("{}\n{}", failure.refusal(), failure.logs.join("\n"));
    }
}

/// A share is paid in full but for `dust` base units, and never more.
fn check_share(paid: u64, share: u64, dust: u64) {
    assert!((share.saturating_sub(dust)..=share).contains(&paid), "{paid} instead of {share}");
}
