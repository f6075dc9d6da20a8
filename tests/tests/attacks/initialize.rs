//! A program is initialized once, and only by its upgrade authority.

use nosana_client::{jobs, pda, rewards, staking};
use nosana_tests::{Chain, Refusal, programs, terms::terms, world::case};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::World;

/// The three instructions, sent by `sender`.
fn initialize_instructions(world: &World, sender: Address) -> [(Instruction, Refusal); 3] {
    let jobs = jobs::instructions::Initialize { deployer: sender, ..world.initialize_jobs() };
    let staking =
        staking::instructions::Initialize { deployer: sender, ..world.initialize_staking() };
    let rewards =
        rewards::instructions::Initialize { deployer: sender, ..world.initialize_rewards() };
    [
        (jobs.into(), jobs::Error::NotDeployer.into()),
        (staking.into(), staking::Error::NotDeployer.into()),
        (rewards.into(), rewards::Error::NotDeployer.into()),
    ]
}

#[tokio::test]
async fn a_stranger_cannot_be_first() {
    let world = World::bare().await;
    for (instruction, refusal) in initialize_instructions(&world, world.stranger.pubkey()) {
        world.refuse_all([case("a stranger", refusal, instruction, &[&world.stranger])]).await;
    }
    world.initialize().await;
}

#[tokio::test]
async fn nobody_can_be_second() {
    let world = World::new(terms()).await;
    for wallet in [&world.stranger, &world.deployer] {
        for (instruction, _) in initialize_instructions(&world, wallet.pubkey()) {
            world.refuse(Refusal::account_exists(), instruction, &[wallet]).await;
        }
    }
}

#[tokio::test]
async fn forged_program_data_convince_nobody() {
    let world = World::bare().await;
    let stranger = world.stranger.pubkey();
    for program in [jobs::ID, staking::ID, rewards::ID] {
        let [(_, forged), _] = programs::deployed(&program, &[], Some(&stranger));
        let copies = [
            (Address::new_unique(), Account { owner: stranger, ..forged.clone() }),
            (Address::new_unique(), forged),
        ];
        for (address, account) in copies {
            world.chain.set_account(&address, account);
            for (instruction, refusal) in initialize_instructions(&world, stranger) {
                let real = instruction.accounts.iter().map(|meta| meta.pubkey);
                let data = [jobs::ID, staking::ID, rewards::ID]
                    .map(|program| programs::data_address(&program));
                let place =
                    real.into_iter().position(|key| data.contains(&key)).expect("the program data");
                let forged = crate::valid::replace_account(&instruction, place, address);
                world.refuse(refusal, forged, &[&world.stranger]).await;
            }
        }
    }
}

#[tokio::test]
async fn a_program_that_nobody_can_upgrade_is_nobodys() {
    let world = World::bare().await;
    for (name, program) in programs::ALL {
        for (address, account) in programs::deployed(&program, &programs::read_program(name), None)
        {
            world.chain.set_account(&address, account);
        }
    }
    for (instruction, refusal) in initialize_instructions(&world, world.deployer.pubkey()) {
        world.refuse(refusal, instruction, &[&world.deployer]).await;
    }
}

#[tokio::test]
async fn whoever_may_upgrade_now_may_initialize() {
    let world = World::bare().await;
    let heir = world.staker.pubkey();
    for (name, program) in programs::ALL {
        for (address, account) in
            programs::deployed(&program, &programs::read_program(name), Some(&heir))
        {
            world.chain.set_account(&address, account);
        }
    }
    for (instruction, refusal) in initialize_instructions(&world, world.deployer.pubkey()) {
        world.refuse(refusal, instruction, &[&world.deployer]).await;
    }
    for (instruction, _) in initialize_instructions(&world, heir) {
        world.attempt(instruction, &[&world.staker]).await.expect("the heir may");
    }
    assert_eq!(world.get::<jobs::accounts::Config>(&pda::jobs::config()).await.admin, heir);
}
