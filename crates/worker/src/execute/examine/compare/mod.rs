//! Two results of the same work, compared without a model: a twin's result shows what the client of
//! a job cannot compute.
//!
//! Honest results differ where devices round differently. So a difference shows a wrong result only if
//! no two honest ones can have it.
//!
//! | module | compares |
//! | --- | --- |
//! | [`vectors`] | embeddings |
//! | [`answers`] | answers of language models |

mod answers;
mod vectors;

use nosana_job_spec::Generation;

use self::{
    answers::{compare_outputs, find_plain_fault},
    vectors::compare_vectors,
};
use super::claim::{Claim, ClaimedOutput};

/// What the results of a job and of its twin show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultComparison {
    /// They are the same, within the bound.
    Same,
    /// They differ as two right results can: this says where.
    Unclear(String),
    /// They differ as no two right results can: this says where. One of them, or both, are wrong.
    Differing(String),
}

impl Claim {
    /// Returns what is wrong with a result whatever the model says: its form, and ends and
    /// probabilities that no right answer has.
    pub(crate) fn find_plain_faults(&self) -> Vec<String> {
        let answers = self.outputs().iter().flatten().flat_map(list_answers);
        let found = answers.filter_map(|answer| find_plain_fault(answer, self.may_be_cut()));
        self.faults().iter().cloned().chain(found).collect()
    }

    /// Compares the result with that of a twin: of a job with the same operations. Both have no
    /// fault by themselves.
    pub(crate) fn compare_with(&self, twin: &Self) -> ResultComparison {
        let mut found = ResultComparison::Same;

        for (first, second) in self.outputs().iter().zip(twin.outputs()) {
            let comparison = match (first, second) {
                (Some(ClaimedOutput::Embedding(first)), Some(ClaimedOutput::Embedding(second))) => {
                    compare_vectors(first, second)
                }
                (
                    Some(ClaimedOutput::Generation(first)),
                    Some(ClaimedOutput::Generation(second)),
                ) => compare_outputs(first, second),
                (Some(ClaimedOutput::Embedding(_)), Some(ClaimedOutput::Generation(_)))
                | (Some(ClaimedOutput::Generation(_)), Some(ClaimedOutput::Embedding(_)))
                | (None, _)
                | (_, None) => ResultComparison::Unclear("an output is missing".to_owned()),
            };
            found = found.join(comparison);
        }
        found
    }
}

impl ResultComparison {
    /// What two comparisons show together: the first of the clearest differences.
    fn join(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Differing(_), _) | (_, Self::Same) => self,
            (Self::Same | Self::Unclear(_), Self::Differing(_)) | (Self::Same, _) => other,
            (Self::Unclear(_), Self::Unclear(_)) => self,
        }
    }
}

/// The answers of an output; none if it has vectors.
fn list_answers(output: &ClaimedOutput) -> &[Generation] {
    match output {
        ClaimedOutput::Generation(output) => &output.generations,
        ClaimedOutput::Embedding(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use ResultComparison::{Differing, Same, Unclear};
    use nosana_job_spec::{EmbeddingOutput, FinishReason, GenerationOutput};

    use super::*;

    fn embedding() -> Claim {
        let output = EmbeddingOutput::new(vec![vec![0.6, 0.8]]);
        Claim::of_output(ClaimedOutput::Embedding(output))
    }

    fn generation(finish_reason: FinishReason) -> Claim {
        let answer = Generation {
            text: "text".to_owned(),
            token_ids: vec![1],
            finish_reason,
            prompt_tokens: 5,
            logprobs: Vec::new(),
        };
        let output = GenerationOutput { generations: vec![answer] };
        Claim::of_output(ClaimedOutput::Generation(output))
    }

    #[test]
    fn outputs_are_compared_by_their_task() {
        assert_eq!(embedding().compare_with(&embedding()), Same);
        let stopped = generation(FinishReason::Stop);
        assert_eq!(stopped.compare_with(&stopped), Same);
        let longest = stopped.compare_with(&generation(FinishReason::Length));
        assert!(matches!(longest, Differing(_)), "{longest:?}");
        let other = stopped.compare_with(&embedding());
        assert!(matches!(other, Unclear(_)), "{other:?}");
    }

    #[test]
    fn a_result_can_be_wrong_by_itself() {
        let failed = Claim::without_outputs("it is not a result".to_owned());
        assert_eq!(failed.find_plain_faults(), ["it is not a result"]);
        // A claim for a test is one of a job whose time was over.
        assert_eq!(generation(FinishReason::Time).find_plain_faults(), [""; 0]);
        assert_eq!(embedding().find_plain_faults(), [""; 0]);
    }

    #[test]
    fn the_clearest_difference_counts() {
        let (unclear, differing) = (Unclear("a".to_owned()), Differing("b".to_owned()));
        assert_eq!(Same.join(unclear.clone()), unclear);
        assert_eq!(unclear.clone().join(Same), unclear);
        assert_eq!(unclear.clone().join(differing.clone()), differing);
        assert_eq!(differing.clone().join(unclear.clone()), differing);
        assert_eq!(unclear.clone().join(Unclear("c".to_owned())), unclear);
        assert_eq!(Same.join(Same), Same);
    }
}
