//! What can happen, as plain values: they print as the source that replays them.

/// Something that happens, and what is forged about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happens.
    pub action: Action,
    /// What is wrong with the transaction that does it.
    pub forgery: Forgery,
}

/// What a forger changes in a valid instruction. All of these must be refused, whatever the state
/// is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// Nothing.
    Honest,
    /// Whoever has to sign does not.
    Unsigned,
    /// Another market.
    Market,
    /// The queue of another market.
    Queue,
    /// The vault of another market.
    Vault,
    /// The refund goes to the stranger.
    Refund,
    /// The pay goes to the stranger.
    Pay,
    /// Another node, with the stake of the right one.
    Node,
    /// Another node's stake.
    Stake,
    /// The job is read-only.
    ReadOnly,
    /// The last byte is missing.
    Cut,
}

/// An order for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub job: u8,
    pub payer: u8,
    pub market: u8,
    pub kind: u8,
    pub seconds: u64,
    pub highest: u64,
    /// Without a definition.
    pub blank: bool,
}

/// What happens. `by` is the wallet that signs, `nth` which of an entry's places in the queue is
/// hinted at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    // Clients.
    List { order: Order },
    Assign { order: Order, node: u8, nth: u8 },
    Cancel { job: u8, by: u8, nth: u8 },
    Extend { job: u8, by: u8, payer: u8, seconds: u64 },
    TopUp { job: u8, by: u8, amount: u64 },
    Stop { job: u8, node: u8, by: u8 },
    Accept { job: u8, node: u8, by: u8 },
    // Nodes.
    Work { node: u8, market: u8, lowest: u64, highest: u64, by: u8 },
    Leave { node: u8, market: u8, nth: u8, by: u8 },
    Start { node: u8, job: u8, by: u8, misread: bool },
    Heartbeat { node: u8, job: u8, by: u8, checkpoint: u8, progress: u16 },
    Finish { job: u8, node: u8, by: u8, blank: bool },
    Quit { job: u8, node: u8, by: u8 },
    UpdateHardware { node: u8, by: u8, capacity: u8, vram: u32, gflops: u32, blank: bool },
    SetDraining { node: u8, by: u8, on: bool },
    SetPayout { node: u8, by: u8, purse: u8 },
    // Anyone.
    ExpireQueued { job: u8, nth: u8 },
    ExpireMatch { job: u8, node: u8 },
    ExpireRun { job: u8, node: u8 },
    Settle { job: u8, node: u8 },
    Collect { job: u8, by: u8, node: u8, to: u8 },
    Clean { job: u8 },
    EvictNode { node: u8, market: u8, nth: u8 },
    SweepFees { market: u8 },
    GrowQueue { market: u8, cells: u32 },
    // Authorities.
    SetPaused { by: u8, on: bool },
    ProposePolicy { by: u8, policy: u8 },
    ApplyPolicy,
    ProposeTerms { market: u8, by: u8, terms: u8 },
    ApplyTerms { market: u8 },
    RetireMarket { market: u8, by: u8 },
    CloseMarket { market: u8, by: u8 },
    OpenMarket { market: u8, terms: u8 },
    // Stakes.
    Stake { node: u8, amount: u64 },
    Unstake { node: u8, by: u8 },
    Withdraw { node: u8 },
    CloseStake { node: u8 },
    // What the program does not decide.
    ClosePurse { purse: u8 },
    OpenPurse { purse: u8, gift: u64 },
    Donate { market: u8, amount: u64 },
    Dust { job: u8 },
    Pass { seconds: u64 },
}

/// The hint that points at no place of the entry.
pub const ASTRAY: u8 = u8::MAX;

impl Step {
    /// Without a forgery.
    pub const fn honest(action: Action) -> Self {
        Self { action, forgery: Forgery::Honest }
    }
}

impl Action {
    /// What it is called.
    pub fn name(&self) -> String {
        let text = format!("{self:?}");
        text.split(' ').next().unwrap_or_default().to_owned()
    }
}
