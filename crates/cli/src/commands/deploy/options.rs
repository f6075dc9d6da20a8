//! The options of `nosana deploy FILE`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, builder::TypedValueParser};
use solana_address::Address;

use super::patience::Patience;
use crate::{
    amount::Nos,
    commands::{
        connection::ConnectionOptions, context::CliContext, job::dates::Age, values::parse_address,
    },
};

/// The most replicas: each is a job that this command reads in each interval.
const MAX_REPLICAS: u64 = 64;

/// A service, how many of it run, and for how long.
#[derive(Debug, Args)]
pub struct StartOptions {
    /// File with the definition of the service, JSON
    #[arg(required = true)]
    pub file: Option<PathBuf>,
    /// Name of the deployment; defaults to the file's
    #[arg(long)]
    pub name: Option<String>,
    /// How many replicas run, each on another owner's node if enough of them wait
    #[arg(long, default_value_t = 1, value_parser = replica_count())]
    pub replicas: u64,
    /// How long the deployment runs, like 90m, 24h or 7d
    #[arg(long = "for", value_name = "DURATION", required = true)]
    pub duration: Option<Age>,
    /// For how long a job is paid at once; the unused part of a deposit comes back
    #[arg(long, value_name = "DURATION", default_value = "1h")]
    pub chunk: Age,
    /// Replace a replica whose ports with health checks were ready and are not for this long
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    pub unhealthy_after: Age,
    /// Replace a replica whose ports with health checks are not ready this long after its start
    #[arg(long, value_name = "DURATION", default_value = "30m")]
    pub start_grace: Age,
    /// Most NOS to spend, deposits included
    #[arg(long, value_name = "NOS", required = true)]
    pub budget: Option<Nos>,
    /// Highest price to pay, in NOS a second; defaults to the market's current price
    #[arg(long, value_name = "NOS")]
    pub max_price: Option<Nos>,
    /// Address of the market; defaults to the only open market
    #[arg(short, long, value_parser = parse_address)]
    pub market: Option<Address>,
    /// List the replicas as private jobs: their definition and inputs go only to the nodes that run
    /// them, from this command, without which nodes cannot start those that wait. --store and
    /// --ipfs are not used for it
    #[arg(long)]
    pub private: bool,
    /// Do not ask before anything is paid
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// The options without which no deployment starts; a subcommand has none of them.
#[derive(Debug)]
pub struct RequiredOptions {
    /// File with the definition.
    pub file: PathBuf,
    /// How long the deployment runs.
    pub duration: Age,
    /// Most base units to spend.
    pub budget: Nos,
    /// All options.
    pub other: StartOptions,
}

impl StartOptions {
    /// Connects to the network. The context's store is that of private jobs if the replicas are
    /// private.
    ///
    /// # Errors
    /// If the network does not answer, or a store cannot be opened.
    pub async fn connect(&self) -> Result<CliContext> {
        let ctx = self.connection.connect().await?;
        if self.private { ctx.use_private_store() } else { Ok(ctx) }
    }

    /// How long a replica may be not ready.
    pub const fn patience(&self) -> Patience {
        Patience { unhealthy_after: self.unhealthy_after.0, start_grace: self.start_grace.0 }
    }

    /// Returns the options with those that are required.
    pub fn require_all(self) -> Result<RequiredOptions> {
        let file = self.file.clone().context("name the file of a service")?;
        let duration = self.duration.context("say with --for how long the deployment runs")?;
        let budget = self.budget.context("bound what it spends with --budget")?;
        Ok(RequiredOptions { file, duration, budget, other: self })
    }
}

impl RequiredOptions {
    /// Returns the name of the deployment: that of the option, or of the file.
    ///
    /// # Errors
    /// If neither has a name.
    pub fn find_name(&self) -> Result<String> {
        let stem = self.file.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
        self.other.name.clone().or(stem).context("name the deployment with --name")
    }
}

fn replica_count() -> impl TypedValueParser<Value = u64> {
    clap::value_parser!(u64).range(1..=MAX_REPLICAS)
}
