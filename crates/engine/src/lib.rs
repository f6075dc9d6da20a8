//! AI inference on graphics processors and CPUs, by llama.cpp.
//!
//! The engine opens the best device of the machine with [`Device::open`], fetches a pinned model
//! once with [`ModelStore::ensure`], turns texts into vectors with [`Embedder::embed`], and answers
//! prompts with [`Generator::generate`]. Without a graphics processor, or in a build without its
//! backend, the CPU runs the models.
//!
//! ```no_run
//! # fn main() -> Result<(), nosana_engine::EngineError> {
//! use nosana_engine::{ALL_MINILM_L6_V2, Device, Embedder, LongText, ModelStore};
//!
//! let device = Device::open()?;
//! let model = ModelStore::in_user_cache()?.ensure(&ALL_MINILM_L6_V2)?;
//! let embedder = Embedder::load(&model, &device)?;
//! let vectors = embedder.embed(&["A sentence.".to_string()], LongText::Refuse, || true)?;
//! # Ok(())
//! # }
//! ```
//!
//! A text's vector is computed alone, so on one device it is equal bit for bit whatever else is
//! embedded. Answers share a batch. On the CPU, those of SmolLM2-135M (Q4_1) have equal scores in
//! every batch, bit for bit, if the prompt has fewer than 64 tokens and both together at most 256.
//! Longer ones, other types of weights and graphics processors can be computed in another order
//! beside others: then scores differ by rounding, which rarely changes the likeliest token. So do
//! all results across devices, which are compared by value: see
//! [`nosana_job_spec::EmbeddingOutput::agrees_with`] and [`nosana_job_spec::ANSWER_MARGIN_BOUND`].
//!
//! | module | purpose |
//! | --- | --- |
//! | `models`, `fetch`, `convert` | the known models, and where their files come from |
//! | `model_store` | the folder with models, and any model from its sources |
//! | `check` | what is checked before a job is listed or started |
//! | `header` | what the header of a model's file says |
//! | `backend`, `device` | llama.cpp, and its devices |
//! | `choice`, `selection` | which of them to use, by an owner's choice and of a list |
//! | `graphics_card` | whose graphics card the machine has, whether or not llama.cpp can use it |
//! | `evidence` | evidence that a model was run |
//! | `bench`, `commitment` | measurements, and a node's commitment to them |
//! | `trial` | the first load of a stranger's file, in a process that may die |
//! | `loaded`, `threads`, `token_batch` | a model on a device, its cores, and one step of it |
//! | `run_settings` | how a device runs a model, where honest nodes may differ |
//! | `embedder`, `long_text` | texts to vectors; what happens to those that are too long |
//! | `vocabulary` | texts to tokens, without the weights of a model |
//! | `generator`, `generation`, `answer` | prompts to answers |
//! | `sampling`, `format`, `logprobs` | which token follows, and how likely it was |
//! | `chat`, `chat_model` | models with a chat template |
//! | `scheduler` | the batch in which all answers of a model are generated |

mod answer;
mod backend;
mod bench;
mod chat;
mod chat_model;
mod check;
mod choice;
mod commitment;
mod convert;
mod device;
mod embedder;
mod error;
mod evidence;
mod fetch;
mod format;
mod generation;
mod generator;
mod graphics_card;
mod header;
mod loaded;
mod logprobs;
mod long_text;
mod model_store;
mod models;
mod run_settings;
mod sampling;
mod scheduler;
mod selection;
mod threads;
mod token_batch;
mod trial;
mod vocabulary;

pub use backend::{find_cpu_library, gpu_backends};
pub use bench::{Benchmark, BenchmarkLength, Speed, UsableMemory, WeightBandwidth, run_benchmark};
pub use check::{check_operation, check_tokens};
pub use choice::DeviceChoice;
pub use commitment::{HARDWARE_VERSION, HardwareCommitment};
pub use device::{Device, DeviceInfo, DeviceKind};
pub use embedder::Embedder;
pub use error::EngineError;
pub use evidence::{
    AnswerEvidence, ReplayedAnswer, SKETCH_BITS, STATE_PLACES, Sketch, TextEvidence, TokenMargin,
    sketch_seed,
};

pub use generation::{
    AnswerEvent, AnswerProgress, GeneratedText, GenerationEnd, GenerationOptions, TokenLogprob,
    TokenLogprobs,
};
pub use generator::{Generator, Prompt, RunningAnswer};
pub use graphics_card::{GpuVendor, find_gpu_vendor};
pub use header::{ContextSize, ModelHeader};
pub use long_text::LongText;
pub use model_store::{CachedModel, DownloadProgress, ModelFile, ModelStore};
pub use models::{
    ALL_MINILM_L6_V2, MODELS, Model, ModelSource, PackageContent, PackageFile,
    SMOLLM2_135M_INSTRUCT, SMOLLM2_TOKEN_BYTES, find_model,
};
pub use run_settings::RunSettings;
pub use sampling::Sampling;
pub use threads::{THREADS_VARIABLE, cpu_threads, set_cpu_threads};
pub use trial::{ModelTrial, load_on_trial};
