use super::{
    Entry, Program,
    Suite::{Attacks, Compute, Stakers},
};

const INITIALIZED: &str = "the fixture's programs are initialized; see attacks/initialize.rs";
const RARE: &str = "an authority sends it, and rarely";
const NO_AMOUNTS: &str = "the model has one admin; no amount depends on it";
const CALLED_BY_STAKING: &str = "a part of the instructions of delegations, which are measured";
const CALLED_WITH_DELEGATIONS: &str = "the staking program calls it in the instructions of \
                                       delegations, which the suite sends";

const fn entry(name: &'static str) -> Entry {
    Entry::new(Program::Rewards, name)
}

/// Changes who or what is in force, by an authority.
const fn governs(name: &'static str) -> Entry {
    entry(name).without(Compute, RARE).without(Stakers, NO_AMOUNTS)
}

pub const ENTRIES: &[Entry] = &[
    governs("accept_admin"),
    entry("claim"),
    entry("close_stream"),
    entry("count_income"),
    entry("drip"),
    entry("enter"),
    entry("enter_delegated"),
    entry("exit"),
    entry("fund"),
    entry("harvest").without(Compute, CALLED_BY_STAKING).without(Stakers, CALLED_WITH_DELEGATIONS),
    governs("initialize").without(Attacks, INITIALIZED),
    entry("open_stream"),
    governs("propose_admin"),
    governs("set_guardian"),
    entry("set_paused").without(Compute, RARE),
    entry("sync"),
];
