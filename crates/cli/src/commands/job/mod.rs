//! `nosana job`: the commands of a client. Each command is a file.
//!
//! | module | purpose |
//! | --- | --- |
//! | `post`, `embed`, `generate`, `serve`, `run` | list a job |
//! | `validate`, `schema` | definition files |
//! | `wait`, `show`, `list`, `logs` | follow and read jobs |
//! | `connect`, `share` | reach ports of a running job; let others do so |
//! | `extend`, `cancel`, `stop`, `collect`, `crank`, `clean` | act on jobs |
//! | `accept`, `reject`, `challenge` | act on results |
//!
//! Shared parts, which import no command:
//!
//! | module | purpose |
//! | --- | --- |
//! | `options` | options of commands for one job |
//! | `listing` | listing a job: options, price, deposit, transaction |
//! | `definition_file`, `inputs` | definitions from files; files that travel with a command |
//! | `auto_accept` | accepting a result that is followed |
//! | `verification` | options of verified jobs |
//! | `check_rate`, `check_means` | how often results are computed again, and by whom |
//! | `check`, `twin`, `check_outcome` | on this machine; by another node; what follows |
//! | `check_request`, `twin_record` | what a check needs; the twins that were listed |
//! | `dispute_updates` | following the dispute of a job |
//! | `list_and_follow` | listing a job and following it |
//! | `follow`, `batch`, `service`, `updates` | following a job to its end |
//! | `reach`, `live_wait` | a running job's log and ports, straight from its node |
//! | `port_choice` | which port of this machine leads to which port of a job |
//! | `answer`, `content` | reading a job's definition, result and outputs from the store |
//! | `output`, `command_logs`, `artifacts` | printing outputs and logs; saving artifacts |
//! | `shown_log` | whether a log was printed while its job ran |
//! | `verdict` | whether the operations succeeded, and the exit status |
//! | `settlement`, `holder`, `ending` | acting on a job that is not settled; ending it |
//! | `words`, `job_json`, `dates` | a job's state as words; its account as JSON; times |
//! | `cost`, `command_text` | what a job costs; what it runs, in a few words |
//! | `history`, `returns` | a job's transactions; how nodes gave it back |
//! | `node_words` | what the last of these nodes says about it |
//! | `waiting`, `market_nodes` | why a job waits; what the market's nodes do |
//! | `artifacts_folder` | checking the folder for artifacts before a job is paid |

mod accept;
mod answer;
mod artifacts;
mod artifacts_folder;
mod auto_accept;
mod batch;
pub(super) mod cancel;
mod challenge;
mod check;
mod check_means;
mod check_outcome;
pub(super) mod check_rate;
mod check_request;
mod clean;
mod collect;
mod command_logs;
mod command_text;
mod connect;
mod content;
pub(super) mod cost;
mod crank;
pub(super) mod dates;
pub(super) mod definition_file;
mod dispute_updates;
mod embed;
pub(super) mod ending;
mod extend;
mod follow;
mod generate;
mod history;
mod holder;
mod inputs;
mod job_json;
mod list;
mod list_and_follow;
pub(super) mod listing;
mod live_wait;
mod logs;
mod market_nodes;
mod node_words;
mod options;
mod output;
mod port_choice;
mod post;
mod reach;
mod reject;
mod returns;
mod run;
mod schema;
mod serve;
pub(super) mod service;
mod settlement;
mod share;
mod show;
mod shown_log;
mod stop;
mod twin;
mod twin_record;
mod updates;
mod validate;
mod verdict;
mod verification;
mod wait;
mod waiting;
mod words;

use anyhow::Result;
use clap::Subcommand;

use self::options::JobOptions;

