//! One file an instruction: its accounts, its specification, its handler.

pub mod cancel;
pub mod clean;
pub mod collect;
pub mod compact_queue;
pub mod end_run;
pub mod expire_match;
pub mod expire_run;
pub mod finish;
pub mod grow_queue;
pub mod heartbeat;
pub mod initialize;
pub mod leave;
pub mod list;
pub mod open_market;
pub mod quit;
pub mod register_node;
pub mod settle;
pub mod start;
pub mod stop;
pub mod sweep_fees;
pub mod work;

// Glob imports, since Anchor puts what it generates beside each accounts struct; the handlers are called by path.
#[allow(ambiguous_glob_reexports)]
pub use {
    cancel::*, clean::*, collect::*, compact_queue::*, end_run::*, expire_match::*, grow_queue::*, heartbeat::*,
    initialize::*, leave::*, list::*, open_market::*, register_node::*, settle::*, start::*, sweep_fees::*, work::*,
};
