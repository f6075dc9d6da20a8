use super::*;
use crate::slashing::{ReporterPart, split_slash};
use proptest::prelude::*;
use std::vec::Vec;

const DURATION: Seconds = Seconds(1_209_600);
const TENTH: BasisPoints = BasisPoints(1_000);

fn put_in(all: &mut Delegated, one: &mut Delegation, amount: u64) {
    let bought = all.buy_shares(Amount(amount)).unwrap();
    one.shares += bought;
}

/// Income as a handler spreads it: over what earned it, before anything changes.
fn earn(all: &mut Delegated, income: u64) {
    all.receive_income(Amount(income), all.earning).unwrap();
}

fn undelegate(all: &mut Delegated, one: &mut Delegation) {
    all.settle_delegation(one).unwrap();
    all.start_cooldown(one.shares).unwrap();
    one.undelegated = true;
}

fn withdraw(all: &mut Delegated, one: &mut Delegation, elapsed: u64) -> u64 {
    let amount = all.withdrawable_amount(one, DURATION, Seconds(elapsed)).unwrap();
    all.sell_shares(one, amount).unwrap();
    assert!(all.is_sound());
    amount.0
}

#[test]
fn two_delegators_share_income_by_what_they_gave_less_commission() {
    let (mut all, mut one, mut three) = <(Delegated, Delegation, Delegation)>::default();
    (one.commission, three.commission) = (TENTH, BasisPoints(2_500));
    // Powers of two, so that the index is exact.
    put_in(&mut all, &mut one, 1_024);
    put_in(&mut all, &mut three, 3_072);
    earn(&mut all, 400);
    all.settle_delegation(&mut one).unwrap();
    all.settle_delegation(&mut three).unwrap();
    assert_eq!((one.accrued, three.accrued, all.commission), (Amount(90), Amount(225), Amount(85)));
    undelegate(&mut all, &mut three);
    earn(&mut all, 100);
    all.settle_delegation(&mut one).unwrap();
    all.settle_delegation(&mut three).unwrap();
    assert_eq!(
        (one.accrued, three.accrued),
        (Amount(180), Amount(225)),
        "the cooldown earns nothing"
    );
}

#[test]
fn who_comes_later_gets_nothing_of_before() {
    let (mut all, mut early, mut late) = <(Delegated, Delegation, Delegation)>::default();
    put_in(&mut all, &mut early, 1_000);
    earn(&mut all, 1_000);
    all.settle_delegation(&mut late).unwrap();
    put_in(&mut all, &mut late, 9_000);
    all.settle_delegation(&mut late).unwrap();
    all.settle_delegation(&mut early).unwrap();
    assert_eq!((early.accrued, late.accrued), (Amount(1_000), Amount(0)));
}

#[test]
fn a_slash_takes_the_same_part_of_everybody_also_in_the_cooldown() {
    let (mut all, mut stays, mut leaves) = <(Delegated, Delegation, Delegation)>::default();
    put_in(&mut all, &mut stays, 1_000);
    put_in(&mut all, &mut leaves, 3_000);
    undelegate(&mut all, &mut leaves);
    assert_eq!(withdraw(&mut all, &mut leaves, DURATION.0 / 2), 1_500);
    let tenth = ReporterPart::Share(TENTH);
    let slash = split_slash(Amount(1), Amount(10), Amount(0), tenth).unwrap();
    all.apply_loss(slash.delegated).unwrap();
    all.apply_loss(Amount(250)).unwrap();
    assert_eq!(all.value_of(stays.shares), Ok(Amount(900)));
    assert_eq!(all.value_of(leaves.shares), Ok(Amount(1_350)));
    // 2,850 are the whole by now, of which three quarters have been released.
    assert_eq!(withdraw(&mut all, &mut leaves, DURATION.0 / 4 * 3), 2_137 - 1_500);
    assert_eq!(withdraw(&mut all, &mut leaves, DURATION.0), 712);
    assert_eq!((leaves.shares, all.amount), (0, Amount(901)), "the dust is theirs who stay");
    let mut late = Delegation::default();
    put_in(&mut all, &mut late, 901);
    assert_eq!(late.shares, 1_000, "shares are cheaper after a slash");
}

#[test]
fn shares_without_worth_cannot_be_bought() {
    let (mut all, mut one) = <(Delegated, Delegation)>::default();
    put_in(&mut all, &mut one, 1_000);
    all.apply_loss(Amount(1_000)).unwrap();
    assert_eq!(all.earning_weight(DURATION), Ok(Amount(0)));
    assert_eq!(all.buy_shares(Amount(5)), Err(Overflow));
    undelegate(&mut all, &mut one);
    assert_eq!(withdraw(&mut all, &mut one, DURATION.0), 0);
    assert_eq!((one.shares, all.shares), (0, 0));
    put_in(&mut all, &mut Delegation::default(), 5);
}

#[test]
fn what_nobody_earned_is_the_nodes() {
    let mut all = Delegated::default();
    earn(&mut all, 7);
    assert_eq!(all.commission, Amount(7));
}

