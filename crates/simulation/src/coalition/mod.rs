//! Parties that act together, and what they gain by the best of all that they can do.
//!
//! | file | purpose |
//! | --- | --- |
//! | `wealth` | what a dispute pays to the parties together |
//! | `response` | the best votes of the colluders on a panel |
//! | `deviation` | a strategy against honest play |
//! | `strategies` | all of them, and which can pay |

mod deviation;
mod response;
mod strategies;
mod wealth;

pub use self::{
    deviation::{Deviation, Drawn},
    response::{Deed, Trace},
    strategies::DEVIATIONS,
    wealth::Coalition,
};
