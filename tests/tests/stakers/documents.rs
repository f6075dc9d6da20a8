//! The documents for auditors say what is so: every worked example is computed anew, by the rules
//! that the programs run and by the model of these tests; the timelines are played in the runtime;
//! tables are compared with the IDLs.

use std::{fs, path::PathBuf};

use nosana_client::{actions, pda, rewards, staking};
use nosana_protocol::{
    delegation::{self, Delegated},
    rewards::{Pool, Position},
    slashing::slash,
    stream::Schedule,
    units::{Amount, BasisPoints, Seconds, UnixTimestamp},
    xnos,
};
use nosana_tests::{
    Lite, World,
    terms::{EPOCH, START, batch, terms},
};
use serde_json::Value;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    delegations::{self, Given},
    model::{Stake, Stream},
    stakes::{self, DAY},
};

/// Worked examples in each document.
const EXAMPLES: [(&str, usize); 2] = [("staking", 30), ("rewards", 24)];
/// Steps of the timelines.
const STEPS: [(&str, usize); 2] = [("staking", 11), ("rewards", 13)];

/// A file of the repository.
fn read(path: &str) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The cells of a table's row.
fn cells(line: &str) -> Vec<&str> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner.split('|').map(str::trim).collect()
}

/// The rows of the tables in the section with this title.
fn section<'a>(document: &'a str, title: &str) -> Vec<Vec<&'a str>> {
    let start = document
        .find(&format!("\n## {title}\n"))
        .unwrap_or_else(|| panic!("there is no section {title}"));
    let body = &document[start + title.len() + 5..];
    let body = &body[..body.find("\n## ").unwrap_or(body.len())];
    body.lines().filter(|line| line.starts_with('|')).map(cells).collect()
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

/// An example: what is computed, from which numbers, and what comes out.
struct Example<'a> {
    kind: &'a str,
    inputs: Vec<(&'a str, &'a str)>,
    result: u128,
}

impl Example<'_> {
    fn get<T: std::str::FromStr>(&self, name: &str) -> T {
        let found = self.inputs.iter().find(|(known, _)| *known == name);
        number(found.unwrap_or_else(|| panic!("{} lacks {name}", self.kind)).1)
    }
}

/// All examples of a document: rows like "| `kind` | name = 1, other = 2 | 3 |".
fn examples(document: &str) -> Vec<Example<'_>> {
    let rows =
        section(document, "Worked examples").into_iter().filter(|row| row[0].starts_with('`'));
    rows.map(|row| {
        let inputs = row[1].split(',').map(|input| input.split_once(" = ").expect("name = number"));
        let inputs = inputs.map(|(name, value)| (name.trim(), value.trim())).collect();
        Example { kind: row[0].trim_matches('`'), inputs, result: number(row[2]) }
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
                xnos::weight(amount("amount"), Seconds(get("duration"))).expect("in range").0;
            vec![
                rule.into(),
                stakes::xnos(get("amount"), get("duration")).expect("in range").into(),
            ]
        }
        "released" => {
            let rule =
                xnos::released(amount("amount"), Seconds(get("duration")), Seconds(get("elapsed")));
            vec![
                rule.expect("in range").0.into(),
                stakes::released(get("amount"), get("duration"), get("elapsed")).into(),
            ]
        }
        "withdrawable" => {
            let (duration, elapsed) = (get("duration"), get("elapsed"));
            let released = xnos::released(amount("amount"), Seconds(duration), Seconds(elapsed))
                .expect("in range");
            let rule = xnos::withdrawable(
                released,
                amount("withdrawn"),
                amount("amount"),
                amount("locked"),
            );
            let (amount, withdrawn, locked) = (get("amount"), get("withdrawn"), get("locked"));
            let stake =
                Stake { amount, withdrawn, locked, duration, unstaked_at: 1, ..Stake::default() };
            vec![rule.expect("in range").0.into(), stake.withdrawable(1 + elapsed as i64).into()]
        }
        "bought" | "worth" | "cost" => {
            let mut all =
                Delegated { amount: amount("all"), shares: get("shares"), ..Delegated::default() };
            let mut given = Given { amount: get("all"), shares: get("shares"), ..Given::default() };
            match example.kind {
                "bought" => vec![all.put_in(amount("amount")).expect("in range").into()],
                "worth" => vec![
                    all.value(get("mine")).expect("in range").0.into(),
                    given.worth(get("mine")).into(),
                ],
                _ => {
                    let mut rule =
                        delegation::Delegation { shares: get("mine"), ..Default::default() };
                    all.take_out(&mut rule, amount("amount")).expect("in range");
                    let mut model =
                        delegations::Delegation { shares: get("mine"), ..Default::default() };
                    given.sell(&mut model, get("amount"));
                    [rule.shares, model.shares].map(|left| u128::from(get("mine") - left)).to_vec()
                }
            }
        }
        "lost" => {
            let slash = slash(
                amount("penalty"),
                amount("own"),
                amount("delegated"),
                BasisPoints(example.get("reporter")),
            );
            vec![slash.expect("in range").delegated.0.into()]
        }
        "part" => {
            let mut pool =
                Pool { stream: amount("stream"), epoch_seconds: get("epoch"), ..Pool::default() };
            pool.total_weight = 1;
            let (before, after) =
                (UnixTimestamp(example.get("from")), UnixTimestamp(example.get("to")));
            pool.advance(before).expect("in range");
            let already = pool.index.acc;
            pool.advance(after).expect("in range");
            vec![(pool.index.acc - already) >> 64]
        }
        "step" | "left" => {
            let mut pool = Pool { stream: amount("amount"), epoch_seconds: 60, ..Pool::default() };
            (pool.index.remainder, pool.total_weight) = (get("remainder"), get("weight"));
            pool.advance(UnixTimestamp(60)).expect("in range");
            vec![if example.kind == "step" { pool.index.acc } else { pool.index.remainder.into() }]
        }
        "earned" => {
            let (weight, paid_acc) = (get("weight"), example.get("paid"));
            let mut position = Position { weight, paid_acc, ..Position::default() };
            position.settle(example.get("acc")).expect("in range");
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
            vec![schedule.due(UnixTimestamp(now)).expect("in range").0.into(), stream.into()]
        }
        other => panic!("nobody knows how to compute {other}"),
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

/// The steps of a document's timeline.
fn timeline<'a>(document: &'a str, name: &str, title: &str) -> Vec<Vec<&'a str>> {
    let rows: Vec<_> =
        section(document, title).into_iter().filter(|row| row[0].parse::<u64>().is_ok()).collect();
    let expected = STEPS.iter().find(|(known, _)| *known == name).map(|(_, steps)| *steps);
    assert_eq!(Some(rows.len()), expected, "steps in the timeline of docs/{name}.md");
    rows
}

