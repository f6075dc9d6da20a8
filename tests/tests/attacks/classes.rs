//! Classes of attacks that the other modules do not cover.

use std::{collections::BTreeSet, fs, path::Path};

use nosana_client::{actions, jobs, pda, rewards, staking};
use nosana_protocol::seeds;
use nosana_tests::{
    Refusal,
    catalogue::idl::account_names,
    terms::{DURATION, STAKE, batch, terms},
    world::{case, disputes::SLOT_HASHES, swap},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    World,
    fixture::Fixture,
    valid::{replace_account, valid_calls},
};

#[tokio::test]
async fn no_signature_can_be_left_out() {
    let fixture = Fixture::new().await;
    let mut tried = 0;
    for (entry, instruction) in valid_calls(&fixture).await {
        let path = entry.path();
        fixture
            .world
            .simulate(&instruction)
            .unwrap_or_else(|failure| panic!("{path}: {}", failure.refusal()));
        for place in 0..instruction.accounts.len() {
            if !instruction.accounts[place].is_signer {
                continue;
            }
            // The client and payer of a job are one wallet here: both places lose the signature.
            let mut changed = instruction.clone();
            let wallet = changed.accounts[place].pubkey;
            changed
                .accounts
                .iter_mut()
                .filter(|meta| meta.pubkey == wallet)
                .for_each(|meta| meta.is_signer = false);
            tried += 1;
            assert!(
                fixture.world.simulate(&changed).is_err(),
                "{path} without the signature in place {place}"
            );
        }
    }
    assert!(tried > 40, "only {tried}");
}

/// Pairs of writable places that may hold one account, and why that is harmless.
const SHARED: &[(&str, &str, &str)] = &[
    // Signers, of which only the address is read.
    ("jobs.list", "client", "payer"),
    // The client proves that its node did not start, and gets the reward where its deposit goes.
    ("jobs.expire_match", "payer_token", "reporter_token"),
    // A panelist closes its own seat, and gets both to one account.
    ("jobs.close_seat", "payout", "reporter_token"),
];

#[tokio::test]
async fn one_account_in_two_places() {
    let fixture = Fixture::new().await;
    let mut tried = 0;
    let mut through = BTreeSet::new();
    for (entry, instruction) in valid_calls(&fixture).await {
        let names = account_names(entry.program, entry.name);
        let writable: Vec<usize> = (0..instruction.accounts.len())
            .filter(|place| instruction.accounts[*place].is_writable)
            .collect();
        for &first in &writable {
            for &second in writable.iter().filter(|second| **second != first) {
                let account = instruction.accounts[first].pubkey;
                if instruction.accounts[second].pubkey == account {
                    continue;
                }
                tried += 1;
                if fixture.world.simulate(&replace_account(&instruction, second, account)).is_ok() {
                    through.insert((entry.path(), names[first].as_str(), names[second].as_str()));
                }
            }
        }
    }
    let expected: BTreeSet<_> =
        SHARED.iter().map(|(path, first, second)| ((*path).to_owned(), *first, *second)).collect();
    assert!(tried > 300, "only {tried}");
    assert!(through.is_subset(&expected), "{through:?}");
}

#[tokio::test]
async fn a_bump_of_ones_own_makes_no_account() {
    let world = World::new(terms()).await;
    let client = world.client.pubkey();
    let nonce = 9_u64.to_le_bytes();
    let canonical =
        Address::find_program_address(&[seeds::JOB, client.as_ref(), &nonce], &jobs::ID);
    let others: Vec<Address> = (0..canonical.1)
        .rev()
        .filter_map(|bump| {
            Address::create_program_address(
                &[seeds::JOB, client.as_ref(), &nonce, &[bump]],
                &jobs::ID,
            )
            .ok()
        })
        .take(5)
        .collect();
    assert_eq!(others.len(), 5);
    let list = actions::list(client, client, world.market, world.mint, batch(9));
    for other in others {
        world
            .refuse(Refusal::wrong_seeds(), swap(list.clone(), list.job, other), &[&world.client])
            .await;
    }
    let owner = world.client.pubkey();
    let stake = actions::open_stake(owner, world.mint, STAKE, DURATION);
    let bump = Address::find_program_address(&[seeds::STAKE, owner.as_ref()], &staking::ID).1;
    let second = (0..bump).rev().find_map(|bump| {
        Address::create_program_address(&[seeds::STAKE, owner.as_ref(), &[bump]], &staking::ID).ok()
    });
    let second = second.expect("there is another address");
    world
        .refuse(Refusal::wrong_seeds(), swap(stake.clone(), stake.stake, second), &[&world.client])
        .await;
}

#[tokio::test]
async fn one_markets_signature_opens_no_other_vault() {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    let rich = world.list(batch(2)).await;
    assert!(world.tokens_in(&pda::jobs::vault(&world.market)).await > 0);
    // A job of this market, paid from the vault of the other; and the other market with this one's
    // vault.
    let cell = world.cell(&job).await;
    let cancel = actions::cancel(job, &world.job(&job).await, cell);
    let mine = pda::jobs::vault(&world.market);
    let theirs = pda::jobs::vault(&other);
    let sweep = actions::sweep_fees(other);

    world
        .refuse_all([
            case(
                "another vault",
                jobs::Error::WrongAccount,
                swap(cancel.clone(), mine, theirs),
                &[&world.client],
            ),
            case(
                "another market",
                jobs::Error::WrongMarket,
                swap(cancel, world.market, other),
                &[&world.client],
            ),
            case("sweep mine", jobs::Error::WrongAccount, swap(sweep, theirs, mine), &[]),
        ])
        .await;

    world.cancel(&rich).await;
}

#[test]
fn no_instruction_takes_a_sysvar_from_its_sender() {
    // The clock is read by syscall: there is no account in which a sender could bring another one.
    // The hashes of slots are too many for that; the address of their sysvar is fixed.
    for program in ["jobs", "staking", "rewards"] {
        let fixed = format!("\"address\": \"{SLOT_HASHES}\"");
        let idl = read_idl(program).replace(&fixed, "");
        assert!(!idl.contains("Sysvar"), "the IDL of {program} names a sysvar");
        for name in ["clock", "rent", "recent_blockhashes", "instructions_sysvar"] {
            assert!(
                !idl.contains(&format!("\"name\": \"{name}\"")),
                "the IDL of {program} takes {name}"
            );
        }
    }
    assert_ne!(rewards::ID, staking::ID);
}

fn read_idl(program: &str) -> String {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../idl").join(program).with_extension("json");
    fs::read_to_string(file).expect("the IDL")
}
