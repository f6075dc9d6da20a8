use nosana_client::{ProgramAccount, staking::accounts::Stake};
use nosana_protocol::{
    units::{Amount, BASE_UNITS_PER_NOS as NOS, SECONDS_PER_DAY as DAY, Seconds},
    xnos,
};

use super::{StakePlan, StakeRequirements, StakeWish, smallest_amount};

const REQUIRED: StakeRequirements =
    StakeRequirements { min_xnos: 100 * NOS, collateral: 20 * NOS, min_stake: NOS, margin: 0 };

/// A stake without delegations and cooldown.
fn stake(amount: u64, days: u64) -> Stake {
    let zeroed = [Stake::DISCRIMINATOR, &[0; 296]].concat();
    let mut stake = Stake::from_data(&zeroed).unwrap();
    stake.amount = amount;
    stake.duration_seconds = days * DAY;
    stake
}

#[test]
fn the_smallest_amount_has_the_weight_and_one_less_has_not() {
    for (wanted, days) in
        [(100 * NOS, 14), (100 * NOS, 365), (1, 14), (987_654_321, 200), (u64::MAX, 365)]
    {
        let weight = |amount| {
            xnos::stake_weight(Amount(amount), Seconds(days * DAY))
                .map_or(u64::MAX, |weight| weight.0)
        };
        let least = smallest_amount(wanted, days * DAY);
        assert!(weight(least) >= wanted && weight(least - 1) < wanted, "{wanted} over {days} days");
    }
    assert_eq!(smallest_amount(100 * NOS, 365 * DAY), 25 * NOS);
    assert_eq!(smallest_amount(0, 14 * DAY), 0);
}

#[test]
fn a_new_stake_is_the_least_that_is_enough() {
    let plan =
        StakePlan::new(None, REQUIRED, StakeWish { days: Some(365), ..StakeWish::default() })
            .unwrap();
    assert!(plan.opens_stake && !plan.cancels_cooldown && plan.extended_seconds.is_none());
    assert_eq!((plan.added, plan.xnos), (25 * NOS, 100 * NOS));
    let collateral = StakeRequirements { collateral: 80 * NOS, ..REQUIRED };
    assert_eq!(
        StakePlan::new(None, collateral, StakeWish { days: Some(365), ..StakeWish::default() })
            .unwrap()
            .added,
        80 * NOS
    );
    assert_eq!(
        StakePlan::new(None, REQUIRED, StakeWish::default()).unwrap().duration_seconds,
        14 * DAY
    );
    let nothing = StakeRequirements { min_xnos: 0, collateral: 0, ..REQUIRED };
    assert_eq!(
        StakePlan::new(None, nothing, StakeWish::default()).unwrap().added,
        NOS,
        "staking's own minimum"
    );
    let few = StakePlan::new(None, REQUIRED, StakeWish { amount: Some(24 * NOS), days: Some(365) })
        .unwrap_err()
        .to_string();
    assert!(few.contains("requires 25.000000 NOS"), "{few}");
}

#[test]
fn a_penalty_leaves_enough_of_what_is_suggested() {
    let required = StakeRequirements { margin: 2 * NOS, ..REQUIRED };
    let year = StakeWish { days: Some(365), ..StakeWish::default() };
    let plan = StakePlan::new(None, required, year).unwrap();
    assert_eq!((plan.min_amount, plan.added), (25 * NOS, 27 * NOS));

    // One penalty later it is still enough, and nothing is added.
    let plan = StakePlan::new(Some(&stake(26 * NOS, 365)), required, year).unwrap();
    assert!(plan.is_done());
    let plan = StakePlan::new(Some(&stake(24 * NOS, 365)), required, year).unwrap();
    assert_eq!(plan.added, 3 * NOS, "too little: the margin comes back with it");

    let exact = StakeWish { amount: Some(25 * NOS), ..year };
    assert_eq!(StakePlan::new(None, required, exact).unwrap().added, 25 * NOS, "as wished");
}

#[test]
fn an_existing_stake_counts() {
    let wish = StakeWish { amount: Some(30 * NOS), days: Some(365) };
    assert!(StakePlan::new(Some(&stake(30 * NOS, 365)), REQUIRED, wish).unwrap().is_done());
    assert!(
        StakePlan::new(Some(&stake(500 * NOS, 365)), REQUIRED, wish).unwrap().is_done(),
        "nothing is taken away"
    );
    let plan = StakePlan::new(Some(&stake(10 * NOS, 365)), REQUIRED, StakeWish::default()).unwrap();
    assert_eq!((plan.opens_stake, plan.added, plan.extended_seconds), (false, 15 * NOS, None));
    let plan = StakePlan::new(
        Some(&stake(25 * NOS, 14)),
        REQUIRED,
        StakeWish { days: Some(365), ..StakeWish::default() },
    )
    .unwrap();
    assert_eq!((plan.added, plan.extended_seconds), (0, Some(365 * DAY)));
    let shorter = StakePlan::new(
        Some(&stake(25 * NOS, 365)),
        REQUIRED,
        StakeWish { days: Some(20), ..StakeWish::default() },
    );
    assert!(shorter.unwrap_err().to_string().contains("365 days"));
}

#[test]
fn delegations_carry_weight_and_no_collateral() {
    let mut backed = stake(0, 365);
    backed.delegated_xnos = 90 * NOS;
    let plan = StakePlan::new(Some(&backed), REQUIRED, StakeWish::default()).unwrap();
    assert_eq!(plan.min_amount, 20 * NOS, "2.5 NOS would be enough for the weight");
}

#[test]
fn a_cooldown_is_cancelled_and_an_empty_stake_is_filled() {
    let mut cooling = stake(100 * NOS, 365);
    cooling.unstaked_at = 1;
    cooling.withdrawn = 80 * NOS;
    let plan = StakePlan::new(Some(&cooling), REQUIRED, StakeWish::default()).unwrap();
    assert_eq!((plan.cancels_cooldown, plan.added, plan.amount), (true, 5 * NOS, 25 * NOS));
    cooling.withdrawn = 100 * NOS;
    let plan = StakePlan::new(Some(&cooling), REQUIRED, StakeWish::default()).unwrap();
    assert_eq!((plan.cancels_cooldown, plan.added), (false, 25 * NOS));
}