fn travel(world: &World<Lite>, seconds: u64) {
    world.travel(START.checked_add_unsigned(seconds).expect("in range"));
}

#[tokio::test]
async fn the_life_of_a_stake_is_as_the_document_tells() {
    let document = read("docs/staking.md");
    let world = World::<Lite>::new(terms()).await;
    let key = world.wallet().await;
    let (owner, mint, by) = (key.pubkey(), world.mint, [&key]);
    world.register(&key).await;
    let job = world.list(batch(1)).await;
    for row in timeline(&document, "staking", "A stake, day by day") {
        travel(&world, number::<u64>(row[0]) * DAY);
        let words: Vec<&str> = row[1].trim_matches('`').split(' ').collect();
        let argument = |index: usize| number::<u64>(words[index]);
        match words[0] {
            "stake" => world.run(actions::stake(owner, mint, argument(1), argument(2)), &by).await,
            "work" => world.work(&key).await,
            "unstake" => world.run(actions::unstake(owner), &by).await,
            "withdraw" => world.run(actions::withdraw(owner, mint), &by).await,
            "expire_match" => world.expire_match(&job, &key).await,
            "restake" => world.run(actions::restake(owner), &by).await,
            "top_up" => world.run(actions::top_up_stake(owner, mint, argument(1)), &by).await,
            "extend" => world.run(actions::extend_stake(owner, argument(1)), &by).await,
            "close" => {
                world
                    .run(
                        staking::instructions::Close { owner, stake: pda::staking::stake(&owner) },
                        &by,
                    )
                    .await
            }
            other => panic!("nobody knows how to {other}"),
        };
        let stake = world.find::<staking::accounts::Stake>(&pda::staking::stake(&owner)).await;
        let found = stake.map_or([0; 6], |stake| {
            let elapsed = UnixTimestamp(world.now()).since(UnixTimestamp(stake.unstaked_at));
            let released =
                xnos::released(Amount(stake.amount), Seconds(stake.duration_seconds), elapsed);
            let (amount, withdrawn, locked) =
                (Amount(stake.amount), Amount(stake.withdrawn), Amount(stake.locked));
            let free = xnos::withdrawable(released.expect("in range"), withdrawn, amount, locked);
            let now = if stake.unstaked_at == 0 { 0 } else { free.expect("in range").0 };
            [amount.0, withdrawn.0, locked.0, stake.slashed, stake.xnos, now]
        });
        assert_eq!(row[2..], found.map(|number| number.to_string()), "day {}: {}", row[0], row[1]);
    }
}

