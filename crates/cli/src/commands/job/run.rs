//! `nosana job run`: list a job that runs one command in a sandbox.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum, value_parser};
use nosana_job_spec::{
    CommandArgs, CommandLimits, ExposedPort, JobDefinition, MAX_OUTPUT_BYTES, Operation, Shell,
    Step, StepCommand,
};
use nosana_protocol::job::Kind;
use nosana_store::Store;
use solana_address::Address;

use super::{
    answer::Answer,
    artifacts_folder::ensure_writable_folder,
    batch::{FollowedJob, follow_batch},
    command_logs::{LogOptions, show_command_logs},
    inputs::store_inputs,
    listing::{ListingOptions, list_job},
    live_wait::LiveWait,
    service::follow_service,
    verdict::Verdict,
};
use crate::commands::context::CliContext;

/// Part of the paid time that is reserved for storing logs and artifacts, in seconds; a tenth of
/// the paid time if that is less.
const RESERVED_SECONDS: u64 = 30;
/// What the help of the command says about the sandbox.
pub const SANDBOX_HELP: &str = "\
The command finds, unless --env says otherwise:
  time       --timeout less 30 s, or less a tenth of it: 570 s by default; a service has all of it
  processes  512 at most, with threads
  tools      those of the node's /usr: bash, coreutils and util-linux for certain, a compiler or
             Python only if the node has it
  folders    /work, where it starts, and /tmp; HOME is /work/.home, empty at first
  locale     LANG=C.UTF-8
  time zone  UTC

docs/sandbox.md describes the sandbox, and what happens at each limit.";
/// The longest log that can be kept, in MiB.
const MAX_LOG_MIB: u64 = MAX_OUTPUT_BYTES >> 20;

/// A command, its files and limits, and how the job is listed.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// Environment variable of the command; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_variable)]
    env: Vec<(String, String)>,
    /// File or folder to send along; may be given several times. A file keeps its name, and a
    /// folder's content goes into the work folder, unless DEST names another place there. What git
    /// ignores in a folder, and does not track, is left out
    #[arg(long, value_name = "PATH[:DEST]")]
    input: Vec<String>,
    /// Path or pattern of files that are sent although git ignores them, relative to the folder of
    /// --input; may be given several times; a folder means everything in it
    #[arg(long, value_name = "PATTERN", requires = "input")]
    include: Vec<String>,
    /// Path or pattern of files to keep; may be given several times; `**` matches folders. The job
    /// fails if a path that is given without a pattern is missing
    #[arg(long, value_name = "PATTERN", alias = "artefact")]
    artifact: Vec<String>,
    /// Let the command use the network; a node can refuse
    #[arg(long)]
    network: bool,
    /// Port on which the command listens, and that `nosana job connect` reaches; may be given
    /// several times
    #[arg(long, value_name = "PORT", value_parser = value_parser!(u16).range(1..))]
    expose: Vec<u16>,
    /// List the job as a service: it runs for --timeout, and the time that its node proves is paid
    #[arg(long)]
    service: bool,
    /// Shell that runs a line: it ends at the first command that fails, and in bash a pipe fails if
    /// any of its commands does. Defaults to bash where the sandbox has it, else to sh
    #[arg(long, value_enum)]
    shell: Option<ShellChoice>,
    /// Most memory of all processes together, in MiB; defaults to 2048
    #[arg(long)]
    memory_mib: Option<u64>,
    /// Most processor cores; defaults to 2
    #[arg(long)]
    cpus: Option<u64>,
    /// Most disk space for files, in MiB; defaults to 4096
    #[arg(long)]
    disk_mib: Option<u64>,
    /// Most of the log that is kept, in MiB, 1 to 64; defaults to 4. A longer log is cut in the
    /// middle, and that of a service at its beginning; the command continues
    #[arg(long, value_name = "MIB", value_parser = value_parser!(u64).range(1..=MAX_LOG_MIB))]
    log_limit: Option<u64>,
    /// Folder to save the kept files in
    #[arg(long, value_name = "DIR", requires = "wait", alias = "artefacts-to")]
    artifacts_to: Option<PathBuf>,
    /// Command to run. A single word is a line for the shell, as in -- 'make && make test'
    #[arg(last = true, required = true)]
    command: Vec<String>,
    #[command(flatten)]
    listing: ListingOptions,
}

/// Shells of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ShellChoice {
    /// /bin/bash -eo pipefail -c
    Bash,
    /// /bin/sh -e -c
    Sh,
}

