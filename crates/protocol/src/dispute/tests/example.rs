//! The worked example of docs/verification.md: its table is read from the page, and computed again.

use std::{
    format,
    string::{String, ToString},
};

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

const PAGE: &str = include_str!("../../../../../docs/verification.md");
const JOB: Terms =
    Terms { price: Price(1_000), timeout: Seconds(600), fee: BasisPoints(500), kind: Kind::Batch };
const TERMS: DisputeTerms =
    DisputeTerms { phase: Seconds(600), panel_fee: BasisPoints(2_500), min_collateral_ratio: 20 };
const COLLATERAL: Amount = Amount(17_000_000);
const RESULT_AFTER: Seconds = Seconds(400);

fn stakes() -> Stakes {
    let listed = TERMS.admit_job(JOB.price, JOB.timeout, COLLATERAL, Seconds(600));
    let VerifiedTerms { panel_fee, min_collateral } = listed.unwrap().unwrap();
    let escrow = JOB.escrow_amount().unwrap();
    let undisputed = split_escrow(&JOB, escrow, Reason::Completed, Some(RESULT_AFTER)).unwrap();
    Stakes {
        escrow,
        undisputed,
        panel_fee,
        collateral: COLLATERAL,
        seat_collateral: min_collateral,
        slashes: true,
    }
}

fn pay(trace: Option<&Sketch>, votes: [Vote; 3]) -> Payments {
    stakes().pay_judgment(&judge_votes(trace, &votes)).unwrap()
}

/// The disputes of the table, in its order.
fn disputes() -> [(&'static str, Payments); 7] {
    let opened = |votes| pay(Some(&TRACE), votes);
    let other = OTHERS[0];
    let one_right = [right(TRACE), Vote::Silent, Vote::Nobody];
    let one_committed = [Vote::Hidden, Vote::Silent, Vote::Nobody];

    [
        ("convicted by three", opened([wrong(other); 3])),
        ("convicted by two, one overruled", opened([wrong(other), right(TRACE), wrong(other)])),
        ("trace refuted by three", opened([right(other); 3])),
        ("trace not opened, one committed, one absent", pay(None, one_committed)),
        ("acquitted by three", opened([right(TRACE); 3])),
        ("acquitted by two, one unsupported", opened([right(TRACE), right(TRACE), wrong(other)])),
        ("undecided, one Right, one absent", opened(one_right)),
    ]
}

/// The text of the example, its lines joined, and the cells of its table.
fn read_page() -> (String, Vec<Vec<&'static str>>) {
    let (_, section) = PAGE.split_once("\n## Worked example\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    let cells = |row: &'static str| row.split('|').map(str::trim).collect();

    let text = section.split_whitespace().collect::<Vec<_>>().join(" ");
    // The heading and the line below it come first.
    (text, rows.skip(2).map(cells).collect())
}

fn group_digits(amount: Amount) -> String {
    let digits = amount.0.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Writes the cells of a dispute: node, network, client, challenger, panel, slash.
fn write_cells(paid: &Payments) -> [String; 6] {
    let sum = |amounts: &[Amount]| Amount(amounts.iter().map(|amount| amount.0).sum());
    let (fees, losses) = (group_digits(sum(&paid.panel)), sum(&paid.losses));
    let burnt = Amount(paid.slash.0 - paid.bounty.0);

    let panel = match losses {
        Amount::ZERO => fees,
        lost => format!("{fees}, less {}", group_digits(lost)),
    };
    let slash = match paid.slash {
        Amount::ZERO => String::new(),
        _ => format!("{}, {}", group_digits(paid.bounty), group_digits(burnt)),
    };
    let [node, network, client, challenger] =
        [paid.node, paid.network, paid.client, paid.challenger].map(group_digits);
    [node, network, client, challenger, panel, slash]
}

#[test]
fn the_page_states_what_is_at_stake() {
    let (text, _) = read_page();
    let stakes = stakes();
    let given = format!(
        "Price {} a second, {} s, network fee {}, panel fee {}, ratio {}, S {}; the result comes \
         after {} s.",
        group_digits(Amount(JOB.price.0)),
        JOB.timeout.0,
        JOB.fee.0,
        group_digits(Amount(TERMS.panel_fee.0.into())),
        TERMS.min_collateral_ratio,
        group_digits(COLLATERAL),
        RESULT_AFTER.0,
    );
    let follows = format!(
        "F {}, bond {}, C {}, escrow {}.",
        group_digits(stakes.panel_fee),
        group_digits(bond_amount(stakes.panel_fee).unwrap()),
        group_digits(stakes.seat_collateral),
        group_digits(stakes.escrow),
    );
    assert!(text.contains(&format!("{given} {follows}")), "{given} {follows}\n{text}");
}

#[test]
fn the_page_states_every_payment() {
    let (_, rows) = read_page();
    let split = stakes().undisputed;
    let amounts = [split.node, split.network, split.client].map(group_digits);
    let [node, network, client] = amounts.each_ref().map(String::as_str);
    assert_eq!(rows[0], ["not disputed", node, network, client, "", "", ""]);

    let disputes = disputes();
    assert_eq!(rows.len(), 1 + disputes.len());
    for (row, (name, paid)) in rows[1..].iter().zip(&disputes) {
        assert_eq!(row[0], *name);
        assert_eq!(row[1..], write_cells(paid), "{name}");
    }
}

#[test]
fn nobody_gains_by_the_loss_of_a_vote() {
    for (name, paid) in disputes() {
        let (seat, reward) = match name {
            "undecided, one Right, one absent" | "trace not opened, one committed, one absent" => {
                (1, 150_000)
            }
            "convicted by two, one overruled" => (1, 0),
            "acquitted by two, one unsupported" => (2, 0),
            _ => {
                assert_eq!(paid.losses, [Amount(0); 3], "{name}");
                continue;
            }
        };
        let mut rewards = [Amount(0); 3];
        rewards[seat] = Amount(reward);
        assert_eq!(paid.rewards, rewards, "{name}: only who was absent leaves a reward");
        assert!(paid.losses[seat] > Amount(0), "{name}");
        assert_eq!(paid.panel[seat], Amount(0), "{name}");
    }
}
