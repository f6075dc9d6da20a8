//! Why content was not transferred.

use nosana_store::StoreError;

use super::{ContentRefusal, TreeError};
use crate::StreamError;
use crate::access::AccessError;
use crate::transport::NetError;

/// A failure of a transfer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// The stream failed.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The peer could not be connected to.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The peer did not answer in time.
    #[error("the peer did not answer; it may be offline")]
    Unreachable,
    /// The peer sent only a part in its share of the time.
    #[error("the peer is too slow; what it has sent is kept for the next attempt")]
    Slow,
    /// The wallet did not sign.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The peer refused the request.
    #[error("the peer refused: {0}")]
    Refused(#[from] ContentRefusal),
    /// The peer sent blocks that are not those of the object.
    #[error("the peer sent wrong content: {0}; use another peer")]
    Wrong(#[from] TreeError),
    /// The peer announced another size than the object's root declares.
    #[error(
        "the peer announced {announced} bytes, but the object has {declared}; use another peer"
    )]
    OtherSize {
        /// What the peer said.
        announced: u64,
        /// What the root says.
        declared: u64,
    },
    /// The peer sent more than the object.
    #[error("the peer sent more than the object; use another peer")]
    Excess,
    /// Another transfer of the same object into this store is running.
    #[error("another transfer of this object is running; wait for it")]
    Running,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What has arrived cannot be kept.
    #[error("cannot keep what arrives: {0}; check that the store's disk has free space")]
    Staging(#[from] std::io::Error),
}

impl ContentError {
    /// Whether the peer broke the protocol, so that it should not be asked again.
    pub const fn is_fault(&self) -> bool {
        match self {
            Self::Wrong(_) | Self::OtherSize { .. } | Self::Excess => true,
            Self::Stream(error) => !matches!(error, StreamError::Lost(_)),
            Self::Net(_)
            | Self::Unreachable
            | Self::Slow
            | Self::Access(_)
            | Self::Refused(_)
            | Self::Running
            | Self::Store(_)
            | Self::Staging(_) => false,
        }
    }

    /// Whether this machine cannot keep what a peer has.
    pub(crate) const fn is_storage_trouble(&self) -> bool {
        match self {
            Self::Staging(_) => true,
            Self::Store(error) => error.is_own_trouble(),
            Self::Stream(_)
            | Self::Net(_)
            | Self::Unreachable
            | Self::Slow
            | Self::Access(_)
            | Self::Refused(_)
            | Self::Wrong(_)
            | Self::OtherSize { .. }
            | Self::Excess
            | Self::Running => false,
        }
    }

    /// Whether what has arrived is good and can be used by the next attempt.
    pub(super) const fn keeps_progress(&self) -> bool {
        matches!(self, Self::Stream(StreamError::Lost(_)))
    }
}