#[test]
fn the_whole_supply_fits() {
    let (mut all, mut one) = <(Delegated, Delegation)>::default();
    put_in(&mut all, &mut one, u64::MAX / 4);
    earn(&mut all, u64::MAX);
    all.settle_delegation(&mut one).unwrap();
    assert_eq!(one.accrued, Amount(u64::MAX - 1), "the index was rounded down");
    assert_eq!(
        all.earning_weight(crate::xnos::MAX_DURATION).map(|weight| weight.0),
        Ok(u64::MAX / 4 * 4)
    );
    assert!(all.buy_shares(Amount(u64::MAX)).is_err());
}

#[test]
fn each_unsound_relation_is_found() {
    let all = |amount, shares, earning| {
        Delegated { amount: Amount(amount), shares, earning, ..Delegated::default() }.is_sound()
    };
    assert!(all(0, 0, 0) && all(9, 9, 0) && all(9, 9, 9) && all(0, 9, 3));
    assert!(!all(9, 9, 10), "more shares earn than exist");
    assert!(!all(1, 0, 0), "an amount without shares");
    assert!(!all(10, 9, 9), "a share is worth more than a base unit");
}

#[derive(Clone, Debug)]
enum Step {
    PutIn(usize, u32),
    Earn(u32),
    Undelegate(usize),
    Withdraw(usize, u64),
    Claim(usize),
    Slash(u16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_usize, 1..u32::MAX).prop_map(|(who, amount)| Step::PutIn(who, amount)),
        any::<u32>().prop_map(Step::Earn),
        (0..4_usize).prop_map(Step::Undelegate),
        (0..4_usize, 0..=DURATION.0).prop_map(|(who, elapsed)| Step::Withdraw(who, elapsed)),
        (0..4_usize).prop_map(Step::Claim),
        any::<u16>().prop_map(Step::Slash),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn nobody_takes_out_what_was_not_put_in(steps in proptest::collection::vec(step(), 1..80)) {
        let mut all = Delegated::default();
        let mut owners = [Delegation { commission: TENTH, ..Delegation::default() }; 4];
        let (mut principal, mut income, mut claimed) = (0_u128, 0_u128, 0_u128);
        for step in steps {
            let values: Vec<u64> =
                owners.iter().map(|owner| all.value_of(owner.shares).unwrap().0).collect();
            let mut moved = usize::MAX;
            match step {
                Step::PutIn(who, amount)
                    if !owners[who].undelegated && (all.shares == 0 || all.amount.0 > 0) =>
                {
                    all.settle_delegation(&mut owners[who]).unwrap();
                    // After a deep slash a deposit may buy more shares than can be counted, and is
                    // refused.
                    if let Ok(bought) = all.buy_shares(Amount(amount.into())) {
                        owners[who].shares += bought;
                        principal += u128::from(amount);
                        moved = who;
                    }
                }
                Step::Earn(amount) => {
                    earn(&mut all, amount.into());
                    income += u128::from(amount);
                }
                Step::Undelegate(who) if !owners[who].undelegated => {
                    undelegate(&mut all, &mut owners[who])
                }
                Step::Withdraw(who, elapsed) if owners[who].undelegated => {
                    principal -= u128::from(withdraw(&mut all, &mut owners[who], elapsed));
                    if owners[who].shares == 0 {
                        owners[who] = Delegation {
                            accrued: owners[who].accrued,
                            commission: TENTH,
                            ..Delegation::default()
                        };
                        owners[who].paid_acc = all.index.acc;
                    }
                    moved = who;
                }
                Step::Claim(who) => {
                    all.settle_delegation(&mut owners[who]).unwrap();
                    claimed += u128::from(core::mem::take(&mut owners[who].accrued).0);
                }
                Step::Slash(part) => {
                    let loss = mul_div_floor(all.amount.0, part.into(), 65_536).unwrap();
                    all.apply_loss(Amount(loss)).unwrap();
                    principal -= u128::from(loss);
                    moved = usize::MAX - 1;
                }
                _ => {}
            }
            prop_assert!(all.is_sound());
            prop_assert_eq!(owners.iter().map(|owner| owner.shares).sum::<u64>(), all.shares);
            let value = |owner: &Delegation| all.value_of(owner.shares).unwrap().0;
            let held: u128 = owners.iter().map(|owner| u128::from(value(owner))).sum();
            prop_assert!(held <= u128::from(all.amount.0));
            let owed: u128 = owners.iter().map(|owner| u128::from(owner.accrued.0)).sum();
            // Dust of the last share of all becomes commission.
            let out = claimed + owed + u128::from(all.commission.0) + u128::from(all.amount.0);
            prop_assert!(out <= income + principal, "{out} of {income} + {principal}");
            if moved != usize::MAX - 1 {
                for (who, before) in values.iter().enumerate().filter(|(who, _)| *who != moved) {
                    let after = all.value_of(owners[who].shares).unwrap().0;
                    prop_assert!(after >= *before, "no one pays for another's step");
                }
            }
        }
    }
}
