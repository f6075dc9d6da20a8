use super::*;
use proptest::prelude::*;
use std::vec::Vec;

fn pool() -> Pool {
    Pool { epoch_seconds: 100, updated: UnixTimestamp(1_000), ..Pool::default() }
}

fn join(pool: &mut Pool, weight: u64) -> Position {
    let mut position = Position { paid_acc: pool.index.acc, ..Position::default() };
    assert_eq!(pool.change_weight(&mut position, weight), Ok(()));
    position
}

fn earned(pool: &Pool, position: &Position) -> u64 {
    let mut copy = *position;
    assert_eq!(copy.settle_to(pool.index.acc), Ok(()));
    copy.accrued.0
}

fn advance(pool: &mut Pool, to: i64) {
    assert_eq!(pool.advance_to(UnixTimestamp(to)), Ok(()));
}

fn fund(pool: &mut Pool, amount: u64) {
    assert_eq!(pool.add_income(Amount(amount)), Ok(()));
}

#[test]
fn income_waits_and_then_streams() {
    let mut pool = pool();
    let (one, three) = (join(&mut pool, 1), join(&mut pool, 3));
    advance(&mut pool, 1_050);
    fund(&mut pool, 4_000);
    advance(&mut pool, 1_100);
    assert_eq!(earned(&pool, &one), 0, "nothing in the epoch in which it arrived");
    advance(&mut pool, 1_125);
    assert_eq!((earned(&pool, &one), earned(&pool, &three)), (250, 750));
    advance(&mut pool, 1_200);
    assert_eq!((earned(&pool, &one), earned(&pool, &three)), (1_000, 3_000));
    advance(&mut pool, 9_999);
    assert_eq!((earned(&pool, &one), earned(&pool, &three)), (1_000, 3_000));
}

#[test]
fn a_flash_entry_gets_nothing() {
    let mut pool = pool();
    let honest = join(&mut pool, 10);
    advance(&mut pool, 1_010);
    let mut sniper = join(&mut pool, 1_000_000);
    fund(&mut pool, 1_000);
    assert_eq!(pool.change_weight(&mut sniper, 0), Ok(()));
    assert_eq!(sniper.accrued, Amount(0));
    advance(&mut pool, 1_200);
    assert_eq!(earned(&pool, &honest), 1_000);
}

#[test]
fn a_tiny_deposit_does_not_stretch_an_epoch() {
    let mut pool = pool();
    let only = join(&mut pool, 1);
    fund(&mut pool, 1_000);
    advance(&mut pool, 1_150);
    fund(&mut pool, 1);
    advance(&mut pool, 1_200);
    assert_eq!(earned(&pool, &only), 1_000);
}

#[test]
fn time_without_stakers_returns_to_pending() {
    let mut pool = pool();
    fund(&mut pool, 1_000);
    advance(&mut pool, 1_150);
    assert_eq!((pool.pending, pool.stream), (Amount(500), Amount(1_000)));
    let late = join(&mut pool, 5);
    advance(&mut pool, 1_200);
    assert_eq!(earned(&pool, &late), 500);
    advance(&mut pool, 1_300);
    assert_eq!(earned(&pool, &late), 1_000, "the share of the empty time came back");
}

#[test]
fn a_clock_that_stands_still_or_runs_backwards_changes_nothing() {
    let mut pool = pool();
    let mut only = join(&mut pool, 1_000);
    fund(&mut pool, 1_000);
    advance(&mut pool, 1_133);
    // The remainder of the last division exceeds the weight that is left.
    pool.index.remainder = 999;
    assert_eq!(pool.change_weight(&mut only, 1), Ok(()));
    let before = pool;
    for now in [1_133, 1_132, 1_050, 0] {
        advance(&mut pool, now);
        assert_eq!(pool, before, "at {now}");
    }
}

#[test]
fn many_empty_epochs_lose_nothing() {
    let mut pool = pool();
    fund(&mut pool, 1_000);
    advance(&mut pool, 51_025);
    assert_eq!((pool.pending, pool.stream), (Amount(250), Amount(1_000)));
    let late = join(&mut pool, 5);
    advance(&mut pool, 60_000);
    assert_eq!(earned(&pool, &late), 1_000);
}

#[test]
fn the_extremes_do_not_overflow() {
    let mut pool = pool();
    let mut whale = join(&mut pool, u64::MAX);
    assert_eq!(pool.change_weight(&mut whale, 1), Ok(()), "a weight may fall");
    fund(&mut pool, u64::MAX);
    assert_eq!(pool.add_income(Amount(1)), Err(Overflow));
    advance(&mut pool, 1_200);
    assert_eq!(earned(&pool, &whale), u64::MAX);
    let mut second = Position { paid_acc: pool.index.acc, ..Position::default() };
    assert_eq!(
        pool.change_weight(&mut second, u64::MAX),
        Err(Overflow),
        "the total weight is checked"
    );
}

#[test]
fn the_index_may_wrap() {
    let mut pool = Pool { index: Index { acc: u128::MAX - 5, remainder: 0 }, ..pool() };
    let only = join(&mut pool, 1);
    fund(&mut pool, 77);
    advance(&mut pool, 1_200);
    assert!(pool.index.acc < u128::from(u64::MAX) << 64_u32);
    assert_eq!(earned(&pool, &only), 77);
}

