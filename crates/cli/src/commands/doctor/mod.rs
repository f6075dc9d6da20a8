//! `nosana doctor`: checks everything that the other commands need, and says what to do.
//!
//! | module | purpose |
//! | --- | --- |
//! | `finding` | the outcome of one check |
//! | `network` | the network and its clock |
//! | `programs` | its programs: their code and their layout |
//! | `wallet` | the key and what it has |
//! | `machine` | GPU, sandbox, container engine |
//! | `content` | the content store |

mod content;
mod finding;
mod machine;
mod network;
mod programs;
mod wallet;

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::json;
use tokio::task::spawn_blocking;

use self::finding::{Finding, Outcome};
use super::{connection::ConnectionOptions, values::print_json};

/// What to check.
#[derive(Debug, Args)]
pub struct DoctorOptions {
    /// Fail also if the machine lacks what only a node needs
    #[arg(long)]
    node: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Checks everything. Fails if a check fails that every client needs, or with `--node` any.
pub async fn check_everything(options: DoctorOptions) -> Result<()> {
    let connection = &options.connection;
    let mut findings = network::check_network(connection).await;
    findings.extend(wallet::check_wallet(connection).await);
    findings.push(content::check_store(connection));
    findings.extend(spawn_blocking(machine::check_machine).await?);

    if connection.is_json() {
        let all: Vec<_> = findings.iter().map(Finding::to_json).collect();
        print_json(&json!({ "version": crate::version::SHORT, "checks": all }))?;
    } else {
        println!("nosana     {}", crate::version::SHORT);
        for finding in &findings {
            finding.print_line();
        }
    }

    let is_fatal = |finding: &&Finding| match finding.outcome {
        Outcome::Good | Outcome::Advice => false,
        Outcome::Missing => options.node,
        Outcome::Bad => true,
    };
    let fatal = findings.iter().filter(is_fatal).count();
    ensure!(fatal == 0, "{fatal} of {} checks failed; their lines say what to do", findings.len());
    Ok(())
}
