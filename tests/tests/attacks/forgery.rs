//! Accounts that are equal to the last byte, but belong to the attacker's program.

use std::collections::BTreeSet;

use nosana_client::{jobs, rewards, staking, token};
use nosana_tests::Chain;
use solana_address::Address;

use crate::{
    fixture::Fixture,
    valid::{replace_account, valid_calls},
};

const ATTACKER: Address = Address::new_from_array([0x66; 32]);

#[tokio::test]
async fn a_copy_that_another_program_owns_is_refused_everywhere() {
    let fixture = Fixture::new().await;
    let chain = &fixture.world.chain;
    let ours = [jobs::ID, staking::ID, rewards::ID, token::PROGRAM];
    let mut tried = 0;
    let mut through = BTreeSet::new();
    for (entry, instruction) in valid_calls(&fixture).await {
        for (place, meta) in instruction.accounts.iter().enumerate() {
            let Some(mut account) = chain.account(&meta.pubkey).await else { continue };
            if !ours.contains(&account.owner) {
                continue;
            }
            tried += 1;
            account.owner = ATTACKER;
            let copy = Address::new_unique();
            chain.set_account(&copy, account);
            if fixture.world.simulate(&replace_account(&instruction, place, copy)).is_ok() {
                through.insert((entry.path(), place));
            }
        }
    }
    assert!(tried > 100, "only {tried}");
    // Nothing is paid there: the stream is at its end.
    assert_eq!(through, BTreeSet::from([("rewards.close_stream".to_owned(), 5)]));
}

#[tokio::test]
async fn a_copy_in_another_place_is_refused_where_the_place_is_fixed() {
    // A bug in a program might one day let an attacker fill an account of its own; these would
    // still not be taken.
    let fixture = Fixture::new().await;
    let chain = &fixture.world.chain;
    let fixed = [
        nosana_client::pda::staking::config(),
        nosana_client::pda::rewards::pool(),
        nosana_client::pda::jobs::queue(&fixture.world.market),
        nosana_client::pda::jobs::vault(&fixture.world.market),
        nosana_client::pda::staking::vault(),
        nosana_client::pda::rewards::vault(),
    ];
    let mut through = BTreeSet::new();
    for (entry, instruction) in valid_calls(&fixture).await {
        for (place, meta) in instruction.accounts.iter().enumerate() {
            if !fixed.contains(&meta.pubkey) {
                continue;
            }
            let account = chain.account(&meta.pubkey).await.expect("it is there");
            let copy = Address::new_unique();
            chain.set_account(&copy, account);
            if fixture.world.simulate(&replace_account(&instruction, place, copy)).is_ok() {
                through.insert((entry.path(), place));
            }
        }
    }
    assert_eq!(through, BTreeSet::new());
}
