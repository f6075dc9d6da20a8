//! What is requested, and what is counted.

use std::ops::Range;

use anyhow::{Context, Result};
use nosana_engine::{ALL_MINILM_L6_V2, GenerationOptions, SMOLLM2_135M_INSTRUCT};
use nosana_job_spec::{
    EmbeddingOutput, GenerationOutput, InferenceArgs, JobDefinition, JobResult, Operation, Task,
};
use nosana_store::Store;

/// The tokens of the answer that is compared with the other binding's, and of a job's on average.
pub const ANSWER_TOKENS: u32 = 128;
/// How much longer or shorter the answers of jobs are: those of one length would all end at the
/// same time, as no real ones do.
const LENGTH_SPREAD: u32 = 64;
/// The sentences of a request.
pub const SENTENCES_EACH: usize = 16;

/// The kinds of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// A prompt; the tokens of its answer are counted.
    Answers,
    /// Sentences, which are counted.
    Sentences,
}

impl Workload {
    /// Returns the definition of the job with this request; `number` is counted from 0.
    pub fn build_definition(self, number: usize) -> JobDefinition {
        let args = match self {
            Self::Answers => {
                let model = SMOLLM2_135M_INSTRUCT.digest();
                let mut args =
                    InferenceArgs::new(model, Task::Generation, vec![choose_prompt(number)]);
                args.max_tokens = Some(choose_length(number));
                args
            }
            Self::Sentences => {
                let sentences = number_sentences(number..number + 1).map(choose_sentence);
                InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, sentences)
            }
        };

        JobDefinition::new(vec![Operation::InferenceRun { id: "infer".to_owned(), args }])
    }

    /// Returns the tokens or the sentences of a job's result.
    pub fn count_items(self, result: &JobResult, store: &Store) -> Result<usize> {
        let output = result.ops.first().and_then(|operation| operation.output);
        let output = output.context("a job has no output")?;

        Ok(match self {
            Self::Answers => {
                let output: GenerationOutput = store.get_json(&output)?;
                output.generations.iter().map(|answer| answer.token_ids.len()).sum()
            }
            Self::Sentences => {
                let output: EmbeddingOutput = store.get_json(&output)?;
                output.embeddings.len()
            }
        })
    }
}

/// Returns the prompt of a request; `number` is counted from 0.
pub fn choose_prompt(number: usize) -> String {
    format!("Write a long story about a computer with {} fans.", number + 2)
}

/// Returns the most tokens of the answer to a request; `number` is counted from 0. The lengths of any
/// few requests in a row differ widely. Answers of this model to these prompts seldom end earlier.
pub fn choose_length(number: usize) -> u32 {
    let lengths = 2 * LENGTH_SPREAD + 1;
    // Close to the golden section of the lengths, and without a common divisor.
    let step = lengths * 5 / 8;
    let place = (number as u64 * u64::from(step)) % u64::from(lengths);
    ANSWER_TOKENS - LENGTH_SPREAD + place as u32
}

/// Returns how the engine answers, with at most so many tokens.
pub fn answer_options(max_tokens: usize) -> GenerationOptions {
    GenerationOptions { max_tokens, ..GenerationOptions::default() }
}

/// Returns the numbers of the sentences of these requests.
pub fn number_sentences(requests: Range<usize>) -> Range<usize> {
    requests.start * SENTENCES_EACH..requests.end * SENTENCES_EACH
}

/// Returns a sentence of twenty words; `number` is counted from 0.
pub fn choose_sentence(number: usize) -> String {
    format!(
        "In the year {} a small town near the river opened a library with books for all of its \
         people.",
        1_000 + number
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use nosana_job_spec::{ContentId, EngineInfo, OperationResult, OperationStatus};
    use serde_json::json;

    use super::*;

    /// Returns the result of a job with this output.
    fn result_of(output: Option<ContentId>) -> JobResult {
        let operation = OperationResult {
            id: "infer".to_owned(),
            status: OperationStatus::Ok,
            started_unix_ms: 0,
            ended_unix_ms: 0,
            output,
            error: None,
        };
        JobResult {
            version: String::new(),
            definition: ContentId::from_digest([0; 32]),
            ops: vec![operation],
            engine: EngineInfo { device: String::new(), backend: String::new() },
            salt: None,
        }
    }

    #[test]
    fn sentences_have_twenty_words_and_differ() {
        let requests = 3;
        let sentences: HashSet<_> = number_sentences(0..requests).map(choose_sentence).collect();

        assert_eq!(sentences.len(), requests * SENTENCES_EACH);
        assert!(sentences.iter().all(|sentence| sentence.split_whitespace().count() == 20));
    }

    #[test]
    fn lengths_of_answers_are_spread_evenly() {
        let lengths: Vec<u32> = (0..129).map(choose_length).collect();
        let mut sorted = lengths.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (64..=192).collect::<Vec<_>>(), "each length once");

        for few in lengths.chunks(8) {
            let mean = few.iter().sum::<u32>() as usize / few.len();
            assert!(few.len() < 8 || mean.abs_diff(128) <= 16, "{few:?}");
        }
    }

    #[test]
    fn jobs_request_what_the_engine_does_without_a_market() {
        for workload in [Workload::Answers, Workload::Sentences] {
            let definition = workload.build_definition(2);
            assert!(definition.validate().is_ok(), "{workload:?}");

            let [Operation::InferenceRun { args, .. }] = definition.ops.as_slice() else {
                panic!("{workload:?}: not one operation of inference");
            };
            let inputs: Vec<_> = args.inputs.iter().filter_map(|input| input.as_text()).collect();
            let expected = match workload {
                Workload::Answers => vec![choose_prompt(2)],
                Workload::Sentences => (32..48).map(choose_sentence).collect(),
            };
            assert_eq!(inputs, expected);
            let tokens = (workload == Workload::Answers).then(|| choose_length(2));
            assert_eq!(args.max_tokens, tokens);
        }
    }

    #[test]
    fn tokens_and_sentences_of_a_result_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let answer = json!({
            "text": "", "token_ids": [7, 8, 9], "finish_reason": "length", "prompt_tokens": 5,
        });
        let answers = store.put_json(&json!({"generations": [answer.clone(), answer]})).unwrap();
        let vectors = store.put_json(&EmbeddingOutput::new(vec![vec![1.0]; 16])).unwrap();

        let count = |workload: Workload, output| workload.count_items(&result_of(output), &store);
        assert_eq!(count(Workload::Answers, Some(answers)).unwrap(), 6);
        assert_eq!(count(Workload::Sentences, Some(vectors)).unwrap(), 16);
        assert!(count(Workload::Sentences, Some(answers)).is_err());
        assert!(count(Workload::Answers, None).is_err());
    }
}
