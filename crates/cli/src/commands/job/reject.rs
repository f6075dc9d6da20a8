//! `nosana job reject`: reject a result before its challenge window is over.

use anyhow::Result;
use clap::Args;
use nosana_client::{Event, Receipt, actions, jobs::events::Event as JobsEvent};
use solana_address::Address;

use super::{
    holder::holder_authority,
    settlement::{ensure_unsettled, report_settlement},
};
use crate::commands::{connection::ConnectionOptions, values::parse_address};

/// The result to reject.
#[derive(Debug, Args)]
pub struct RejectOptions {
    /// Address of the job
    #[arg(value_parser = parse_address)]
    job: Address,
    /// Put the job back into the queue for another node; you pay for the rejected result on top
    #[arg(long)]
    requeue: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Rejects the result. Its price goes to the stakers instead of the node.
pub async fn reject_result(options: RejectOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;
    ensure_unsettled(&job)?;

    let node = holder_authority(&ctx, &options.job, &job).await?;
    let reject = actions::reject(ctx.address(), options.job, &job, node, options.requeue);
    let receipt = ctx.send(reject).await?;

    if has_requeued(&receipt) {
        eprintln!("the job waits for another node; `nosana job wait {}` follows it", options.job);
    }
    if is_disputed(&receipt) {
        eprintln!("the result is disputed; it is rejected if the panel does not decide");
    }
    report_settlement(&options.job, &receipt, options.connection.is_json())
}

/// Returns whether the result stays disputed: the rejection then waits for the panel.
fn is_disputed(receipt: &Receipt) -> bool {
    let is_request = |event: &Event| matches!(event, Event::Jobs(JobsEvent::RejectionRequested(_)));
    receipt.events.iter().any(is_request)
}

/// Returns whether the job went back to its queue: it is settled if it had no attempt left.
fn has_requeued(receipt: &Receipt) -> bool {
    receipt.events.iter().any(|event| matches!(event, Event::Jobs(JobsEvent::JobRequeued(_))))
}
