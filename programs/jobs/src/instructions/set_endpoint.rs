use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;

use super::ByNodeAuthority;
use crate::{errors::JobsError, events::NodeEndpointSet, state::Endpoint};

/// # Specification
/// - Only the node's authority, at any time: jobs that run stay where they are.
/// - The endpoint is well formed, see `nosana_protocol::endpoint`. Zeros withdraw it.
/// - Nothing checks that anybody answers there. Clients verify the endpoint's key when they
///   connect.
pub fn process_set_endpoint(ctx: &mut Context<ByNodeAuthority>, endpoint: Endpoint) -> Result<()> {
    require!(endpoint.is_well_formed(), JobsError::InvalidEndpoint);

    let node = &mut ctx.accounts.node;
    node.endpoint = endpoint;

    log_event(NodeEndpointSet { node: *node.address(), endpoint });
    Ok(())
}
