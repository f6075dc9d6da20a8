//! The worked examples, by the rules of the programs and by the model.

use nosana_protocol::{
    delegation::{self, Delegated},
    rewards::{Pool, Position},
    slashing::{ReporterPart, split_slash},
    stream::Schedule,
    units::{Amount, BasisPoints, Seconds, UnixTimestamp},
    xnos,
};

use super::parse::{parse_number, read, section};
use crate::{
    delegated::{self, Given},
    model::{Stake, Stream},
    stakes,
};

/// Worked examples in each document.
const EXAMPLES: [(&str, usize); 2] = [("staking", 30), ("rewards", 24)];

/// An example: what is computed, from which numbers, and what comes out.
struct Example<'a> {
    kind: &'a str,
    inputs: Vec<(&'a str, &'a str)>,
    result: u128,
}

impl Example<'_> {
    fn get<T: std::str::FromStr>(&self, name: &str) -> T {
        let found = self.inputs.iter().find(|(known, _)| *known == name);
        parse_number(found.unwrap_or_else(|| panic!("{} lacks {name}", self.kind)).1)
    }
}

/// All examples of a document: rows like "| `kind` | name = 1, other = 2 | 3 |".
fn examples(document: &str) -> Vec<Example<'_>> {
    let rows =
        section(document, "Worked examples").into_iter().filter(|row| row[0].starts_with('`'));
    rows.map(|row| {
        let inputs = row[1].split(',').map(|input| input.split_once(" = ").expect("name = number"));
        let inputs = inputs.map(|(name, value)| (name.trim(), value.trim())).collect();
        Example { kind: row[0].trim_matches('`'), inputs, result: parse_number(row[2]) }
    })
    .collect()
}

/// The rule's result and, where the model has one of its own, the model's.
fn compute(example: &Example) -> Vec<u128> {
    let get = |name| example.get::<u64>(name);
    let amount = |name| Amount(example.get(name));
    match example.kind {
        "xnos" => {
            let rule =
                xnos::stake_weight(amount("amount"), Seconds(get("duration"))).expect("in range").0;
            vec![
                rule.into(),
                stakes::xnos(get("amount"), get("duration")).expect("in range").into(),
            ]
        }
        "released" => {
            let rule = xnos::released_amount(
                amount("amount"),
                Seconds(get("duration")),
                Seconds(get("elapsed")),
            );
            vec![
                rule.expect("in range").0.into(),
                stakes::released(get("amount"), get("duration"), get("elapsed")).into(),
            ]
        }
        "withdrawable" => {
            let (duration, elapsed) = (get("duration"), get("elapsed"));
            let released =
                xnos::released_amount(amount("amount"), Seconds(duration), Seconds(elapsed))
                    .expect("in range");
            let rule = xnos::withdrawable_amount(
                released,
                amount("withdrawn"),
                amount("amount"),
                amount("locked"),
            );
            let amount = get("amount");
            let withdrawn = get("withdrawn");
            let locked = get("locked");
            let stake =
                Stake { amount, withdrawn, locked, duration, unstaked_at: 1, ..Stake::default() };
            vec![rule.expect("in range").0.into(), stake.withdrawable(1 + elapsed as i64).into()]
        }
        "bought" | "worth" | "cost" => {
            let mut all =
                Delegated { amount: amount("all"), shares: get("shares"), ..Delegated::default() };
            let mut given = Given { amount: get("all"), shares: get("shares"), ..Given::default() };
            match example.kind {
                "bought" => vec![all.buy_shares(amount("amount")).expect("in range").into()],
                "worth" => vec![
                    all.value_of(get("mine")).expect("in range").0.into(),
                    given.worth(get("mine")).into(),
                ],
                _ => {
                    let mut rule =
                        delegation::Delegation { shares: get("mine"), ..Default::default() };
                    all.sell_shares(&mut rule, amount("amount")).expect("in range");
                    let mut model =
                        delegated::Delegation { shares: get("mine"), ..Default::default() };
                    given.sell(&mut model, get("amount"));
                    [rule.shares, model.shares].map(|left| u128::from(get("mine") - left)).to_vec()
                }
            }
        }
        "lost" => {
            let slash = split_slash(
                amount("penalty"),
                amount("own"),
                amount("delegated"),
                ReporterPart::Share(BasisPoints(example.get("reporter"))),
            );
            vec![slash.expect("in range").delegated.0.into()]
        }
        "part" => {
            let mut pool =
                Pool { stream: amount("stream"), epoch_seconds: get("epoch"), ..Pool::default() };
            pool.total_weight = 1;
            let (before, after) =
                (UnixTimestamp(example.get("from")), UnixTimestamp(example.get("to")));
            pool.advance_to(before).expect("in range");
            let already = pool.index.acc;
            pool.advance_to(after).expect("in range");
            vec![(pool.index.acc - already) >> 64]
        }
        "step" | "left" => {
            let mut pool = Pool { stream: amount("amount"), epoch_seconds: 60, ..Pool::default() };
            (pool.index.remainder, pool.total_weight) = (get("remainder"), get("weight"));
            pool.advance_to(UnixTimestamp(60)).expect("in range");
            vec![if example.kind == "step" { pool.index.acc } else { pool.index.remainder.into() }]
        }
        "earned" => {
            let weight = get("weight");
            let paid_acc = example.get("paid");
            let mut position = Position { weight, paid_acc, ..Position::default() };
            position.settle_to(example.get("acc")).expect("in range");
            vec![position.accrued.0.into()]
        }
        "due" => {
            let (start, end, now): (i64, i64, i64) =
                (example.get("start"), example.get("end"), example.get("now"));
            let schedule = Schedule {
                amount: amount("amount"),
                start: UnixTimestamp(start),
                end: UnixTimestamp(end),
            };
            let stream = Stream {
                owner: 0,
                amount: get("amount"),
                dripped: 0,
                start,
                end,
                cancellable: false,
            }
            .due(now);
            vec![schedule.due_amount(UnixTimestamp(now)).expect("in range").0.into(), stream.into()]
        }
        other => panic!("the test cannot compute {other}"),
    }
}

#[test]
fn every_worked_example_is_right() {
    for (name, expected) in EXAMPLES {
        let document = read(&format!("docs/{name}.md"));
        let all = examples(&document);
        assert_eq!(all.len(), expected, "examples in docs/{name}.md");
        for example in &all {
            for result in compute(example) {
                assert_eq!(
                    result, example.result,
                    "docs/{name}.md: {} of {:?}",
                    example.kind, example.inputs
                );
            }
        }
    }
}
