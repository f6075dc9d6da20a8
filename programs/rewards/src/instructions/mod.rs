//! One file per instruction: its accounts, its specification, its handler.

pub mod accept_admin;
pub mod claim;
pub mod close_stream;
pub mod count_income;
pub mod drip;
pub mod enter;
pub mod enter_delegated;
pub mod exit;
pub mod fund;
pub mod harvest;
pub mod initialize;
pub mod open_stream;
pub mod propose_admin;
pub mod set_guardian;
pub mod set_paused;
pub mod sync;

// Glob imports, since Anchor puts what it generates beside each accounts struct; the handlers are
// called by path.
#[allow(ambiguous_glob_reexports)]
pub use {
    accept_admin::*, claim::*, close_stream::*, count_income::*, drip::*, enter::*,
    enter_delegated::*, exit::*, fund::*, harvest::*, initialize::*, open_stream::*,
    propose_admin::*, set_paused::*, sync::*,
};
