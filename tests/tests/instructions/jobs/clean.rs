//! `clean`: anyone closes a settled job after its retention.

use nosana_client::{actions, jobs, pda};
use nosana_tests::{
    Refusal,
    terms::{batch, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let sponsor = world.wallet().await;
    let job = world.list(batch(1)).await;
    let owing = world.list_for(&world.client, &sponsor, batch(2)).await;
    let open = actions::clean(job, &world.job(&job).await);
    world.refuse(jobs::Error::WrongState, open.clone(), &[]).await;
    world.cancel(&job).await;
    world.refuse(jobs::Error::TooEarly, open.clone(), &[]).await;
    world.close_tokens(&sponsor).await;
    world.cancel(&owing).await;

    world.advance_clock(300);
    let thief = world.stranger.pubkey();
    world
        .refuse_all([
            case(
                "while it owes",
                jobs::Error::JobNotEmpty,
                actions::clean(owing, &world.job(&owing).await),
                &[],
            ),
            case(
                "to a stranger",
                jobs::Error::WrongAccount,
                swap(open.clone(), world.client.pubkey(), thief),
                &[],
            ),
            case(
                "a queue",
                Refusal::wrong_type(),
                swap(open.clone(), job, pda::jobs::queue(&world.market)),
                &[],
            ),
        ])
        .await;

    world.clean(&job).await;
    world.refuse(Refusal::too_small(), open, &[]).await;
    world
}