/// Lists the job. With `--wait`, prints the log, and fails if the command fails.
pub async fn run_command(options: RunOptions) -> Result<()> {
    if let Some(folder) = &options.artifacts_to {
        ensure_writable_folder(folder)?;
    }

    let ctx = options.listing.connect().await?;
    let operation =
        Operation::CommandRun { id: "run".to_owned(), args: build_args(&options, &ctx.store)? };
    let definition = JobDefinition::new(vec![operation]);
    definition.validate()?;

    let kind = if options.service { Kind::Service } else { Kind::Batch };
    let job = list_job(&ctx, &definition, &options.listing, kind).await?;
    if options.listing.wait {
        follow_command(&ctx, job, &options).await?;
    }
    Ok(())
}

async fn follow_command(ctx: &CliContext, address: Address, options: &RunOptions) -> Result<()> {
    let artifacts_to = options.artifacts_to.as_deref();
    let as_json = options.listing.connection.is_json();
    if options.service {
        let log_options = LogOptions { artifacts_to, as_json, ..LogOptions::default() };
        return follow_service(ctx, address, log_options).await;
    }

    let keeps_window = options.listing.no_accept;
    let log_options = LogOptions { artifacts_to, as_json, keeps_window, ..LogOptions::default() };
    let live = LiveWait::start(ctx, address, &log_options);
    let FollowedJob { job, history } = follow_batch(ctx, address, log_options).await?;
    let shown = live.finish().await;
    let log_options =
        LogOptions { shown: shown.as_deref(), history: history.as_ref(), ..log_options };
    let answer = Answer::load(&ctx.job_store(&address, &job)?, address, &job)?;
    show_command_logs(&ctx.job_store(&address, &job)?, &answer, log_options)?;
    Verdict::from_answer(&answer).ensure_success(&address)
}

/// Builds the operation's arguments. Stores the inputs.
fn build_args(options: &RunOptions, store: &Store) -> Result<CommandArgs> {
    let step = Step {
        name: "run".to_owned(),
        run: command_of(&options.command),
        shell: options.shell.map(ShellChoice::to_shell),
        timeout_seconds: None,
    };
    let timeout = options.listing.timeout;
    let reserved = RESERVED_SECONDS.min(timeout / 10);
    let limits = CommandLimits {
        // A service runs as long as its client pays, and the client may extend that.
        timeout_seconds: (!options.service).then(|| timeout.saturating_sub(reserved).max(1)),
        memory_mib: options.memory_mib,
        cpus: options.cpus,
        disk_mib: options.disk_mib,
        output_bytes: options.log_limit.map(|mib| mib << 20),
        ..CommandLimits::default()
    };

    Ok(CommandArgs {
        steps: vec![step],
        env: collect_variables(&options.env)?,
        working_directory: None,
        inputs: store_inputs(&options.input, &options.include, &limits, store)?,
        artifacts: options.artifact.clone(),
        network: options.network,
        expose: options.expose.iter().copied().map(ExposedPort::new).collect(),
        limits,
    })
}

fn command_of(words: &[String]) -> StepCommand {
    match words {
        [line] => StepCommand::Line(line.clone()),
        words => StepCommand::Arguments(words.to_vec()),
    }
}

impl ShellChoice {
    const fn to_shell(self) -> Shell {
        match self {
            Self::Bash => Shell::Bash,
            Self::Sh => Shell::Sh,
        }
    }
}

fn parse_variable(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').context("not a valid variable; give NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn collect_variables(given: &[(String, String)]) -> Result<BTreeMap<String, String>> {
    let mut variables = BTreeMap::new();
    for (name, value) in given {
        if variables.insert(name.clone(), value.clone()).is_some() {
            bail!("--env gives `{name}` twice");
        }
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_is_a_line_and_several_are_arguments() {
        let line = "make && make test".to_owned();
        assert_eq!(command_of(std::slice::from_ref(&line)), StepCommand::Line(line));
        let words = ["make".to_owned(), "all tests".to_owned()];
        assert_eq!(command_of(&words), StepCommand::Arguments(words.to_vec()));
    }

    #[test]
    fn variables_are_named_once() {
        assert_eq!(parse_variable("A=b=c").unwrap(), ("A".to_owned(), "b=c".to_owned()));
        assert!(parse_variable("A").is_err());
        let twice = [("A".to_owned(), "1".to_owned()), ("A".to_owned(), "2".to_owned())];
        assert!(collect_variables(&twice).is_err());
    }
}
