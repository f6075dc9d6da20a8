//! Disputes about results: this node defends its own, judges those of others as a panelist, and
//! checks results in secret. `docs/verification.md` describes the protocol.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`config`] | what the owner wants |
//! | [`trace`], [`secret`] | what the node commits to with a result |
//! | [`opener`] | open it when the result is disputed |
//! | [`panel_places`] | keep places at the endpoint for those who read disputed results here |
//! | [`seated_disputes`] | the disputes in which this node has a seat, while the panel reads |
//! | [`keep_content`] | keep what may be disputed in the store |
//! | [`watch`] | follow the disputes of the market, and of others, and do what is due |
//! | [`time_limit`] | how long an attempt may take |
//! | [`turn`] | what is due, by the account of a dispute |
//! | [`crank`] | move disputes on, as anyone may |
//! | [`enrolment`], [`panelist`] | take seats, judge, commit, reveal |
//! | [`lapsed`] | end enrolments of nodes whose stake has become smaller |
//! | [`ballot`] | the node's votes, which outlive its process |
//! | [`case`] | a job and what is needed to compute it again |
//! | [`failed_attempts`] | why a result could not be read |
//! | [`rehearsal`] | when that is tried before a seat is taken, and how long it takes |
//! | [`check`] | compute a result before it is paid, as a client |
//! | [`claimed_result`] | read a result, and compare it with a twin's, as a client |
//! | [`fisherman`], [`idle_work`] | compute results of other nodes while idle, and dispute wrong ones |

pub(crate) mod ballot;
mod case;
mod check;
mod claimed_result;
pub(crate) mod config;
mod crank;
mod enrolment;
mod failed_attempts;
mod fisherman;
pub(crate) mod idle_work;
mod keep_content;
mod lapsed;
mod opener;
mod panel_places;
mod panelist;
mod rehearsal;
pub(crate) mod seated_disputes;
mod secret;
mod time_limit;
pub(crate) mod trace;
mod turn;
mod watch;

pub use self::{
    check::{CheckedResult, check_and_sketch, check_result},
    claimed_result::{ClaimedResult, ResultReading, read_result},
    config::VerificationConfig,
    keep_content::DisputableContent,
};
pub(crate) use self::{
    keep_content::KEEP_INTERVAL,
    opener::Defense,
    watch::{DisputeWatch, WatchTask},
};
