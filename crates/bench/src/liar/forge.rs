//! What the cheating nodes submit: a vector, and the sketch to which they commit.

use std::path::Path;

use anyhow::{Context, Result, bail};
use nosana_engine::{
    ALL_MINILM_L6_V2, Device, Embedder, LongText, ModelStore, STATE_PLACES, Sketch, sketch_seed,
};
use nosana_job_spec::{ContentId, EmbeddingOutput, EngineInfo, JobResult, OperationResult};
use nosana_store::Store;
use solana_address::Address;

use super::{behavior::Behavior, jobs::OPERATION, small_model::write_small_model};

/// The components of a vector of the model.
const COMPONENTS: usize = 384;
/// The file of the variant.
const VARIANT: &str = "four-bits.gguf";

/// What the cheating nodes work with.
pub struct Forger {
    store: Store,
    engine: EngineInfo,
    model: Embedder,
    small_model: Embedder,
}

/// A result that was not computed as the definition requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgery {
    /// The result in the store.
    pub result: ContentId,
    /// The sketch that the node claims.
    pub sketch: Sketch,
}

impl Forger {
    /// Makes the small model, and loads both. Blocks this thread.
    pub fn open(store: &Store, folder: &Path) -> Result<Self> {
        let path = ModelStore::in_user_cache()?.ensure(&ALL_MINILM_L6_V2)?;
        let small_path = folder.join(VARIANT);
        write_small_model(&path, &small_path).context("cannot make the small model")?;

        let device = Device::open()?;
        let info = device.info();
        Ok(Self {
            store: store.clone(),
            engine: EngineInfo { device: info.name.clone(), backend: info.backend.clone() },
            model: Embedder::load(&path, &device)?,
            small_model: Embedder::load(&small_path, &device)?,
        })
    }

    /// Forges the result of a job. `copied` is the result of another node. Blocks this thread.
    pub fn forge_result(
        &self,
        behavior: Behavior,
        job: &Address,
        definition: ContentId,
        copied: Option<ContentId>,
    ) -> Result<Forgery> {
        let text = behavior.text();
        let (vector, states) = match behavior {
            Behavior::Garbage => {
                let vector = unit_vector();
                (vector.clone(), repeat_vector(&vector))
            }
            Behavior::SmallModel => read_text(&self.small_model, text)?,
            Behavior::CutText => read_text(&self.model, first_half(text))?,
            Behavior::Copy => {
                let result = copied.context("the result to copy is missing")?;
                // All that the node has of the work is its result.
                let states = repeat_vector(&self.read_vector(result)?);
                return Ok(Forgery { result, sketch: sketch_states(job, &result, &states) });
            }
            Behavior::Honest => bail!("an honest node forges nothing"),
        };

        let output = self.store.put_json(&EmbeddingOutput::new(vec![vector]))?;
        let operations = vec![OperationResult::ok(OPERATION, 1, 2, output)];
        let result = JobResult::new(definition, operations, self.engine.clone());
        let result = self.store.put_json(&result)?;
        Ok(Forgery { result, sketch: sketch_states(job, &result, &states) })
    }

    /// Reads the vector of a result.
    fn read_vector(&self, result: ContentId) -> Result<Vec<f32>> {
        let result: JobResult = self.store.get_json(&result)?;
        let output = result.ops.first().and_then(|operation| operation.output);
        let output: EmbeddingOutput = self.store.get_json(&output.context("it has no output")?)?;
        output.embeddings.into_iter().next().context("it has no vector")
    }
}

/// Returns the vector of a text, and the states behind it.
fn read_text(model: &Embedder, text: &str) -> Result<(Vec<f32>, Vec<Vec<f32>>)> {
    let mut vectors = model.embed(&[text], LongText::Truncate, || true)?;
    let states = model.check_text(text, LongText::Truncate)?.states;
    Ok((vectors.pop().context("a text has no vector")?, states))
}

/// Sketches states for a job with this result.
fn sketch_states(job: &Address, result: &ContentId, states: &[Vec<f32>]) -> Sketch {
    Sketch::of_states(&sketch_seed(job.as_array(), &result.digest()), states)
}

/// A vector of unit length.
fn unit_vector() -> Vec<f32> {
    let mut vector = vec![0.0; COMPONENTS];
    if let Some(first) = vector.first_mut() {
        *first = 1.0;
    }
    vector
}

fn repeat_vector(vector: &[f32]) -> Vec<Vec<f32>> {
    vec![vector.to_vec(); STATE_PLACES]
}

fn first_half(text: &str) -> &str {
    let middle = text.len() / 2;
    let end = text
        .char_indices()
        .map(|(at, _)| at)
        .find(|at| *at >= middle && text.get(*at..).is_some_and(|rest| rest.starts_with(' ')));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_words() {
        assert_eq!(first_half("one two three four"), "one two three");
        assert_eq!(first_half("word"), "word");
        for behavior in Behavior::ALL {
            let half = first_half(behavior.text());
            assert!(half.len() < behavior.text().len() * 2 / 3, "{half}");
        }
    }

    #[test]
    fn garbage_has_the_right_shape() {
        let output = EmbeddingOutput::new(vec![unit_vector()]);
        assert!(output.is_well_formed(1));
        assert_eq!(output.dimensions, COMPONENTS);
    }
}
