//! One file for each instruction: its accounts, its specification, its handler.
//!
//! A handler's specification is above its accounts or, where instructions share their accounts,
//! above the handler. Shared accounts are in [`commit_sketch`], [`end_run`], [`list`],
//! [`propose_admin`], [`propose_market_authority`] and [`update_hardware`].

pub mod accept;
pub mod accept_admin;
pub mod accept_market_authority;
pub mod apply_policy;
pub mod apply_terms;
pub mod assign;
pub mod cancel;
pub mod challenge;
pub mod claim_seat;
pub mod clean;
pub mod close_dispute;
pub mod close_market;
pub mod close_seat;
pub mod collect;
pub mod commit_sketch;
pub mod draw_panel;
pub mod end_run;
pub mod enrol_panelist;
pub mod evict_node;
pub mod expire_match;
pub mod expire_queued;
pub mod expire_run;
pub mod extend;
pub mod finish;
pub mod forfeit_credit;
pub mod grow_queue;
pub mod heartbeat;
pub mod initialize;
pub mod leave;
pub mod list;
pub mod open_market;
pub mod open_trace;
pub mod propose_admin;
pub mod propose_market_authority;
pub mod propose_policy;
pub mod propose_terms;
pub mod quit;
pub mod register_node;
pub mod reject;
pub mod release_collateral;
pub mod remove_panelist;
pub mod resolve;
pub mod retire_market;
pub mod reveal;
pub mod set_draining;
pub mod set_endpoint;
pub mod set_guardian;
pub mod set_paused;
pub mod set_payout;
pub mod settle;
pub mod start;
pub mod stop;
pub mod sweep_fees;
pub mod top_up;
pub mod update_hardware;
pub mod work;

// Glob exports, since Anchor puts what it generates beside each accounts struct.
pub use {
    accept::*, accept_admin::*, accept_market_authority::*, apply_policy::*, apply_terms::*,
    assign::*, cancel::*, challenge::*, claim_seat::*, clean::*, close_dispute::*, close_market::*,
    close_seat::*, collect::*, commit_sketch::*, draw_panel::*, end_run::*, enrol_panelist::*,
    evict_node::*, expire_match::*, expire_queued::*, expire_run::*, extend::*, finish::*,
    forfeit_credit::*, grow_queue::*, heartbeat::*, initialize::*, leave::*, list::*,
    open_market::*, open_trace::*, propose_admin::*, propose_market_authority::*,
    propose_policy::*, propose_terms::*, quit::*, register_node::*, reject::*,
    release_collateral::*, remove_panelist::*, resolve::*, retire_market::*, reveal::*,
    set_draining::*, set_endpoint::*, set_guardian::*, set_paused::*, set_payout::*, settle::*,
    start::*, stop::*, sweep_fees::*, top_up::*, update_hardware::*, work::*,
};
