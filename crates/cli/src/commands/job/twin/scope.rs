//! Which jobs a twin can check.

use anyhow::{Result, ensure};
use nosana_job_spec::{JobDefinition, Task};

use crate::commands::job::check_means::CheckMeans;

/// What a twin shows about answers of language models.
pub const ANSWERS_SCOPE: &str = "a twin shows little about answers of language models: another \
                                 number of tokens in a question, and the same tokens with another \
                                 text or end; other tokens are inconclusive";

/// Fails if a twin is not worth its price, unless the options name it.
pub fn ensure_useful(definition: &JobDefinition, means: CheckMeans) -> Result<()> {
    if !has_answers(definition) {
        return Ok(());
    }

    ensure!(
        means == CheckMeans::Twin,
        "{ANSWERS_SCOPE}; so `--check-by auto` lists none, and `--check-by twin` does"
    );
    eprintln!("{ANSWERS_SCOPE}");
    Ok(())
}

/// Whether the result has answers of a language model.
pub fn has_answers(definition: &JobDefinition) -> bool {
    let mut tasks =
        definition.ops.iter().filter_map(|op| op.inference_args()).map(|args| args.task);
    tasks.any(|task| task == Task::Generation)
}

#[cfg(test)]
mod tests {
    use nosana_engine::ALL_MINILM_L6_V2;
    use nosana_job_spec::{InferenceArgs, Operation};

    use super::*;

    fn definition(tasks: &[Task]) -> JobDefinition {
        let operation = |task: &Task| {
            let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), *task, ["a text"]);
            Operation::InferenceRun { id: "a".to_owned(), args }
        };
        JobDefinition::new(tasks.iter().map(operation).collect())
    }

    #[test]
    fn no_twin_of_answers_is_listed_unless_it_is_named() {
        let embedding = definition(&[Task::Embedding]);
        let mixed = definition(&[Task::Embedding, Task::Generation]);
        for means in [CheckMeans::Auto, CheckMeans::Twin] {
            assert!(ensure_useful(&embedding, means).is_ok());
        }
        let refused = ensure_useful(&mixed, CheckMeans::Auto).unwrap_err().to_string();
        assert!(refused.contains("`--check-by twin` does"), "{refused}");
        assert!(ensure_useful(&mixed, CheckMeans::Twin).is_ok());
    }
}
