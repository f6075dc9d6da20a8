//! Job definitions and job results: their types, their JSON schemas and their validation.
//!
//! A job's definition and its result are JSON files. The chain stores only their digests. This
//! crate uses no disk and no network: `nosana-store` keeps the files.
//!
//! | type | purpose |
//! | --- | --- |
//! | [`ContentId`] | the name of a file: a 32-byte digest on the chain, `Qm…` in text |
//! | [`JobDefinition`] | the operations to run, version `nosana/1` |
//! | [`JobResult`] | the outcome of each operation, version `nosana-result/1` |
//! | [`ModelRef`], [`ModelLocation`] | a model by its digest, and where its file is |
//! | [`EmbeddingOutput`], [`GenerationOutput`] | outputs of `inference/run`, and their comparison |
//! | [`ServingOutput`] | the output of `inference/serve` |
//! | [`CommandOutput`] | the output of `command/run` and `container/run` |
//! | [`Requirements`], [`Capabilities`] | what a definition requires, and what a node can do |
//! | [`NodeFit`], [`NodeCapacity`], [`Missing`] | how many nodes can run it, what they lack |
//! | [`ServiceReport`] | what a service prints while it runs, version `nosana-service/1` |
//! | [`ReturnReport`] | why a node gave a job back, version `nosana-return/1` |
//! | [`Salt`] | keeps the digests of a private job from being guessed |
//! | [`Document`] | the JSON schemas, and the problems that they find in a file |

mod capabilities;
mod command_output;
mod content_id;
mod definition;
mod digest;
mod embedding;
mod error;
mod generation;
mod model_location;
mod node_fit;
mod requirements;
mod result;
mod return_report;
mod salt;
mod schema;
mod service_report;
mod serving_output;

pub use capabilities::{CAPABILITIES_BYTES, Capabilities, Capability};
pub use command_output::{
    Artifact, CommandOutput, EnforcementReport, LeftOutReport, LimitReport, MAX_ARTIFACT_BYTES,
    MAX_ARTIFACTS, StepOutput, StepStatus,
};
pub use content_id::ContentId;
pub use definition::{
    DEFINITION_VERSION, MAX_OPERATIONS, PUBLISHED_VERSION,
    answer_format::{AnswerFormat, MAX_FORMAT_BYTES},
    artifacts::{ExpectedArtifacts, MAX_PATTERNS},
    command::{CommandArgs, CommandInput, MAX_COMMAND_INPUT_BYTES, MAX_COMMAND_INPUTS, MAX_STEPS},
    container::{CONTAINER_OUTPUT, ContainerArgs, MAX_VOLUMES, Volume},
    dependency::{Dependency, DependencyEvent},
    encoding::read_definition_json,
    environment::{MAX_ENVIRONMENT_BYTES, MAX_VARIABLE_BYTES, MAX_VARIABLES},
    error::DefinitionError,
    execution::Execution,
    expose::{ExposedPort, MAX_EXPOSED_PORTS},
    health_check::{HealthCheck, HttpMethod, MAX_HEALTH_CHECKS},
    health_request::{MAX_CHECK_BODY_BYTES, MAX_CHECK_HEADERS, MAX_CHECK_HEADERS_BYTES, body_text},
    inference::{
        DEFAULT_MAX_TOKENS, InferenceArgs, MAX_INPUTS, MAX_LOGPROBS, MAX_PROMPT_BYTES,
        MAX_STOP_BYTES, MAX_STOP_TEXTS, MAX_TOKENS, Task,
    },
    input::{InferenceInput, MAX_INPUT_BYTES, MAX_MESSAGES, Message, MessageRole},
    job_definition::JobDefinition,
    limits::{CommandLimits, DEFAULT_OUTPUT_BYTES, MAX_OUTPUT_BYTES, MAX_TIMEOUT_SECONDS},
    matches::MAX_MATCHES,
    model::{MAX_MODEL_SOURCES, MAX_SOURCE_BYTES, ModelRef, SourcedModel},
    node_needs::NodeNeeds,
    operation::Operation,
    output_type::OutputType,
    references::Reference,
    resource::{
        MAX_RESOURCES, OLLAMA_FOLDER, PlacedResource, Resource, place_resources, web_file_name,
    },
    restart_policy::{MAX_RESTART_TRIES, RestartPolicy, RestartTrigger},
    result_rule::{LogStream, MAX_RESULTS, ResultRule, StreamRule},
    sampling::{MAX_REPEAT_PENALTY, MAX_TEMPERATURE, SamplingArgs},
    serve::{
        DEFAULT_CONTEXT_TOKENS, DEFAULT_PARALLEL, MAX_CONTEXT_TOKENS, MAX_PARALLEL,
        MIN_CONTEXT_TOKENS, SERVE_PORT, ServeArgs,
    },
    shell::Shell,
    stages::plan_stages,
    step::{MAX_COMMAND_BYTES, Step, StepCommand},
};
pub use digest::{Digest, ModelDigest};
pub use embedding::{Comparison, EMBEDDING_BOUND, EmbeddingOutput};
pub use error::{InvalidContentId, InvalidModelDigest};
pub use generation::{
    ANSWER_MARGIN_BOUND, FinishReason, Generation, GenerationOutput, TokenLogprob, TokenLogprobs,
};
pub use model_location::{InvalidLocation, ModelLocation};
pub use node_fit::{Missing, NodeCapacity, NodeFit, compare_nodes, missing_capabilities};
pub use requirements::Requirements;
pub use result::{
    EngineInfo, JobResult, OperationResult, OperationStatus, RESULT_VERSION, ResultError,
};
pub use return_report::{
    MAX_RETURN_REPORT_BYTES, MAX_RETURN_TEXT_BYTES, RETURN_REPORT_VERSION, ReturnReport,
};
pub use salt::{InvalidSalt, Salt};
pub use schema::{Document, Problem};
pub use service_report::{SERVICE_REPORT_VERSION, ServiceReport};
pub use serving_output::ServingOutput;
