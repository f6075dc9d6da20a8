//! One file an instruction: its accounts, its specification, its handler.

pub mod accept;
pub mod accept_admin;
pub mod accept_market_authority;
pub mod apply_policy;
pub mod apply_terms;
pub mod assign;
pub mod cancel;
pub mod clean;
pub mod close_market;
pub mod collect;
pub mod end_run;
pub mod evict_node;
pub mod expire_match;
pub mod expire_queued;
pub mod expire_run;
pub mod extend;
pub mod finish;
pub mod grow_queue;
pub mod heartbeat;
pub mod initialize;
pub mod leave;
pub mod list;
pub mod open_market;
pub mod propose_admin;
pub mod propose_market_authority;
pub mod propose_policy;
pub mod propose_terms;
pub mod quit;
pub mod register_node;
pub mod retire_market;
pub mod set_draining;
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

// Glob imports, since Anchor puts what it generates beside each accounts struct; the handlers are
// called by path.
#[allow(ambiguous_glob_reexports)]
pub use {
    accept_admin::*, accept_market_authority::*, apply_policy::*, apply_terms::*, cancel::*,
    clean::*, close_market::*, collect::*, end_run::*, evict_node::*, expire_match::*,
    expire_queued::*, extend::*, grow_queue::*, heartbeat::*, initialize::*, leave::*, list::*,
    open_market::*, propose_admin::*, propose_market_authority::*, propose_terms::*,
    register_node::*, set_paused::*, set_payout::*, start::*, sweep_fees::*, top_up::*,
    update_hardware::*, work::*,
};
