//! `propose_policy`: the admin changes the policy. A tighter one is in force at once; a looser one
//! is announced for three days.

use nosana_client::{
    jobs::{self, instructions::ProposePolicy, types::MarketTerms},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{FEE_BPS, MARKET_DEPOSIT, batch, terms},
    world::{case, unsigned},
};
use solana_signer::Signer;

use crate::{
    World,
    helpers::{jobs_config, stored_market},
    policy::{
        LONGEST_TIMEOUT, THREE_DAYS, apply_policy, changed_policy, policy_in_force, propose_policy,
    },
};

pub async fn only_the_admin() -> World {
    let world = World::new(terms()).await;
    let policy = |admin| ProposePolicy {
        admin,
        config: pda::jobs::config(),
        network_fee_bps: 0,
        market_deposit: 0,
        max_timeout_seconds: 1,
    };
    let (admin, stranger) = (world.deployer.pubkey(), world.stranger.pubkey());
    world
        .refuse_all([
            case("policy", jobs::Error::NotAdmin, policy(stranger), &[&world.stranger]),
            case("policy unsigned", Refusal::unsigned(), unsigned(policy(admin), admin), &[]),
        ])
        .await;
    world
}

pub async fn every_value_has_bounds() -> World {
    let world = World::new(terms()).await;
    let by = [&world.deployer];
    let out = jobs::Error::PolicyOutOfRange;
    world
        .refuse_all([
            case("a fee over a quarter", out, propose_policy(&world, (2_501, 0, 1)), &by),
            case(
                "a deposit over a million NOS",
                out,
                propose_policy(&world, (0, 1_000_000_000_001, 1)),
                &by,
            ),
            case("no timeout", out, propose_policy(&world, (0, 0, 0)), &by),
            case(
                "a timeout over 30 days",
                out,
                propose_policy(&world, (0, 0, LONGEST_TIMEOUT + 1)),
                &by,
            ),
        ])
        .await;

    world.run(propose_policy(&world, (2_500, 1_000_000_000_000, LONGEST_TIMEOUT)), &by).await;

    world.advance_clock(THREE_DAYS);
    world.run(apply_policy(), &[]).await;
    world.run(propose_policy(&world, (0, 0, 1)), &by).await;
    world
}

pub async fn tightening_is_in_force_at_once() -> World {
    let world = World::new(terms()).await;
    let lent = stored_market(&world).await.deposit;
    let listed = world.list(batch(1)).await;
    let steps = [
        (900, MARKET_DEPOSIT, LONGEST_TIMEOUT),
        (900, MARKET_DEPOSIT - 1, LONGEST_TIMEOUT),
        (900, MARKET_DEPOSIT - 1, 7_200),
    ];
    for policy in steps {
        let done = world.run(propose_policy(&world, policy), &[&world.deployer]).await;
        assert_eq!(policy_in_force(&world).await, policy);
        assert_eq!((jobs_config(&world).await.pending_from, changed_policy(&done).from), (0, 0));
    }
    assert_eq!(stored_market(&world).await.deposit, lent, "open markets keep their deposit");
    assert_eq!(world.job(&listed).await.network_fee_bps, FEE_BPS, "listed jobs keep their fee");
    let later = world.list(batch(2)).await;
    assert_eq!(world.job(&later).await.network_fee_bps, 900);
    let long =
        world.open_market_instruction(2, MarketTerms { max_timeout_seconds: 7_201, ..terms() });
    world.refuse(jobs::Error::TermsOutOfRange, long, &[&world.deployer]).await;
    let before = world.tokens(&world.deployer).await;
    world.open_market(2, MarketTerms { max_timeout_seconds: 7_200, ..terms() }).await;
    assert_eq!(world.tokens(&world.deployer).await, before - (MARKET_DEPOSIT - 1));
    world.cancel(&listed).await;
    world.cancel(&later).await;
    world
}
