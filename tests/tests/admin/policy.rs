//! The admin's policy: what tightens it takes effect at once, what loosens it is seen for three
//! days.

use nosana_client::{
    Event,
    jobs::{
        self,
        events::PolicyChanged,
        instructions::{ApplyPolicy, ProposePolicy},
        types::MarketTerms,
    },
    pda,
};
use nosana_tests::{
    Done, Refusal,
    terms::{FEE_BPS, MARKET_DEPOSIT, batch, deposit, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::{World, config, market};

const THREE_DAYS: u64 = 3 * 86_400;
const TWO_WEEKS: u64 = 14 * 86_400;
/// The longest timeout of a market that any policy allows.
const LONGEST: u64 = 30 * 86_400;

type Policy = (u16, u64, u64);

fn propose(
    world: &World,
    (network_fee_bps, market_deposit, max_timeout_seconds): Policy,
) -> ProposePolicy {
    let (admin, config) = (world.deployer.pubkey(), pda::jobs::config());
    ProposePolicy { admin, config, network_fee_bps, market_deposit, max_timeout_seconds }
}

fn apply() -> ApplyPolicy {
    ApplyPolicy { config: pda::jobs::config() }
}

async fn in_force(world: &World) -> Policy {
    let config = config(world).await;
    (config.network_fee_bps, config.market_deposit, config.max_timeout_seconds)
}

fn changed(done: &Done) -> PolicyChanged {
    let events = done.events();
    let [Event::Jobs(jobs::events::Event::PolicyChanged(changed))] = &events[..] else {
        panic!("{events:?}")
    };
    *changed
}

#[tokio::test]
async fn tightening_is_in_force_at_once() {
    let world = World::new(terms()).await;
    let lent = market(&world).await.deposit;
    let listed = world.list(batch(1)).await;
    let steps = [
        (900, MARKET_DEPOSIT, LONGEST),
        (900, MARKET_DEPOSIT - 1, LONGEST),
        (900, MARKET_DEPOSIT - 1, 7_200),
    ];
    for policy in steps {
        let done = world.run(propose(&world, policy), &[&world.deployer]).await;
        assert_eq!(in_force(&world).await, policy);
        assert_eq!((config(&world).await.pending_from, changed(&done).from), (0, 0));
    }
    assert_eq!(market(&world).await.deposit, lent, "open markets keep their deposit");
    assert_eq!(world.job(&listed).await.network_fee_bps, FEE_BPS, "listed jobs keep their fee");
    let later = world.list(batch(2)).await;
    assert_eq!(world.job(&later).await.network_fee_bps, 900);
    let long = world.opening(2, MarketTerms { max_timeout_seconds: 7_201, ..terms() });
    world.refuse(jobs::Error::TermsOutOfRange, long, &[&world.deployer]).await;
    let before = world.tokens(&world.deployer).await;
    world.open_market(2, MarketTerms { max_timeout_seconds: 7_200, ..terms() }).await;
    assert_eq!(world.tokens(&world.deployer).await, before - (MARKET_DEPOSIT - 1));
    world.cancel(&listed).await;
    world.cancel(&later).await;
}

#[tokio::test]
async fn each_loosening_waits_three_days() {
    let world = World::new(terms()).await;
    let tight = (500, MARKET_DEPOSIT, 7_200);
    world.run(propose(&world, tight), &[&world.deployer]).await;
    // Whatever is tightened beside it waits as well: a proposal is taken as a whole.
    for loose in [(501, 0, 3_600), (0, MARKET_DEPOSIT + 1, 3_600), (0, 0, 7_201)] {
        let done = world.run(propose(&world, loose), &[&world.deployer]).await;
        let from = world.now() + THREE_DAYS as i64;
        assert_eq!((in_force(&world).await, changed(&done).from), (tight, from));
        world.refuse(jobs::Error::NothingAnnounced, apply(), &[]).await;
        world.pass(THREE_DAYS - 1);
        world.refuse(jobs::Error::NothingAnnounced, apply(), &[]).await;
        world.pass(1);
        let done = world.run(apply(), &[]).await;
        assert_eq!((in_force(&world).await, changed(&done).from), (loose, 0));
        world.refuse(jobs::Error::NothingAnnounced, apply(), &[]).await;
        world.run(propose(&world, tight), &[&world.deployer]).await;
        if in_force(&world).await != tight {
            world.pass(THREE_DAYS);
            world.run(apply(), &[]).await;
        }
    }
}

#[tokio::test]
async fn what_was_announced_is_replaced_and_taken_back() {
    let world = World::new(terms()).await;
    let now = in_force(&world).await;
    world.run(propose(&world, (2_000, 0, LONGEST)), &[&world.deployer]).await;
    world.pass(THREE_DAYS - 1);
    world.run(propose(&world, (2_500, 0, LONGEST)), &[&world.deployer]).await;
    world.pass(1);
    world.refuse(jobs::Error::NothingAnnounced, apply(), &[]).await;
    world.pass(THREE_DAYS - 1);
    world.run(propose(&world, now), &[&world.deployer]).await;
    world.refuse(jobs::Error::NothingAnnounced, apply(), &[]).await;
    assert_eq!(in_force(&world).await, now);
    world.run(propose(&world, (2_500, MARKET_DEPOSIT, LONGEST)), &[&world.deployer]).await;
    world.run(propose(&world, (100, MARKET_DEPOSIT, LONGEST)), &[&world.deployer]).await;
    world.pass(THREE_DAYS);
    world.refuse(jobs::Error::NothingAnnounced, apply(), &[]).await;
    assert_eq!(in_force(&world).await.0, 100, "a tightening takes the place of what was announced");
}

#[tokio::test]
async fn nobody_keeps_a_change_in_hand() {
    let world = World::new(terms()).await;
    let loose = (2_500, MARKET_DEPOSIT, LONGEST);
    world.run(propose(&world, loose), &[&world.deployer]).await;
    world.pass(THREE_DAYS + TWO_WEEKS + 1);
    world.refuse(jobs::Error::NothingAnnounced, apply(), &[]).await;
    world.travel(world.now() - 1);
    world.run(apply(), &[]).await;
    assert_eq!(in_force(&world).await, loose);
    let job = world.list(batch(1)).await;
    assert!(world.job(&job).await.escrow > deposit(), "the fee is higher now");
}

#[tokio::test]
async fn every_value_has_bounds() {
    let world = World::new(terms()).await;
    let by = [&world.deployer];
    let out = jobs::Error::PolicyOutOfRange;
    world
        .refuse_all([
            case("a fee over a quarter", out, propose(&world, (2_501, 0, 1)), &by),
            case(
                "a deposit over a million NOS",
                out,
                propose(&world, (0, 1_000_000_000_001, 1)),
                &by,
            ),
            case("no timeout", out, propose(&world, (0, 0, 0)), &by),
            case("a timeout over 30 days", out, propose(&world, (0, 0, LONGEST + 1)), &by),
            case("nothing announced", jobs::Error::NothingAnnounced, apply(), &[]),
            case(
                "of a market",
                Refusal::wrong_type(),
                swap(apply(), pda::jobs::config(), world.market),
                &[],
            ),
        ])
        .await;
    world.run(propose(&world, (2_500, 1_000_000_000_000, LONGEST)), &by).await;
    world.pass(THREE_DAYS);
    world.run(apply(), &[]).await;
    world.run(propose(&world, (0, 0, 1)), &by).await;
}
