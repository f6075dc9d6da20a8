//! What a panelist finds out about a result, and the sketch that its vote carries.
//!
//! A job has two sketches:
//!
//! | sketch | of | carried by |
//! | --- | --- | --- |
//! | *work sketch* | the inputs with the claimed answers | the node's trace, votes for Right |
//! | *input sketch* | the inputs alone | votes for Wrong |
//!
//! A vote for Right is compared with the trace, so both are of the same work. A vote for Wrong
//! counts beside another one whose sketch agrees. All that two honest panelists have surely read
//! are the inputs: the node of a wrong result can show it to one of them only, or each of them a
//! part. So the sketch of a vote for Wrong does not depend on what its panelist has read of the
//! result. Where all operations embed texts, both sketches are the same.

use anyhow::Result;
use nosana_engine::Sketch;
use nosana_job_spec::JobDefinition;
use nosana_sandbox::CancelToken;

use super::{
    super::{Executor, device_pool::Precedence},
    Claim, Examination, depends_on_claim,
};

/// One of the two sketches of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SketchKind {
    /// Of the inputs with the claimed answers.
    Work,
    /// Of the inputs alone.
    Inputs,
}

impl SketchKind {
    /// The sketch that a vote carries.
    const fn of_vote(is_right: bool) -> Self {
        if is_right { Self::Work } else { Self::Inputs }
    }
}

impl Executor {
    /// Computes a job again, and compares what a node claims with it, for a vote: the sketch is the
    /// one that the vote carries. `input_sketch` is that of the inputs, if it is known.
    ///
    /// # Errors
    /// If it is cancelled, or if this machine cannot run the definition.
    pub(crate) fn judge_claim(
        &self,
        definition: &JobDefinition,
        claim: &Claim,
        seed: &[u8; 32],
        input_sketch: Option<Sketch>,
        precedence: Precedence,
        cancel: &CancelToken,
    ) -> Result<Examination> {
        let is_same = !depends_on_claim(definition);
        if let Some(sketch) = input_sketch.filter(|_| is_same) {
            let faults = self.examine_outputs(definition, claim, precedence, cancel)?;
            return Ok(Examination { sketch, faults });
        }

        let Examination { sketch: work_sketch, faults } =
            self.examine_claim(definition, claim, seed, precedence, cancel)?;
        let sketch = match (SketchKind::of_vote(faults.is_empty()), input_sketch) {
            (SketchKind::Work, _) => work_sketch,
            (SketchKind::Inputs, _) if is_same => work_sketch,
            (SketchKind::Inputs, Some(known)) => known,
            (SketchKind::Inputs, None) => {
                self.sketch_inputs(definition, seed, precedence, cancel)?
            }
        };
        Ok(Examination { sketch, faults })
    }

    /// Returns the sketch of the inputs alone: that of a vote for Wrong.
    ///
    /// # Errors
    /// If it is cancelled, or if this machine cannot run the definition.
    pub(crate) fn sketch_inputs(
        &self,
        definition: &JobDefinition,
        seed: &[u8; 32],
        precedence: Precedence,
        cancel: &CancelToken,
    ) -> Result<Sketch> {
        let nothing = Claim::without_outputs("it was not read".to_owned());
        let examination = self.examine_claim(definition, &nothing, seed, precedence, cancel)?;
        Ok(examination.sketch)
    }
}