/// Commands of `nosana job`.
#[derive(Debug, Subcommand)]
pub enum JobCommand {
    /// List a job from a definition file
    Post(post::PostOptions),
    /// List a job that embeds texts, one vector each
    Embed(embed::EmbedOptions),
    /// List a job that answers prompts with a language model
    Generate(Box<generate::GenerateOptions>),
    /// List a service that answers requests with a model, by the API of OpenAI
    Serve(serve::ServeOptions),
    /// List a job that runs a command in a sandbox, for instance the tests of a project
    #[command(after_help = run::SANDBOX_HELP)]
    Run(Box<run::RunOptions>),
    /// Print the logs of a job's commands, after checking the hashes; with --follow, while it runs
    Logs(Box<logs::LogsOptions>),
    /// Forward ports of this machine to the ports of a running job, until it ends
    Connect(Box<connect::ConnectOptions>),
    /// Print a grant, with which somebody else reads the log or uses the ports of your job
    Share(share::ShareOptions),
    /// Wait for a job and print its result, after checking the hashes; print the cost of a service
    Wait(wait::WaitOptions),
    /// Show a job
    Show(show::ShowOptions),
    /// List your jobs
    List(list::ListOptions),
    /// Check a definition file and print every problem
    Validate(validate::ValidateOptions),
    /// Print the JSON schema of a definition or a result, for editors and other software
    Schema(schema::SchemaOptions),
    /// Take a waiting job out of the queue, for a full refund
    Cancel(JobOptions),
    /// End a job that runs or that a node has taken; the proven time is paid
    Stop(JobOptions),
    /// Accept a result before its challenge window is over
    Accept(JobOptions),
    /// Reject a result before its challenge window is over: its price goes to the stakers instead
    /// of the node
    Reject(reject::RejectOptions),
    /// Dispute the result of a verified job, for a bond: a panel of nodes judges it
    Challenge(challenge::ChallengeOptions),
    /// Collect a refund that could not be paid directly
    Collect(JobOptions),
    /// Buy more time for a job
    Extend(extend::ExtendOptions),
    /// Run the instruction that is due for a job: refund a deposit that waited too long, expire a
    /// match that was not started, end a run without heartbeats, settle a result, close a settled
    /// job after its retention
    Crank(JobOptions),
    /// Close settled jobs after their retention and return their rent
    Clean(clean::CleanOptions),
}

impl JobCommand {
    /// Whether the command lists or follows a job, and so may end with the job's own exit status.
    pub const fn follows_job(&self) -> bool {
        match self {
            Self::Post(_)
            | Self::Embed(_)
            | Self::Generate(_)
            | Self::Serve(_)
            | Self::Run(_)
            | Self::Logs(_)
            | Self::Wait(_) => true,
            Self::Connect(_)
            | Self::Share(_)
            | Self::Show(_)
            | Self::List(_)
            | Self::Validate(_)
            | Self::Schema(_)
            | Self::Cancel(_)
            | Self::Stop(_)
            | Self::Accept(_)
            | Self::Reject(_)
            | Self::Challenge(_)
            | Self::Collect(_)
            | Self::Extend(_)
            | Self::Crank(_)
            | Self::Clean(_) => false,
        }
    }
}

/// Runs the command.
pub async fn run(command: JobCommand) -> Result<()> {
    match command {
        JobCommand::Post(options) => post::post_job(options).await,
        JobCommand::Embed(options) => embed::embed_texts(options).await,
        JobCommand::Generate(options) => generate::generate_answers(*options).await,
        JobCommand::Serve(options) => serve::serve_model(options).await,
        JobCommand::Run(options) => run::run_command(*options).await,
        JobCommand::Logs(options) => logs::print_logs(*options).await,
        JobCommand::Connect(options) => connect::connect_ports(*options).await,
        JobCommand::Share(options) => share::share_job(options).await,
        JobCommand::Wait(options) => wait::wait_for_job(options).await,
        JobCommand::Show(options) => show::show_job(options).await,
        JobCommand::List(options) => list::list_jobs(options).await,
        JobCommand::Validate(options) => validate::validate_file(&options),
        JobCommand::Schema(options) => schema::print_schema(&options),
        JobCommand::Cancel(options) => cancel::cancel_job(options).await,
        JobCommand::Stop(options) => stop::stop_job(options).await,
        JobCommand::Accept(options) => accept::accept_result(options).await,
        JobCommand::Reject(options) => reject::reject_result(options).await,
        JobCommand::Challenge(options) => challenge::challenge_job(options).await,
        JobCommand::Collect(options) => collect::collect_refund(options).await,
        JobCommand::Extend(options) => extend::extend_job(options).await,
        JobCommand::Crank(options) => crank::crank_job(options).await,
        JobCommand::Clean(options) => clean::clean_jobs(options).await,
    }
}
