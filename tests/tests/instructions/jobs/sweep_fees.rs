//! `sweep_fees`: anyone sends a market's fees to the reward pool.

use nosana_client::{actions, jobs, pda, token};
use nosana_tests::{
    Refusal,
    terms::{batch, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let valid = actions::sweep_fees(world.market);
    world.refuse(jobs::Error::NoFees, valid.clone(), &[]).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;

    world.advance_clock(60);
    world.finish(&world.node, &job).await;
    let stranger = world.token_account(&world.stranger.pubkey());
    world
        .refuse_all([
            case(
                "to a stranger",
                jobs::Error::WrongAccount,
                swap(valid.clone(), pda::rewards::vault(), stranger),
                &[],
            ),
            case(
                "to the stakes",
                jobs::Error::WrongAccount,
                swap(valid.clone(), pda::rewards::vault(), pda::staking::vault()),
                &[],
            ),
            case(
                "of another market's queue",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &[],
            ),
            case(
                "from another market's vault",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::jobs::vault(&other)),
                &[],
            ),
            case(
                "through another token program",
                Refusal::wrong_program(),
                swap(valid.clone(), token::PROGRAM, jobs::ID),
                &[],
            ),
        ])
        .await;

    world.run(valid, &[]).await;
    world
}
