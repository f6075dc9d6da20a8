use super::{
    Entry, Program,
    Suite::{Attacks, Compute, Stakers},
};

const INITIALIZED: &str = "the fixture's programs are initialized; see attacks/initialize.rs";
const RARE: &str = "an authority sends it, and rarely";
const NO_AMOUNTS: &str = "the model has one admin; no amount depends on it";
const CALLED_BY_JOBS: &str = "only the jobs program signs for it; see attacks/collateral.rs";
const CALLED_BY_A_NODE: &str = "the jobs program calls it in `work`, `expire_match` and \
                                `release_collateral`, which the suite sends";

const fn entry(name: &'static str) -> Entry {
    Entry::new(Program::Staking, name)
}

/// Changes who or what is in force, by an authority.
const fn governs(name: &'static str) -> Entry {
    entry(name).without(Compute, RARE).without(Stakers, NO_AMOUNTS)
}

/// The jobs program calls it.
const fn called(name: &'static str) -> Entry {
    entry(name).without(Attacks, CALLED_BY_JOBS).without(Stakers, CALLED_BY_A_NODE)
}

pub const ENTRIES: &[Entry] = &[
    governs("accept_admin"),
    governs("apply_policy"),
    entry("claim_commission"),
    entry("claim_delegated"),
    entry("close"),
    entry("close_delegation"),
    entry("compound"),
    entry("delegate"),
    entry("extend"),
    governs("initialize").without(Attacks, INITIALIZED),
    called("lock"),
    entry("open_delegation"),
    entry("open_stake"),
    governs("propose_admin"),
    governs("propose_policy"),
    called("release"),
    entry("restake"),
    entry("set_delegation"),
    governs("set_guardian"),
    entry("set_paused").without(Compute, RARE),
    called("slash").without(Compute, "a part of `expire_match`, which is measured"),
    entry("top_up"),
    entry("undelegate"),
    entry("undelegate_unsettled"),
    entry("unstake"),
    entry("unstake_unsettled"),
    entry("withdraw"),
    entry("withdraw_delegated"),
];
