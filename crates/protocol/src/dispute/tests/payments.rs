//! Sums and bounds of what every pattern of votes pays.

use super::*;
use crate::{
    dispute::{
        judgment::{Judgment, judge_votes},
        payment::{Payments, Stakes, closing_reward, is_closable, is_forfeitable, is_slashable},
        terms::{DisputeTerms, MAX_PHASE},
        votes::{Outcome, Standing},
    },
    settlement::Split,
    units::{Amount, BasisPoints, Price, Seconds, UnixTimestamp},
};
use proptest::prelude::*;

const STAKES: Stakes = Stakes {
    escrow: Amount(630_007),
    undisputed: Split { node: Amount(400_000), client: Amount(210_007), network: Amount(20_000) },
    panel_fee: Amount(150_000),
    collateral: Amount(17_000_000),
    seat_collateral: Amount(12_000_000),
    slashes: true,
};

fn total(payments: &Payments) -> u128 {
    let parties = [payments.node, payments.client, payments.network, payments.challenger];
    parties.iter().chain(&payments.panel).map(|part| u128::from(part.0)).sum()
}

/// Checks what must hold of every payment.
fn check_payments(stakes: &Stakes, judgment: &Judgment, what: &str) {
    let payments = stakes.pay_judgment(judgment).unwrap();
    let bond = u128::from(stakes.panel_fee.0) * 4;
    let escrow = u128::from(stakes.escrow.0);
    assert_eq!(total(&payments), escrow + bond + u128::from(payments.bounty.0), "{what}");
    assert!(payments.bounty.0 <= payments.slash.0 / 2, "{what}");
    assert!(payments.slash <= stakes.collateral, "{what}");

    let is_lost = judgment.outcome.is_nodes_loss();
    assert_eq!(payments.slash > Amount::ZERO, is_lost && stakes.slashes, "{what}");
    if is_lost {
        assert_eq!((payments.node, payments.network), (Amount::ZERO, Amount::ZERO), "{what}");
        assert!(payments.client >= stakes.escrow, "{what}: the client is whole");
        assert!(u128::from(payments.challenger.0) >= bond, "{what}: the bond is back");
    } else {
        assert!(payments.node >= stakes.undisputed.node, "{what}");
        assert_eq!(payments.client, stakes.undisputed.client, "{what}");
        assert_eq!(payments.network, stakes.undisputed.network, "{what}");
        assert!(u128::from(payments.challenger.0) <= bond, "{what}");
    }

    let seats = payments.panel.iter().zip(payments.losses).zip(judgment.standings);
    for ((fee, loss), standing) in seats {
        let pays = !is_lost || stakes.slashes;
        let paid = if pays { stakes.panel_fee } else { Amount::ZERO };
        let lost = Amount(stakes.panel_fee.0 * 4).min(stakes.seat_collateral);
        let expected = match standing {
            Standing::Nobody | Standing::Uncounted => (Amount::ZERO, Amount::ZERO),
            Standing::Paid => (paid, Amount::ZERO),
            Standing::Absent | Standing::Unsupported | Standing::Overruled => (Amount::ZERO, lost),
        };
        assert_eq!((*fee, loss), expected, "{what}");
    }
}

#[test]
fn every_pattern_pays_exactly_what_there_is() {
    for slashes in [true, false] {
        let stakes = Stakes { slashes, ..STAKES };
        for votes in all_panels() {
            for trace in [None, Some(&TRACE), Some(&OTHERS[0])] {
                let judgment = judge_votes(trace, &votes);
                check_payments(&stakes, &judgment, &std::format!("{votes:?}"));
            }
        }
    }
}

#[test]
fn an_undecided_dispute_pays_as_if_there_was_none() {
    let judgment = Judgment { outcome: Outcome::Undecided, standings: [Standing::Nobody; 3] };
    let payments = STAKES.pay_judgment(&judgment).unwrap();
    assert_eq!(payments.node, STAKES.undisputed.node);
    assert_eq!(payments.challenger, Amount(600_000));
}

#[test]
fn closing_the_seat_of_who_was_absent_pays_a_fee_and_at_most_half() {
    let fee = Amount(150_000);
    let reward = |loss| closing_reward(Standing::Absent, Amount(loss), fee);
    assert_eq!(reward(0), Amount(0));
    assert_eq!(reward(600_000), fee);
    assert_eq!([reward(299_999), reward(300_000)], [Amount(149_999), fee]);
    assert_eq!(reward(u64::MAX), fee);
    let others = [
        Standing::Overruled,
        Standing::Unsupported,
        Standing::Paid,
        Standing::Uncounted,
        Standing::Nobody,
    ];
    for standing in others {
        assert_eq!(closing_reward(standing, Amount(u64::MAX), fee), Amount::ZERO);
    }
}

