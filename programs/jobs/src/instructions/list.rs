use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, token, unix_now};
use nosana_protocol::{
    dispute::terms::DisputeTerms,
    job::{Kind, first_attempt},
    queue::Side,
    units::{Amount, Price, Seconds, UnixTimestamp},
};

use crate::{
    constants::VERSION,
    errors::{self, JobsError},
    events::{JobListed, NO_CELL},
    new_job::create_job,
    state::{Config, Job, Market, MarketTerms, Queue, QueueCell, with_fifo},
};

/// # Specification
/// - Not while entry is paused, and not in a retired market.
/// - `client` controls the job. `payer` pays deposit and rent; refunds go to `payer_token`, the
///   rent to `payer`.
/// - The market's price is at most `max_price_per_second`; the timeout lies between the market's
///   shortest and longest timeout.
/// - A verified job: the market takes them, and nodes there lock enough collateral for this one
///   and leave enough time for a dispute about it ([`DisputeTerms::admit_job`]). Panel fee, smallest
///   collateral and the phases of a dispute are fixed.
/// - A private job is not verified: a panel could not read it.
/// - The market has fewer open jobs than its queue has cells. So a job that returns always finds a
///   cell; `grow_queue` adds cells.
/// - Price, fee, clocks and gates are copied into the job: later changes of market or configuration
///   do not affect it.
/// - The deposit is the price of the whole timeout and the fee on it; it moves to the market's
///   vault.
/// - If a node waits, the first one is taken from the queue and the job is `Matched` with it. Else
///   the job is appended.
#[derive(Accounts)]
pub struct List {
    pub client: Signer,
    /// May be the client. Both are signers, of which only the address is read.
    #[account(mut, unsafe(dup))]
    pub payer: Signer,
    pub config: Account<Config>,
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    /// CHECK: `create_job` creates it, at the address of the client's job.
    #[account(mut)]
    pub job: UncheckedAccount,
    /// CHECK: its address is the market's vault; the token program checks it in the transfer.
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: UncheckedAccount,
    /// CHECK: the token program checks it in the transfer.
    #[account(mut)]
    pub payer_token: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

/// The arguments that `list` and `assign` share.
pub struct ListArgs {
    /// Distinguishes the jobs of one client.
    pub nonce: u64,
    /// Digest of the definition.
    pub definition: [u8; 32],
    /// See [`Kind`].
    pub kind: u8,
    /// Longest paid time, in seconds.
    pub timeout_seconds: u64,
    /// The highest price that the client accepts, in base units per second.
    pub max_price_per_second: u64,
    /// Whether the content of the job is only for its client, its payer and its node.
    pub is_private: bool,
}

pub fn process_list(ctx: &mut Context<List>, args: &ListArgs) -> Result<()> {
    ctx.accounts.list_job(args, None)
}

impl List {
    /// Lists the job. Matches it with the node that waits in the cell of `chosen`, if there is one,
    /// else with the first waiting node.
    pub fn list_job(&mut self, args: &ListArgs, chosen: Option<(Address, u32)>) -> Result<()> {
        let market = &self.market;
        let terms = &market.terms;
        let kind = self.check_entry(args)?;

        let now = unix_now()?;
        let job_address = *self.job.address();
        let (mut account, bump) =
            create_job(&self.job, &self.payer, self.client.address(), args.nonce)?;
        // One borrow for all fields: each one through the account costs its checks again.
        let job: &mut Job = &mut account;
        job.client = *self.client.address();
        job.payer = *self.payer.address();
        job.payer_token = *self.payer_token.address();
        job.market = *market.address();
        job.definition = args.definition;
        job.access_collection = terms.access_collection;
        job.nonce = args.nonce;
        job.price_per_second = terms.price_per_second;
        job.timeout_seconds = args.timeout_seconds;
        job.min_xnos = terms.min_xnos;
        job.min_vram_mib = terms.min_vram_mib;
        job.min_prompt_tokens_per_second = terms.min_prompt_tokens_per_second;
        job.min_reputation_bps = terms.min_reputation_bps;
        job.listed_at = now;
        job.queued_at = now;
        job.queue_seconds = terms.queue_seconds;
        job.start_seconds = terms.start_seconds;
        job.heartbeat_seconds = terms.heartbeat_seconds;
        job.finish_grace_seconds = terms.finish_grace_seconds;
        job.challenge_seconds = terms.challenge_seconds;
        job.retention_seconds = terms.retention_seconds;
        job.min_run_seconds = terms.min_run_seconds;
        job.terms_revision = market.terms_revision;
        job.network_fee_bps = self.config.network_fee_bps;
        job.kind = args.kind;
        job.is_private = args.is_private.into();
        job.max_attempts =
            u8::try_from(terms.max_attempts).map_err(|_| JobsError::InvariantViolated)?;
        job.version = VERSION;
        job.bump = bump;
        if kind == Kind::VerifiedBatch {
            set_verified_terms(job, terms)?;
        }
        job.escrow = job.money_terms()?.escrow_amount().map_err(errors::overflow_error)?.0;
        let entry = QueueCell::new(job_address, job.price_per_second);
        let cell = match_or_enqueue(job, entry, &mut self.queue, chosen, now)?;

        let event = JobListed {
            job: job_address,
            market: job.market,
            client: job.client,
            payer: job.payer,
            node: job.node,
            definition: args.definition,
            escrow: job.escrow,
            price_per_second: job.price_per_second,
            timeout_seconds: args.timeout_seconds,
            cell,
            nonce: args.nonce,
            kind: args.kind.into(),
        };
        token::transfer(
            self.payer_token.cpi_handle_mut(),
            self.vault.cpi_handle_mut(),
            self.payer.cpi_handle(),
            event.escrow,
            &[],
        );

        log_event(event);
        Ok(())
    }

