//! Events of disputes.

use anchor_lang::prelude::*;

/// A result was challenged. The job is disputed from now on.
#[event(bytemuck)]
pub struct ResultChallenged {
    pub dispute: Address,
    pub job: Address,
    pub node: Address,
    pub challenger: Address,
    pub bond: u64,
    pub panel_fee: u64,
    /// Slot from which the slot of the seed is counted.
    pub challenged_slot: u64,
    pub ends_at: i64,
}

/// The panel of a dispute is drawn: seats can be taken.
#[event(bytemuck)]
pub struct PanelDrawn {
    pub dispute: Address,
    pub seed: [u8; 32],
    /// Weight of all enrolled nodes, in xNOS.
    pub panel_weight: u64,
    pub drawn_at: i64,
    pub ends_at: i64,
}

/// The slots after a challenge were forgotten before anybody drew the panel. They are counted anew.
#[event(bytemuck)]
pub struct DrawDelayed {
    pub dispute: Address,
    /// Slot from which the slot of the seed is counted.
    pub challenged_slot: u64,
}

/// A node took a seat of a panel.
#[event(bytemuck)]
pub struct SeatClaimed {
    pub dispute: Address,
    pub node: Address,
    /// The node that had the seat; zero if it was free.
    pub displaced: Address,
    /// The node's score.
    pub score: u64,
    pub seats_taken: u64,
    pub ends_at: i64,
}

/// A panelist committed to its sketch and verdict.
#[event(bytemuck)]
pub struct SketchCommitted {
    pub dispute: Address,
    pub node: Address,
    /// Panelists who have committed.
    pub committed: u64,
    pub ends_at: i64,
}

/// The node of a disputed result opened its trace.
#[event(bytemuck)]
pub struct TraceOpened {
    pub dispute: Address,
    /// The sketch of the node's work.
    pub trace: [u8; 32],
    pub ends_at: i64,
}

/// A panelist revealed its vote.
#[event(bytemuck)]
pub struct VoteRevealed {
    pub dispute: Address,
    pub node: Address,
    /// The sketch of the panelist's work.
    pub sketch: [u8; 32],
    /// 1 right, 2 wrong, 3 not decidable.
    pub verdict: u64,
}

/// A dispute was resolved. The amounts are those of the job and the dispute together:
/// `node_amount + payer_amount + network_amount + challenger_amount` and the panelists' fees equal
/// escrow, bond and bounty.
#[event(bytemuck)]
pub struct DisputeResolved {
    pub dispute: Address,
    pub job: Address,
    pub node: Address,
    pub challenger: Address,
    /// The outcome, as a number of `nosana_protocol::dispute::votes::Outcome`.
    pub outcome: u64,
    pub node_amount: u64,
    pub payer_amount: u64,
    pub network_amount: u64,
    /// Base units allocated to the challenger.
    pub challenger_amount: u64,
    /// Base units of the node's stake that were taken.
    pub slashed: u64,
    /// The part of them that went to the market's vault, for those who are paid.
    pub bounty: u64,
}

/// A panelist was paid or punished, and its node keeps the rest of the collateral.
#[event(bytemuck)]
pub struct SeatClosed {
    pub dispute: Address,
    pub node: Address,
    /// Base units of the panelist's fee that were paid.
    pub fee: u64,
    /// Base units of it that became fees of the market, because they could not be paid.
    pub forfeited: u64,
    /// Base units of the panelist's stake that were taken.
    pub slashed: u64,
    /// The part of them for the caller.
    pub reward: u64,
}

/// A dispute was closed.
#[event(bytemuck)]
pub struct DisputeClosed {
    pub dispute: Address,
    pub challenger: Address,
    /// Base units that were paid to the challenger now.
    pub paid: u64,
    /// Base units that became fees of the market, because they could not be paid.
    pub forfeited: u64,
}
