//! Answers and vectors on a backend for GPUs: they are those of the CPU, and each backend judges
//! the work of the other as in a dispute. `cargo xtask gpu --test` runs this; on a machine without
//! a GPU, Vulkan's driver for the CPU takes its part.

#![cfg(any(feature = "vulkan", feature = "cuda", feature = "metal"))]

mod minilm_reference;

use minilm_reference::embed_references;
use nosana_engine::{
    ALL_MINILM_L6_V2, AnswerEvidence, Device, DeviceKind, Embedder, GenerationOptions, Generator,
    LongText, ModelStore, Prompt, SMOLLM2_135M_INSTRUCT, Sketch,
};
use nosana_job_spec::{ANSWER_MARGIN_BOUND, EMBEDDING_BOUND, EmbeddingOutput};
use nosana_protocol::dispute::sketch::AGREE_BITS;

const QUESTION: &str = "What is the capital city of Germany?";
/// What a node reads that saves work.
const HALF_QUESTION: &str = "What is the capital";
/// A token that fits no answer to the question.
const WRONG_TOKEN: u32 = 17;

const TEXTS: [&str; 3] =
    ["A cat.", "The weather is fine today.", "Nodes run the models of their clients and are paid."];
/// What a node reads of the last text that saves work.
const HALF_TEXT: &str = "Nodes run the models of";

/// The largest accepted difference of a vector's component from double precision: that of the CPU's
/// backend. llama.cpp approximates GELU by tanh on every device; llvmpipe differs by 2.6e-4.
const ERROR_BOUND: f64 = 4e-4;

/// What chooses the directions of the sketches: in a dispute, the job's address and its result.
const SEED: [u8; 32] = [7; 32];

/// The variable of Vulkan's loader by which the step `vulkan` selects Mesa's driver for the CPU.
const DRIVERS: &str = "VK_LOADER_DRIVERS_SELECT";
/// That driver's pattern of files, and what its device has in its name.
const SOFTWARE_DRIVER: &str = "*lvp*";
const SOFTWARE_DEVICE: &str = "llvmpipe";

/// The device of the backend that `NOSANA_TEST_BACKEND` names. If the driver for the CPU is
/// selected, the device is that driver's.
fn tested_device() -> Device {
    let backend = std::env::var("NOSANA_TEST_BACKEND").unwrap_or_else(|_| "vulkan".to_owned());
    let devices = Device::all().unwrap();
    let names: Vec<_> = devices.iter().map(|device| device.info().to_string()).collect();

    let is_tested = |device: &Device| device.info().backend.eq_ignore_ascii_case(&backend);
    let found = devices.into_iter().find(is_tested);
    let device = found.unwrap_or_else(|| panic!("no device of {backend} among {names:?}"));

    if std::env::var(DRIVERS).is_ok_and(|drivers| drivers == SOFTWARE_DRIVER) {
        let name = &device.info().name;
        assert!(name.contains(SOFTWARE_DEVICE), "{name} is not the device of {SOFTWARE_DRIVER}");
    }
    device
}

fn cpu() -> Device {
    let is_cpu = |device: &Device| device.info().kind == DeviceKind::Cpu;
    Device::all()
        .unwrap()
        .into_iter()
        .filter(is_cpu)
        .find(|one| one.info().backend == "cpu")
        .unwrap()
}

/// Loads a model on the tested device, and on the CPU.
fn load_both<T>(load: impl Fn(&Device) -> T) -> [T; 2] {
    let device = tested_device();
    println!("device: {}", device.info());
    [load(&device), load(&cpu())]
}

/// The bits in which the sketches of two readings differ.
fn differing_bits(one: &[Vec<f32>], other: &[Vec<f32>]) -> u32 {
    Sketch::of_states(&SEED, one).distance(&Sketch::of_states(&SEED, other))
}

