//! Every account of every instruction is replaced by every other account, signatures included. Only
//! those that the instruction leaves to its sender may be replaced.

use std::collections::BTreeSet;

use nosana_tests::catalogue::idl::account_names;

use crate::{
    fixture::Fixture,
    valid::{candidate_accounts, replace_account, valid_calls},
};

/// The accounts that a sender may choose, and why that is harmless.
const FREE: &[(&str, &str)] = &[
    // The signer acts only for itself, with its own accounts.
    ("jobs.expire_run", "authority"),
    ("jobs.grow_queue", "payer"),
    ("jobs.settle", "authority"),
    ("rewards.close_stream", "authority"),
    ("rewards.enter_delegated", "payer"),
    // Anyone, once the cooldown is over, and only to an account of the delegator.
    ("staking.withdraw_delegated", "authority"),
    // The owner of the stake in the delegator's place: both may.
    ("staking.close_delegation", "authority"),
    // The stake's other position: that of what is delegated to it. Anyone may settle either.
    ("rewards.sync", "position"),
    // The reporter of a fault chooses where the reward goes.
    ("jobs.close_seat", "reporter_token"),
    ("jobs.expire_match", "reporter_token"),
    // Not read: nothing is delegated to this stake.
    ("jobs.expire_match", "delegated_position"),
    ("jobs.close_seat", "delegated_position"),
    ("jobs.resolve", "delegated_position"),
    // Nothing is paid to it: the stream is at its end.
    ("rewards.close_stream", "destination"),
    // Anyone may drip any stream.
    // The signer's own money, to any account of NOS.
    ("rewards.exit", "destination"),
    ("jobs.close_market", "destination"),
    ("jobs.collect", "destination"),
    ("rewards.claim", "destination"),
    ("staking.claim_commission", "destination"),
    ("rewards.harvest", "destination"),
    ("staking.withdraw", "destination"),
    // Another job of the same client.
    ("jobs.extend", "job"),
    // Another job that is matched, of the same client.
    ("jobs.cancel", "job"),
    // Another job that owes the same payer.
    ("jobs.collect", "job"),
    // Another market of the same authority.
    ("jobs.propose_market_authority", "market"),
    ("jobs.propose_terms", "market"),
    ("jobs.retire_market", "market"),
    // Not read: this market requires no token of a collection.
    ("jobs.start", "access_metadata"),
    ("jobs.start", "access_token"),
    ("jobs.work", "access_metadata"),
    ("jobs.work", "access_token"),
    // A gift, to any job of the sender's choice.
    ("jobs.top_up", "job"),
    // Not read: the payer collects here, not the node.
    ("jobs.collect", "node"),
];

#[tokio::test]
async fn an_account_can_only_be_replaced_where_that_harms_nobody() {
    let fixture = Fixture::new().await;
    let accounts = candidate_accounts(&fixture).await;
    let mut tried = 0;
    let mut through = BTreeSet::new();
    for (entry, instruction) in valid_calls(&fixture).await {
        let path = entry.path();
        if let Err(failure) = fixture.world.simulate(&instruction) {
            panic!("{path} itself fails: {}\n{}", failure.refusal(), failure.logs.join("\n"));
        }
        let names = account_names(entry.program, entry.name);
        assert_eq!(names.len(), instruction.accounts.len(), "{path}");
        for (place, account) in names.iter().enumerate() {
            for other in
                accounts.iter().filter(|other| **other != instruction.accounts[place].pubkey)
            {
                tried += 1;
                if fixture.world.simulate(&replace_account(&instruction, place, *other)).is_ok() {
                    through.insert((path.clone(), account.as_str()));
                }
            }
        }
    }
    let through: Vec<_> = through.iter().map(|(path, account)| (path.as_str(), *account)).collect();
    let mut free = FREE.to_vec();
    free.sort();
    assert!(tried > 5_000, "only {tried}");
    assert_eq!(
        through,
        free,
        "left: the accounts that could be replaced, of {tried} tries; right: `FREE` in {}. \
         Constrain an account that is new on the left, or add it to `FREE` with the reason why a \
         sender may choose it",
        file!()
    );
}
