//! Reaching the node of a running job directly, for its log and its ports.
//!
//! | module | purpose |
//! | --- | --- |
//! | `options` | whose credential is used, and where the node is |
//! | `credential` | the wallet's signature, or a grant |
//! | `link` | a line to the node |
//! | `start` | waiting until a node runs the job |
//! | `live_log` | printing the log while it is written |
//! | `log_printer` | parts of a log on the terminal |

mod credential;
mod link;
mod live_log;
mod log_printer;
mod options;
mod start;

pub use self::{
    link::JobReach,
    live_log::print_live_log,
    options::ReachOptions,
    start::{StartNotice, wait_until_running},
};