#[test]
fn an_answer_is_that_of_the_cpu_and_each_judges_the_other() {
    let file = ModelStore::in_user_cache().unwrap().ensure(&SMOLLM2_135M_INSTRUCT).unwrap();
    let models = load_both(|device| Generator::load(&file, device).unwrap());
    let prompts = [Prompt::question(QUESTION)];
    let options = GenerationOptions { max_tokens: 8, ..GenerationOptions::default() };
    let answer = |model: &Generator| model.generate(&prompts, &options, || true).unwrap().remove(0);
    let [on_device, on_cpu] = models.each_ref().map(answer);
    println!("{:?}", on_device.text);
    assert_eq!(on_device.token_ids, on_cpu.token_ids);

    // Both have the same answer, so what one reads is the sketch of its work, and its judgment of
    // the other's.
    let read = |question: &str, answer: &[u32]| {
        let prompt = Prompt::question(question);
        models.each_ref().map(|model| model.check_answer(&prompt, answer, || true).unwrap())
    };
    let [device, cpu] = read(QUESTION, &on_device.token_ids);
    let margins = [&device, &cpu].map(AnswerEvidence::largest_margin);
    let bits = differing_bits(&device.states, &cpu.states);
    println!("margins {margins:?}, and {bits} bits differ");
    assert!(margins.iter().all(|margin| *margin <= ANSWER_MARGIN_BOUND), "{margins:?}");
    assert!(bits <= AGREE_BITS, "{bits}");

    // The sketch of a node that has read half of the question.
    let [half_device, half_cpu] = read(HALF_QUESTION, &on_device.token_ids);
    for (claimed, judge) in [(half_device, &cpu), (half_cpu, &device)] {
        let bits = differing_bits(&claimed.states, &judge.states);
        assert!(bits > AGREE_BITS, "{bits}");
    }

    // An answer that the model does not give.
    let mut wrong = on_device.token_ids;
    wrong[2] = WRONG_TOKEN;
    for judge in read(QUESTION, &wrong) {
        let margin = judge.largest_margin();
        assert!(margin > ANSWER_MARGIN_BOUND, "{margin}");
    }
}

/// A text's vector, and the states of its sketch.
struct Embedded {
    vector: EmbeddingOutput,
    states: Vec<Vec<f32>>,
}

impl Embedded {
    fn of_text(embedder: &Embedder, text: &str) -> Self {
        let vectors = embedder.embed(&[text], LongText::Refuse, || true).unwrap();
        let states = embedder.check_text(text, LongText::Refuse).unwrap().states;
        Self { vector: EmbeddingOutput::new(vectors), states }
    }
}

#[test]
fn a_vector_is_that_of_the_cpu_and_each_judges_the_other() {
    let file = ModelStore::in_user_cache().unwrap().ensure(&ALL_MINILM_L6_V2).unwrap();
    let models = load_both(|device| Embedder::load(&file, device).unwrap());
    let embed = |text: &str| models.each_ref().map(|model| Embedded::of_text(model, text));

    for text in TEXTS {
        let [device, cpu] = embed(text);
        let comparison = device.vector.agrees_with(&cpu.vector, EMBEDDING_BOUND);
        let bits = differing_bits(&device.states, &cpu.states);
        println!("{text:?}: {comparison:?}, and {bits} bits differ");
        assert!(comparison.agrees, "{text:?}: {comparison:?}");
        assert!(bits <= AGREE_BITS, "{text:?}: {bits}");
    }

    // A node that has read half of the text.
    let [device, cpu] = embed(TEXTS[2]);
    let [half_device, half_cpu] = embed(HALF_TEXT);
    for (claimed, judge) in [(half_device, &cpu), (half_cpu, &device)] {
        let comparison = claimed.vector.agrees_with(&judge.vector, EMBEDDING_BOUND);
        let bits = differing_bits(&claimed.states, &judge.states);
        assert!(!comparison.agrees, "{comparison:?}");
        assert!(bits > AGREE_BITS, "{bits}");
    }
}

#[test]
fn vectors_are_close_to_double_precision() {
    let file = ModelStore::in_user_cache().unwrap().ensure(&ALL_MINILM_L6_V2).unwrap();
    let device = tested_device();
    let embedder = Embedder::load(&file, &device).unwrap();

    let (_, largest) = embed_references(&embedder);
    println!("{}: largest error against double precision: {largest:.1e}", device.info());
    assert!(largest < ERROR_BOUND, "{largest}");
}
