//! Closed accounts stay closed, and what takes their place begins anew.

use nosana_client::{actions, jobs, pda, staking};
use nosana_tests::{
    Chain,
    terms::{DURATION, batch, terms},
};
use solana_signer::Signer;

use crate::World;

/// A transfer of lamports by the system program.
fn transfer(
    from: solana_address::Address,
    to: solana_address::Address,
    lamports: u64,
) -> solana_instruction::Instruction {
    let mut data = 2_u32.to_le_bytes().to_vec();
    data.extend(lamports.to_le_bytes());
    let accounts = vec![
        solana_instruction::AccountMeta::new(from, true),
        solana_instruction::AccountMeta::new(to, false),
    ];
    solana_instruction::Instruction {
        program_id: solana_address::Address::default(),
        accounts,
        data,
    }
}

#[tokio::test]
async fn a_cleaned_job_is_not_kept_alive_by_lamports() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.cancel(&job).await;

    world.advance_clock(300);
    let clean = actions::clean(job, &world.job(&job).await);
    let again = clean.clone();
    let revive = transfer(world.stranger.pubkey(), job, 100_000_000);
    let twice = world
        .attempt_all(&[clean.clone().into(), revive.clone(), again.into()], &[&world.stranger])
        .await;
    assert!(twice.is_err(), "the rent cannot be taken twice");
    world
        .attempt_all(&[clean.into(), revive], &[&world.stranger])
        .await
        .expect("the job is cleaned");
    let left = world.chain.account(&job).await.expect("the lamports are there");
    assert_eq!((left.owner, left.data.len()), (solana_address::Address::default(), 0));

    assert_eq!(world.list(batch(1)).await, job, "its number is free again");
    let stored = world.job(&job).await;
    assert_eq!((stored.reason, stored.attempts, stored.listed_at), (0, 0, world.now()));
}

#[tokio::test]
async fn a_closed_stake_is_not_kept_alive_by_lamports() {
    let world = World::new(terms()).await;
    let owner = world.staker.pubkey();
    let stake = pda::staking::stake(&owner);
    world.run(actions::unstake(owner), &[&world.staker]).await;

    world.advance_clock(DURATION);
    world.run(actions::withdraw(owner, world.mint), &[&world.staker]).await;
    let close = staking::instructions::Close { owner, stake };
    let revive = transfer(owner, stake, 100_000_000);
    world
        .attempt_all(&[close.into(), revive], &[&world.staker])
        .await
        .expect("the stake is closed");
    let left = world.chain.account(&stake).await.expect("the lamports are there");
    assert_eq!((left.owner, left.data.len()), (solana_address::Address::default(), 0));
    world.stake(&world.staker).await;
}

#[tokio::test]
async fn a_job_cannot_be_listed_over_one_that_is_there() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    let client = world.client.pubkey();
    let list = actions::list(client, client, world.market, world.mint, batch(1));
    let refusal = nosana_tests::Refusal::account_exists();
    world.refuse(refusal.clone(), list.clone(), &[&world.client]).await;
    world.cancel(&job).await;
    world.refuse(refusal, list, &[&world.client]).await;
    let cancel = actions::cancel(job, &world.job(&job).await, 0);
    world.refuse(jobs::Error::WrongState, cancel, &[&world.client]).await;
}
