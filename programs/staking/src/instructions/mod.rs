//! One file an instruction: its accounts, its specification, its handler.

pub mod close;
pub mod initialize;
pub mod lock;
pub mod release;
pub mod slash;
pub mod stake;
pub mod unstake;
pub mod withdraw;

// Glob imports, since Anchor puts what it generates beside each accounts struct; the handlers are called by path.
#[allow(ambiguous_glob_reexports)]
pub use {close::*, initialize::*, lock::*, slash::*, stake::*, unstake::*, withdraw::*};