#[tokio::test]
async fn epochs_go_by_as_the_document_tells() {
    let document = read("docs/rewards.md");
    let world = World::<Lite>::bare().await;
    world.initialize().await;
    let (a, b) = (world.wallet().await, world.wallet().await);
    let mint = world.mint;
    for row in timeline(&document, "rewards", "Two stakers, second by second") {
        travel(&world, number(row[0]));
        let words: Vec<&str> = row[1].trim_matches('`').split(' ').collect();
        let key: &Keypair = if words.contains(&"B") { &b } else { &a };
        let (owner, by) = (key.pubkey(), [key]);
        match words[0] {
            "fund" => {
                let fund = actions::fund(world.client.pubkey(), mint, number(words[1]));
                world.run(fund, &[&world.client]).await;
            }
            "enter" => {
                world.run(actions::stake(owner, mint, number(words[2]), 365 * DAY), &by).await;
                world.enter(key).await;
            }
            "unstake" => drop(world.run(actions::unstake(owner), &by).await),
            "restake" => drop(world.run(actions::restake(owner), &by).await),
            "exit" => drop(world.run(actions::exit(owner, mint), &by).await),
            "sync" => {}
            other => panic!("nobody knows how to {other}"),
        }
        let mut accrued = [0; 2];
        for (key, accrued) in [&a, &b].into_iter().zip(&mut accrued) {
            let address = pda::rewards::position(&key.pubkey());
            if world.find::<rewards::accounts::Position>(&address).await.is_some() {
                world.run(actions::sync(key.pubkey()), &[]).await;
                *accrued = world.position_of(key).await.accrued;
            }
        }
        let pool = world.pool().await;
        assert_eq!(pool.epoch_seconds, EPOCH);
        let found = [pool.pending, pool.stream, pool.total_weight, accrued[0], accrued[1]];
        assert_eq!(
            row[2..],
            found.map(|number| number.to_string()),
            "second {}: {}",
            row[0],
            row[1]
        );
    }
}

fn idl(program: &str) -> Value {
    serde_json::from_str(&read(&format!("idl/{program}.json"))).expect("JSON")
}

/// Bytes of a field's type.
fn size(ty: &Value) -> usize {
    if let Some(array) = ty["array"].as_array() {
        return size(&array[0]) * array[1].as_u64().expect("a length") as usize;
    }
    match ty.as_str() {
        Some("u8") => 1,
        Some("u16") => 2,
        Some("u64" | "i64") => 8,
        Some("pubkey") => 32,
        Some("u128") => 16,
        // `PodU128`: sixteen bytes without alignment.
        _ if ty["defined"]["name"] == "PodU128" => 16,
        other => panic!("{other:?} is not expected here: {ty}"),
    }
}

#[test]
fn the_tables_name_every_byte_instruction_error_and_event() {
    for (program, accounts) in [
        ("staking", &["Config", "Stake", "Delegation"][..]),
        ("rewards", &["Pool", "Position", "Stream"]),
    ] {
        let (document, idl) = (read(&format!("docs/{program}.md")), idl(program));
        for name in accounts {
            let title = format!("### {name}: ");
            let body =
                document.split(&title).nth(1).unwrap_or_else(|| panic!("there is no {title}"));
            let mut rows = body.lines().filter(|line| line.starts_with('|')).map(cells).skip(2);
            assert_eq!(rows.next().expect("a row")[..3], ["0", "8", "discriminator"], "{name}");
            let types = idl["types"].as_array().expect("types");
            let layout = types.iter().find(|it| it["name"] == *name).expect("a type");
            let mut offset = 8;
            for field in layout["type"]["fields"].as_array().expect("fields") {
                let (bytes, title) = (
                    size(&field["type"]),
                    format!("`{}`", field["name"].as_str().expect("a name")),
                );
                let row = rows.next().unwrap_or_else(|| panic!("{name} lacks {title}"));
                assert_eq!(row[..3], [offset.to_string(), bytes.to_string(), title], "{name}");
                offset += bytes;
            }
            assert_eq!(
                rows.next().map(|row| row[0]),
                Some(offset.to_string().as_str()),
                "the end of {name}"
            );
        }
        for kind in ["instructions", "errors", "events"] {
            for item in idl[kind].as_array().expect("a list") {
                let name = item["name"].as_str().expect("a name");
                assert!(
                    document.contains(&format!("`{name}`")),
                    "docs/{program}.md does not name {kind} {name}"
                );
            }
        }
    }
}
