//! Why a simulation fails.

use nosana_protocol::{Overflow, dispute::phase::PhaseError};

/// Why a simulation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The programs refuse a market with these terms, or a job in it.
    #[error("the programs refuse these terms; choose terms within their bounds")]
    TermsRefused,
    /// An amount leaves its type.
    #[error("an amount overflows; choose a lower price or a lower collateral ratio")]
    Overflow,
    /// An act came in the wrong phase: an error of the simulation.
    #[error("a simulated act came in the wrong phase of its dispute; report this error")]
    WrongPhase,
}

impl From<Overflow> for Fault {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

impl From<PhaseError> for Fault {
    fn from(error: PhaseError) -> Self {
        match error {
            PhaseError::WrongPhase => Self::WrongPhase,
            PhaseError::Overflow => Self::Overflow,
        }
    }
}
