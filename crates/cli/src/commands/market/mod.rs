//! `nosana market`: markets and their terms. Each command is a file.
//!
//! Shared parts, which import no command:
//!
//! | module | purpose |
//! | --- | --- |
//! | `options` | options of several commands |
//! | `describe` | a market as JSON |
//! | `terms`, `term_bounds` | a market's terms as JSON; the bounds of each |

mod apply;
mod close;
mod describe;
mod list;
mod open;
mod options;
mod propose;
mod retire;
mod show;
mod sweep;
mod template;
mod term_bounds;
mod terms;

use anyhow::Result;
use clap::Subcommand;

use self::options::{ConfirmedMarketOptions, MarketOptions};

/// Commands of `nosana market`.
#[derive(Debug, Subcommand)]
pub enum MarketCommand {
    /// List the markets of the network
    List(list::ListMarketsOptions),
    /// Show a market: its terms and its queue
    Show(MarketOptions),
    /// Print terms as JSON, to edit for `open` and `propose`
    Template,
    /// Open a market with the terms in a file
    Open(open::OpenMarketOptions),
    /// Announce new terms, which can be applied after the market's notice
    Propose(propose::ProposeOptions),
    /// Apply announced terms
    Apply(apply::ApplyOptions),
    /// Send a market's fees to the stakers
    Sweep(MarketOptions),
    /// Stop a market from accepting jobs and nodes, permanently
    Retire(ConfirmedMarketOptions),
    /// Close an empty, retired market, and return its deposit and rent
    Close(ConfirmedMarketOptions),
}

/// Runs the command.
pub async fn run(command: MarketCommand) -> Result<()> {
    match command {
        MarketCommand::List(options) => list::list_markets(options).await,
        MarketCommand::Show(options) => show::show_market(options).await,
        MarketCommand::Template => template::print_template(),
        MarketCommand::Open(options) => open::open_market(options).await,
        MarketCommand::Propose(options) => propose::propose_terms(options).await,
        MarketCommand::Apply(options) => apply::apply_terms(options).await,
        MarketCommand::Sweep(options) => sweep::sweep_fees(options).await,
        MarketCommand::Retire(options) => retire::retire_market(options).await,
        MarketCommand::Close(options) => close::close_market(options).await,
    }
}
