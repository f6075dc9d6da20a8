//! Disputes: how a result that somebody calls wrong is judged, and who pays for it.
//!
//! Nothing here happens unless somebody challenges a result. Then a panel of three nodes, drawn by
//! stake, recomputes it. Each panelist commits to a verdict and to a [`sketch`] of hidden values,
//! which proves that it did the work; then the node opens the sketch that it committed to with its
//! result; then the panelists reveal. `docs/verification.md` describes the whole protocol.
//!
//! | module | decides |
//! | --- | --- |
//! | [`sketch`] | when two sketches agree |
//! | [`commitment`] | what is hashed in the commitments of node and panelists |
//! | [`terms`] | the panel fee, the bond, the collateral of a verified job |
//! | [`seed`] | which slot's hash draws the panel |
//! | [`seats`] | which node may take a seat, and when |
//! | [`phase`] | the phases of a dispute and their clocks |
//! | [`votes`] | what panelists can say, and what they and a dispute can come to |
//! | `claims` | what a vote says beside the two others |
//! | [`judgment`] | which votes count, and the outcome |
//! | [`payment`] | who gets what |
//! | [`checks`] | how often clients check results |

pub mod checks;
mod claims;
pub mod commitment;
pub mod judgment;
pub mod payment;
pub mod phase;
pub mod seats;
pub mod seed;
pub mod sketch;
pub mod terms;
pub mod votes;

/// Seats of a panel.
pub const PANEL_SEATS: usize = 3;

#[cfg(test)]
mod tests;
