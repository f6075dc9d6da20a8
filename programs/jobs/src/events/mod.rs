//! Events of the jobs program. Amounts are base units of NOS, times Unix timestamps in seconds,
//! digests sha2-256.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`market`] | markets, and the configuration |
//! | [`node`] | nodes, and their waits in queues |
//! | [`job`] | jobs, from their listing to their end |
//! | [`dispute`] | disputes |

pub mod dispute;
pub mod job;
pub mod market;
pub mod node;

pub use {
    dispute::{
        DisputeClosed, DisputeResolved, DrawDelayed, PanelDrawn, ResultChallenged, SeatClaimed,
        SeatClosed, SketchCommitted, TraceOpened, VoteRevealed,
    },
    job::{
        CreditCollected, CreditForfeited, JobCancelRequested, JobClosed, JobExtended, JobHeartbeat,
        JobListed, JobRequeued, JobSettled, JobStarted, JobSubmitted, JobToppedUp,
        RejectionRequested, ResultRejected,
    },
    market::{
        AuthoritiesChanged, FeesSwept, MarketClosed, MarketHandedOver, MarketOpened, MarketRetired,
        MarketTermsChanged, PolicyChanged,
    },
    node::{NodeEndpointSet, NodeLeft, NodeRegistered, NodeUpdated, PanelistEnrolled, WorkOffered},
};

/// The `cell` of an event whose job or node does not wait in the queue.
pub const NO_CELL: u64 = u64::MAX;
