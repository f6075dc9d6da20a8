//! Embeddings by the real model on this machine, against an independent computation.

mod minilm_reference;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use minilm_reference::{embed_references, read_references};
use nosana_engine::{
    ALL_MINILM_L6_V2, Device, Embedder, EngineError, LongText, ModelStore, SMOLLM2_135M_INSTRUCT,
    check_operation, check_tokens,
};
use nosana_job_spec::{EMBEDDING_BOUND, EmbeddingOutput, InferenceArgs, Operation, Task};

/// The largest accepted difference from double precision. llama.cpp reads GELU from a table in half
/// precision, and approximates it by tanh.
const ERROR_BOUND: f64 = 4e-4;

/// One loaded model for all tests of this process. The first run on a machine fetches 84 MB.
fn embedder() -> &'static Embedder {
    static EMBEDDER: OnceLock<Embedder> = OnceLock::new();
    EMBEDDER.get_or_init(|| {
        let start = Instant::now();
        let device = Device::open().unwrap();
        println!("device: {} after {:?}", device.info(), start.elapsed());
        let file = ModelStore::in_user_cache().unwrap().ensure(&ALL_MINILM_L6_V2).unwrap();
        println!("model checked after {:?}", start.elapsed());
        let embedder = Embedder::load(&file, &device).unwrap();
        println!("model loaded after {:?}", start.elapsed());
        embedder
    })
}

fn embed_one(text: &str) -> Vec<f32> {
    embedder().embed(&[text.to_owned()], LongText::Refuse, || true).unwrap().remove(0)
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

#[test]
fn vectors_are_close_to_the_reference() {
    let start = Instant::now();
    let (vectors, largest) = embed_references(embedder());
    println!("three sentences after {:?}", start.elapsed());
    assert!(vectors.iter().all(|vector| (dot(vector, vector) - 1.0).abs() < 1e-6));
    println!("largest error against double precision: {largest:.1e}");
    assert!(largest < ERROR_BOUND, "{largest}");

    // The cat and the kitten are alike; the central bank is neither.
    let [cat, kitten, bank] = [&vectors[0], &vectors[1], &vectors[2]];
    assert!((dot(cat, kitten) - 0.762_919_67).abs() < 1e-3);
    assert!(dot(cat, kitten) > 0.7 && dot(cat, bank) < 0.1 && dot(kitten, bank) < 0.1);

    // Equal bit for bit in another order and in other batches, and compared as nodes compare
    // outputs.
    let start = Instant::now();
    let again: Vec<_> =
        read_references().iter().rev().map(|reference| embed_one(&reference.text)).collect();
    println!("three sentences again after {:?}", start.elapsed());
    assert!(again.iter().rev().eq(&vectors));
    let output = |vectors: &[Vec<f32>]| EmbeddingOutput::new(vectors.to_vec());
    assert_eq!(
        output(&vectors).agrees_with(&output(&vectors), EMBEDDING_BOUND).max_difference,
        0.0
    );
    assert!(!output(&vectors).agrees_with(&output(&again), EMBEDDING_BOUND).agrees);
}

#[test]
fn unusual_texts_have_vectors() {
    for text in ["", "日本語 🦀", "[CLS] [SEP]"] {
        let vector = embed_one(text);
        assert!((dot(&vector, &vector) - 1.0).abs() < 1e-6);
    }
}

#[test]
fn a_stop_ends_the_work_before_the_next_text() {
    let calls = AtomicUsize::new(0);
    let texts = ["one", "two", "three"].map(str::to_owned);

    let stopped =
        embedder().embed(&texts, LongText::Refuse, || calls.fetch_add(1, Ordering::Relaxed) < 1);
    assert!(matches!(stopped, Err(EngineError::Stopped)));
    assert_eq!(calls.into_inner(), 2, "the second text was not read");
}

#[test]
fn texts_are_counted_before_a_job_is_listed_as_nodes_read_them() {
    let here = ModelStore::in_user_cache().unwrap();
    let count = |text: &str, truncate: bool, models: &ModelStore| {
        let inputs = ["Short.", text];
        let mut args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, inputs);
        args.truncate = truncate;
        let operation = Operation::InferenceRun { id: "embed".to_owned(), args };
        // By words alone, none of them is too long.
        check_operation(&operation).and_then(|()| check_tokens(&operation, models))
    };

    let longest = "word ".repeat(510);
    assert_eq!(embedder().token_ids(&longest).len(), 512);
    count(&longest, false, &here).unwrap();

    for text in ["word ".repeat(509) + "word,", "Hello, world. ".repeat(200)] {
        let tokens = embedder().token_ids(&text).len();
        let error = count(&text, false, &here).unwrap_err();
        assert!(
            matches!(error, EngineError::TooManyTokens { tokens: counted, room: 512 }
                if counted == tokens && tokens > 512),
            "{error}: {tokens}"
        );
        assert!(error.to_string().contains("--truncate"), "{error}");
        count(&text, true, &here).unwrap();

        // Without the model, nobody knows.
        let empty = tempfile::tempdir().unwrap();
        count(&text, false, &ModelStore::at(empty.path())).unwrap();
    }
}

