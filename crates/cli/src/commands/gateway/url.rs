//! `nosana gateway url`: the public URL of a port of a job.

use clap::Args;
use nosana_gateway::{GatewayUrl, JobHost};
use solana_address::Address;

use crate::commands::values::parse_address;

/// A job, its port, and a gateway.
#[derive(Debug, Args)]
pub struct UrlOptions {
    /// Address of the job
    #[arg(value_parser = parse_address)]
    job: Address,
    /// Port of the job, which its definition makes public
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// URL of the gateway, such as https://jobs.example.com
    #[arg(long, env = "NOSANA_GATEWAY", value_name = "URL")]
    gateway: GatewayUrl,
}

/// Prints the URL. Reads nothing.
pub fn print_url(options: &UrlOptions) {
    let UrlOptions { job, port, gateway } = options;
    println!("{}", gateway.job_url(JobHost { job: *job, port: *port }));
}
