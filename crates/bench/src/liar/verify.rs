//! Checks of the trial: outcomes, sketches, every payment, every balance.

use anyhow::Result;
use nosana_client::{pda, staking::accounts::Stake};
use nosana_localnet::World;
use nosana_protocol::dispute::sketch::AGREE_BITS;
use solana_address::Address;

use super::{
    behavior::{Behavior, outcome_name},
    config::COLLATERAL,
    people::People,
    report::CaseReport,
    sheet::Sheet,
};
use crate::{
    checks::Checks,
    format::{format_nos, format_thousands},
};

/// Checks who disputed each result, and how that ended.
pub fn check_outcomes(cases: &[CaseReport], checks: &mut Checks) {
    for case in cases {
        let expected = outcome_name(case.behavior.expected_outcome());
        let challenger = case.behavior.challenger().name();
        let votes: Vec<&str> = case.votes.iter().map(|vote| vote.verdict).collect();
        checks.record_claim(
            format!("{}: disputed by the {challenger}, {expected}", case.behavior.name()),
            case.outcome == expected && case.challenger == challenger,
            format!("by the {}, {}; votes: {}", case.challenger, case.outcome, votes.join(", ")),
        );
    }
}

/// Checks the sketches: panelists agree with each other, and with the trace of the honest node
/// alone among the two whose result is right.
pub fn check_sketches(cases: &[CaseReport], checks: &mut Checks) {
    let apart = cases.iter().flat_map(|case| &case.votes).map(|vote| vote.bits_from_panel).max();
    checks.record_claim(
        "The sketches of the panelists agree in every dispute",
        apart.is_some_and(|bits| bits <= AGREE_BITS),
        format!("at most {} bits differ, the bound is {AGREE_BITS}", apart.unwrap_or_default()),
    );

    for behavior in [Behavior::Copy, Behavior::Honest] {
        let votes = cases.iter().filter(|case| case.behavior == behavior);
        let bits: Vec<u32> =
            votes.flat_map(|case| &case.votes).map(|vote| vote.bits_from_trace).collect();
        let agrees = behavior == Behavior::Honest;
        let verb = if agrees { "agrees" } else { "does not agree" };
        let list: Vec<String> = bits.iter().map(u32::to_string).collect();
        checks.record_claim(
            format!("{}: the trace {verb} with the panel’s work", behavior.name()),
            !bits.is_empty() && bits.iter().all(|bits| (*bits <= AGREE_BITS) == agrees),
            format!("{} of 256 bits differ", list.join(", ")),
        );
    }
}

/// Checks that computing the results again finds the wrong ones, and no others.
pub fn check_examinations(cases: &[CaseReport], checks: &mut Checks) {
    let is_strange = |case: &&CaseReport| case.faults.is_empty() == case.behavior.is_result_wrong();
    let strange = cases.iter().filter(is_strange);
    let problems: Vec<String> =
        strange.map(|case| format!("{}: {:?}", case.behavior.name(), case.faults)).collect();
    checks.record_no_problems(
        "Computing the results again finds the wrong ones, and no others",
        &problems,
        format!("{} results", cases.len()),
    );
}

/// Checks that each dispute pays or burns what it takes, as the rules require.
pub fn check_money(cases: &[CaseReport], checks: &mut Checks) {
    let is_unbalanced = |case: &&CaseReport| case.money.sum_sources() != case.money.sum_payments();
    let unbalanced: Vec<String> = cases
        .iter()
        .filter(is_unbalanced)
        .map(|case| {
            let [taken, paid] = [case.money.sum_sources(), case.money.sum_payments()];
            format!("{}: {taken} base units taken, {paid} paid or burnt", case.behavior.name())
        })
        .collect();
    let total: u64 = cases.iter().map(|case| case.money.sum_payments()).sum();
    checks.record_no_problems(
        "Escrow, bond and collateral of each dispute are paid or burnt, to the base unit",
        &unbalanced,
        format!("{} base units taken, and paid or burnt", format_thousands(total)),
    );

    let is_other = |case: &&CaseReport| case.money != case.expected_money;
    let others: Vec<String> = cases
        .iter()
        .filter(is_other)
        .map(|case| {
            format!("{}: {:?}, not {:?}", case.behavior.name(), case.money, case.expected_money)
        })
        .collect();
    checks.record_no_problems(
        "Each payment is what the protocol’s rules give for these votes",
        &others,
        format!("{} disputes", cases.len()),
    );
}

/// Checks the balances of everybody.
pub fn check_balances(sheet: &Sheet, checks: &mut Checks) {
    checks.record_no_problems(
        "Every balance is explained by these payments, and with what was burnt they are the supply",
        &sheet.find_problems(),
        format!("{} accounts, {} NOS", sheet.rows.len(), format_nos(sheet.supply)),
    );
}

/// Checks that the stakes of the cheating nodes alone were slashed, and nothing stays locked.
pub async fn check_stakes(world: &World, people: &People, checks: &mut Checks) -> Result<()> {
    let mut problems = Vec::new();
    for owner in people.node_owners() {
        let is_cheat = people.cheats.iter().any(|(_, cheat)| cheat.wallet() == owner.wallet());
        let expected = (if is_cheat { COLLATERAL } else { 0 }, 0);
        let address: Address = pda::staking::stake(&owner.wallet());
        let stake = world.session.fetch_account::<Stake>(&address).await?;
        if (stake.slashed, stake.locked) != expected {
            let Stake { slashed, locked, .. } = stake;
            problems.push(format!("{}: {slashed} slashed, {locked} locked", owner.name));
        }
    }

    checks.record_no_problems(
        "The stakes of the four cheating nodes were slashed, no other, and nothing is locked",
        &problems,
        format!("{} NOS each", format_nos(COLLATERAL)),
    );
    Ok(())
}

/// Checks that the market owes nothing, and has accrued the fees alone.
pub async fn check_market(world: &World, cases: &[CaseReport], checks: &mut Checks) -> Result<()> {
    let header = world.session.fetch_queue(&world.market).await?.header;
    let fees: u64 = cases.iter().map(|case| case.money.network).sum();
    let found = (header.fees_accrued, header.credits_owed, header.open_jobs, header.open_disputes);
    checks.record_claim(
        "The market has accrued the network’s fees, and owes nothing",
        found == (fees, 0, 0, 0),
        format!(
            "{} base units of fees, {} owed, {} open jobs, {} open disputes",
            found.0, found.1, found.2, found.3
        ),
    );
    Ok(())
}
