//! The timelines, step by step in the runtime.

use nosana_client::{actions, pda, rewards, staking};
use nosana_protocol::{
    units::{Amount, Seconds, UnixTimestamp},
    xnos,
};
use nosana_tests::{
    Lite, World,
    terms::{EPOCH, START, batch, terms},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::parse::{parse_number, read, section};
use crate::stakes::DAY;

/// Steps of the timelines.
const STEPS: [(&str, usize); 2] = [("staking", 12), ("rewards", 13)];

/// The steps of a document's timeline.
fn timeline<'a>(document: &'a str, name: &str, title: &str) -> Vec<Vec<&'a str>> {
    let rows: Vec<_> =
        section(document, title).into_iter().filter(|row| row[0].parse::<u64>().is_ok()).collect();
    let expected = STEPS.iter().find(|(known, _)| *known == name).map(|(_, steps)| *steps);
    assert_eq!(Some(rows.len()), expected, "steps in the timeline of docs/{name}.md");
    rows
}

fn set_seconds(world: &World<Lite>, seconds: u64) {
    world.set_clock(START.checked_add_unsigned(seconds).expect("in range"));
}

#[tokio::test]
async fn the_life_of_a_stake_is_as_documented() {
    let document = read("docs/staking.md");
    let world = World::<Lite>::new(terms()).await;
    let key = world.wallet().await;
    let owner = key.pubkey();
    let mint = world.mint;
    let by = [&key];
    world.register(&key).await;
    let job = world.list(batch(1)).await;
    for row in timeline(&document, "staking", "A stake, day by day") {
        set_seconds(&world, parse_number::<u64>(row[0]) * DAY);
        let words: Vec<&str> = row[1].trim_matches('`').split(' ').collect();
        let argument = |index: usize| parse_number::<u64>(words[index]);
        match words[0] {
            "open_stake" => {
                world.run(actions::open_stake(owner, mint, argument(1), argument(2)), &by).await
            }
            "work" => world.work(&key).await,
            "unstake" => world.run(actions::unstake(owner), &by).await,
            "withdraw" => world.run(actions::withdraw(owner, mint), &by).await,
            "expire_match" => world.expire_match(&job, &key).await,
            "release_collateral" => world.release_collateral(&key).await,
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
            other => panic!("the test has no step {other}"),
        };
        let stake = world.find::<staking::accounts::Stake>(&pda::staking::stake(&owner)).await;
        let found = stake.map_or([0; 6], |stake| {
            let elapsed =
                UnixTimestamp(world.now()).seconds_since(UnixTimestamp(stake.unstaked_at));
            let released = xnos::released_amount(
                Amount(stake.amount),
                Seconds(stake.duration_seconds),
                elapsed,
            );
            let amount = Amount(stake.amount);
            let withdrawn = Amount(stake.withdrawn);
            let locked = Amount(stake.locked);
            let free =
                xnos::withdrawable_amount(released.expect("in range"), withdrawn, amount, locked);
            let now = if stake.unstaked_at == 0 { 0 } else { free.expect("in range").0 };
            [amount.0, withdrawn.0, locked.0, stake.slashed, stake.xnos, now]
        });
        assert_eq!(row[2..], found.map(|number| number.to_string()), "day {}: {}", row[0], row[1]);
    }
}

#[tokio::test]
async fn epochs_go_by_as_documented() {
    let document = read("docs/rewards.md");
    let world = World::<Lite>::bare().await;
    world.initialize().await;
    let (a, b) = (world.wallet().await, world.wallet().await);
    let mint = world.mint;
    for row in timeline(&document, "rewards", "Two stakers, second by second") {
        set_seconds(&world, parse_number(row[0]));
        let words: Vec<&str> = row[1].trim_matches('`').split(' ').collect();
        let key: &Keypair = if words.contains(&"B") { &b } else { &a };
        let owner = key.pubkey();
        let by = [key];
        match words[0] {
            "fund" => {
                let fund = actions::fund(world.client.pubkey(), mint, parse_number(words[1]));
                world.run(fund, &[&world.client]).await;
            }
            "enter" => {
                world
                    .run(actions::open_stake(owner, mint, parse_number(words[2]), 365 * DAY), &by)
                    .await;
                world.enter(key).await;
            }
            "unstake" => drop(world.run(actions::unstake(owner), &by).await),
            "restake" => drop(world.run(actions::restake(owner), &by).await),
            "exit" => drop(world.run(actions::exit(owner, mint), &by).await),
            "sync" => {}
            other => panic!("the test has no step {other}"),
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
