//! Converts the pinned sentence model to GGUF, in full precision.
//!
//! Its package has the weights as safetensors and the vocabulary as JSON. The names of tensors and
//! metadata are those of llama.cpp's architecture `bert`.
//!
//! | module | purpose |
//! | --- | --- |
//! | `gguf_writer` | writing GGUF files |

pub(crate) mod gguf_writer;

use std::collections::BTreeMap;

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::Deserialize;

use self::gguf_writer::{Tensor, Value, write_gguf};

/// The most tokens of a text: the weights have as many positions. Other conversions to GGUF state
/// the same; the package sentence-transformers cuts texts at 256 by default.
pub(crate) const CONTEXT_TOKENS: usize = 512;
/// The components of a vector.
const WIDTH: usize = 384;
const LAYERS: usize = 6;
const HEADS: u32 = 12;
const FEED_FORWARD_WIDTH: u32 = 1_536;
const LAYER_NORM_EPSILON: f32 = 1e-12;
/// llama.cpp's number of the mean over all tokens.
const MEAN_POOLING: u32 = 1;

/// llama.cpp's numbers of the types of tokens.
const NORMAL: i32 = 1;
const CONTROL: i32 = 3;

/// The part of `tokenizer.json` that is used.
#[derive(Deserialize)]
struct TokenizerFile {
    model: Vocabulary,
}

#[derive(Deserialize)]
struct Vocabulary {
    vocab: BTreeMap<String, usize>,
}

/// Converts all-MiniLM-L6-v2. Equal inputs give equal bytes.
///
/// # Errors
/// If the files are not those of the model.
pub(crate) fn convert_minilm(weights: &[u8], tokenizer: &[u8]) -> Result<Vec<u8>, String> {
    let weights = SafeTensors::deserialize(weights).map_err(|error| error.to_string())?;
    let tokenizer: TokenizerFile =
        serde_json::from_slice(tokenizer).map_err(|error| error.to_string())?;

    let words = ordered_words(&tokenizer.model.vocab)?;
    let types: Vec<i32> = words.iter().map(|word| word_type(word)).collect();
    let tokens: Vec<String> = words.iter().map(|word| token_text(word)).collect();

    let width = WIDTH as u32;
    let metadata = [
        ("general.architecture", Value::Text("bert")),
        ("general.name", Value::Text("all-MiniLM-L6-v2")),
        ("general.file_type", Value::U32(0)),
        ("bert.block_count", Value::U32(LAYERS as u32)),
        ("bert.context_length", Value::U32(CONTEXT_TOKENS as u32)),
        ("bert.embedding_length", Value::U32(width)),
        ("bert.feed_forward_length", Value::U32(FEED_FORWARD_WIDTH)),
        ("bert.attention.head_count", Value::U32(HEADS)),
        ("bert.attention.layer_norm_epsilon", Value::F32(LAYER_NORM_EPSILON)),
        ("bert.attention.causal", Value::Bool(false)),
        ("bert.pooling_type", Value::U32(MEAN_POOLING)),
        ("tokenizer.ggml.model", Value::Text("bert")),
        ("tokenizer.ggml.tokens", Value::Texts(&tokens)),
        ("tokenizer.ggml.token_type", Value::Numbers(&types)),
        ("tokenizer.ggml.token_type_count", Value::U32(2)),
        ("tokenizer.ggml.bos_token_id", Value::U32(101)),
        ("tokenizer.ggml.unknown_token_id", Value::U32(100)),
        ("tokenizer.ggml.seperator_token_id", Value::U32(102)),
        ("tokenizer.ggml.padding_token_id", Value::U32(0)),
        ("tokenizer.ggml.mask_token_id", Value::U32(103)),
    ];

    let views = tensor_names()
        .into_iter()
        .map(|(name, source)| Ok((name, read_tensor(&weights, &source)?)))
        .collect::<Result<Vec<_>, String>>()?;
    let tensors: Vec<_> =
        views.iter().map(|(name, view)| gguf_tensor(name.clone(), view)).collect();
    Ok(write_gguf(&metadata, &tensors))
}

/// The words of the vocabulary in the order of their numbers.
fn ordered_words(vocabulary: &BTreeMap<String, usize>) -> Result<Vec<&str>, String> {
    let mut words = vec![None; vocabulary.len()];

    for (word, &number) in vocabulary {
        *words.get_mut(number).ok_or_else(|| format!("`{word}` has the number {number}"))? =
            Some(word.as_str());
    }
    words.into_iter().collect::<Option<_>>().ok_or_else(|| "two words have one number".to_owned())
}

fn is_mark(word: &str) -> bool {
    word.starts_with('[') && word.ends_with(']') && word.len() > 2
}

fn word_type(word: &str) -> i32 {
    if is_mark(word) { CONTROL } else { NORMAL }
}

/// The text of a token in GGUF: the beginning of a word is marked, not its continuation.
fn token_text(word: &str) -> String {
    match word.strip_prefix("##") {
        Some(continuation) => continuation.to_owned(),
        None if is_mark(word) => word.to_owned(),
        None => format!("\u{2581}{word}"),
    }
}

