//! Listing a twin: the same work for the same price, under another digest.

use std::time::Duration;

use anyhow::{Context, Result};
use nosana_client::{
    actions::{self, JobListing},
    jobs::accounts::{Dispute, Job},
    pda,
};
use nosana_job_spec::JobDefinition;
use nosana_net::exchange::REPLICAS;
use nosana_protocol::{dispute::terms::bond_amount, job::Kind, units::Amount};
use solana_address::Address;
use solana_instruction::Instruction;
use tokio::time::{Instant, sleep};

use super::place::{TwinPlace, choose_place};
use crate::commands::{
    context::CliContext,
    funds::{Cost, ensure_funds},
    job::listing::{
        GROWTH_BYTES, Quote, QuoteRequest, find_queue_growth, new_nonce, replicate_inputs,
        store_salted,
    },
    values::format_nos,
};

/// The pause between two looks at who waits.
const LOOK_INTERVAL: Duration = Duration::from_secs(3);
/// How often a listing is tried: the node for which it was may have got another job meanwhile.
const MAX_LISTINGS: u32 = 3;

/// Lists the twin of a job in the same market, for at most its price a second. Waits for a node other
/// than that of the job, until `list_by`. Returns its address; `None` if no other node came.
pub async fn list_twin(
    ctx: &CliContext,
    job: &Job,
    definition: &JobDefinition,
    list_by: Instant,
) -> Result<Option<Address>> {
    let request = QuoteRequest {
        market: Some(job.market),
        timeout: job.timeout_seconds,
        max_price: Some(job.price_per_second),
        kind: Kind::VerifiedBatch,
    };
    let quote = Quote::fetch(ctx, request).await;
    let quote = quote.context("a twin may cost no more a second than the job")?;
    ensure_twin_funds(ctx, job, quote.deposit).await?;

    let id = store_salted(ctx, definition)?;
    let order = JobListing {
        nonce: new_nonce(),
        definition: id.digest(),
        kind: Kind::VerifiedBatch as u8,
        timeout_seconds: job.timeout_seconds,
        max_price_per_second: quote.price,
        is_private: false,
    };
    if !send_listing(ctx, job, order, list_by).await? {
        return Ok(None);
    }

    let twin = pda::jobs::job(&ctx.address(), order.nonce);
    eprintln!(
        "the twin is {twin}, with a deposit of {}; the unused part comes back",
        format_nos(quote.deposit)
    );
    replicate_inputs(ctx, twin, id, REPLICAS).await;
    Ok(Some(twin))
}

/// Sends the listing. Returns false if no other node than that of the job came in time.
async fn send_listing(
    ctx: &CliContext,
    job: &Job,
    order: JobListing,
    list_by: Instant,
) -> Result<bool> {
    let mut listings = 0;
    loop {
        let is_over = Instant::now() + LOOK_INTERVAL >= list_by;
        let queue = ctx.session.fetch_queue(&job.market).await?;
        let place =
            choose_place(queue.fifo.side, &queue.waiting, order.max_price_per_second, &job.node);

        if let Some(instructions) = build_listing(ctx, job, order, place).await? {
            listings += 1;
            let Err(error) = ctx.send_all(&instructions).await else { return Ok(true) };
            // A transaction without a receipt may have landed.
            let twin = pda::jobs::job(&ctx.address(), order.nonce);
            if ctx.session.find_account::<Job>(&twin).await?.is_some() {
                return Ok(true);
            }
            if listings >= MAX_LISTINGS || is_over {
                return Err(error.context("cannot list a twin"));
            }
        }

        if is_over {
            return Ok(false);
        }
        sleep(LOOK_INTERVAL).await;
    }
}

/// Builds the transaction that lists the twin; `None` if it has to wait.
async fn build_listing(
    ctx: &CliContext,
    job: &Job,
    order: JobListing,
    place: TwinPlace,
) -> Result<Option<Vec<Instruction>>> {
    let (client, payer) = (ctx.address(), ctx.payer_address());

    Ok(match place {
        TwinPlace::Queue => {
            let growth = find_queue_growth(ctx, &job.market).await?;
            let list = actions::list(client, payer, job.market, ctx.mint, order);
            Some(growth.into_iter().chain([list.into()]).collect())
        }
        TwinPlace::Assigned(node, cell) => {
            let waiting = (node, cell);
            let assign = actions::assign(client, payer, job.market, ctx.mint, order, waiting);
            Some(vec![assign.into()])
        }
        TwinPlace::Later => None,
    })
}

/// Fails unless the wallets can pay for the twin, and for the bond of a dispute: without that the
/// twin's result would be of no use.
async fn ensure_twin_funds(ctx: &CliContext, job: &Job, deposit: u64) -> Result<()> {
    let bond = bond_amount(Amount(job.panel_fee)).unwrap_or_default().0;
    let user = ctx.address();

    if ctx.payer_address() != user {
        ctx.ensure_funds(Cost::new("a twin", deposit, &[Job::SIZE, GROWTH_BYTES])).await?;
        let cost = Cost::new("the bond of a dispute", bond, &[Dispute::SIZE]);
        return ensure_funds(&ctx.session, &ctx.mint, &user, cost).await;
    }
    let accounts = [Job::SIZE, GROWTH_BYTES, Dispute::SIZE];
    let both = deposit.saturating_add(bond);
    ctx.ensure_funds(Cost::new("a twin and the bond of a dispute", both, &accounts)).await
}
