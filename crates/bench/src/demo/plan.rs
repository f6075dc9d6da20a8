//! Which jobs are listed when, and what they say.

use nosana_engine::ALL_MINILM_L6_V2;
use nosana_job_spec::{InferenceArgs, JobDefinition, Operation, Task};

/// Jobs that are listed in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wave {
    /// Before the node looks for work: it will take them from the queue.
    Early(usize),
    /// One while the node waits: it meets the node as it is listed.
    Single,
    /// Several, the first one while the node waits: it meets the node, those after it queue while
    /// the node works.
    Burst(usize),
}

impl Wave {
    /// Its jobs.
    pub const fn jobs(self) -> usize {
        match self {
            Self::Early(jobs) | Self::Burst(jobs) => jobs,
            Self::Single => 1,
        }
    }
}

/// Sentences of our own, about what the network is for.
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
    "Rent returns to whoever paid it.",
    "She listed a job, went for coffee, and found the result on the chain.",
    "If the clock runs out, anyone may ring the bell.",
    "A fraction of a coin buys a second of thought.",
    "What the client did not use comes back to the last base unit.",
    "Two honest machines may disagree, but only in the seventh decimal.",
    "Heartbeats are small transactions that say: still here.",
];

/// About three in eight jobs before the node waits, about a quarter one by one, the rest in a
/// burst.
pub fn waves(jobs: usize) -> Vec<Wave> {
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

/// The texts of a job, one to three of them; `number` is counted from 1.
pub fn inputs(number: usize) -> Vec<String> {
    let count = 1 + number % 3;
    let first = number * 2;
    let texts = (first..first + count).map(|index| SENTENCES[index % SENTENCES.len()]);
    texts.map(str::to_owned).collect()
}

/// A job that embeds these texts.
pub fn definition(inputs: &[String]) -> JobDefinition {
    let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, inputs.to_vec());
    JobDefinition::new(vec![Operation::InferenceRun { id: "embed".to_owned(), args }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_occur() {
        assert_eq!(waves(8), [Wave::Early(3), Wave::Single, Wave::Single, Wave::Burst(3)]);
        assert_eq!(waves(3), [Wave::Early(1), Wave::Burst(2)]);
        assert_eq!(waves(2), [Wave::Early(1), Wave::Single]);
        assert_eq!(waves(1), [Wave::Early(1)]);
        for jobs in 1..=200 {
            assert_eq!(waves(jobs).into_iter().map(Wave::jobs).sum::<usize>(), jobs);
        }
    }

    #[test]
    fn jobs_say_one_to_three_different_sentences() {
        for number in 1..40 {
            let inputs = inputs(number);
            assert!((1..=3).contains(&inputs.len()));
            assert!(definition(&inputs).validate().is_ok());
        }
        assert_ne!(inputs(1), inputs(2));
    }
}
