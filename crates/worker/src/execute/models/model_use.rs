//! What an operation does with a model.

use nosana_engine::ContextSize;
use nosana_job_spec::{InferenceArgs, ModelRef, ServeArgs, Task};

/// What an operation does with a model.
#[derive(Clone, Debug)]
pub(in crate::execute) struct ModelUse {
    pub model: ModelRef,
    pub task: Task,
    /// What the model reads at the same time.
    pub context: ContextSize,
}

impl ModelUse {
    /// The use of `inference/run`.
    pub fn of_run(args: &InferenceArgs) -> Self {
        let context = ContextSize::for_operation(args);
        Self { model: args.model.clone(), task: args.task, context }
    }

    /// The use of `inference/serve`.
    pub fn of_serving(args: &ServeArgs) -> Self {
        let context = ContextSize::for_serving(args);
        Self { model: args.model.clone(), task: args.task, context }
    }
}
