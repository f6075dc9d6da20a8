//! Options of commands that list verified jobs.

use clap::Args;
use nosana_protocol::job::Kind;

use super::{
    check_means::{CheckMeans, CheckPlan},
    check_rate::CheckRate,
};

/// Whether and how a job is verified.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct VerificationOptions {
    /// List the job as verified: anyone may dispute its result, and a node that loses the dispute
    /// loses collateral; only embeddings and answers of the likeliest tokens
    #[arg(long)]
    verified: bool,
    /// Share of results that are computed again before they are paid: a probability, or `auto` for
    /// the one at which cheating does not pay if this machine checks; a wrong result is disputed
    /// for a bond
    #[arg(long, value_name = "P|auto", requires_all = ["verified", "wait"])]
    check: Option<CheckRate>,
    /// Who computes it again: `own` (default), this machine; `twin`, another node, by the same job
    /// once more, whose deposit you pay; `auto`, this machine if it can, else a twin, except for
    /// answers of language models
    #[arg(long, value_name = "WHO", value_enum, requires = "check")]
    check_by: Option<CheckMeans>,
}

impl VerificationOptions {
    /// The kind of a batch job.
    pub const fn batch_kind(&self) -> Kind {
        if self.verified { Kind::VerifiedBatch } else { Kind::Batch }
    }

    /// How results are checked; `None` if they are not.
    pub fn check_plan(&self) -> Option<CheckPlan> {
        CheckPlan::from_options(self.check, self.check_by)
    }
}
