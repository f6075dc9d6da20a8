//! Listing a twin: the same work for the same price, under another digest.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use nosana_client::{
    actions::{self, JobListing},
    jobs::accounts::Job,
    pda,
};
use nosana_job_spec::JobDefinition;
use nosana_protocol::job::Kind;
use solana_address::Address;
use solana_instruction::Instruction;
use tokio::time::{Instant, sleep};

use super::{
    funds::ensure_twin_funds,
    place::{TwinPlace, choose_place},
};
use crate::commands::{
    context::CliContext,
    job::{
        check_request::CheckRequest,
        listing::{Quote, QuoteRequest, find_queue_growth, replicate_twin, store_salted},
        twin_record::TwinRecord,
    },
    values::format_nos,
};

/// The pause between two looks at who waits.
const POLL_INTERVAL: Duration = Duration::from_secs(3);
/// How often a listing is tried: the node for which it was may have got another job meanwhile.
const MAX_LISTINGS: u32 = 3;

/// A twin that is to be listed.
struct TwinListing<'a> {
    ctx: &'a CliContext,
    job: &'a Job,
    order: JobListing,
    /// The market's price, in base units a second.
    price: u64,
    twins: &'a TwinRecord,
}

/// Why no twin could be listed so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obstacle {
    /// No other node waits.
    NoOther,
    /// No other node that waits accepts the price.
    AbovePrice,
}

/// Lists the twin of a job in the same market, for at most its price a second. Waits for a node
/// other than that of the job, until `list_by`. Returns its address; fails if no other node came.
pub async fn list_twin(
    request: &CheckRequest<'_>,
    definition: &JobDefinition,
    list_by: Instant,
) -> Result<Address> {
    let &CheckRequest { ctx, job, twins, .. } = request;
    let quote_request = QuoteRequest {
        market: Some(job.market),
        timeout: job.timeout_seconds,
        max_price: None,
        kind: Kind::VerifiedBatch,
    };
    let quote = Quote::fetch(ctx, quote_request).await?;
    ensure_price(quote.price, job.price_per_second)?;
    ensure_twin_funds(ctx, job, quote.deposit).await?;

    let id = store_salted(ctx, definition)?;
    let order = JobListing {
        nonce: actions::new_nonce()?,
        definition: id.digest(),
        kind: Kind::VerifiedBatch as u8,
        timeout_seconds: job.timeout_seconds,
        max_price_per_second: job.price_per_second,
        is_private: false,
    };
    let twin = pda::jobs::job(&ctx.address(), order.nonce);
    let listing = TwinListing { ctx, job, order, price: quote.price, twins };
    listing.send(&twin, list_by).await?;

    twins.note_listed(twin);
    eprintln!(
        "the twin is {twin}, with a deposit of {}; the unused part comes back",
        format_nos(quote.deposit)
    );
    replicate_twin(ctx, twin, id).await;
    Ok(twin)
}

/// Fails if the market costs more than the client accepted for the job.
fn ensure_price(market_price: u64, job_price: u64) -> Result<()> {
    ensure!(
        market_price <= job_price,
        "the market's price is {} a second now, and a twin may cost no more than the job, {}",
        format_nos(market_price),
        format_nos(job_price)
    );
    Ok(())
}

impl TwinListing<'_> {
    /// Sends the listing. Fails if no other node than that of the job came in time. A transaction
    /// without a receipt may land later: the error says so, and the number of the job stays, so
    /// that no attempt lists a second twin.
    async fn send(&self, twin: &Address, list_by: Instant) -> Result<()> {
        let mut attempts = 0;
        let sent = self.send_repeatedly(twin, list_by, &mut attempts).await;

        match sent {
            Err(error) if attempts > 0 => Err(error.context(format!(
                "cannot confirm the twin {twin}: if `nosana job show {twin}` finds it, `nosana job \
                 cancel {twin}` or `nosana job stop {twin}` ends it"
            ))),
            sent => sent,
        }
    }

    /// `attempts`: counts the transactions that were sent.
    async fn send_repeatedly(
        &self,
        twin: &Address,
        list_by: Instant,
        attempts: &mut u32,
    ) -> Result<()> {
        let ctx = self.ctx;
        let mut obstacle = Obstacle::NoOther;

        loop {
            let is_over = Instant::now() + POLL_INTERVAL >= list_by;
            let queue = ctx.session.fetch_queue(&self.job.market).await?;
            let place = choose_place(queue.fifo.side, &queue.waiting, self.price, &self.job.node);

            match self.build_instructions(place).await? {
                Ok(instructions) => {
                    *attempts += 1;
                    // Whatever becomes of the transaction, a signal ends the twin.
                    self.twins.open_twin(*twin);
                    let Err(error) = ctx.send_all(&instructions).await else { return Ok(()) };
                    // A transaction without a receipt may have landed.
                    if ctx.session.find_account::<Job>(twin).await?.is_some() {
                        return Ok(());
                    }
                    if *attempts >= MAX_LISTINGS || is_over {
                        return Err(error);
                    }
                }
                Err(found) => obstacle = found,
            }

            if is_over {
                bail!(describe_obstacle(obstacle));
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Builds the transaction that lists the twin. The inner error: why it has to wait.
    async fn build_instructions(
        &self,
        place: TwinPlace,
    ) -> Result<Result<Vec<Instruction>, Obstacle>> {
        let &Self { ctx, job, order, .. } = self;
        let (client, payer) = (ctx.address(), ctx.payer_address());

        let listing: Instruction = match place {
            TwinPlace::Queue => actions::list(client, payer, job.market, ctx.mint, order).into(),
            TwinPlace::Assigned(node, cell) => {
                let waiting = (node, cell);
                actions::assign(client, payer, job.market, ctx.mint, order, waiting).into()
            }
            TwinPlace::NoOther => return Ok(Err(Obstacle::NoOther)),
            TwinPlace::AbovePrice => return Ok(Err(Obstacle::AbovePrice)),
        };

        // A job that a waiting node gets has a cell, too.
        let growth = find_queue_growth(ctx, &job.market).await?;
        Ok(Ok(growth.into_iter().chain([listing]).collect()))
    }
}

const fn describe_obstacle(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::NoOther => "no other node waits in the market",
        Obstacle::AbovePrice => "no other node that accepts the job's price waits in the market",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_costs_no_more_a_second_than_the_job() {
        assert!(ensure_price(50, 50).is_ok());
        let refused = ensure_price(51, 50).unwrap_err().to_string();
        assert!(refused.contains("0.000051 NOS a second now"), "{refused}");
    }

    #[test]
    fn an_obstacle_says_whether_the_price_is_the_reason() {
        assert!(!describe_obstacle(Obstacle::NoOther).contains("price"));
        assert!(describe_obstacle(Obstacle::AbovePrice).contains("accepts the job's price"));
    }
}
