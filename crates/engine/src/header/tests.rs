//! Headers that are right, and those that lie.

use std::io::Cursor;

use super::*;
use crate::convert::gguf_writer::{Tensor, Value, write_gguf};

fn read_bytes(bytes: &[u8]) -> Result<ModelHeader, String> {
    ModelHeader::read_from(Cursor::new(bytes), bytes.len() as u64)
}

/// A small file with one tensor of 64 numbers.
fn small_model(more: &[(&str, Value<'_>)]) -> Vec<u8> {
    let words: Vec<String> = (0..100).map(|word| format!("word {word}")).collect();
    let mut metadata = vec![
        ("general.architecture", Value::Text("llama")),
        ("general.name", Value::Text("Small")),
        ("llama.block_count", Value::U32(3)),
        ("llama.context_length", Value::U32(1_000)),
        ("llama.embedding_length", Value::U32(64)),
        ("llama.attention.head_count", Value::U32(8)),
        ("tokenizer.ggml.tokens", Value::Texts(&words)),
    ];
    metadata.extend(more.iter().map(|(key, value)| (*key, value.clone())));

    let data = [0; 256];
    let tensor = Tensor { name: "weights".to_owned(), shape: vec![16, 4], data: &data };
    write_gguf(&metadata, &[tensor])
}

#[test]
fn the_header_of_a_model_is_read() {
    let more = [("llama.attention.head_count_kv", Value::U32(2))];
    let header = read_bytes(&small_model(&more)).unwrap();

    assert_eq!(header.architecture(), Some("llama"));
    assert_eq!(header.model_name(), Some("Small"));
    assert_eq!(header.quantization(), Some("F32"));
    assert_eq!((header.parameters(), header.weight_bytes()), (64, 256));
    assert_eq!(header.context_tokens(), Some(1_000));
}

#[test]
fn the_memory_is_that_of_weights_cache_and_one_step() {
    let bytes = |more: &[(&str, Value<'_>)], tokens, sequences| {
        let header = read_bytes(&small_model(more)).unwrap();
        header.needed_bytes(ContextSize { tokens, sequences })
    };
    let step = |tokens: u64| (64 * 16 + 100) * 4 * tokens;
    let shared = [("llama.attention.head_count_kv", Value::U32(2))];
    let listed = [("llama.attention.head_count_kv", Value::Numbers(&[2, 0, 4]))];

    // Three layers with eight heads of eight keys and eight values each.
    assert_eq!(bytes(&[], 10, 1), 256 + 3 * 8 * 16 * 2 * 10 + step(10));
    assert_eq!(bytes(&shared, 10, 2), 256 + 3 * 2 * 16 * 2 * 20 + step(20));
    assert_eq!(bytes(&listed, 10, 2), 256 + 6 * 16 * 2 * 20 + step(20));
    // No more tokens than the model reads, and no more in a step than the engine gives it.
    assert_eq!(bytes(&shared, u64::MAX, 1), 256 + 3 * 2 * 16 * 2 * 1_000 + step(512));
    let wide = [("llama.attention.key_length", Value::U32(u32::MAX))];
    assert!(bytes(&wide, 1_000, u64::MAX) == u64::MAX, "large numbers do not overflow");
}

#[test]
fn a_task_needs_pooling_or_a_template() {
    let template = [("tokenizer.chat_template", Value::Text("{{ messages }}"))];
    let pooling = [("llama.pooling_type", Value::U32(1))];

    let check =
        |more: &[(&str, Value<'_>)], task| read_bytes(&small_model(more)).unwrap().check_task(task);
    check(&template, Task::Generation).unwrap();
    check(&pooling, Task::Embedding).unwrap();
    assert!(check(&template, Task::Embedding).unwrap_err().contains("no pooling"));
    for (number, problem) in [(0, "`none`"), (4, "`rank`"), (5, "unknown"), (u32::MAX, "unknown")] {
        let other = [("llama.pooling_type", Value::U32(number))];
        assert!(check(&other, Task::Embedding).unwrap_err().contains(problem), "{number}");
    }
    assert!(check(&pooling, Task::Generation).unwrap_err().contains("no chat template"));
}

#[test]
fn other_files_and_cut_files_are_named_at_every_length() {
    assert!(read_bytes(b"").unwrap_err().contains("is not a GGUF file"));
    assert!(read_bytes(b"PK\x03\x04 and more").unwrap_err().contains("is not a GGUF file"));
    let old = [b"GGUF".as_slice(), &1_u32.to_le_bytes(), &[0; 16]].concat();
    assert!(read_bytes(&old).unwrap_err().contains("version 1"));

    let whole = small_model(&[]);
    for length in 4..whole.len() {
        let error = read_bytes(&whole[..length]).unwrap_err();
        assert!(error.contains("it is cut, or lies about its sizes"), "{length}: {error}");
    }
    read_bytes(&whole).unwrap();
}

#[test]
fn absurd_sizes_are_refused_and_cost_nothing() {
    let whole = small_model(&[]);
    let tensor_end = whole.len() - 256;
    let replaced = |at: usize, number: u64| {
        let mut bytes = whole.clone();
        bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
        read_bytes(&bytes).unwrap_err()
    };

    for (at, expected) in [(8, "tensors; at most"), (16, "entries of metadata; at most")] {
        let error = replaced(at, u64::MAX);
        assert!(error.contains(expected), "{error}");
    }
    let long_key = replaced(24, u64::MAX);
    assert!(long_key.contains("a key has"), "{long_key}");

    // Two dimensions, the type and the offset end the description of the tensor.
    let name = whole.windows(7).rposition(|bytes| bytes == b"weights").unwrap();
    assert!(name + 7 + 32 <= tensor_end);
    let large = replaced(name + 7 + 4, u64::MAX);
    assert!(large.contains("the size of tensor `weights` is absurd"), "{large}");
    let beyond = replaced(name + 7 + 4, 1 << 40);
    assert!(beyond.contains("it is cut, or lies about its sizes"), "{beyond}");
    let far = replaced(name + 7 + 4 + 16 + 4, u64::MAX - 10);
    assert!(far.contains("it is cut, or lies about its sizes"), "{far}");

    let mut unknown = whole.clone();
    unknown[name + 7 + 4 + 16] = 250;
    assert!(read_bytes(&unknown).unwrap_err().contains("unknown type 250"));
}

#[test]
fn flipped_bytes_never_crash_the_reader() {
    let whole = small_model(&[("llama.attention.head_count_kv", Value::Numbers(&[1, 2, 3]))]);
    for at in 0..whole.len() - 256 {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            // Any answer is right that is not a panic.
            if let Ok(header) = read_bytes(&bytes) {
                header.needed_bytes(ContextSize { tokens: 512, sequences: 16 });
            }
        }
    }
}
