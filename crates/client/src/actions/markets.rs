//! Instructions for markets.

use solana_address::Address;

use crate::{
    jobs::{instructions as jobs, types::MarketTerms},
    pda,
    token::associated_address,
};

/// Opens a market. The authority's associated token account pays the deposit.
pub fn open_market(
    authority: Address,
    nos_mint: Address,
    id: u64,
    notice_seconds: u32,
    terms: MarketTerms,
) -> jobs::OpenMarket {
    let market = pda::jobs::market(&authority, id);

    jobs::OpenMarket {
        authority,
        config: pda::jobs::config(),
        nos_mint,
        market,
        queue: pda::jobs::queue(&market),
        vault: pda::jobs::vault(&market),
        source: associated_address(&authority, &nos_mint),
        id,
        notice_seconds,
        terms,
    }
}

/// Closes an empty, retired market. The authority's associated token account receives the deposit
/// and any tokens that others sent to the vault.
pub fn close_market(authority: Address, nos_mint: Address, market: Address) -> jobs::CloseMarket {
    jobs::CloseMarket {
        authority,
        market,
        queue: pda::jobs::queue(&market),
        vault: pda::jobs::vault(&market),
        destination: associated_address(&authority, &nos_mint),
    }
}

/// Sends a market's fees to the reward pool's vault, where
/// [`count_income`](super::count_income) makes income of them.
pub fn sweep_fees(market: Address) -> jobs::SweepFees {
    jobs::SweepFees { market, queue: pda::jobs::queue(&market), vault: pda::jobs::vault(&market) }
}
