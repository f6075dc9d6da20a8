#![allow(unused_variables, reason = "the derive reads instruction arguments once more than it uses them")]

use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_onchain::{now, token};
use nosana_protocol::{
    job::{Action, Kind},
    ring::Side,
    seeds,
};

use crate::{
    constants::VERSION,
    errors::{self, JobsError},
    events::JobListed,
    flow::NO_CELL,
    state::{Config, Job, Market, Queue, QueueCell},
};

/// # Specification
/// - `client` decides about the job; `payer` pays deposit and rent and gets both back, to `payer_token` and itself.
/// - The market's price is at most `max_price_per_second`; the timeout lies between one second and the market's longest.
/// - Price, fee and clocks are copied into the job: later changes of market or configuration do not touch it.
/// - The deposit is the price of the whole timeout and the fee on it; it moves to the market's vault.
/// - If a node waits, the first one is taken from the queue and the job is `Matched` with it. Else the job is appended.
#[derive(Accounts)]
#[instruction(nonce: u64)]
pub struct List {
    pub client: Signer,
    /// May be the client. Both are signers, of which nothing but the address is read.
    #[account(unsafe(dup))]
    pub payer: Signer,
    pub config: Account<Config>,
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(init, payer = payer, seeds = [seeds::JOB, client, nonce.to_le_bytes()], bump)]
    pub job: Account<Job>,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the token program checks it when it pays.
    #[account(mut)]
    pub payer_token: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn handler(
    ctx: &mut Context<List>,
    nonce: u64,
    definition: [u8; 32],
    kind: u8,
    timeout_seconds: u64,
    max_price_per_second: u64,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let market = &accounts.market;
    require!(definition != [0; 32], JobsError::EmptyDigest);
    require!(Kind::from_byte(kind).is_some(), JobsError::UnknownKind);
    require!((1..=market.max_timeout_seconds).contains(&timeout_seconds), JobsError::TimeoutOutOfRange);
    require!(market.price_per_second <= max_price_per_second, JobsError::PriceAboveMaximum);

    let now = now()?;
    let job = &mut accounts.job;
    job.client = *accounts.client.address();
    job.payer = *accounts.payer.address();
    job.payer_token = *accounts.payer_token.address();
    job.market = *market.address();
    job.definition = definition;
    job.nonce = nonce;
    job.price_per_second = market.price_per_second;
    job.timeout_seconds = timeout_seconds;
    job.listed_at = now;
    job.start_seconds = market.start_seconds;
    job.heartbeat_seconds = market.heartbeat_seconds;
    job.finish_grace_seconds = market.finish_grace_seconds;
    job.challenge_seconds = market.challenge_seconds;
    job.retention_seconds = market.retention_seconds;
    job.network_fee_bps = accounts.config.network_fee_bps;
    job.kind = kind;
    job.max_attempts = market.max_attempts;
    job.version = VERSION;
    job.bump = ctx.bumps.job;
    job.escrow = job.terms()?.escrow().map_err(errors::overflow)?.0;
    let cell = enqueue(job, &mut accounts.queue, now)?;
    job.invariant()?;
    let event = JobListed {
        job: *job.address(),
        market: job.market,
        client: job.client,
        node: job.node,
        definition,
        escrow: job.escrow,
        price_per_second: job.price_per_second,
        timeout_seconds,
        cell,
    };

    token::transfer(
        accounts.payer_token.cpi_handle_mut(),
        accounts.vault.cpi_handle_mut(),
        accounts.payer.cpi_handle(),
        event.escrow,
        &[],
    );
    emit!(event);
    Ok(())
}

/// Matches the job with the first waiting node, or appends it; returns its cell.
fn enqueue(job: &mut Account<Job>, queue: &mut Queue, now: i64) -> Result<u64> {
    let mut ring = queue.ring()?;
    let capacity = queue.len();
    let mut cell = NO_CELL;
    if let Some(node) = ring.pop_front(queue.as_mut_slice(), Side::Nodes).map_err(errors::ring)? {
        require!(node.price() <= job.price_per_second, JobsError::PriceBelowMinimum);
        job.advance(Action::Match)?;
        job.node = node.address;
        job.matched_at = now;
    } else {
        let entry = QueueCell::new(*job.address(), job.price_per_second);
        cell = ring.push_back(queue.as_mut_slice(), Side::Jobs, entry).map_err(errors::ring)?.into();
    }
    queue.store(&ring, capacity)?;
    queue.jobs_listed = queue.jobs_listed.checked_add(1).ok_or(JobsError::Overflow)?;
    queue.open_jobs = queue.open_jobs.checked_add(1).ok_or(JobsError::Overflow)?;
    Ok(cell)
}
