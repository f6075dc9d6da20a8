#![allow(
    unused_variables,
    reason = "the derive reads instruction arguments once more than it uses them"
)]

use anchor_lang::prelude::*;
use anchor_spl::token::{self, Mint, TokenAccount};
use bytemuck::Zeroable;
use nosana_program_common::{event::log_event, token::transfer};
use nosana_protocol::seeds;

use crate::{
    constants::{MAX_CLOCK_SECONDS, MIN_NOTICE_SECONDS, QUEUE_CELLS, VERSION},
    errors::JobsError,
    events::MarketOpened,
    state::{Config, Market, MarketTerms, Queue, QueueCell},
};

/// # Specification
/// - Anyone may open a market, except while entry is paused, and becomes its authority.
/// - Every term lies in its bounds, and the notice for later changes of terms lies between an hour
///   and 7 days.
/// - The policy's deposit moves from `source` to the vault. It is returned, with the rent, when the
///   market is closed.
/// - The queue has 200 empty cells; the vault is a token account of NOS whose authority is the
///   market.
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
    /// CHECK: pays the deposit; the token program checks it in the transfer.
    #[account(mut)]
    pub source: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn process_open_market(
    ctx: &mut Context<OpenMarket>,
    id: u64,
    notice_seconds: u32,
    terms: &MarketTerms,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.check_open()?;
    terms.check_bounds(accounts.config.max_timeout_seconds)?;
    require!(
        (MIN_NOTICE_SECONDS..=MAX_CLOCK_SECONDS).contains(&notice_seconds),
        JobsError::TermsOutOfRange
    );

    let market = &mut accounts.market;
    market.creator = *accounts.authority.address();
    market.authority = market.creator;
    market.queue = *accounts.queue.address();
    market.vault = *accounts.vault.address();
    market.id = id;
    market.terms = *terms;
    market.notice_seconds = notice_seconds;
    market.deposit = accounts.config.market_deposit;
    market.version = VERSION;
    market.bump = ctx.bumps.market;

    let queue = &mut accounts.queue;
    queue.market = *market.address();
    queue.version = VERSION;
    queue.bump = ctx.bumps.queue;
    for _ in 0..QUEUE_CELLS {
        queue.try_push(QueueCell::zeroed())?;
    }

    log_event(MarketOpened {
        market: *market.address(),
        authority: market.authority,
        price_per_second: terms.price_per_second,
    });

    transfer(
        accounts.source.cpi_handle_mut(),
        accounts.vault.cpi_handle_mut(),
        accounts.authority.cpi_handle(),
        market.deposit,
        &[],
    );
    Ok(())
}
