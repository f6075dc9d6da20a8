use super::{
    Entry, Program,
    Suite::{Attacks, Compute, DisputeStates, Fuzz, JobStates, NodeStates},
};

const INITIALIZED: &str = "the fixture's programs are initialized; see attacks/initialize.rs";
const RARE: &str = "an authority sends it, and rarely";
const ONE_AUTHORITY: &str = "the model has one admin, guardian and market authority";
const NO_JOB: &str = "it acts on no job that exists";
const JOB_OF_THE_DISPUTE: &str = "it leaves the job of the dispute as it is";
const NO_DISPUTE: &str = "it acts on no dispute that exists";
const NO_SLOT: &str = "it uses and frees no slot";
const SLOT_OF_THE_JOB: &str = "what it does to a job decides about the slot; `fuzz` compares both";

const fn entry(name: &'static str) -> Entry {
    Entry::new(Program::Jobs, name)
}

/// Acts on a job and on the slot that holds it.
const fn on_run(name: &'static str) -> Entry {
    entry(name).without(DisputeStates, NO_DISPUTE)
}

/// Acts on a job.
const fn on_job(name: &'static str) -> Entry {
    on_run(name).without(NodeStates, SLOT_OF_THE_JOB)
}

/// Acts on a slot of a node.
const fn on_slot(name: &'static str) -> Entry {
    on_run(name).without(JobStates, NO_JOB)
}

/// Acts on a dispute.
const fn on_dispute(name: &'static str) -> Entry {
    entry(name).without(JobStates, JOB_OF_THE_DISPUTE).without(NodeStates, NO_SLOT)
}

/// Acts on none of them.
const fn elsewhere(name: &'static str) -> Entry {
    on_slot(name).without(NodeStates, NO_SLOT)
}

/// Changes who or what is in force, by an authority.
const fn governs(name: &'static str) -> Entry {
    elsewhere(name).without(Compute, RARE)
}

pub const ENTRIES: &[Entry] = &[
    on_job("accept"),
    governs("accept_admin").without(Fuzz, ONE_AUTHORITY),
    governs("accept_market_authority").without(Fuzz, ONE_AUTHORITY),
    governs("apply_policy"),
    elsewhere("apply_terms"),
    elsewhere("assign"),
    on_job("cancel"),
    on_job("challenge"),
    on_dispute("claim_seat"),
    on_job("clean"),
    on_dispute("close_dispute"),
    elsewhere("close_market"),
    on_dispute("close_seat"),
    on_job("collect"),
    on_dispute("commit_sketch"),
    on_dispute("draw_panel"),
    elsewhere("enrol_panelist"),
    on_slot("evict_node"),
    on_job("expire_match"),
    on_job("expire_queued"),
    on_job("expire_run"),
    on_job("extend"),
    on_run("finish"),
    on_job("forfeit_credit"),
    elsewhere("grow_queue"),
    on_run("heartbeat"),
    governs("initialize").without(Attacks, INITIALIZED).without(Fuzz, "sent once, in the set-up"),
    on_slot("leave"),
    elsewhere("list"),
    elsewhere("open_market"),
    on_dispute("open_trace"),
    governs("propose_admin").without(Fuzz, ONE_AUTHORITY),
    governs("propose_market_authority").without(Fuzz, ONE_AUTHORITY),
    governs("propose_policy"),
    elsewhere("propose_terms"),
    on_run("quit"),
    elsewhere("register_node").without(Fuzz, "sent once for each node, in the set-up"),
    on_job("reject"),
    elsewhere("release_collateral"),
    elsewhere("remove_panelist"),
    entry("resolve").without(NodeStates, SLOT_OF_THE_JOB),
    governs("retire_market"),
    on_dispute("reveal"),
    on_slot("set_draining"),
    elsewhere("set_endpoint").without(Fuzz, "it changes nothing that others decide or pay by"),
    governs("set_guardian").without(Fuzz, ONE_AUTHORITY),
    governs("set_paused"),
    elsewhere("set_payout"),
    on_job("settle"),
    on_run("start"),
    on_job("stop"),
    elsewhere("sweep_fees"),
    on_job("top_up"),
    on_slot("update_hardware"),
    on_slot("work"),
];
