//! Why a job cannot be used.

use super::RefusalReason;
use crate::access::AccessError;
use crate::transport::NetError;
use crate::{StreamError, WireError};

/// A failure to use a job over the network.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// The node cannot be reached.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The stream failed.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The wallet did not sign.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The node refused.
    #[error("the node refused: {reason}{}", describe_detail(detail))]
    Refused {
        /// Why.
        reason: RefusalReason,
        /// The node's own words, printable.
        detail: String,
    },
    /// The local listener cannot be bound, or would be open to others.
    #[error("cannot listen on {address}: {problem}; choose another port")]
    Listen {
        /// The address.
        address: String,
        /// Why it failed.
        problem: String,
    },
}

impl JobError {
    /// Whether the same can succeed a moment later.
    pub const fn is_temporary(&self) -> bool {
        match self {
            Self::Net(NetError::Connect { .. }) => true,
            Self::Stream(StreamError::Lost(_) | StreamError::Timeout { .. }) => true,
            Self::Refused { reason, .. } => matches!(reason, RefusalReason::Busy),
            Self::Net(_) | Self::Stream(_) | Self::Access(_) | Self::Listen { .. } => false,
        }
    }
}

impl From<WireError> for JobError {
    fn from(error: WireError) -> Self {
        Self::Stream(error.into())
    }
}

fn describe_detail(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(" ({detail})") }
}
