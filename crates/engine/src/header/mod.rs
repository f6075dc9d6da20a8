//! The header of a GGUF file: what the model is, and how much memory it needs. It is read without
//! llama.cpp, so that a file from a stranger is refused before anything loads it.
//!
//! | module | purpose |
//! | --- | --- |
//! | `reader`, `value`, `tensor` | the parts of a header, each length checked |
//! | `memory` | the memory that a model and its context need |
//! | `token_bytes` | what a model reads of its weights for each token |

mod memory;
mod reader;
mod tensor;
#[cfg(test)]
mod tests;
mod token_bytes;
mod value;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Seek},
    path::Path,
};

use nosana_job_spec::Task;

pub use self::memory::ContextSize;
use self::{reader::BoundedReader, tensor::TensorInfo, value::HeaderValue};
use crate::{EngineError, error::io_error};

/// The versions of the format that llama.cpp reads.
const VERSIONS: [u32; 2] = [2, 3];
/// The most entries of the metadata, and the most tensors. The largest models have some thousands.
const MAX_ENTRIES: u64 = 1 << 16;
/// The longest key of the metadata, in bytes.
const MAX_KEY_BYTES: u64 = 1_024;
/// The alignment of tensors if the metadata states none.
const DEFAULT_ALIGNMENT: u64 = 32;
/// The largest alignment of tensors.
const MAX_ALIGNMENT: u64 = 1 << 20;

/// What the header of a GGUF file says.
#[derive(Clone, Debug)]
pub struct ModelHeader {
    metadata: BTreeMap<String, HeaderValue>,
    tensors: Vec<TensorInfo>,
}

impl ModelHeader {
    /// Reads and checks the header of a file.
    ///
    /// # Errors
    /// If it is not a GGUF file, if it is cut, or if its sizes cannot be true.
    pub fn read(path: &Path) -> Result<Self, EngineError> {
        let file = File::open(path).map_err(io_error("open", path))?;
        let size = file.metadata().map_err(io_error("read", path))?.len();

        Self::read_from(file, size)
            .map_err(|problem| EngineError::Weights { path: path.to_owned(), problem })
    }

    fn read_from<R: Read + Seek>(file: R, size: u64) -> Result<Self, String> {
        let reader = &mut BoundedReader::new(file, size);
        if size < 4 || reader.read_bytes()? != *b"GGUF" {
            return Err("it is not a GGUF file".to_owned());
        }
        let version = reader.read_u32()?;
        if !VERSIONS.contains(&version) {
            return Err(format!("it has version {version} of GGUF, which is not supported"));
        }

        let tensor_count = read_count(reader, "tensors")?;
        let entry_count = read_count(reader, "entries of metadata")?;
        let mut metadata = BTreeMap::new();
        for _ in 0..entry_count {
            let key = reader.read_text("a key", MAX_KEY_BYTES)?;
            metadata.insert(key, HeaderValue::read(reader)?);
        }
        let tensors: Result<Vec<_>, _> =
            (0..tensor_count).map(|_| TensorInfo::read(reader)).collect();

        let header = Self { metadata, tensors: tensors? };
        header.check_tensors(reader.position(), size)?;
        Ok(header)
    }

    /// Checks that every tensor lies in the file.
    fn check_tensors(&self, header_end: u64, size: u64) -> Result<(), String> {
        let alignment = self.find_number("general.alignment").unwrap_or(DEFAULT_ALIGNMENT);
        if !alignment.is_power_of_two() || alignment > MAX_ALIGNMENT {
            return Err(format!("its alignment is {alignment}"));
        }
        let start = header_end.next_multiple_of(alignment);

        for tensor in &self.tensors {
            let end = tensor.end().and_then(|end| end.checked_add(start));
            if end.is_none_or(|end| end > size) {
                return Err(format!(
                    "it is cut, or lies about its sizes: it has {size} bytes, and a tensor of {} \
                     bytes begins {} bytes behind its header",
                    tensor.bytes, tensor.offset
                ));
            }
        }
        Ok(())
    }

    /// The name of the architecture, such as `llama`.
    pub fn architecture(&self) -> Option<&str> {
        self.find_text("general.architecture")
    }

    /// The name of the model.
    pub fn model_name(&self) -> Option<&str> {
        self.find_text("general.name")
    }

    /// The number of parameters.
    pub fn parameters(&self) -> u64 {
        self.tensors.iter().fold(0, |sum, tensor| sum.saturating_add(tensor.elements))
    }

    /// The size of the weights, in bytes.
    pub fn weight_bytes(&self) -> u64 {
        self.tensors.iter().fold(0, |sum, tensor| sum.saturating_add(tensor.bytes))
    }

    /// The type of most of the weights, such as `Q4_K`.
    pub fn quantization(&self) -> Option<&'static str> {
        let mut bytes = BTreeMap::new();
        for tensor in &self.tensors {
            let sum: &mut u64 = bytes.entry(tensor.kind.name).or_default();
            *sum = sum.saturating_add(tensor.bytes);
        }
        bytes.into_iter().max_by_key(|(_, bytes)| *bytes).map(|(name, _)| name)
    }

    /// The most tokens that the model reads.
    pub fn context_tokens(&self) -> Option<u64> {
        self.find_model_number("context_length")
    }

    /// Checks that the model does the task: an embedding model states how the vectors of tokens are
    /// pooled, and a model for prompts has a chat template.
    ///
    /// # Errors
    /// A text that says what the file lacks.
    pub fn check_task(&self, task: Task) -> Result<(), &'static str> {
        match task {
            Task::Embedding => check_pooling(self.find_model_number("pooling_type")),
            Task::Generation if self.find_text("tokenizer.chat_template").is_some() => Ok(()),
            Task::Generation => Err("it is not a model for prompts: it has no chat template"),
        }
    }

    fn find_text(&self, key: &str) -> Option<&str> {
        match self.metadata.get(key)? {
            HeaderValue::Text(text) => Some(text),
            _ => None,
        }
    }

    fn find_number(&self, key: &str) -> Option<u64> {
        match self.metadata.get(key)? {
            HeaderValue::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A value whose key begins with the architecture.
    fn find_model_value(&self, key: &str) -> Option<&HeaderValue> {
        self.metadata.get(&format!("{}.{key}", self.architecture()?))
    }

    fn find_model_number(&self, key: &str) -> Option<u64> {
        match self.find_model_value(key)? {
            HeaderValue::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// Checks that a model with this number of a pooling turns a text into one vector.
///
/// # Errors
/// A text that says what the file lacks.
pub(crate) const fn check_pooling(number: Option<u64>) -> Result<(), &'static str> {
    match number {
        // The mean, the first token, or the last one.
        Some(1..=3) => Ok(()),
        Some(0) => Err("it is not an embedding model: its pooling is `none`"),
        // Such a model says how well a text answers a question.
        Some(4) => Err("it is not an embedding model: its pooling is `rank`"),
        Some(_) => Err("it is not an embedding model: its pooling is unknown"),
        None => Err("it is not an embedding model: it states no pooling"),
    }
}

fn read_count<R: Read + Seek>(reader: &mut BoundedReader<R>, what: &str) -> Result<u64, String> {
    let count = reader.read_u64()?;

    if count > MAX_ENTRIES {
        return Err(format!("it has {count} {what}; at most {MAX_ENTRIES} are allowed"));
    }
    Ok(count)
}