/// The tensors' names in GGUF, each with its name in the package.
fn tensor_names() -> Vec<(String, String)> {
    let name = |gguf: &str, source: &str| (gguf.to_owned(), source.to_owned());
    let mut names = vec![
        name("token_embd.weight", "embeddings.word_embeddings.weight"),
        name("position_embd.weight", "embeddings.position_embeddings.weight"),
        name("token_types.weight", "embeddings.token_type_embeddings.weight"),
        name("token_embd_norm.weight", "embeddings.LayerNorm.weight"),
        name("token_embd_norm.bias", "embeddings.LayerNorm.bias"),
    ];

    for layer in 0..LAYERS {
        for (gguf, source) in [
            ("attn_q", "attention.self.query"),
            ("attn_k", "attention.self.key"),
            ("attn_v", "attention.self.value"),
            ("attn_output", "attention.output.dense"),
            ("attn_output_norm", "attention.output.LayerNorm"),
            ("ffn_up", "intermediate.dense"),
            ("ffn_down", "output.dense"),
            ("layer_output_norm", "output.LayerNorm"),
        ] {
            for part in ["weight", "bias"] {
                names.push((
                    format!("blk.{layer}.{gguf}.{part}"),
                    format!("encoder.layer.{layer}.{source}.{part}"),
                ));
            }
        }
    }
    names
}

fn read_tensor<'a>(weights: &SafeTensors<'a>, name: &str) -> Result<TensorView<'a>, String> {
    let tensor = weights.tensor(name).map_err(|error| format!("{name}: {error}"))?;

    if tensor.dtype() != Dtype::F32 {
        return Err(format!("{name} is not in single precision"));
    }
    Ok(tensor)
}

/// The tensor as GGUF stores it: sizes in the opposite order, data unchanged.
fn gguf_tensor<'a>(name: String, view: &'a TensorView<'_>) -> Tensor<'a> {
    let shape = view.shape().iter().rev().map(|size| *size as u64).collect();
    Tensor { name, shape, data: view.data() }
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::Task;

    use super::*;
    use crate::ModelHeader;

    #[test]
    fn words_are_marked_where_they_begin() {
        for (word, text) in
            [("cat", "▁cat"), ("##s", "s"), ("[CLS]", "[CLS]"), ("[", "▁["), ("##]", "]")]
        {
            assert_eq!(token_text(word), text);
        }
        assert_eq!((word_type("[SEP]"), word_type("[")), (CONTROL, NORMAL));
    }

    /// Weights whose matrices have two rows of three numbers. Each tensor has its own number in all
    /// places.
    fn small_weights() -> Vec<u8> {
        let tensors: Vec<(String, Vec<u8>)> = tensor_names()
            .into_iter()
            .zip(1_u16..)
            .map(|((_, source), number)| (source, f32::from(number).to_le_bytes().repeat(6)))
            .collect();

        let views = tensors.iter().map(|(source, data)| {
            (source.as_str(), TensorView::new(Dtype::F32, vec![2, 3], data).unwrap())
        });
        safetensors::serialize(views, None).unwrap()
    }

    /// The place behind `part`, which is there once.
    fn find_end(bytes: &[u8], part: &[u8]) -> usize {
        let mut ends = bytes.windows(part.len()).zip(part.len()..);
        let (_, end) = ends.find(|(window, _)| *window == part).unwrap();
        assert!(!ends.any(|(window, _)| window == part));
        end
    }

    #[test]
    fn a_converted_file_has_the_metadata_and_the_weights() {
        let tokenizer = br###"{"model":{"vocab":{"[PAD]":0,"cat":1,"##s":2}}}"###;
        let file = convert_minilm(&small_weights(), tokenizer).unwrap();
        assert_eq!(convert_minilm(&small_weights(), tokenizer).unwrap(), file);

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("small.gguf");
        std::fs::write(&path, &file).unwrap();
        let header = ModelHeader::read(&path).unwrap();
        assert_eq!(header.architecture(), Some("bert"));
        assert_eq!(header.model_name(), Some("all-MiniLM-L6-v2"));
        assert_eq!(header.context_tokens(), Some(512));
        assert_eq!(header.quantization(), Some("F32"));
        header.check_task(Task::Embedding).unwrap();
        assert!(header.check_task(Task::Generation).is_err());

        // Five tensors and sixteen of each layer.
        let tensors = 5 + 16 * LAYERS as u64;
        assert_eq!(header.parameters(), 6 * tensors);

        // The words in their order, each with its length.
        let word = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
        let words = ["[PAD]", "\u{2581}cat", "s"].map(word).concat();
        find_end(&file, &words);
        // The number of dimensions, and the shorter one last: a matrix has two rows of three.
        let end = find_end(&file, b"blk.5.layer_output_norm.bias");
        let shape = [&2_u32.to_le_bytes()[..], &3_u64.to_le_bytes(), &2_u64.to_le_bytes()].concat();
        assert_eq!(file[end..end + shape.len()], shape);
        // It is the last tensor: its data end the file, up to the next multiple of 32 bytes.
        let data = f32::from(u16::try_from(tensors).unwrap()).to_le_bytes().repeat(6);
        assert_eq!(file[file.len() - 32..], [data, vec![0; 8]].concat());
    }

    #[test]
    fn files_of_another_model_are_refused() {
        let vocabulary = BTreeMap::from([("a".to_owned(), 0), ("b".to_owned(), 2)]);
        assert!(ordered_words(&vocabulary).unwrap_err().contains("`b` has the number 2"));

        let tokenizer = br#"{"model":{"vocab":{"a":0}}}"#;
        let empty = b"\x08\0\0\0\0\0\0\0{}      ";
        let error = convert_minilm(empty, tokenizer).unwrap_err();
        assert!(error.contains("embeddings.word_embeddings.weight"), "{error}");
        assert!(convert_minilm(b"no weights", tokenizer).is_err());
        assert!(convert_minilm(empty, b"no JSON").is_err());
    }
}
