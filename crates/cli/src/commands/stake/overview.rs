//! An owner's stake, its rewards, and the owner's delegations.

use anyhow::Result;
use nosana_client::{
    earnings, pda,
    rewards::accounts::{Pool, Position},
    session::Filter,
    staking::accounts::{Delegation, Stake},
};
use nosana_protocol::units::{SECONDS_PER_DAY, UnixTimestamp};
use serde_json::{Value, json};
use solana_address::Address;

use super::{
    account::{find_idle_collateral, find_stake},
    cooldown::{cooldown_to_json, withdrawable_now},
};
use crate::commands::{
    context::CliContext,
    dates::format_time,
    rewards::position::claimable_amount,
    values::{format_nos, format_xnos, print_json},
};

/// Prints the key's stake.
pub async fn print_own_stake(ctx: &CliContext, as_json: bool) -> Result<()> {
    print_stake(ctx, ctx.address(), as_json).await
}

/// Prints what came to the owner, and the key's stake.
pub async fn print_after_payout(ctx: &CliContext, paid: u64, as_json: bool) -> Result<()> {
    if as_json {
        let mut overview = fetch_overview(ctx, ctx.address()).await?;
        overview["paid"] = paid.into();
        return print_json(&overview);
    }

    println!("{} came to {}", format_nos(paid), ctx.token_account());
    print_own_stake(ctx, as_json).await
}

/// Prints an owner's stake, rewards and delegations.
pub async fn print_stake(ctx: &CliContext, owner: Address, as_json: bool) -> Result<()> {
    let overview = fetch_overview(ctx, owner).await?;
    if as_json {
        return print_json(&overview);
    }
    print_text(&overview);
    Ok(())
}

async fn fetch_overview(ctx: &CliContext, owner: Address) -> Result<Value> {
    let now = ctx.chain_time().await?;
    let pool = ctx.session.fetch_account::<Pool>(&pda::rewards::pool()).await?;

    let stake = find_stake(ctx, &owner).await?;
    let idle = find_idle_collateral(ctx, &owner).await?;
    let position = pda::rewards::position(&owner);
    let position = ctx.session.find_account::<Position>(&position).await?;
    let claimable =
        position.map(|position| claimable_amount(&pool, &position, stake.as_ref(), now));

    let mut delegations = Vec::new();
    let filter = Filter::new(Delegation::DELEGATOR_OFFSET, owner);
    for (_, delegation) in ctx.session.list_accounts::<Delegation>(&[filter]).await? {
        delegations.push(delegation_to_json(ctx, &pool, &delegation, now).await?);
    }

    Ok(json!({
        "owner": owner.to_string(),
        "stake": stake.as_ref().map(|stake| stake_to_json(&owner, stake, idle, now)),
        "claimable_rewards": claimable,
        "delegations": delegations,
    }))
}

fn stake_to_json(owner: &Address, stake: &Stake, idle: u64, now: UnixTimestamp) -> Value {
    let is_unstaked = stake.unstaked_at != 0;

    json!({
        "address": pda::staking::stake(owner).to_string(),
        "amount": stake.amount,
        "withdrawn": stake.withdrawn,
        "locked": stake.locked,
        "idle_collateral": idle,
        "slashed": stake.slashed,
        "xnos": stake.xnos,
        "duration_seconds": stake.duration_seconds,
        "unstaked_at": is_unstaked.then_some(stake.unstaked_at),
        "withdrawable": withdrawable_now(stake, idle, now),
        "cooldown": cooldown_to_json(stake, now),
        "accepts_delegation": stake.accepts_delegation != 0,
        "commission_bps": stake.commission_bps,
        "commission_owed": stake.commission_owed,
        "delegated": stake.delegated,
        "delegated_xnos": stake.delegated_xnos,
    })
}

