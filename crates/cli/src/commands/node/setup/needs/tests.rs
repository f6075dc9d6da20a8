use nosana_client::{ProgramAccount, staking::accounts::Stake};
use nosana_protocol::{
    units::{Amount, Seconds},
    xnos,
};

use super::{DAY, Need, Plan, Wish, smallest};

const NOS: u64 = 1_000_000;
const NEED: Need = Need { min_xnos: 100 * NOS, collateral: 20 * NOS, min_stake: NOS };

/// A stake that nobody has touched but its owner.
fn stake(amount: u64, days: u64) -> Stake {
    let zeroed = [Stake::DISCRIMINATOR, &[0; 296]].concat();
    let mut stake = Stake::from_data(&zeroed).unwrap();
    (stake.amount, stake.duration_seconds) = (amount, days * DAY);
    stake
}

#[test]
fn the_smallest_amount_has_the_weight_and_one_less_has_not() {
    for (wanted, days) in
        [(100 * NOS, 14), (100 * NOS, 365), (1, 14), (987_654_321, 200), (u64::MAX, 365)]
    {
        let weight = |amount| {
            xnos::weight(Amount(amount), Seconds(days * DAY)).map_or(u64::MAX, |weight| weight.0)
        };
        let least = smallest(wanted, days * DAY);
        assert!(weight(least) >= wanted && weight(least - 1) < wanted, "{wanted} over {days} days");
    }
    assert_eq!(smallest(100 * NOS, 365 * DAY), 25 * NOS);
    assert_eq!(smallest(0, 14 * DAY), 0);
}

#[test]
fn a_new_stake_is_the_least_that_is_enough() {
    let plan = Plan::new(None, NEED, Wish { days: Some(365), ..Wish::default() }).unwrap();
    assert!(plan.open && !plan.restake && plan.extend.is_none());
    assert_eq!((plan.add, plan.xnos), (25 * NOS, 100 * NOS));
    let collateral = Need { collateral: 80 * NOS, ..NEED };
    assert_eq!(
        Plan::new(None, collateral, Wish { days: Some(365), ..Wish::default() }).unwrap().add,
        80 * NOS
    );
    assert_eq!(Plan::new(None, NEED, Wish::default()).unwrap().duration_seconds, 14 * DAY);
    let nothing = Need { min_xnos: 0, collateral: 0, ..NEED };
    assert_eq!(
        Plan::new(None, nothing, Wish::default()).unwrap().add,
        NOS,
        "staking's own minimum"
    );
    let few = Plan::new(None, NEED, Wish { amount: Some(24 * NOS), days: Some(365) })
        .unwrap_err()
        .to_string();
    assert!(few.contains("25.000000 NOS on"), "{few}");
}

#[test]
fn what_is_there_counts() {
    let wish = Wish { amount: Some(30 * NOS), days: Some(365) };
    assert!(Plan::new(Some(&stake(30 * NOS, 365)), NEED, wish).unwrap().is_done());
    assert!(
        Plan::new(Some(&stake(500 * NOS, 365)), NEED, wish).unwrap().is_done(),
        "nothing is taken away"
    );
    let plan = Plan::new(Some(&stake(10 * NOS, 365)), NEED, Wish::default()).unwrap();
    assert_eq!((plan.open, plan.add, plan.extend), (false, 15 * NOS, None));
    let plan =
        Plan::new(Some(&stake(25 * NOS, 14)), NEED, Wish { days: Some(365), ..Wish::default() })
            .unwrap();
    assert_eq!((plan.add, plan.extend), (0, Some(365 * DAY)));
    let shorter =
        Plan::new(Some(&stake(25 * NOS, 365)), NEED, Wish { days: Some(20), ..Wish::default() });
    assert!(shorter.unwrap_err().to_string().contains("365 days"));
}

#[test]
fn delegations_carry_weight_and_no_collateral() {
    let mut backed = stake(0, 365);
    backed.delegated_xnos = 90 * NOS;
    let plan = Plan::new(Some(&backed), NEED, Wish::default()).unwrap();
    assert_eq!(plan.least, 20 * NOS, "2.5 NOS would do for the weight");
}

#[test]
fn a_cooldown_is_broken_off_and_an_empty_one_is_filled() {
    let mut cooling = stake(100 * NOS, 365);
    (cooling.unstaked_at, cooling.withdrawn) = (1, 80 * NOS);
    let plan = Plan::new(Some(&cooling), NEED, Wish::default()).unwrap();
    assert_eq!((plan.restake, plan.add, plan.amount), (true, 5 * NOS, 25 * NOS));
    cooling.withdrawn = 100 * NOS;
    let plan = Plan::new(Some(&cooling), NEED, Wish::default()).unwrap();
    assert_eq!((plan.restake, plan.add), (false, 25 * NOS));
}
