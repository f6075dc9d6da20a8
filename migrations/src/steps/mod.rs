//! The steps, in the order in which [`crate::apply_plan`] applies them.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`mint`] | step 1: the NOS mint |
//! | [`rewards`] | step 2: the reward pool |
//! | [`staking`] | step 3: the staking configuration |
//! | [`jobs`] | step 4: the jobs configuration |
//! | [`grants`] | step 5: NOS for wallets |
//! | [`market`] | step 6: a market |
//! | [`idls`] | step 7: the IDLs, where explorers read them |
//! | `program_data` | the account that holds a program's upgrade authority |

pub mod grants;
pub mod idls;
pub mod jobs;
pub mod market;
pub mod mint;
mod program_data;
pub mod rewards;
pub mod staking;