async fn delegation_to_json(
    ctx: &CliContext,
    pool: &Pool,
    delegation: &Delegation,
    now: UnixTimestamp,
) -> Result<Value> {
    let stake = ctx.session.fetch_account::<Stake>(&delegation.stake).await?;
    let position = pda::rewards::position(&delegation.stake);
    let position = ctx.session.find_account::<Position>(&position).await?;
    let backing = position
        .and_then(|position| {
            earnings::value_delegation(pool, &position, &stake, delegation, now).ok()
        })
        .unwrap_or_default();

    let is_undelegated = delegation.undelegated_at != 0;
    let ends_at = delegation.undelegated_at.saturating_add_unsigned(delegation.duration_seconds);
    Ok(json!({
        "owner": stake.owner.to_string(),
        "worth": backing.worth,
        "claimable": backing.claimable,
        "commission_bps": delegation.commission_bps,
        "duration_seconds": delegation.duration_seconds,
        "undelegated_at": is_undelegated.then_some(delegation.undelegated_at),
        "cooldown_ends_at": is_undelegated.then_some(ends_at),
        "withdrawn": delegation.withdrawn,
    }))
}

fn print_text(overview: &Value) {
    println!("owner        {}", overview["owner"].as_str().unwrap_or_default());

    let stake = &overview["stake"];
    if stake.is_null() {
        println!("stake        none: `nosana stake add` opens one");
    } else {
        print_stake_text(stake);
    }

    match overview["claimable_rewards"].as_u64() {
        Some(earned) => {
            println!("earned       {}: `nosana rewards claim` claims it", format_nos(earned))
        }
        None => {
            println!("earned       nothing, without a position: `nosana rewards enter` opens one")
        }
    }

    for delegation in overview["delegations"].as_array().into_iter().flatten() {
        let owner = delegation["owner"].as_str().unwrap_or_default();
        let worth = nos_text(&delegation["worth"]);
        let state = match delegation["cooldown_ends_at"].as_i64() {
            Some(ends_at) => format!("in its cooldown until {}", format_time(ends_at)),
            None => "earning".to_owned(),
        };
        let claimable = nos_text(&delegation["claimable"]);
        println!("behind       {owner}: {worth}, {state}, {claimable} to claim");
    }
}

fn print_stake_text(stake: &Value) {
    let days = stake["duration_seconds"].as_u64().unwrap_or_default() / SECONDS_PER_DAY;
    let weight = stake["xnos"].as_u64().unwrap_or_default();

    println!("stake        {}, cooldown {days} days", nos_text(&stake["amount"]));
    println!("weight       {}", format_xnos(weight));
    println!("locked       {} as collateral of jobs", nos_text(&stake["locked"]));
    if stake["idle_collateral"] != 0 {
        let idle = nos_text(&stake["idle_collateral"]);
        println!(
            "idle         {idle} of that, for the next jobs: `nosana node release` releases it"
        );
    }
    if !stake["unstaked_at"].is_null() {
        print_cooldown(&stake["cooldown"], &stake["withdrawable"]);
    }
    if stake["slashed"] != 0 {
        println!("slashed      {}", nos_text(&stake["slashed"]));
    }
    if stake["accepts_delegation"] == true || stake["delegated"] != 0 {
        let delegated = nos_text(&stake["delegated"]);
        let owed = nos_text(&stake["commission_owed"]);
        let commission = &stake["commission_bps"];
        println!("delegated    {delegated}; commission {commission} bps, {owed} to claim");
    }
}

fn print_cooldown(cooldown: &Value, withdrawable: &Value) {
    let date = |value: &Value| format_time(value.as_i64().unwrap_or_default());
    let began = date(&cooldown["began_at"]);
    let per_day = nos_text(&cooldown["released_per_day"]);

    println!("cooldown     from {began} to {}", date(&cooldown["ends_at"]));
    println!("released     {} so far, {per_day} a day", nos_text(&cooldown["released"]));
    for step in cooldown["schedule"].as_array().into_iter().flatten() {
        println!("             {} by {}", nos_text(&step["released"]), date(&step["at"]));
    }
    println!("to withdraw  {} now: `nosana stake withdraw` pays it out", nos_text(withdrawable));
}

fn nos_text(base_units: &Value) -> String {
    format_nos(base_units.as_u64().unwrap_or_default())
}
