//! `apply_policy`: anyone puts an announced policy in force, within its time.

use nosana_client::{jobs, pda};
use nosana_tests::{
    Refusal,
    terms::{MARKET_DEPOSIT, batch, deposit, terms},
    world::{case, swap},
};

use crate::{
    World,
    policy::{
        LONGEST_TIMEOUT, THREE_DAYS, apply_policy, changed_policy, policy_in_force, propose_policy,
    },
};

const TWO_WEEKS: u64 = 14 * 86_400;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    world
        .refuse_all([
            case("nothing announced", jobs::Error::NothingAnnounced, apply_policy(), &[]),
            case(
                "of a market",
                Refusal::wrong_type(),
                swap(apply_policy(), pda::jobs::config(), world.market),
                &[],
            ),
        ])
        .await;
    world
}

pub async fn each_loosening_waits_three_days() -> World {
    let world = World::new(terms()).await;
    let tight = (500, MARKET_DEPOSIT, 7_200);
    world.run(propose_policy(&world, tight), &[&world.deployer]).await;
    // Whatever is tightened beside it waits as well: a proposal is taken as a whole.
    for loose in [(501, 0, 3_600), (0, MARKET_DEPOSIT + 1, 3_600), (0, 0, 7_201)] {
        let done = world.run(propose_policy(&world, loose), &[&world.deployer]).await;
        let from = world.now() + THREE_DAYS as i64;
        assert_eq!((policy_in_force(&world).await, changed_policy(&done).from), (tight, from));
        world.refuse(jobs::Error::NothingAnnounced, apply_policy(), &[]).await;
        world.advance_clock(THREE_DAYS - 1);
        world.refuse(jobs::Error::NothingAnnounced, apply_policy(), &[]).await;
        world.advance_clock(1);
        let done = world.run(apply_policy(), &[]).await;
        assert_eq!((policy_in_force(&world).await, changed_policy(&done).from), (loose, 0));
        world.refuse(jobs::Error::NothingAnnounced, apply_policy(), &[]).await;
        world.run(propose_policy(&world, tight), &[&world.deployer]).await;
        if policy_in_force(&world).await != tight {
            world.advance_clock(THREE_DAYS);
            world.run(apply_policy(), &[]).await;
        }
    }
    world
}

pub async fn what_was_announced_is_replaced_and_taken_back() -> World {
    let world = World::new(terms()).await;
    let now = policy_in_force(&world).await;
    world.run(propose_policy(&world, (2_000, 0, LONGEST_TIMEOUT)), &[&world.deployer]).await;

    world.advance_clock(THREE_DAYS - 1);
    world.run(propose_policy(&world, (2_500, 0, LONGEST_TIMEOUT)), &[&world.deployer]).await;

    world.advance_clock(1);
    world.refuse(jobs::Error::NothingAnnounced, apply_policy(), &[]).await;

    world.advance_clock(THREE_DAYS - 1);
    world.run(propose_policy(&world, now), &[&world.deployer]).await;
    world.refuse(jobs::Error::NothingAnnounced, apply_policy(), &[]).await;
    assert_eq!(policy_in_force(&world).await, now);
    world
        .run(propose_policy(&world, (2_500, MARKET_DEPOSIT, LONGEST_TIMEOUT)), &[&world.deployer])
        .await;
    world
        .run(propose_policy(&world, (100, MARKET_DEPOSIT, LONGEST_TIMEOUT)), &[&world.deployer])
        .await;

    world.advance_clock(THREE_DAYS);
    world.refuse(jobs::Error::NothingAnnounced, apply_policy(), &[]).await;
    assert_eq!(
        policy_in_force(&world).await.0,
        100,
        "a tightening takes the place of what was announced"
    );
    world
}

pub async fn nobody_keeps_a_change_in_hand() -> World {
    let world = World::new(terms()).await;
    let loose = (2_500, MARKET_DEPOSIT, LONGEST_TIMEOUT);
    world.run(propose_policy(&world, loose), &[&world.deployer]).await;

    world.advance_clock(THREE_DAYS + TWO_WEEKS + 1);
    world.refuse(jobs::Error::NothingAnnounced, apply_policy(), &[]).await;

    world.set_clock(world.now() - 1);
    world.run(apply_policy(), &[]).await;
    assert_eq!(policy_in_force(&world).await, loose);
    let job = world.list(batch(1)).await;
    assert!(world.job(&job).await.escrow > deposit(), "the fee is higher now");
    world
}
