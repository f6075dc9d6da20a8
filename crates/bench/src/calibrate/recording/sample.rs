//! A recording for tests.

use nosana_engine::{DeviceInfo, DeviceKind, Sketch};
use nosana_job_spec::FinishReason;

use super::{
    super::{answered::Answered, embedded::Embedded},
    InputsIdentity, Recording, VECTOR_LENGTH, VERSION,
};
use crate::calibrate::inputs::{InputSizes, Inputs};

/// Two texts and two questions.
pub fn sample_inputs() -> InputsIdentity {
    Inputs::write(InputSizes { texts: 2, questions: 2, max_tokens: 3 }).identity()
}

/// Made from the inputs of [`sample_inputs`].
pub fn sample_recording() -> Recording {
    let embedded = |first: f32| {
        let mut vector = vec![0.037; VECTOR_LENGTH];
        vector[0] = first;
        Embedded { vector, sketch: Sketch([7; 32]) }
    };
    let answered = |token_ids: &[u32], finish_reason| Answered {
        token_ids: token_ids.to_vec(),
        finish_reason,
        sketch: Sketch([0xab; 32]),
    };

    Recording {
        version: VERSION,
        device: DeviceInfo {
            name: "a processor".to_owned(),
            backend: "cpu".to_owned(),
            kind: DeviceKind::Cpu,
        },
        cpu_library: Some("libggml-cpu-haswell.so".to_owned()),
        inputs: sample_inputs(),
        texts: vec![embedded(0.333_333_34), embedded(-1.0e-7)],
        answers: vec![
            answered(&[5, 6, 7], FinishReason::Length),
            answered(&[5, 6], FinishReason::Stop),
        ],
    }
}
