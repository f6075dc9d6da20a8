//! Seeds of every program-derived address.
//!
//! Integers in seeds are little-endian. The bump of an address is stored in its account when it is
//! created, so that no instruction searches for it again.

/// The one configuration of a program: `[CONFIG]`.
pub const CONFIG: &[u8] = b"config";
/// The signer of the jobs program's calls to staking: `[AUTHORITY]`.
pub const AUTHORITY: &[u8] = b"authority";
/// A market: `[MARKET, creator, id as u64]`.
pub const MARKET: &[u8] = b"market";
/// The queue of a market: `[QUEUE, market]`.
pub const QUEUE: &[u8] = b"queue";
/// Token accounts: `[VAULT, market]` in jobs, `[VAULT]` in staking and in rewards.
pub const VAULT: &[u8] = b"vault";
/// A job: `[JOB, client, nonce as u64]`.
pub const JOB: &[u8] = b"job";
/// A dispute over a job's result: `[DISPUTE, job, attempt_id as u64]`.
pub const DISPUTE: &[u8] = b"dispute";
/// The weight of all panelists: `[PANELISTS]`.
pub const PANELISTS: &[u8] = b"panelists";
/// A node: `[NODE, authority]`.
pub const NODE: &[u8] = b"node";
/// A stake: `[STAKE, owner]`.
pub const STAKE: &[u8] = b"stake";
/// The reward pool: `[POOL]`.
pub const POOL: &[u8] = b"pool";
/// An emission stream: `[STREAM, owner, id as u64]`.
pub const STREAM: &[u8] = b"stream";
/// A delegation to a node: `[DELEGATION, the node's stake, delegator]`.
pub const DELEGATION: &[u8] = b"delegation";
/// A position in the reward pool: `[POSITION, owner]`. The owner is a wallet, or a stake account
/// for the stake that is delegated to it.
pub const POSITION: &[u8] = b"position";
