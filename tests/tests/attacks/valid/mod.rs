//! A valid call of every instruction that the catalogue expects here, for the fixture.

mod jobs;
mod rewards;
mod staking;

use nosana_client::pda;
use nosana_tests::catalogue::{self, Entry, Suite};
use solana_address::Address;
use solana_instruction::Instruction;

use crate::fixture::Fixture;

/// Returns a valid call of every instruction, with its entry.
pub async fn valid_calls(fixture: &Fixture) -> Vec<(&'static Entry, Instruction)> {
    let mut all = jobs::calls(fixture).await;
    all.extend(staking::calls(fixture).await);
    all.extend(rewards::calls(fixture).await);

    let identify = |call| {
        let entry = catalogue::identify(&call).expect("the catalogue has the instruction");
        (entry, call)
    };
    let calls: Vec<_> = all.into_iter().map(identify).collect();
    catalogue::check(Suite::Attacks, calls.iter().map(|(entry, _)| *entry));
    calls
}

/// Returns every account that a valid call names, and others that an attacker could bring: accounts
/// of every type.
pub async fn candidate_accounts(fixture: &Fixture) -> Vec<Address> {
    let mut all = Vec::new();
    for (_, call) in valid_calls(fixture).await {
        all.extend(call.accounts.iter().map(|meta| meta.pubkey));
    }
    all.extend([
        pda::jobs::queue(&fixture.challenged),
        pda::jobs::vault(&fixture.challenged),
        fixture.challenged,
    ]);
    all.sort();
    all.dedup();
    all
}

/// Returns the call with another account in this place, which signs where the first one did.
pub fn replace_account(call: &Instruction, place: usize, account: Address) -> Instruction {
    let mut changed = call.clone();
    changed.accounts[place].pubkey = account;
    changed
}