/// Otherwise honest panelists lose more than colluders, who hide their votes once they see two
/// reveals against them.
#[test]
fn to_reveal_a_vote_costs_no_more_than_to_hide_it() {
    for votes in all_panels() {
        let hidden = [Vote::Hidden, votes[1], votes[2]];
        let loss =
            |votes| STAKES.pay_judgment(&judge_votes(Some(&TRACE), votes)).unwrap().losses[0];
        if votes[0] != Vote::Nobody {
            assert!(loss(&votes) <= loss(&hidden), "{votes:?}");
        }
    }

    let small = Stakes { seat_collateral: Amount(599_999), ..STAKES };
    let judgment = judge_votes(Some(&TRACE), &[right(TRACE), wrong(OTHERS[0]), wrong(OTHERS[0])]);
    assert_eq!(judgment.standings[0], Standing::Overruled);
    let losses = |stakes: Stakes| stakes.pay_judgment(&judgment).unwrap().losses[0];
    assert_eq!([losses(STAKES), losses(small)], [Amount(600_000), Amount(599_999)]);
}

/// Otherwise colluders would take from a panelist by voting against it.
#[test]
fn nobody_gains_by_the_loss_of_who_said_right_or_wrong() {
    for votes in all_panels() {
        for trace in [None, Some(&TRACE), Some(&OTHERS[0])] {
            let payments = STAKES.pay_judgment(&judge_votes(trace, &votes)).unwrap();
            for (vote, reward) in votes.iter().zip(payments.rewards) {
                let has_voted = matches!(vote, Vote::Revealed(Verdict::Right | Verdict::Wrong, _));
                assert!(!has_voted || reward == Amount::ZERO, "{votes:?}");
            }
        }
    }
}

#[test]
fn paid_panelists_first_close_the_seats_that_lose_by_their_votes() {
    let resolved = UnixTimestamp(100);
    let week = 7 * 86_400;
    let closable = |standing, open: &[Standing], now| {
        is_closable(standing, open.iter().copied(), resolved, UnixTimestamp(now)).unwrap()
    };
    let others = [
        Standing::Overruled,
        Standing::Unsupported,
        Standing::Absent,
        Standing::Uncounted,
        Standing::Nobody,
    ];
    for loser in [Standing::Overruled, Standing::Unsupported] {
        let open = [Standing::Paid, loser];
        assert!(!closable(Standing::Paid, &open, 100), "{loser:?}");
        assert!(!closable(Standing::Paid, &open, 100 + week), "{loser:?}");
        assert!(closable(Standing::Paid, &open, 101 + week), "{loser:?}");
        for other in others {
            assert!(closable(other, &open, 100), "{other:?}");
        }
    }
    for other in [Standing::Paid, Standing::Absent, Standing::Uncounted, Standing::Nobody] {
        assert!(closable(Standing::Paid, &[Standing::Paid, other], 100), "{other:?}");
    }
}

#[test]
fn nothing_is_kept_for_ever() {
    let day = 86_400;
    let at = |second| UnixTimestamp(second);
    assert_eq!(is_slashable(at(7), at(7 + 60 * day)), Ok(true));
    assert_eq!(is_slashable(at(7), at(8 + 60 * day)), Ok(false));
    assert_eq!(is_forfeitable(at(7), at(6 + 30 * day)), Ok(false));
    assert_eq!(is_forfeitable(at(7), at(7 + 30 * day)), Ok(true));
}

/// Fees that are too large for the type are refused.
#[test]
fn amounts_are_checked() {
    let judgment = Judgment { outcome: Outcome::Convicted, standings: [Standing::Paid; 3] };
    let huge = Stakes { panel_fee: Amount(u64::MAX / 4), ..STAKES };
    assert!(huge.pay_judgment(&judgment).is_err());
    let overdrawn = Stakes { escrow: Amount(u64::MAX), ..STAKES };
    assert!(overdrawn.pay_judgment(&judgment).is_err());
}

proptest! {
    #[test]
    fn every_job_that_can_be_listed_pays_exactly_what_there_is(
        price in 1..1_u64 << 18, timeout in 1..86_400_u64, earned in 0..=10_000_u64,
        rate in 2_500..=20_000_u16, ratio in 10..=40_u32, fee in 0..=2_500_u64,
        budget in 0..1_u64 << 40, number in 0..27_usize.pow(3), opened: bool, slashes: bool,
    ) {
        let terms = DisputeTerms {
            phase: MAX_PHASE,
            panel_fee: BasisPoints(rate),
            min_collateral_ratio: ratio,
        };
        let (window, collateral) = (Seconds(timeout), Amount(u64::MAX));
        let listed = terms.admit_job(Price(price), Seconds(timeout), collateral, window);
        if let Ok(Some(listed)) = listed {
            let cost = price * timeout;
            let node = cost / 10_000 * earned;
            let network = node / 10_000 * fee;
            let escrow = cost + cost / 10_000 * fee + budget;
            let stakes = Stakes {
                escrow: Amount(escrow),
                undisputed: Split {
                    node: Amount(node),
                    client: Amount(escrow - node - network),
                    network: Amount(network),
                },
                panel_fee: listed.panel_fee,
                collateral: listed.min_collateral.checked_add(listed.panel_fee).unwrap(),
                seat_collateral: listed.min_collateral,
                slashes,
            };
            let votes = all_panels().nth(number).unwrap();
            let judgment = judge_votes(opened.then_some(&TRACE), &votes);
            check_payments(&stakes, &judgment, "a random job");
        }
    }
}
