//! The staking program's policy: what tightens it is in force at once, what loosens it is announced
//! for three days.

use nosana_client::{
    actions, pda,
    staking::{
        self,
        accounts::Config,
        instructions::{ApplyPolicy, ProposePolicy},
    },
};
use nosana_tests::{
    terms::{DURATION, NOS, batch, terms, up_to},
    world::case,
};
use solana_signer::Signer;

use crate::{DAY, World};

fn propose(world: &World, min_stake: u64, reporter_bps: u16) -> ProposePolicy {
    ProposePolicy { admin: world.deployer.pubkey(), min_stake, reporter_bps }
}

async fn in_force(world: &World) -> (u64, u16, i64) {
    let config: Config = world.get(&pda::staking::config()).await;
    (config.min_stake, config.reporter_bps, config.pending_from)
}

#[tokio::test]
async fn tightening_is_in_force_at_once_and_loosening_waits() {
    let world = World::new(terms()).await;
    let by = [&world.deployer];
    assert_eq!(in_force(&world).await, (NOS, 1_000, 0));
    world.run(propose(&world, 5 * NOS, 500), &by).await;
    assert_eq!(in_force(&world).await, (5 * NOS, 500, 0));
    for (min_stake, reporter_bps) in [(4 * NOS, 0), (10_000 * NOS, 501), (NOS, 5_000)] {
        world.run(propose(&world, min_stake, reporter_bps), &by).await;
        let from = world.now() + i64::try_from(3 * DAY).expect("small");
        assert_eq!(in_force(&world).await, (5 * NOS, 500, from));
    }

    world.advance_clock(3 * DAY - 1);
    world.refuse(staking::Error::NothingAnnounced, ApplyPolicy {}, &[]).await;

    world.advance_clock(1);
    world.run(ApplyPolicy {}, &[]).await;
    assert_eq!(in_force(&world).await, (NOS, 5_000, 0));
    world.refuse(staking::Error::NothingAnnounced, ApplyPolicy {}, &[]).await;
}

#[tokio::test]
async fn an_announcement_lapses_and_can_be_taken_back() {
    let world = World::new(terms()).await;
    let by = [&world.deployer];
    world.run(propose(&world, NOS, 5_000), &by).await;
    world.run(propose(&world, NOS, 1_000), &by).await;

    world.advance_clock(3 * DAY);
    world.refuse(staking::Error::NothingAnnounced, ApplyPolicy {}, &[]).await;
    world.run(propose(&world, NOS, 5_000), &by).await;

    world.advance_clock(17 * DAY + 1);
    world.refuse(staking::Error::NothingAnnounced, ApplyPolicy {}, &[]).await;
}

#[tokio::test]
async fn values_have_bounds_and_only_the_admin_proposes() {
    let world = World::new(terms()).await;
    let by = [&world.deployer];
    let stranger = world.stranger.pubkey();
    let out = staking::Error::PolicyOutOfRange;

    world
        .refuse_all([
            case("below 1 NOS", out, propose(&world, NOS - 1, 0), &by),
            case("above 10,000 NOS", out, propose(&world, 10_000 * NOS + 1, 0), &by),
            case("more than half", out, propose(&world, NOS, 5_001), &by),
            case(
                "a stranger",
                staking::Error::NotAdmin,
                ProposePolicy { admin: stranger, ..propose(&world, NOS, 0) },
                &[&world.stranger],
            ),
        ])
        .await;
}

#[tokio::test]
async fn the_minimum_is_asked_wherever_tokens_come_in() {
    let world = World::new(terms()).await;
    let who = world.wallet().await;
    let node = &world.node;
    let small = world.wallet().await;
    world.run(actions::open_stake(small.pubkey(), world.mint, NOS, 14 * DAY), &[&small]).await;
    world.accept_delegations(node, 0).await;
    world.run(actions::open_delegation(who.pubkey(), node.pubkey()), &[&who]).await;
    world.run(propose(&world, 2 * NOS, 1_000), &[&world.deployer]).await;
    world.run(actions::unstake(small.pubkey()), &[&small]).await;
    let less = 2 * NOS - 1;
    let too_small = staking::Error::AmountTooSmall;

    world
        .refuse_all([
            case(
                "stake",
                too_small,
                actions::open_stake(who.pubkey(), world.mint, less, DURATION),
                &[&who],
            ),
            case(
                "delegate",
                too_small,
                actions::delegate(who.pubkey(), node.pubkey(), world.mint, less, up_to(0)),
                &[&who],
            ),
            case("restake", too_small, actions::restake(small.pubkey()), &[&small]),
        ])
        .await;

    world.delegate(&who, node, 2 * NOS).await;

    world.advance_clock(14 * DAY);
    world.run(actions::withdraw(small.pubkey(), world.mint), &[&small]).await;
}

#[tokio::test]
async fn the_reporters_share_is_the_one_in_force() {
    let world = World::new(terms()).await;
    world.run(propose(&world, NOS, 0), &[&world.deployer]).await;
    let reporter = world.wallet().await;
    let before = world.tokens(&reporter).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;

    world.advance_clock(u64::from(terms().start_seconds) + 1);
    let to = world.token_account(&reporter.pubkey());
    let stored = world.job(&job).await;
    let expire = actions::expire_match(job, &stored, world.node.pubkey(), world.mint, to);
    world.run(expire, &[]).await;
    assert_eq!(world.tokens(&reporter).await, before);
}
