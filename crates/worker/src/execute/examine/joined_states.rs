//! The states of all inputs of a job, joined place by place: one sketch shows the work on all of
//! them.

use nosana_engine::STATE_PLACES;

/// For each place of a sketch, the states of all inputs in their order.
#[derive(Debug, Default)]
pub(super) struct JoinedStates([Vec<f32>; STATE_PLACES]);

impl JoinedStates {
    /// Adds the states of more inputs.
    pub fn join_inputs(&mut self, inputs: Vec<Vec<Vec<f32>>>) {
        for states in inputs {
            for (joined, state) in self.0.iter_mut().zip(states) {
                joined.extend(state);
            }
        }
    }

    /// The joined states, one for each place.
    pub fn as_slice(&self) -> &[Vec<f32>] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use nosana_engine::Sketch;

    use super::*;

    fn input(value: f32) -> Vec<Vec<f32>> {
        (0..STATE_PLACES)
            .map(|place| (0..300).map(|at| ((place * 300 + at) as f32 * value).sin()).collect())
            .collect()
    }

    #[test]
    fn a_sketch_depends_on_every_input() {
        let sketch = |values: &[f32]| {
            let mut joined = JoinedStates::default();
            joined.join_inputs(values.iter().map(|value| input(*value)).collect());
            Sketch::of_states(&[3; 32], joined.as_slice())
        };
        let both = sketch(&[1.0, 2.0]);
        assert_eq!(both, sketch(&[1.0, 2.0]));
        // Half of the work is an angle of 45 degrees: a quarter of the bits.
        for other in [sketch(&[1.0, 5.0]), sketch(&[5.0, 2.0]), sketch(&[2.0, 1.0])] {
            assert!(both.distance(&other) > 24, "{}", both.distance(&other));
        }
    }
}