    /// Returns the kind of the job. Fails unless the market accepts a job with these arguments.
    fn check_entry(&self, args: &ListArgs) -> Result<Kind> {
        let terms = &self.market.terms;
        self.config.check_open()?;
        require!(self.market.retired == 0, JobsError::MarketRetired);
        require!(args.definition != [0; 32], JobsError::EmptyDigest);
        let kind = Kind::from_byte(args.kind).ok_or(JobsError::UnknownKind)?;
        let is_readable = !args.is_private || kind != Kind::VerifiedBatch;
        require!(is_readable, JobsError::NotVerifiable);
        require!(
            (terms.min_timeout_seconds.into()..=terms.max_timeout_seconds)
                .contains(&args.timeout_seconds),
            JobsError::TimeoutOutOfRange
        );
        require!(terms.price_per_second <= args.max_price_per_second, JobsError::PriceAboveMaximum);
        Ok(kind)
    }
}

/// Fixes what is at stake in a dispute. Fails unless the market takes this verified job.
fn set_verified_terms(job: &mut Job, terms: &MarketTerms) -> Result<()> {
    let price = Price(job.price_per_second);
    let timeout = Seconds(job.timeout_seconds);
    let window = Seconds(terms.challenge_seconds.into());
    let dispute: DisputeTerms = terms.dispute_terms();
    let verified = dispute
        .admit_job(price, timeout, Amount(terms.collateral_per_job), window)
        .map_err(errors::overflow_error)?
        .ok_or(JobsError::NotVerifiable)?;

    job.panel_fee = verified.panel_fee.0;
    job.min_collateral = verified.min_collateral.0;
    job.dispute_seconds = terms.dispute_seconds;
    Ok(())
}

/// Matches the job with the chosen or the first waiting node, or appends it to the queue; returns
/// its cell.
fn match_or_enqueue(
    job: &mut Job,
    entry: QueueCell,
    queue: &mut Queue,
    chosen: Option<(Address, u32)>,
    now: i64,
) -> Result<u64> {
    require!(
        usize::try_from(queue.open_jobs).is_ok_and(|open| open < queue.len()),
        JobsError::QueueFull
    );
    let mut cell = NO_CELL;
    let node = with_fifo(queue, |fifo, cells| {
        let node = match chosen {
            Some((node, at)) => {
                Some(fifo.remove_at(cells, Side::Nodes, at, |waiting| waiting.address == node))
            }
            None => fifo.pop_front(cells, Side::Nodes).transpose(),
        };
        let node = node.transpose().map_err(errors::fifo_error)?;

        if node.is_none() {
            cell = fifo.push_back(cells, Side::Jobs, entry).map_err(errors::fifo_error)?.into();
        }
        Ok(node)
    })?;

    if let Some(node) = node {
        require!(node.price() <= job.price_per_second, JobsError::PriceBelowMinimum);
        job.match_with(node.address, now)?;
    }

    job.attempt_id = first_attempt(UnixTimestamp(now), queue.jobs_listed);
    queue.jobs_listed = queue.jobs_listed.checked_add(1).ok_or(JobsError::Overflow)?;
    queue.open_jobs = queue.open_jobs.checked_add(1).ok_or(JobsError::Overflow)?;
    Ok(cell)
}
