//! What is embedded and answered: the same on every machine, so that runs of two machines can be
//! compared.

use anyhow::{Result, ensure};
use nosana_engine::{ALL_MINILM_L6_V2, Model, SMOLLM2_135M_INSTRUCT};
use nosana_job_spec::{Digest, ModelDigest};
use serde::{Deserialize, Serialize};

use super::texts::{write_questions, write_texts};

/// The model that embeds the texts.
pub const EMBEDDING_MODEL: &Model = &ALL_MINILM_L6_V2;
/// The components of its vectors.
pub const VECTOR_LENGTH: usize = 384;
/// The model that answers the questions.
pub const GENERATION_MODEL: &Model = &SMOLLM2_135M_INSTRUCT;

/// How many inputs there are, and how long answers may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSizes {
    /// How many texts are embedded.
    pub texts: usize,
    /// How many questions are answered.
    pub questions: usize,
    /// The most tokens of an answer.
    pub max_tokens: usize,
}

/// The texts and the questions.
#[derive(Clone, Debug)]
pub struct Inputs {
    pub texts: Vec<String>,
    pub questions: Vec<String>,
    /// The most tokens of an answer.
    pub max_tokens: usize,
}

/// What two runs must have in common to be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputsIdentity {
    pub embedding_model: ModelDigest,
    pub generation_model: ModelDigest,
    pub sizes: InputSizes,
    /// The sha2-256 of all texts and questions.
    pub content: String,
}

impl Inputs {
    /// Writes so many texts and questions.
    pub fn write(sizes: InputSizes) -> Self {
        Self {
            texts: write_texts(sizes.texts),
            questions: write_questions(sizes.questions),
            max_tokens: sizes.max_tokens,
        }
    }

    /// Returns what another run must have in common with this one.
    pub fn identity(&self) -> InputsIdentity {
        let Self { texts, questions, max_tokens } = self;
        let lines: Vec<&str> = texts.iter().chain(questions).map(String::as_str).collect();

        InputsIdentity {
            embedding_model: EMBEDDING_MODEL.digest(),
            generation_model: GENERATION_MODEL.digest(),
            sizes: InputSizes {
                texts: texts.len(),
                questions: questions.len(),
                max_tokens: *max_tokens,
            },
            // No text has a line break.
            content: Digest::of(lines.join("\n").as_bytes()).to_string(),
        }
    }
}

impl InputsIdentity {
    /// Checks that a recording has the models and the inputs of this run.
    pub fn check_recorded(&self, recorded: &Self) -> Result<()> {
        for (model, here, there) in [
            (EMBEDDING_MODEL, self.embedding_model, recorded.embedding_model),
            (GENERATION_MODEL, self.generation_model, recorded.generation_model),
        ] {
            ensure!(
                here == there,
                "it was recorded with the model `{there}`, and {} is `{here}`; record it with this \
                 version of the program",
                model.name
            );
        }

        let (here, there) = (self.sizes, recorded.sizes);
        for (option, here, there) in [
            ("--texts", here.texts, there.texts),
            ("--questions", here.questions, there.questions),
            ("--max-tokens", here.max_tokens, there.max_tokens),
        ] {
            ensure!(
                here == there,
                "it was recorded with `{option} {there}`, and this run has `{option} {here}`; use \
                 one number for both"
            );
        }

        ensure!(
            self.content == recorded.content,
            "it was recorded with other texts or questions; record it with this version of the \
             program"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_of_inputs_is_refused_by_name() {
        let sizes = InputSizes { texts: 3, questions: 2, max_tokens: 8 };
        let here = Inputs::write(sizes).identity();
        here.check_recorded(&Inputs::write(sizes).identity()).unwrap();

        let refuse = |damage: fn(&mut InputsIdentity)| {
            let mut recorded = here.clone();
            damage(&mut recorded);
            here.check_recorded(&recorded).unwrap_err().to_string()
        };
        let other = refuse(|recorded| recorded.embedding_model = recorded.generation_model);
        assert!(other.contains("and all-MiniLM-L6-v2 is `sha256:687d"), "{other}");
        let other = refuse(|recorded| recorded.generation_model = recorded.embedding_model);
        assert!(other.contains("and SmolLM2-135M-Instruct is `sha256:b179"), "{other}");

        let other = refuse(|recorded| recorded.sizes.texts = 4);
        assert!(other.contains("`--texts 4`, and this run has `--texts 3`; use one"), "{other}");
        let other = refuse(|recorded| recorded.sizes.questions = 1);
        assert!(other.contains("`--questions 1`"), "{other}");
        let other = refuse(|recorded| recorded.sizes.max_tokens = 9);
        assert!(other.contains("`--max-tokens 9`"), "{other}");

        let other = refuse(|recorded| recorded.content = Digest::of(b"").to_string());
        assert!(other.contains("other texts or questions"), "{other}");
    }

    #[test]
    fn one_changed_word_is_another_content() {
        let sizes = InputSizes { texts: 3, questions: 2, max_tokens: 8 };
        let mut inputs = Inputs::write(sizes);
        let content = inputs.identity().content;
        assert!(inputs.texts.iter().chain(&inputs.questions).all(|text| !text.contains('\n')));

        inputs.questions[1].push('?');
        assert_ne!(inputs.identity().content, content);
    }
}
