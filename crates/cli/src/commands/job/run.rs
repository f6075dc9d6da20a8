//! `nosana job run`: one command in a sandbox.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use nosana_job_spec::{CommandArgs, CommandLimits, JobDefinition, Operation, Run, Step};
use nosana_protocol::job::Kind;

use super::{
    inputs, logs,
    post::{Offer, list_with},
    service, wait,
};

/// What is left of the paid time for logs and artifacts, in seconds, or a tenth of it if that is
/// less.
const REST_SECONDS: u64 = 30;

/// A command, and what goes with it.
#[derive(Debug, Args)]
pub struct Options {
    /// A variable of the command, any number of times
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// A file or folder to send along, any number of times. A file keeps its name, a folder's
    /// content goes into the work folder, unless DEST names another place there
    #[arg(long, value_name = "PATH[:DEST]")]
    input: Vec<String>,
    /// A path or pattern of files to keep, any number of times; `**` looks into folders
    #[arg(long, value_name = "PATTERN")]
    artifact: Vec<String>,
    /// Let the command use the network; a node can refuse
    #[arg(long)]
    network: bool,
    /// List it as a service: the command runs for --timeout, and is paid for the time that its node
    /// proves
    #[arg(long)]
    service: bool,
    /// Memory, in MiB
    #[arg(long)]
    memory_mib: Option<u64>,
    /// Processor cores
    #[arg(long)]
    cpus: Option<u64>,
    /// Room for files, in MiB
    #[arg(long)]
    disk_mib: Option<u64>,
    /// Save what was kept in this folder
    #[arg(long, value_name = "DIR", requires = "wait")]
    artifacts_to: Option<PathBuf>,
    /// The command. One word is a line for the shell, as in -- 'make && make test'
    #[arg(last = true, required = true)]
    command: Vec<String>,
    #[command(flatten)]
    offer: Offer,
}

/// Lists the job. If it waits, it prints the log, and fails if the command did.
pub async fn run(options: Options) -> Result<()> {
    let offer = &options.offer;
    let open = offer.connection.open().await?;
    let args = CommandArgs {
        steps: vec![Step {
            name: "run".to_owned(),
            run: command(&options.command),
            timeout_seconds: None,
        }],
        env: variables(&options.env)?,
        working_directory: None,
        inputs: options
            .input
            .iter()
            .map(|input| inputs::put(input, &open.store))
            .collect::<Result<_>>()?,
        artifacts: options.artifact.clone(),
        network: options.network,
        limits: CommandLimits {
            // A service runs for as long as its client pays, which can become longer.
            timeout_seconds: (!options.service)
                .then(|| offer.timeout.saturating_sub(REST_SECONDS.min(offer.timeout / 10)).max(1)),
            memory_mib: options.memory_mib,
            cpus: options.cpus,
            disk_mib: options.disk_mib,
            ..CommandLimits::default()
        },
    };
    let definition = JobDefinition::new(vec![Operation::CommandRun { id: "run".to_owned(), args }]);
    definition.validate()?;
    let kind = if options.service { Kind::Service } else { Kind::Batch };
    let address = list_with(&open, &definition, offer, kind).await?;
    if !offer.wait {
        return Ok(());
    }
    if options.service {
        return service::follow(
            &open,
            address,
            options.artifacts_to.as_deref(),
            offer.connection.json(),
        )
        .await;
    }
    let job = wait::completed(&open, address).await?;
    let succeeded =
        logs::show(&open, address, &job, options.artifacts_to.as_deref(), offer.connection.json())?;
    if !succeeded {
        bail!("the command failed on the node; `nosana job logs {address}` prints this again");
    }
    Ok(())
}

fn command(words: &[String]) -> Run {
    match words {
        [line] => Run::Line(line.clone()),
        words => Run::Arguments(words.to_vec()),
    }
}

fn variable(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').context("give NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn variables(given: &[(String, String)]) -> Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for (name, value) in given {
        if all.insert(name.clone(), value.clone()).is_some() {
            bail!("--env gives `{name}` twice");
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_is_a_line_and_several_are_arguments() {
        assert_eq!(
            command(&["make && make test".to_owned()]),
            Run::Line("make && make test".to_owned())
        );
        let words = ["make".to_owned(), "all tests".to_owned()];
        assert_eq!(command(&words), Run::Arguments(words.to_vec()));
        assert_eq!(variable("A=b=c").unwrap(), ("A".to_owned(), "b=c".to_owned()));
        assert!(variable("A").is_err());
        assert!(
            variables(&[("A".to_owned(), "1".to_owned()), ("A".to_owned(), "2".to_owned())])
                .is_err()
        );
    }
}
