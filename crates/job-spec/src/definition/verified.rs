//! What a verified job can be: operations whose results other nodes can check.

use super::{
    error::{DefinitionError, refuse_field},
    inference::InferenceArgs,
    job_definition::JobDefinition,
    model::ModelRef,
    operation::Operation,
    sampling::SamplingArgs,
};

impl JobDefinition {
    /// Checks, in addition to [`Self::validate`], that it can be a verified job: that other nodes
    /// can decide whether its results are right.
    ///
    /// A command, a container or a service can behave differently on another host. An answer whose
    /// tokens were drawn at random or limited by a format is not that of the likeliest tokens, and
    /// no bound for the probabilities that a node reports is measured.
    ///
    /// The model must be one that the nodes' software knows: the bounds of a comparison are measured
    /// for these, and weights of a stranger could make honest answers differ by more.
    pub fn validate_verified(&self) -> Result<(), DefinitionError> {
        self.validate_batch()?;

        for (index, operation) in self.ops.iter().enumerate() {
            match operation {
                Operation::InferenceRun { args, .. } => check_args(args, index)?,
                Operation::InferenceServe { .. }
                | Operation::CommandRun { .. }
                | Operation::ContainerRun { .. } => {
                    return refuse_field(
                        format!("/ops/{index}/type"),
                        "cannot be verified: only the results of `inference/run` can; list the job \
                         without `--verified`",
                    );
                }
            }
        }
        Ok(())
    }
}

fn check_args(args: &InferenceArgs, index: usize) -> Result<(), DefinitionError> {
    match args.model {
        ModelRef::Known(_) => {}
        ModelRef::Sourced(_) => {
            return refuse_field(
                format!("/ops/{index}/args/model"),
                "cannot be verified: only models that the nodes' software knows can; name one of \
                 them without `sources`, or list the job without `--verified`",
            );
        }
    }

    let fields = [
        ("sampling", args.sampling.as_ref().is_some_and(|sampling| !is_greedy(sampling))),
        ("format", args.format.is_some()),
        ("logprobs", args.logprobs.is_some()),
    ];

    for (field, is_set) in fields {
        if is_set {
            return refuse_field(
                format!("/ops/{index}/args/{field}"),
                "cannot be verified: only answers of the likeliest tokens can; leave it out, or \
                 list the job without `--verified`",
            );
        }
    }
    Ok(())
}

/// Whether each token is the likeliest one, whatever the seed.
fn is_greedy(sampling: &SamplingArgs) -> bool {
    let chooses_likeliest = sampling.temperature.is_none_or(|temperature| temperature == 0.0);
    let is_unpenalized = sampling.repeat_penalty.is_none_or(|penalty| penalty == 1.0);
    chooses_likeliest && is_unpenalized
}
