//! The worked example of the documentation: a price of 1,000 a second for 600 s, a network fee of
//! 500 and a panel fee of 2,500 basis points, a collateral of 17,000,000, a result after 400 s.

use super::*;
use crate::{
    dispute::{
        judgment::judge_votes,
        payment::{Payments, Stakes},
        terms::{DisputeTerms, VerifiedTerms, bond_amount},
    },
    job::{Kind, Reason},
    settlement::{Terms, split_escrow},
    units::{Amount, BasisPoints, Price, Seconds},
};

const JOB: Terms =
    Terms { price: Price(1_000), timeout: Seconds(600), fee: BasisPoints(500), kind: Kind::Batch };

fn stakes() -> Stakes {
    let terms = DisputeTerms {
        phase: Seconds(600),
        panel_fee: BasisPoints(2_500),
        min_collateral_ratio: 20,
    };
    let collateral = Amount(17_000_000);
    let listed = terms.admit_job(JOB.price, JOB.timeout, collateral, Seconds(600));
    let VerifiedTerms { panel_fee, min_collateral } = listed.unwrap().unwrap();
    let escrow = JOB.escrow_amount().unwrap();
    let undisputed = split_escrow(&JOB, escrow, Reason::Completed, Some(Seconds(400))).unwrap();
    let seat_collateral = min_collateral;
    Stakes { escrow, undisputed, panel_fee, collateral, seat_collateral, slashes: true }
}

fn pay(votes: [Vote; 3]) -> Payments {
    stakes().pay_judgment(&judge_votes(Some(&TRACE), &votes)).unwrap()
}

#[test]
fn what_is_at_stake() {
    let stakes = stakes();
    assert_eq!((stakes.escrow, stakes.panel_fee), (Amount(630_000), Amount(150_000)));
    assert_eq!(bond_amount(stakes.panel_fee), Ok(Amount(600_000)));
    let split = stakes.undisputed;
    assert_eq!(
        (split.node, split.network, split.client),
        (Amount(400_000), Amount(20_000), Amount(210_000))
    );
}

#[test]
fn convicted_by_three() {
    let paid = pay([wrong(OTHERS[0]); 3]);
    assert_eq!((paid.node, paid.network), (Amount(0), Amount(0)));
    assert_eq!(paid.client, Amount(630_000 + 150_000));
    assert_eq!(paid.challenger, Amount(600_000 + 300_000));
    assert_eq!(paid.panel, [Amount(150_000); 3]);
    assert_eq!((paid.slash, paid.bounty), (Amount(17_000_000), Amount(900_000)));
    assert_eq!(paid.slash.0 - paid.bounty.0, 16_100_000, "burnt");
    assert_eq!(paid.losses, [Amount(0); 3]);
}

#[test]
fn convicted_by_two() {
    let paid = pay([wrong(OTHERS[0]), right(TRACE), wrong(OTHERS[0])]);
    assert_eq!((paid.client, paid.challenger), (Amount(780_000), Amount(900_000)));
    assert_eq!(paid.panel, [Amount(150_000), Amount(0), Amount(150_000)]);
    assert_eq!((paid.slash, paid.bounty), (Amount(17_000_000), Amount(750_000)));
    assert_eq!(paid.losses, [Amount(0), Amount(12_000_000), Amount(0)]);
    assert_eq!(paid.rewards, [Amount(0); 3], "nobody gains by overruling a panelist");
}

#[test]
fn acquitted_by_three() {
    let paid = pay([right(TRACE); 3]);
    assert_eq!((paid.node, paid.network), (Amount(400_000 + 150_000), Amount(20_000)));
    assert_eq!((paid.client, paid.challenger), (Amount(210_000), Amount(0)));
    assert_eq!(paid.panel, [Amount(150_000); 3]);
    assert_eq!((paid.slash, paid.bounty), (Amount(0), Amount(0)));
}

#[test]
fn acquitted_by_two() {
    let paid = pay([right(TRACE), right(TRACE), wrong(OTHERS[0])]);
    assert_eq!((paid.node, paid.network), (Amount(400_000 + 150_000), Amount(20_000)));
    assert_eq!((paid.client, paid.challenger), (Amount(210_000), Amount(150_000)));
    assert_eq!(paid.panel, [Amount(150_000), Amount(150_000), Amount(0)]);
    assert_eq!(paid.losses, [Amount(0), Amount(0), Amount(600_000)]);
    assert_eq!(paid.rewards, [Amount(0); 3], "nobody gains by the loss of a lone vote");
}

#[test]
fn undecided_with_one_vote() {
    let paid = pay([right(TRACE), Vote::Silent, Vote::Nobody]);
    assert_eq!((paid.node, paid.challenger), (Amount(400_000), Amount(450_000)));
    assert_eq!(paid.panel, [Amount(150_000), Amount(0), Amount(0)]);
    assert_eq!(paid.losses, [Amount(0), Amount(600_000), Amount(0)]);
    assert_eq!(paid.rewards, [Amount(0), Amount(150_000), Amount(0)]);
}
