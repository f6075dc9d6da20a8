//! Limits of the jobs program.

use nosana_protocol::{slot, units::BASE_UNITS_PER_NOS};

/// Layout version of this program's accounts.
pub const VERSION: u8 = 1;
/// The highest network fee, in basis points: a quarter.
pub const MAX_FEE_BPS: u16 = 2_500;
/// The highest deposit for a market, in base units: 1,000,000 NOS.
pub const MAX_MARKET_DEPOSIT: u64 = 1_000_000_000_000;
/// Cells of a new queue. An account can be created with 10,240 bytes at most.
pub const QUEUE_CELLS: u32 = 200;
/// The most cells that one call adds: an account can grow by 10,240 bytes at most.
pub const MAX_GROWTH_CELLS: u32 = 200;
/// Jobs that one node can hold at a time.
pub const NODE_SLOTS: usize = slot::NODE_SLOTS as usize;
/// The highest longest timeout of a policy, in seconds: 30 days.
pub const MAX_TIMEOUT_SECONDS: u64 = 30 * 86_400;
/// The longest value of each other clock of a market, in seconds: 7 days.
pub const MAX_CLOCK_SECONDS: u32 = 7 * 86_400;
/// The shortest queue and start clock, in seconds: cluster time is too coarse for less.
pub const MIN_WAIT_SECONDS: u32 = 5;
/// The shortest heartbeat clock and finish grace, in seconds: keeping a node's transactions from
/// landing for that long costs more than the work of a job is worth.
pub const MIN_PROOF_SECONDS: u32 = 30;
/// The highest penalty of one slot for each second of the start clock, in base units. A node has
/// sixteen slots, so crowding it out gains at most one NOS a second, times the reporter's share.
pub const MAX_PENALTY_PER_START_SECOND: u64 = 62_500;
/// The shortest start clock where a late start costs a penalty, in seconds: keeping a node's
/// transactions from landing for that long costs more than the penalty is worth.
pub const MIN_START_SECONDS_BEFORE_PENALTY: u32 = 30;
/// The shortest notice of a change of a market's terms, in seconds: an hour, in which every
/// transaction that was sent before the change has landed or expired.
pub const MIN_NOTICE_SECONDS: u32 = 3_600;
/// The highest number of times that a job may be requeued.
pub const MAX_ATTEMPTS: u16 = 16;

const _: () = assert!(MAX_PENALTY_PER_START_SECOND * NODE_SLOTS as u64 <= BASE_UNITS_PER_NOS);
