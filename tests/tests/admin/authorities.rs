//! Admin and guardian.

use nosana_client::{
    jobs::{
        self,
        instructions::{AcceptAdmin, ProposeAdmin, ProposePolicy, SetGuardian, SetPaused},
    },
    pda,
};
use nosana_tests::{
    Refusal,
    terms::terms,
    world::{case, swap, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::{World, config};

fn propose(admin: Address, next_admin: Address) -> ProposeAdmin {
    ProposeAdmin { admin, config: pda::jobs::config(), next_admin }
}

fn accept(pending_admin: Address) -> AcceptAdmin {
    AcceptAdmin { pending_admin, config: pda::jobs::config() }
}

fn name(admin: Address, guardian: Address) -> SetGuardian {
    SetGuardian { admin, config: pda::jobs::config(), guardian }
}

fn pause(guardian: Address, paused: bool) -> SetPaused {
    SetPaused { guardian, config: pda::jobs::config(), paused }
}

#[tokio::test]
async fn an_admin_hands_over_to_one_who_accepts() {
    let world = World::new(terms()).await;
    let (admin, next, by, next_by) =
        (world.deployer.pubkey(), world.staker.pubkey(), [&world.deployer], [&world.staker]);
    world.run(propose(admin, next), &by).await;
    let before = config(&world).await;
    assert_eq!(
        (before.admin, before.pending_admin),
        (admin, next),
        "nothing changes until it is accepted"
    );
    let stranger = world.stranger.pubkey();
    world
        .refuse_all([
            case("not yet admin", jobs::Error::NotAdmin, propose(next, next), &next_by),
            case(
                "one who was not proposed",
                jobs::Error::NotProposed,
                accept(stranger),
                &[&world.stranger],
            ),
            case("the admin for the next one", jobs::Error::NotProposed, accept(admin), &by),
            case("no signature", Refusal::unsigned(), unsigned(accept(next), next), &[]),
        ])
        .await;
    world.run(accept(next), &next_by).await;
    let after = config(&world).await;
    assert_eq!((after.admin, after.pending_admin), (next, Address::default()));
    assert_eq!(after.guardian, admin, "the guardian is another office");
    world
        .refuse_all([
            case("again", jobs::Error::NotProposed, accept(next), &next_by),
            case("the old admin proposes", jobs::Error::NotAdmin, propose(admin, admin), &by),
            case("the old admin names a guardian", jobs::Error::NotAdmin, name(admin, admin), &by),
        ])
        .await;
    world.run(propose(next, admin), &next_by).await;
}

#[tokio::test]
async fn a_proposal_is_replaced_and_taken_back() {
    let world = World::new(terms()).await;
    let (admin, by) = (world.deployer.pubkey(), [&world.deployer]);
    let [first, second] = [world.staker.pubkey(), world.client.pubkey()];
    world.run(propose(admin, first), &by).await;
    world.run(propose(admin, second), &by).await;
    world.refuse(jobs::Error::NotProposed, accept(first), &[&world.staker]).await;
    world.run(propose(admin, Address::default()), &by).await;
    world.refuse(jobs::Error::NotProposed, accept(second), &[&world.client]).await;
    assert_eq!(config(&world).await.admin, admin);
}

#[tokio::test]
async fn only_the_admin_and_only_on_the_configuration() {
    let world = World::new(terms()).await;
    let (admin, stranger, by) =
        (world.deployer.pubkey(), world.stranger.pubkey(), [&world.stranger]);
    let policy = |admin| ProposePolicy {
        admin,
        config: pda::jobs::config(),
        network_fee_bps: 0,
        market_deposit: 0,
        max_timeout_seconds: 1,
    };
    let misplaced = swap(name(admin, admin), pda::jobs::config(), world.market);
    world
        .refuse_all([
            case("propose", jobs::Error::NotAdmin, propose(stranger, stranger), &by),
            case("name", jobs::Error::NotAdmin, name(stranger, stranger), &by),
            case("policy", jobs::Error::NotAdmin, policy(stranger), &by),
            case(
                "propose unsigned",
                Refusal::unsigned(),
                unsigned(propose(admin, stranger), admin),
                &[],
            ),
            case("name unsigned", Refusal::unsigned(), unsigned(name(admin, stranger), admin), &[]),
            case("policy unsigned", Refusal::unsigned(), unsigned(policy(admin), admin), &[]),
            case(
                "a market as the configuration",
                Refusal::wrong_type(),
                misplaced,
                &[&world.deployer],
            ),
        ])
        .await;
}

#[tokio::test]
async fn guardian_and_admin_pause_and_nobody_else() {
    let world = World::new(terms()).await;
    let (admin, guardian) = (world.deployer.pubkey(), world.staker.pubkey());
    world.run(name(admin, guardian), &[&world.deployer]).await;
    assert_eq!(config(&world).await.guardian, guardian);
    for (who, by) in [(guardian, &world.staker), (admin, &world.deployer)] {
        world.run(pause(who, true), &[by]).await;
        assert_eq!(config(&world).await.paused, 1);
        world.run(pause(who, true), &[by]).await;
        world.run(pause(who, false), &[by]).await;
        assert_eq!(config(&world).await.paused, 0);
    }
    let stranger = world.stranger.pubkey();
    world
        .refuse_all([
            case("a stranger", jobs::Error::NotGuardian, pause(stranger, true), &[&world.stranger]),
            case(
                "no signature",
                Refusal::unsigned(),
                unsigned(pause(guardian, true), guardian),
                &[],
            ),
            case(
                "the guardian as admin",
                jobs::Error::NotAdmin,
                name(guardian, guardian),
                &[&world.staker],
            ),
            case(
                "the guardian proposes",
                jobs::Error::NotAdmin,
                propose(guardian, guardian),
                &[&world.staker],
            ),
        ])
        .await;
    world.run(name(admin, stranger), &[&world.deployer]).await;
    world.refuse(jobs::Error::NotGuardian, pause(guardian, true), &[&world.staker]).await;
    world.run(pause(stranger, true), &[&world.stranger]).await;
}
