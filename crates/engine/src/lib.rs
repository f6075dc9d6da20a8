//! AI inference on the graphics processor, through Vulkan, Metal or DirectX 12.
//!
//! The engine opens the best graphics adapter of the machine with [`Gpu::open`], fetches a pinned
//! model once with [`ModelStore::ensure`], turns texts into vectors with [`Embedder::embed`], and
//! answers prompts with [`Generator::generate`]. On a machine without a graphics processor the same
//! shaders run on Mesa's software Vulkan, slowly.
//!
//! ```no_run
//! # fn main() -> Result<(), nosana_engine::EngineError> {
//! use nosana_engine::{ALL_MINILM_L6_V2, Embedder, Gpu, ModelStore};
//!
//! let gpu = Gpu::open()?;
//! let model = ModelStore::in_user_cache()?.ensure(&ALL_MINILM_L6_V2)?;
//! let vectors = Embedder::load(&model, &gpu)?.embed(&["A sentence.".to_string()])?;
//! # Ok(())
//! # }
//! ```
//!
//! On one device, results are equal bit for bit and do not depend on the batch. Across devices they
//! differ in the last bits, so they are compared by value: see
//! [`nosana_job_spec::EmbeddingOutput::agrees_with`].
//!
//! | module | purpose |
//! | --- | --- |
//! | `models`, `model_store`, `fetch` | the known models, their folder, and their download |
//! | `gpu`, `choice`, `adapters` | graphics devices, and which of them to open |
//! | `memory`, `bench`, `commitment` | measurements, and a node's commitment to them |
//! | `embedder`, `minilm`, `weights` | texts to vectors |
//! | `generator`, `chat`, `llama`, `gguf`, `quantized` | prompts to answers |

mod adapters;
mod bench;
mod chat;
mod choice;
mod commitment;
mod embedder;
mod error;
mod fetch;
mod generator;
mod gguf;
mod gpu;
mod llama;
mod memory;
mod minilm;
mod model_store;
mod models;
mod quantized;
mod weights;

pub use bench::{Bandwidth, Benchmark, MatrixProduct, run_benchmark};
pub use choice::GpuChoice;
pub use commitment::{HARDWARE_VERSION, HardwareCommitment};
pub use embedder::{Embedder, MAX_TEXT_TOKENS};
pub use error::EngineError;
pub use generator::{GeneratedText, GenerationEnd, Generator, MAX_CONTEXT_TOKENS};
pub use gpu::{AdapterInfo, AdapterKind, Gpu};
pub use memory::{MemoryBound, UsableMemory};
pub use minilm::DIMENSIONS;
pub use model_store::ModelStore;
pub use models::{
    ALL_MINILM_L6_V2, MODELS, Model, ModelFile, SMOLLM2_135M_INSTRUCT, check_model, find_model,
};
