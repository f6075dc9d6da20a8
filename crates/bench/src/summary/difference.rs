//! How a figure differs from the baseline.

/// How a figure differs from the baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Difference {
    /// It is larger.
    Rose {
        /// The baseline's figure.
        before: f64,
        /// The measured figure.
        now: f64,
    },
    /// It is smaller.
    Fell {
        /// The baseline's figure.
        before: f64,
        /// The measured figure.
        now: f64,
    },
    /// The baseline does not have it.
    New {
        /// The measured figure.
        now: f64,
    },
    /// It was not measured.
    Gone {
        /// The baseline's figure.
        before: f64,
    },
}

impl Difference {
    /// Returns the name of this kind of change.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rose { .. } => "rose",
            Self::Fell { .. } => "fell",
            Self::New { .. } => "new",
            Self::Gone { .. } => "gone",
        }
    }

    /// Returns the figure of the baseline.
    pub const fn before(self) -> Option<f64> {
        match self {
            Self::Rose { before, .. } | Self::Fell { before, .. } | Self::Gone { before } => {
                Some(before)
            }
            Self::New { .. } => None,
        }
    }

    /// Returns the measured figure.
    pub const fn now(self) -> Option<f64> {
        match self {
            Self::Rose { now, .. } | Self::Fell { now, .. } | Self::New { now } => Some(now),
            Self::Gone { .. } => None,
        }
    }
}
