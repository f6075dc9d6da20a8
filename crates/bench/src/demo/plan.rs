//! Which jobs are listed when, and their texts.

use nosana_engine::{ALL_MINILM_L6_V2, SMOLLM2_135M_INSTRUCT};
use nosana_job_spec::{InferenceArgs, JobDefinition, Operation, Task};

/// Jobs that are listed one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wave {
    /// Listed before the node requests work, so that it takes them from the queue.
    Early(usize),
    /// One job, listed while the node waits, so that it is matched when it is listed.
    Single,
    /// Several jobs: the first one is listed while the node waits and is matched; the others queue
    /// while the node works.
    Burst(usize),
}

impl Wave {
    /// The number of jobs.
    pub const fn job_count(self) -> usize {
        match self {
            Self::Early(jobs) | Self::Burst(jobs) => jobs,
            Self::Single => 1,
        }
    }
}

/// Sentences about the network.
const SENTENCES: [&str; 17] = [
    "A graphics card that sleeps all night could read a library before breakfast.",
    "The gamer logs off, and her computer goes to work.",
    "Somebody in Lisbon pays for a minute of a stranger's machine in Oslo.",
    "Electricity is cheapest when the wind blows and everyone is asleep.",
    "A bakery sorts its customers' letters by what they are about.",
    "Every sentence becomes an arrow, and similar sentences point the same way.",
    "The queue holds jobs or machines, but never both at once.",
    "Nobody has to trust the node: its word is written down before anyone asks.",
    "An empty answer is worth exactly nothing.",
    "The old miner learned a new trade.",
    "Rent returns to the account that paid it.",
    "She listed a job, went for coffee, and found the result on the chain.",
    "If the clock runs out, anyone may ring the bell.",
    "A fraction of a coin buys a second of thought.",
    "What the client did not use comes back to the last base unit.",
    "Two honest machines may disagree, but only in the seventh decimal.",
    "Heartbeats are small transactions that say: still here.",
];

/// Questions that a model of this size answers well.
const QUESTIONS: [&str; 9] = [
    "What is the capital city of Germany?",
    "List the first five prime numbers.",
    "What does a GPU do?",
    "What is a blockchain?",
    "How many days are there in a week?",
    "What is the opposite of hot?",
    "What color is the sky?",
    "What is water made of?",
    "Why is the sky blue?",
];
/// The most tokens of an answer.
pub const ANSWER_TOKENS: u32 = 32;

/// The operation that embeds the texts.
pub const EMBED: &str = "embed";
/// The operation that answers the question.
pub const ANSWER: &str = "answer";

/// Plans the waves: about three in eight jobs before the node requests work, about a quarter one by
/// one, the rest in a burst.
pub fn plan_waves(jobs: usize) -> Vec<Wave> {
    let early = (jobs * 3 / 8).max(1).min(jobs);
    let late = jobs - early;
    let singles = (late / 2).min(jobs / 4).max(usize::from(late == 1));
    let burst = late - singles;

    let mut waves = vec![Wave::Early(early)];
    waves.extend(std::iter::repeat_n(Wave::Single, singles));
    if burst > 0 {
        waves.push(Wave::Burst(burst));
    }

    waves
}

/// Returns the texts of a job, one to three; `number` is counted from 1.
pub fn choose_inputs(number: usize) -> Vec<String> {
    let count = 1 + number % 3;
    let first = number * 2;

    let texts = (first..first + count).map(|index| SENTENCES[index % SENTENCES.len()]);
    texts.map(str::to_owned).collect()
}

/// Returns the question of a job; `number` is counted from 1.
pub fn choose_question(number: usize) -> String {
    QUESTIONS[(number - 1) % QUESTIONS.len()].to_owned()
}

/// Returns the definition of a job that embeds texts and answers a question.
pub fn build_definition(inputs: &[String], question: &str) -> JobDefinition {
    let embed = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, inputs.to_vec());

    let questions = vec![question.to_owned()];
    let mut answer =
        InferenceArgs::new(SMOLLM2_135M_INSTRUCT.digest(), Task::Generation, questions);
    answer.max_tokens = Some(ANSWER_TOKENS);

    let operations = [(EMBED, embed), (ANSWER, answer)];
    JobDefinition::new(
        operations.map(|(id, args)| Operation::InferenceRun { id: id.to_owned(), args }).to_vec(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_occur() {
        assert_eq!(plan_waves(8), [Wave::Early(3), Wave::Single, Wave::Single, Wave::Burst(3)]);
        assert_eq!(plan_waves(3), [Wave::Early(1), Wave::Burst(2)]);
        assert_eq!(plan_waves(2), [Wave::Early(1), Wave::Single]);
        assert_eq!(plan_waves(1), [Wave::Early(1)]);
        for jobs in 1..=200 {
            assert_eq!(plan_waves(jobs).into_iter().map(Wave::job_count).sum::<usize>(), jobs);
        }
    }

    #[test]
    fn jobs_have_one_to_three_different_texts() {
        for number in 1..40 {
            let inputs = choose_inputs(number);
            assert!((1..=3).contains(&inputs.len()));
            assert!(build_definition(&inputs, &choose_question(number)).validate().is_ok());
        }
        assert_ne!(choose_inputs(1), choose_inputs(2));
    }
}
