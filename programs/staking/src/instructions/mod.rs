//! One file an instruction: its accounts, its specification, its handler.

pub mod authorities;
pub mod close;
pub mod compound;
pub mod extend;
pub mod initialize;
pub mod lock;
pub mod release;
pub mod restake;
pub mod slash;
pub mod stake;
pub mod top_up;
pub mod unstake;
pub mod withdraw;

// Glob imports, since Anchor puts what it generates beside each accounts struct; the handlers are called by path.
#[allow(ambiguous_glob_reexports)]
pub use {
    authorities::*, close::*, compound::*, extend::*, initialize::*, lock::*, restake::*, slash::*, stake::*,
    top_up::*, unstake::*, withdraw::*,
};
