//! `collect`: a payer or a node takes what could not be paid at the settlement.

use nosana_client::{actions, jobs, pda};
use nosana_tests::{
    Refusal,
    terms::{batch, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let sponsor = world.wallet().await;
    let job = world.list_for(&world.client, &sponsor, batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    for wallet in [&sponsor, &world.node] {
        world.close_tokens(wallet).await;
    }
    let running = actions::collect(
        sponsor.pubkey(),
        job,
        &world.job(&job).await,
        world.token_account(&world.client.pubkey()),
    );
    world.refuse(jobs::Error::NothingToCollect, running, &[&sponsor]).await;
    world.finish(&world.node, &job).await;
    let stored = world.job(&job).await;
    let tokens = world.token_account(&world.stranger.pubkey());
    let collect = |wallet, to| actions::collect(wallet, job, &stored, to);
    let valid = collect(sponsor.pubkey(), tokens);
    let client = world.client.pubkey();
    let stranger = world.stranger.pubkey();
    let node = world.node.pubkey();
    let vault = pda::jobs::vault(&world.market);
    let without_node = jobs::instructions::Collect { node: None, ..collect(node, tokens) };
    let own_node = jobs::instructions::Collect {
        node: Some(pda::jobs::node(&world.other_node.pubkey())),
        ..collect(world.other_node.pubkey(), tokens)
    };
    let other_mint = world.new_mint().await;

    world
        .refuse_all([
            case(
                "a stranger",
                jobs::Error::NothingToCollect,
                collect(stranger, tokens),
                &[&world.stranger],
            ),
            case(
                "the client, who did not pay",
                jobs::Error::NothingToCollect,
                collect(client, tokens),
                &[&world.client],
            ),
            case(
                "the node without its node",
                jobs::Error::NothingToCollect,
                without_node,
                &[&world.node],
            ),
            case("another node", jobs::Error::NothingToCollect, own_node, &[&world.other_node]),
            case(
                "to a closed account",
                jobs::Error::CannotReceive,
                collect(sponsor.pubkey(), stored.payer_token),
                &[&sponsor],
            ),
            case(
                "to a wallet",
                jobs::Error::CannotReceive,
                collect(sponsor.pubkey(), client),
                &[&sponsor],
            ),
            case(
                "to a mint",
                jobs::Error::CannotReceive,
                collect(sponsor.pubkey(), other_mint),
                &[&sponsor],
            ),
            case(
                "to the vault",
                Refusal::same_account_twice(jobs::ID),
                collect(sponsor.pubkey(), vault),
                &[&sponsor],
            ),
            case(
                "in another queue",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &[&sponsor],
            ),
            case(
                "from another vault",
                jobs::Error::WrongAccount,
                swap(valid.clone(), vault, pda::jobs::vault(&other)),
                &[&sponsor],
            ),
            case(
                "in another market",
                jobs::Error::WrongMarket,
                swap(valid.clone(), world.market, other),
                &[&sponsor],
            ),
            case(
                "no signature",
                Refusal::unsigned(),
                unsigned(valid.clone(), sponsor.pubkey()),
                &[],
            ),
        ])
        .await;

    world.collect(&sponsor, &job, &tokens).await;
    world.refuse(jobs::Error::NothingToCollect, valid, &[&sponsor]).await;
    world.collect(&world.node, &job, &tokens).await;
    world
}
