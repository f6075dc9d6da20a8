//! Lamports that someone sends to an address before its account is created do not prevent its
//! creation.

use nosana_client::{actions, jobs::types::MarketTerms, pda};
use nosana_tests::{
    Chain,
    terms::{HARDWARE, batch, terms},
};
use solana_account::Account;
use solana_address::Address;
use solana_signer::Signer;

use crate::World;

/// Less than any rent, and more than any.
const GIFTS: [u64; 2] = [1, 5_000_000_000];

fn send_lamports(world: &World, address: &Address, lamports: u64) {
    world.chain.set_account(address, Account { lamports, ..Account::default() });
}

#[tokio::test]
async fn accounts_are_made_all_the_same() {
    for gift in GIFTS {
        let world = World::new(terms()).await;
        let owner = world.client.pubkey();
        let job = pda::jobs::job(&owner, 1);
        let market = pda::jobs::market(&world.deployer.pubkey(), 2);
        let addresses = [
            job,
            pda::staking::stake(&owner),
            pda::rewards::position(&owner),
            pda::jobs::node(&owner),
            market,
            pda::jobs::queue(&market),
            pda::jobs::vault(&market),
        ];
        for address in addresses {
            send_lamports(&world, &address, gift);
        }
        let lamports = world.lamports(&owner).await;
        world.stake(&world.client).await;
        world.enter(&world.client).await;
        world.run(actions::register_node(owner, world.mint, HARDWARE), &[&world.client]).await;
        assert_eq!(world.open_market(2, MarketTerms { ..terms() }).await, market);

        world.list(batch(1)).await;
        world.cancel(&job).await;
        world.advance_clock(300);
        let before = world.lamports(&owner).await;
        let rent = world.lamports(&job).await;
        assert!(rent >= gift);
        world.clean(&job).await;
        assert_eq!(world.lamports(&owner).await, before + rent, "the gift goes to the payer");
        assert!(world.lamports(&owner).await <= lamports + gift);
    }
}

#[tokio::test]
async fn programs_are_initialized_all_the_same() {
    for gift in GIFTS {
        let world = World::bare().await;
        for address in [
            pda::jobs::config(),
            pda::staking::config(),
            pda::staking::vault(),
            pda::rewards::pool(),
            pda::rewards::vault(),
        ] {
            send_lamports(&world, &address, gift);
        }
        world.initialize().await;
    }
}
