//! Seeds of every program-derived address, in one place.
//!
//! Integers in seeds are little-endian. The bump that belongs to an address is stored in its
//! account when it is made, and never searched for again on-chain.

/// The one configuration of a program: `[CONFIG]`.
pub const CONFIG: &[u8] = b"config";
/// The signer by which the jobs program calls staking: `[AUTHORITY]`.
pub const AUTHORITY: &[u8] = b"authority";
/// A market: `[MARKET, creator, id as u64]`.
pub const MARKET: &[u8] = b"market";
/// The queue of a market: `[QUEUE, market]`.
pub const QUEUE: &[u8] = b"queue";
/// Token accounts: `[VAULT, market]` in jobs, `[VAULT]` in staking and in rewards.
pub const VAULT: &[u8] = b"vault";
/// A job: `[JOB, client, nonce as u64]`.
pub const JOB: &[u8] = b"job";
/// A node: `[NODE, authority]`.
pub const NODE: &[u8] = b"node";
/// A stake: `[STAKE, owner]`.
pub const STAKE: &[u8] = b"stake";
/// The reward pool: `[POOL]`.
pub const POOL: &[u8] = b"pool";
/// An emission stream: `[STREAM, owner, id as u64]`.
pub const STREAM: &[u8] = b"stream";
/// What an owner delegated to a node: `[DELEGATION, the node's stake, delegator]`.
pub const DELEGATION: &[u8] = b"delegation";
/// A position in the reward pool: `[POSITION, owner]`; the owner is a wallet, or a stake for what
/// was delegated to it.
pub const POSITION: &[u8] = b"position";
