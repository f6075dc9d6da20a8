//! What jobs pay, and why settlements cost what they cost.

use super::row::Payment;

/// The deposit of a job.
pub const DEPOSIT: Payment =
    Payment { source: "payer_token", authority: "payer", destinations: &["vault"] };
/// The pay of a node, and what the payer gets back.
pub const SETTLEMENT: Payment =
    Payment { source: "vault", authority: "market", destinations: &["node_token", "payer_token"] };
/// What returns to the payer alone.
pub const REFUND: Payment =
    Payment { source: "vault", authority: "market", destinations: &["payer_token"] };

/// Why settlements cost what they cost.
pub const SPLIT: &str = "the checks of nine accounts and of the job's amounts, the split of the \
                         escrow in checked arithmetic, and the node's reputation";
