//! One file per instruction: its accounts, its specification, its handler. Instructions with the
//! same list of accounts share one struct, which has a file of its own where it has helpers:
//! [`change_stake`], [`pay_owner`].

pub mod accept_admin;
pub mod apply_policy;
pub mod change_stake;
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
pub mod open_stake;
pub mod pay_owner;
pub mod propose_admin;
pub mod propose_policy;
pub mod release;
pub mod restake;
pub mod set_delegation;
pub mod set_guardian;
pub mod set_paused;
pub mod slash;
pub mod top_up;
pub mod undelegate;
pub mod undelegate_unsettled;
pub mod unstake;
pub mod unstake_unsettled;
pub mod withdraw;
pub mod withdraw_delegated;

// Glob imports, since Anchor puts what it generates beside each accounts struct; the handlers are
// called by path.
#[allow(ambiguous_glob_reexports)]
pub use {
    accept_admin::*, apply_policy::*, change_stake::*, claim_delegated::*, close::*,
    close_delegation::*, compound::*, delegate::*, initialize::*, lock::*, open_delegation::*,
    open_stake::*, pay_owner::*, propose_admin::*, set_delegation::*, set_paused::*, slash::*,
    top_up::*, undelegate::*, undelegate_unsettled::*, unstake::*, unstake_unsettled::*,
    withdraw_delegated::*,
};