#[test]
fn a_weight_that_left_unsettled_earns_nothing() {
    let mut pool = pool();
    let (mut leaver, stays) = (join(&mut pool, 3), join(&mut pool, 1));
    fund(&mut pool, 4_000);
    advance(&mut pool, 1_200);
    let left = StakeWeight::unchanged(0);
    assert_eq!(pool.settle_position(&mut leaver, left), Ok(Amount(3_000)));
    assert_eq!((leaver.accrued, leaver.weight, pool.total_weight), (Amount(0), 0, 1));
    assert_eq!(pool.pending, Amount(3_000), "it waits for the next epoch");

    advance(&mut pool, 1_400);
    assert_eq!(earned(&pool, &stays), 4_000);
    assert_eq!(pool.settle_position(&mut leaver, left), Ok(Amount(0)));
    assert_eq!(leaver.accrued, Amount(0), "once is enough");
}

#[test]
fn the_weight_that_stays_earns_its_share() {
    let mut pool = pool();
    let (mut some_left, other) = (join(&mut pool, 3), join(&mut pool, 1));
    fund(&mut pool, 4_000);
    advance(&mut pool, 1_200);
    let stays = StakeWeight::unchanged(2);
    assert_eq!(pool.settle_position(&mut some_left, stays), Ok(Amount(1_000)));
    assert_eq!((some_left.accrued, pool.pending), (Amount(2_000), Amount(1_000)));
    assert_eq!(earned(&pool, &other), 1_000);
}

#[test]
fn a_change_of_weight_settles_at_the_previous_one() {
    let mut pool = pool();
    let (mut falls, mut rises) = (join(&mut pool, 2), join(&mut pool, 2));
    fund(&mut pool, 4_000);
    advance(&mut pool, 1_200);
    let fall = StakeWeight { until_now: 2, from_now: 1 };
    assert_eq!(pool.settle_position(&mut falls, fall), Ok(Amount(0)));
    let rise = StakeWeight { until_now: 2, from_now: 9 };
    assert_eq!(pool.settle_position(&mut rises, rise), Ok(Amount(0)));
    assert_eq!((falls.accrued, rises.accrued), (Amount(2_000), Amount(2_000)));
    assert_eq!((pool.total_weight, pool.pending), (10, Amount(0)));

    // Who comes back does not get what it earned while it was away.
    fund(&mut pool, 1_000);
    advance(&mut pool, 1_400);
    let back = StakeWeight { until_now: 0, from_now: 9 };
    assert_eq!(pool.settle_position(&mut rises, back), Ok(Amount(900)));
    assert_eq!((rises.accrued, pool.pending), (Amount(2_000), Amount(900)));
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u16),
    Fund(u32),
    Reweigh(usize, u32),
    /// Its stake lost weight unsettled, and gains or loses some now.
    Return(usize, u8, u32),
    Claim(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<u16>().prop_map(|s| Step::Wait(s % 350)),
        any::<u32>().prop_map(Step::Fund),
        (0..4usize, any::<u32>())
            .prop_map(|(who, weight)| Step::Reweigh(who, if weight % 3 == 0 { 0 } else { weight })),
        (0..4usize, any::<u8>(), any::<u32>())
            .prop_map(|(who, left, weight)| Step::Return(who, left, weight)),
        (0..4usize).prop_map(Step::Claim),
    ]
}

proptest! {
    #[test]
    fn claims_never_exceed_funding_and_dust_stays_small(
        steps in proptest::collection::vec(step(), 1..200),
    ) {
        let mut pool = pool();
        let mut now = 1_000;
        let mut positions: Vec<Position> = (0..4).map(|_| Position::default()).collect();
        let (mut funded, mut claimed, mut interactions) = (0u128, 0u128, 0u128);
        for step in steps {
            if let Step::Wait(seconds) = step {
                now += i64::from(seconds);
            }
            prop_assert_eq!(pool.advance_to(UnixTimestamp(now)), Ok(()));
            match step {
                Step::Wait(_) => {}
                Step::Fund(amount) => {
                    fund(&mut pool, amount.into());
                    funded += u128::from(amount);
                }
                Step::Reweigh(who, weight) => {
                    prop_assert_eq!(pool.change_weight(&mut positions[who], weight.into()), Ok(()));
                    interactions += 1;
                }
                Step::Return(who, left, weight) => {
                    let before = positions[who];
                    let until_now = before.weight * u64::from(left) / 255;
                    let owed = earned(&pool, &before) + pool.pending.0;
                    let stake = StakeWeight { until_now, from_now: weight.into() };
                    let waited = pool.pending.0;
                    let returned = pool.settle_position(&mut positions[who], stake);
                    prop_assert_eq!(returned, Ok(Amount(pool.pending.0 - waited)));
                    prop_assert_eq!(positions[who].accrued.0 + pool.pending.0, owed);
                    let most = earned(&pool, &Position { weight: until_now, ..before });
                    prop_assert_eq!(positions[who].accrued.0, most);
                    interactions += 1;
                }
                Step::Claim(who) => {
                    prop_assert_eq!(positions[who].settle_to(pool.index.acc), Ok(()));
                    claimed += u128::from(positions[who].take_accrued().0);
                    interactions += 1;
                }
            }
            let weights: u64 = positions.iter().map(|position| position.weight).sum();
            prop_assert_eq!(weights, pool.total_weight);
            prop_assert!(claimed <= funded);
        }
        // Let everything stream to those who stay, or to a last staker if none does.
        let mut last = Position { paid_acc: pool.index.acc, ..Position::default() };
        prop_assert_eq!(pool.change_weight(&mut last, 1), Ok(()));
        advance(&mut pool, now + 300);
        for position in positions.iter_mut().chain([&mut last]) {
            prop_assert_eq!(position.settle_to(pool.index.acc), Ok(()));
            claimed += u128::from(position.take_accrued().0);
            interactions += 1;
        }
        prop_assert!(claimed <= funded, "claimed {claimed} of {funded}");
        let left = funded - claimed;
        prop_assert!(left <= interactions + 1, "{left} left after {interactions} interactions");
    }
}
