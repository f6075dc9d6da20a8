//! What the owner of a node wants.

/// What a node does for the verification of other nodes' results.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VerificationConfig {
    /// Whether the node takes seats of panels.
    pub panel: bool,
    /// The share of other nodes' results that the node checks while it is idle, from 0 to 1.
    pub check_rate: f64,
}
