//! What is compared with the reference.

use nosana_engine::Device;

use super::{foreign::Foreign, variants::Variant, ways::HonestWay};

/// What is compared with the reference.
pub struct Plan<'a> {
    pub reference: &'a Device,
    /// What other machines, builds and backends recorded.
    pub foreign: &'a [Foreign],
    /// What this machine runs; `None` if recordings alone are compared.
    pub own: Option<OwnWays>,
}

/// Ways of this machine to run a model.
pub struct OwnWays {
    pub ways: Vec<HonestWay>,
    /// Ways to save work.
    pub variants: Vec<Variant>,
}
