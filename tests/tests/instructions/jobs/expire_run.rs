//! `expire_run`: anyone ends a run whose clock has run out.

use nosana_client::{actions, jobs, pda};
use nosana_tests::{
    Chain, Refusal,
    terms::{batch, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::{World, helpers::wrong_accounts};

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    let owner = world.node.pubkey();
    let stranger = world.stranger.pubkey();
    let by = [&world.stranger];
    let early = actions::expire_run(stranger, job, &world.job(&job).await, owner);
    world.refuse(jobs::Error::WrongState, early, &by).await;
    world.work_and_start(&world.node, &job).await;
    let stored = world.job(&job).await;
    let valid = actions::expire_run(stranger, job, &stored, owner);
    let stored_stake = pda::staking::stake(&owner);
    let other_node = actions::expire_run(stranger, job, &stored, world.other_node.pubkey());

    world
        .refuse_all([
            case("too early", jobs::Error::TooEarly, valid.clone(), &by),
            case("with another node", jobs::Error::NotThisNode, other_node, &by),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), stranger), &[]),
        ])
        .await;

    // Not even a stake in an unknown layout ends a run: what cannot be read does not count as zero.
    let sound = world.chain.account(&stored_stake).await.expect("the stake is there");
    let mut longer = sound.clone();
    longer.data.push(0);
    world.chain.set_account(&stored_stake, longer);
    world.refuse(jobs::Error::UnreadableStake, valid.clone(), &by).await;
    world.chain.set_account(&stored_stake, sound);

    world.advance_clock(61);
    world.refuse_all(wrong_accounts(&world, other, valid.clone().into(), &stored, &by)).await;
    let other_stake = pda::staking::stake(&world.staker.pubkey());
    let of_another = swap(valid.clone(), stored_stake, other_stake);
    world.refuse(jobs::Error::WrongAccount, of_another, &by).await;
    world.expire_run(&job, &world.node).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world
}
