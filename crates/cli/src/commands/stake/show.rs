//! What somebody staked and delegated, and what it has earned.

use anyhow::Result;
use clap::Args;
use nosana_client::{
    earnings, pda,
    rewards::accounts::{Pool, Position},
    session::Filter,
    staking::accounts::{Delegation, Stake},
};
use nosana_protocol::{
    units::{Amount, Seconds, UnixTimestamp},
    xnos,
};
use serde_json::{Value, json};
use solana_address::Address;

use crate::commands::{
    connection::{Connection, Open},
    nos,
};

/// Where a delegation names its delegator: after the discriminator.
const DELEGATOR: usize = 8;

/// Whose.
#[derive(Debug, Args)]
pub struct Options {
    /// The owner's wallet; by default that of the key
    #[arg(value_parser = crate::commands::address)]
    owner: Option<Address>,
    #[command(flatten)]
    connection: Connection,
}

/// Shows somebody's stake.
pub async fn run(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    let owner = options.owner.unwrap_or_else(|| open.client());
    print(&open, owner, options.connection.json()).await
}

/// Shows the stake of the key.
pub async fn own(open: &Open, as_json: bool) -> Result<()> {
    print(open, open.client(), as_json).await
}

async fn print(open: &Open, owner: Address, as_json: bool) -> Result<()> {
    let now = UnixTimestamp(open.session.clock().await?.unix_timestamp);
    let pool = open.session.account::<Pool>(&pda::rewards::pool()).await?;
    let address = pda::staking::stake(&owner);
    let stake = open.session.find_account::<Stake>(&address).await?;
    let own = stake.as_ref().map(|stake| describe(&address, stake, now));
    let position = open.session.find_account::<Position>(&pda::rewards::position(&owner)).await?;
    let earned = position
        .map(|position| earnings::claimable(&pool, &position, now).unwrap_or(position.accrued));
    let mut delegations = Vec::new();
    for (_, one) in open.session.accounts::<Delegation>(&[Filter::new(DELEGATOR, owner)]).await? {
        delegations.push(delegation(open, &pool, &one, now).await?);
    }
    let all = json!({
        "owner": owner.to_string(),
        "stake": own,
        "claimable_rewards": earned,
        "delegations": delegations,
    });
    if as_json {
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        tell(&all);
    }
    Ok(())
}

fn describe(address: &Address, stake: &Stake, now: UnixTimestamp) -> Value {
    let unstaked = stake.unstaked_at != 0;
    let released = xnos::released(
        Amount(stake.amount),
        Seconds(stake.duration_seconds),
        now.since(UnixTimestamp(stake.unstaked_at)),
    );
    let withdrawable = released.and_then(|released| {
        xnos::withdrawable(
            released,
            Amount(stake.withdrawn),
            Amount(stake.amount),
            Amount(stake.locked),
        )
    });
    json!({
        "address": address.to_string(),
        "amount": stake.amount,
        "withdrawn": stake.withdrawn,
        "locked": stake.locked,
        "slashed": stake.slashed,
        "xnos": stake.xnos,
        "duration_seconds": stake.duration_seconds,
        "unstaked_at": unstaked.then_some(stake.unstaked_at),
        "withdrawable": if unstaked { withdrawable.map_or(0, |amount| amount.0) } else { 0 },
        "accepts_delegation": stake.accepts_delegation != 0,
        "commission_bps": stake.commission_bps,
        "commission_owed": stake.commission_owed,
        "delegated": stake.delegated,
        "delegated_xnos": stake.delegated_xnos,
    })
}

async fn delegation(
    open: &Open,
    pool: &Pool,
    one: &Delegation,
    now: UnixTimestamp,
) -> Result<Value> {
    let stake = open.session.account::<Stake>(&one.stake).await?;
    let position =
        open.session.find_account::<Position>(&pda::rewards::position(&one.stake)).await?;
    let backing =
        position.and_then(|position| earnings::backing(pool, &position, &stake, one, now).ok());
    let backing = backing.unwrap_or_default();
    Ok(json!({
        "owner": stake.owner.to_string(),
        "worth": backing.worth,
        "claimable": backing.claimable,
        "commission_bps": one.commission_bps,
        "duration_seconds": one.duration_seconds,
        "undelegated_at": (one.undelegated_at != 0).then_some(one.undelegated_at),
        "withdrawn": one.withdrawn,
    }))
}

/// The same for people.
fn tell(all: &Value) {
    let amount = |value: &Value| nos(value.as_u64().unwrap_or_default().into());
    let days =
        |value: &Value| format!("{} days", value.as_u64().unwrap_or_default() / super::own::DAY);
    println!("owner        {}", all["owner"].as_str().unwrap_or_default());
    let stake = &all["stake"];
    if stake.is_null() {
        println!("stake        none: `nosana stake add` opens one");
    } else {
        println!(
            "stake        {}, cooldown {}",
            amount(&stake["amount"]),
            days(&stake["duration_seconds"])
        );
        println!("weight       {} xNOS", amount(&stake["xnos"]).trim_end_matches(" NOS"));
        println!("locked       {} as collateral of jobs", amount(&stake["locked"]));
        if !stake["unstaked_at"].is_null() {
            println!("cooldown     began; {} can be withdrawn", amount(&stake["withdrawable"]));
        }
        if stake["slashed"] != 0 {
            println!("slashed      {}", amount(&stake["slashed"]));
        }
        if stake["accepts_delegation"] == true || stake["delegated"] != 0 {
            let (delegated, owed) =
                (amount(&stake["delegated"]), amount(&stake["commission_owed"]));
            println!(
                "delegated    {delegated}; commission {} bps, {owed} to take",
                stake["commission_bps"]
            );
        }
    }
    match all["claimable_rewards"].as_u64() {
        Some(earned) => {
            println!("earned       {}: `nosana rewards claim` takes it", nos(earned.into()))
        }
        None => {
            println!("earned       nothing, without a position: `nosana rewards enter` opens one")
        }
    }
    for one in all["delegations"].as_array().into_iter().flatten() {
        let (owner, cooldown) =
            (one["owner"].as_str().unwrap_or_default(), !one["undelegated_at"].is_null());
        let state = if cooldown { "in its cooldown" } else { "earning" };
        println!(
            "behind       {owner}: {}, {state}, {} to claim",
            amount(&one["worth"]),
            amount(&one["claimable"])
        );
    }
}
