//! `accept_admin`: the proposed admin takes the office over.

use nosana_client::{
    jobs::{self, instructions::AcceptAdmin},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::terms,
    world::{case, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;

use super::{propose_admin::propose_admin, set_guardian::set_guardian};
use crate::{World, helpers::jobs_config};

fn accept_admin(pending_admin: Address) -> AcceptAdmin {
    AcceptAdmin { pending_admin, config: pda::jobs::config() }
}

pub async fn an_admin_hands_over_to_one_who_accepts() -> World {
    let world = World::new(terms()).await;
    let admin = world.deployer.pubkey();
    let next = world.staker.pubkey();
    let by = [&world.deployer];
    let next_by = [&world.staker];
    world.run(propose_admin(admin, next), &by).await;
    let before = jobs_config(&world).await;
    assert_eq!(
        (before.admin, before.pending_admin),
        (admin, next),
        "nothing changes until it is accepted"
    );
    let stranger = world.stranger.pubkey();

    world
        .refuse_all([
            case("not yet admin", jobs::Error::NotAdmin, propose_admin(next, next), &next_by),
            case(
                "one who was not proposed",
                jobs::Error::NotProposed,
                accept_admin(stranger),
                &[&world.stranger],
            ),
            case("the admin for the next one", jobs::Error::NotProposed, accept_admin(admin), &by),
            case("no signature", Refusal::unsigned(), unsigned(accept_admin(next), next), &[]),
        ])
        .await;

    world.run(accept_admin(next), &next_by).await;
    let after = jobs_config(&world).await;
    assert_eq!((after.admin, after.pending_admin), (next, Address::default()));
    assert_eq!(after.guardian, admin, "the guardian is another office");

    world
        .refuse_all([
            case("again", jobs::Error::NotProposed, accept_admin(next), &next_by),
            case("the old admin proposes", jobs::Error::NotAdmin, propose_admin(admin, admin), &by),
            case(
                "the old admin names a guardian",
                jobs::Error::NotAdmin,
                set_guardian(admin, admin),
                &by,
            ),
        ])
        .await;

    world.run(propose_admin(next, admin), &next_by).await;
    world
}

pub async fn a_proposal_is_replaced_and_taken_back() -> World {
    let world = World::new(terms()).await;
    let (admin, by) = (world.deployer.pubkey(), [&world.deployer]);
    let [first, second] = [world.staker.pubkey(), world.client.pubkey()];
    world.run(propose_admin(admin, first), &by).await;
    world.run(propose_admin(admin, second), &by).await;
    world.refuse(jobs::Error::NotProposed, accept_admin(first), &[&world.staker]).await;
    world.run(propose_admin(admin, Address::default()), &by).await;
    world.refuse(jobs::Error::NotProposed, accept_admin(second), &[&world.client]).await;
    assert_eq!(jobs_config(&world).await.admin, admin);
    world
}
