//! What can happen, as plain values.

/// Stakers.
pub const STAKERS: usize = 60;
/// The first of them have a node as well, and can be slashed.
pub const NODES: usize = 8;
/// Those who fund the pool and open streams.
pub const SPONSORS: usize = 3;

/// Returns the sponsor who opens a stream. The number decides, so that each stream has one address.
pub fn owner_of(stream: u64) -> usize {
    usize::try_from(stream).expect("few") % SPONSORS
}

/// A step: an action, and what is tampered with.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub action: Action,
    pub tampering: Tampering,
}

/// What is changed in a valid transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    None,
    /// Another staker signs in the owner's place, with the owner's accounts.
    OtherSigner(usize),
    /// The owner does not sign.
    Unsigned,
}

/// A vault to which strangers send tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vault {
    Stakes,
    Pool,
}

/// Numbers name stakers, sponsors, streams and jobs.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    AdvanceClock {
        seconds: u64,
    },
    Stake {
        who: usize,
        amount: u64,
        duration: u64,
    },
    TopUp {
        who: usize,
        amount: u64,
    },
    Extend {
        who: usize,
        duration: u64,
    },
    Unstake {
        who: usize,
    },
    UnstakeUnsettled {
        who: usize,
    },
    Restake {
        who: usize,
    },
    Withdraw {
        who: usize,
    },
    Close {
        who: usize,
    },
    Compound {
        who: usize,
    },
    Enter {
        who: usize,
    },
    Sync {
        who: usize,
    },
    /// A position is to be given the weight of another's stake.
    SyncWith {
        who: usize,
        other: usize,
    },
    Claim {
        who: usize,
    },
    Exit {
        who: usize,
    },
    Fund {
        by: usize,
        amount: u64,
    },
    CountIncome,
    /// Begins `wait` seconds from now, which may be in the past.
    OpenStream {
        by: usize,
        id: u64,
        amount: u64,
        wait: i64,
        length: u64,
        cancellable: bool,
    },
    Drip {
        id: u64,
    },
    CloseStream {
        id: u64,
        by: usize,
    },
    /// A node takes a job that it does not start.
    TakeJob {
        who: usize,
        job: u64,
    },
    /// Anyone ends the match.
    ExpireMatch {
        job: u64,
    },
    /// Opens the position of what is delegated to a node.
    EnterDelegated {
        to: usize,
    },
    /// A node sets its terms for delegations.
    SetDelegation {
        who: usize,
        accepting: bool,
        bps: u16,
    },
    OpenDelegation {
        who: usize,
        to: usize,
    },
    Delegate {
        who: usize,
        to: usize,
        amount: u64,
        max_bps: u16,
    },
    /// By the delegator, or by the node.
    Undelegate {
        who: usize,
        to: usize,
        by_node: bool,
    },
    UndelegateUnsettled {
        who: usize,
        to: usize,
    },
    /// By the delegator, or by the node.
    WithdrawDelegated {
        who: usize,
        to: usize,
        by_node: bool,
    },
    ClaimDelegated {
        who: usize,
        to: usize,
    },
    ClaimCommission {
        who: usize,
    },
    CloseDelegation {
        who: usize,
        to: usize,
        by_node: bool,
    },
    SyncDelegated {
        to: usize,
    },
    Donate {
        to: Vault,
        amount: u64,
    },
    SetPaused {
        vault: Vault,
        on: bool,
    },
}

impl Action {
    /// Its name, for the tally.
    pub fn name(&self) -> String {
        let text = format!("{self:?}");
        text.split([' ', '{']).next().unwrap_or_default().to_owned()
    }
}
