//! One file an instruction: its accounts, its specification, its handler.

pub mod authorities;
pub mod claim_commission;
pub mod claim_delegated;
pub mod close;
pub mod close_delegation;
pub mod compound;
pub mod delegate;
pub mod extend;
pub mod initialize;
pub mod lock;
pub mod open_delegation;
pub mod policy;
pub mod release;
pub mod restake;
pub mod set_delegation;
pub mod slash;
pub mod stake;
pub mod top_up;
pub mod undelegate;
pub mod unstake;
pub mod withdraw;
pub mod withdraw_delegated;

// Glob imports, since Anchor puts what it generates beside each accounts struct; the handlers are
// called by path.
#[allow(ambiguous_glob_reexports)]
pub use {
    authorities::*, claim_commission::*, claim_delegated::*, close::*, close_delegation::*,
    compound::*, delegate::*, extend::*, initialize::*, lock::*, open_delegation::*, policy::*,
    restake::*, set_delegation::*, slash::*, stake::*, top_up::*, undelegate::*, unstake::*,
    withdraw::*, withdraw_delegated::*,
};
