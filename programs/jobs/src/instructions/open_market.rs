#![allow(unused_variables, reason = "the derive reads instruction arguments once more than it uses them")]

use anchor_lang::prelude::*;
use anchor_spl::token::{self, Mint, TokenAccount};
use nosana_protocol::{seeds, units::WHOLE_BPS};

use crate::{
    constants::{MAX_ATTEMPTS, MAX_CLOCK_SECONDS, MAX_TIMEOUT_SECONDS, QUEUE_CELLS, VERSION},
    errors::JobsError,
    events::MarketOpened,
    state::{Config, Market, Queue, QueueCell},
};

/// The terms of a market; see the fields of [`Market`] for their meaning and units.
#[derive(Clone, Copy, AnchorDeserialize, AnchorSerialize, IdlType)]
pub struct MarketTerms {
    pub price_per_second: u64,
    pub min_xnos: u64,
    pub collateral_per_job: u64,
    pub no_start_penalty: u64,
    pub max_timeout_seconds: u64,
    pub start_seconds: u32,
    pub heartbeat_seconds: u32,
    pub finish_grace_seconds: u32,
    pub challenge_seconds: u32,
    pub retention_seconds: u32,
    pub min_vram_mib: u32,
    pub audit_rate_bps: u16,
    pub max_attempts: u8,
}

impl MarketTerms {
    /// Whether all terms lie in their bounds.
    ///
    /// A price of nothing would let a job name a refund account that never had to pay, and so one that its settlement
    /// cannot take. A wait of nothing would let a node lose its job in the second it got it.
    fn in_bounds(&self) -> bool {
        let waits = [self.start_seconds, self.heartbeat_seconds];
        let others = [self.finish_grace_seconds, self.challenge_seconds, self.retention_seconds];
        waits.iter().all(|wait| (1..=MAX_CLOCK_SECONDS).contains(wait))
            && others.iter().all(|wait| *wait <= MAX_CLOCK_SECONDS)
            && (1..=MAX_TIMEOUT_SECONDS).contains(&self.max_timeout_seconds)
            && self.price_per_second > 0
            && self.no_start_penalty <= self.collateral_per_job
            && self.audit_rate_bps <= WHOLE_BPS
            && self.max_attempts <= MAX_ATTEMPTS
    }
}

/// # Specification
/// - Anyone may open a market and becomes its authority; the rent of its three accounts is what spam costs.
/// - Every term lies in its bounds.
/// - The queue has 250 empty cells; the vault is a token account of NOS whose authority is the market.
#[derive(Accounts)]
#[instruction(id: u64)]
pub struct OpenMarket {
    /// Becomes the market's authority; pays the rent.
    #[account(mut)]
    pub authority: Signer,
    pub config: Account<Config>,
    #[account(address = config.nos_mint @ JobsError::WrongAccount)]
    pub nos_mint: Account<Mint>,
    #[account(init, payer = authority, seeds = [seeds::MARKET, authority, id.to_le_bytes()], bump)]
    pub market: Account<Market>,
    #[account(
        init, payer = authority, space = Queue::space_for(QUEUE_CELLS),
        seeds = [seeds::QUEUE, market], bump
    )]
    pub queue: Queue,
    #[account(
        init, payer = authority, seeds = [seeds::VAULT, market], bump,
        token::mint = nos_mint, token::authority = market
    )]
    pub vault: Account<TokenAccount>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<OpenMarket>, id: u64, terms: MarketTerms) -> Result<()> {
    require!(terms.in_bounds(), JobsError::TermsOutOfRange);
    let accounts = &mut ctx.accounts;
    let market = &mut accounts.market;
    market.authority = *accounts.authority.address();
    market.queue = *accounts.queue.address();
    market.vault = *accounts.vault.address();
    market.id = id;
    market.price_per_second = terms.price_per_second;
    market.min_xnos = terms.min_xnos;
    market.collateral_per_job = terms.collateral_per_job;
    market.no_start_penalty = terms.no_start_penalty;
    market.max_timeout_seconds = terms.max_timeout_seconds;
    market.start_seconds = terms.start_seconds;
    market.heartbeat_seconds = terms.heartbeat_seconds;
    market.finish_grace_seconds = terms.finish_grace_seconds;
    market.challenge_seconds = terms.challenge_seconds;
    market.retention_seconds = terms.retention_seconds;
    market.min_vram_mib = terms.min_vram_mib;
    market.audit_rate_bps = terms.audit_rate_bps;
    market.max_attempts = terms.max_attempts;
    market.version = VERSION;
    market.bump = ctx.bumps.market;

    let queue = &mut accounts.queue;
    queue.market = *market.address();
    queue.version = VERSION;
    queue.bump = ctx.bumps.queue;
    for _ in 0..QUEUE_CELLS {
        queue.try_push(QueueCell::new(Address::default(), 0))?;
    }
    emit!(MarketOpened {
        market: *market.address(),
        authority: market.authority,
        price_per_second: market.price_per_second
    });
    Ok(())
}