#[test]
fn long_texts_are_refused_or_cut_as_requested() {
    let long = "word ".repeat(600);
    let refused =
        embedder().embed(std::slice::from_ref(&long), LongText::Refuse, || true).unwrap_err();
    assert!(
        matches!(refused, EngineError::TooLong { tokens: 602, room: 512 }),
        "{refused}: with the two marks at the ends of a text"
    );
    assert_eq!(embedder().max_tokens(), 512);

    let start = Instant::now();
    let cut = embedder().embed(&[long], LongText::Truncate, || true).unwrap().remove(0);
    println!("512 tokens after {:?}", start.elapsed());
    assert_eq!(cut, embed_one(&"word ".repeat(510)), "the mark of its end stays");

    // The beginnings of the vectors that the reference program computes for such texts.
    let expected = [
        (254, [-0.008_123_66, -0.095_585_98, -0.038_673_15, 0.049_661_98]),
        (510, [-0.041_154_85, -0.093_701_17, 0.009_898_43, 0.074_851_62]),
    ];
    for (words, beginning) in expected {
        let vector = embed_one(&"word ".repeat(words));
        for (expected, actual) in beginning.iter().zip(vector) {
            assert!((expected - f64::from(actual)).abs() < ERROR_BOUND, "{expected} {actual}");
        }
    }
}

/// The model's file, with the place behind a key of its metadata.
fn read_behind(key: &[u8]) -> (Vec<u8>, usize) {
    let file = ModelStore::in_user_cache().unwrap().ensure(&ALL_MINILM_L6_V2).unwrap();
    let bytes = fs::read(&file).unwrap();

    let place = bytes.windows(key.len()).position(|window| window == key).unwrap();
    (bytes, place + key.len())
}

#[test]
fn a_text_without_a_mark_at_its_end_keeps_none_of_what_is_cut() {
    // Vocabularies of this kind add no marks, and look for the longest token at each letter.
    let (mut bytes, end) = read_behind(b"tokenizer.ggml.model");
    // After the number of its type, and its length.
    let name = end + 4 + 8;
    assert_eq!(bytes[name..name + 4], *b"bert");
    bytes[name..name + 4].copy_from_slice(b"rwkv");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no-marks.gguf");
    fs::write(&file, bytes).unwrap();

    let embedder = Embedder::load(&file, &Device::open().unwrap()).unwrap();
    let long = "a ".repeat(300) + "b";
    assert_eq!(embedder.token_ids(&long).len(), 601);
    let beginning = "a ".repeat(256);
    assert_eq!(embedder.token_ids(&beginning).len(), 512);

    let embed =
        |text: String, long_text| embedder.embed(&[text], long_text, || true).unwrap().remove(0);
    let cut = embed(long, LongText::Truncate);
    assert_eq!(cut, embed(beginning, LongText::Refuse), "the last word is not a mark");
}

/// Writes the model's file with another pooling.
fn write_with_pooling(number: u32, folder: &Path) -> PathBuf {
    let (mut bytes, end) = read_behind(b"bert.pooling_type");
    // After the number of its type.
    let value = end + 4;
    assert_eq!(bytes[value..value + 4], 1_u32.to_le_bytes());
    bytes[value..value + 4].copy_from_slice(&number.to_le_bytes());

    let path = folder.join(format!("pooling-{number}.gguf"));
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_model_that_gives_no_vector_of_a_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::open().unwrap();

    for (number, problem) in [(0, "its pooling is `none`"), (4, "its pooling is `rank`")] {
        let file = write_with_pooling(number, folder.path());
        let refused = Embedder::load(&file, &device).err().unwrap().to_string();
        assert!(refused.contains(problem), "{refused}");
    }
}

#[test]
fn the_first_or_the_last_token_is_the_vector_if_the_file_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let text = "A cat sits.";
    // Of a text with six tokens, the states at both ends are among those at eight places.
    let states = embedder().check_text(text, LongText::Refuse).unwrap().states;
    assert_eq!(embedder().token_ids(text).len(), 6);

    let mut vectors = vec![embed_one(text)];
    for (pooling, state) in [(2, &states[0]), (3, &states[7])] {
        let file = write_with_pooling(pooling, folder.path());
        let embedder = Embedder::load(&file, &Device::open().unwrap()).unwrap();
        let vector = embedder.embed(&[text], LongText::Refuse, || true).unwrap().remove(0);

        let cosine = dot(&vector, state) / dot(state, state).sqrt();
        assert!((cosine - 1.0).abs() < 1e-5, "pooling {pooling}: {cosine}");
        assert!(!vectors.contains(&vector), "pooling {pooling}");
        vectors.push(vector);
    }
}

#[test]
fn a_model_for_prompts_is_refused() {
    let file = ModelStore::in_user_cache().unwrap().ensure(&SMOLLM2_135M_INSTRUCT).unwrap();
    let refused = Embedder::load(&file, &Device::open().unwrap()).err().unwrap().to_string();
    assert!(refused.contains("it is not an embedding model"), "{refused}");
}
