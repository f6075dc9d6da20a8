//! `set_payout`: the owner chooses the token account that a node is paid to.

use nosana_client::{actions, jobs, pda, token};
use nosana_tests::{
    Refusal,
    terms::{batch, earnings, terms},
    world::{case, unsigned},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{World, helpers::by_stranger};

/// A token account of the owner's beside the associated one.
async fn second_account(world: &World, owner: &Keypair) -> Address {
    let wallet = world.wallet().await;
    let other = world.token_account(&wallet.pubkey());
    let change = spl_token_interface::instruction::set_authority(
        &token::PROGRAM,
        &other,
        Some(&owner.pubkey()),
        spl_token_interface::instruction::AuthorityType::AccountOwner,
        &wallet.pubkey(),
        &[],
    );
    world.run(change.expect("valid"), &[&wallet]).await;
    other
}

#[tokio::test]
async fn pay_goes_where_it_was_to_go_at_the_start() {
    let world = World::new(terms()).await;
    let (old_job, new_job) = (world.list(batch(1)).await, world.list(batch(2)).await);
    world.work_and_start(&world.node, &old_job).await;
    world.work(&world.node).await;
    let new = second_account(&world, &world.node).await;
    let at_old = world.tokens(&world.node).await;
    let at_new = world.tokens_in(&new).await;
    world.run(actions::set_payout(world.node.pubkey(), new), &[&world.node]).await;
    assert_eq!(world.node_of(&world.node).await.payout, new);
    world.start(&world.node, &new_job).await;
    world.finish(&world.node, &old_job).await;
    assert_eq!(
        (world.tokens(&world.node).await, world.tokens_in(&new).await),
        (at_old + earnings(1).0, at_new)
    );
    world.finish(&world.node, &new_job).await;
    assert_eq!(world.tokens_in(&new).await, at_new + earnings(1).0);
}

pub async fn pay_goes_to_an_open_account_of_the_owner() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let to = |payout| actions::set_payout(owner, payout);
    let own = world.token_account(&owner);
    let stranger = world.token_account(&world.stranger.pubkey());
    let vault = pda::jobs::vault(&world.market);
    let foreign_mint = world.new_mint().await;
    let foreign = token::associated_address(&owner, &foreign_mint);
    world.run(token::create_associated_account(&owner, &owner, &foreign_mint), &by).await;
    let valid = to(own);

    world
        .refuse_all([
            case("a wallet", jobs::Error::CannotReceive, to(owner), &by),
            case("the mint", jobs::Error::CannotReceive, to(world.mint), &by),
            case("an account of another mint", jobs::Error::CannotReceive, to(foreign), &by),
            case("the account of another", jobs::Error::PayoutNotOwned, to(stranger), &by),
            case("a vault", jobs::Error::PayoutNotOwned, to(vault), &by),
            case(
                "a stranger",
                jobs::Error::NotNodeAuthority,
                by_stranger(&world, valid.clone()),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
        ])
        .await;

    world.set_frozen(&own, true).await;
    world.refuse(jobs::Error::CannotReceive, valid.clone(), &by).await;
    world.set_frozen(&own, false).await;
    world.run(valid, &by).await;
    world
}
