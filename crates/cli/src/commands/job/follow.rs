//! Following a job of either kind.

use anyhow::Result;
use solana_address::Address;

use super::{batch, service};
use crate::commands::context::CliContext;

/// Follows a job to its end and prints its result, or a service's logs and cost.
pub async fn follow_job(ctx: &CliContext, address: Address, as_json: bool) -> Result<()> {
    if ctx.fetch_job(&address).await?.is_service() {
        service::follow_service(ctx, address, None, as_json).await
    } else {
        batch::follow_and_print(ctx, address, as_json).await
    }
}
