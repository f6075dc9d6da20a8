//! One file an instruction: its accounts, its specification, its handler.

pub mod claim;
pub mod enter;
pub mod fund;
pub mod initialize;
pub mod sync;

// Glob imports, since Anchor puts what it generates beside each accounts struct; the handlers are called by path.
#[allow(ambiguous_glob_reexports)]
pub use {claim::*, enter::*, fund::*, initialize::*, sync::*};
