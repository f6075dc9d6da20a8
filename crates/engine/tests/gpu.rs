//! One answer and one vector on a backend for GPUs. `cargo xtask gpu --test` runs it; on a machine
//! without a GPU, Vulkan's driver for the CPU takes its part.

#![cfg(any(feature = "vulkan", feature = "cuda", feature = "metal"))]

use nosana_engine::{
    ALL_MINILM_L6_V2, Device, DeviceKind, Embedder, GenerationOptions, Generator, LongText,
    ModelStore, Prompt, SMOLLM2_135M_INSTRUCT,
};
use nosana_job_spec::{EMBEDDING_BOUND, EmbeddingOutput};

/// The device of the backend that `NOSANA_TEST_BACKEND` names.
fn tested_device() -> Device {
    let backend = std::env::var("NOSANA_TEST_BACKEND").unwrap_or_else(|_| "vulkan".to_owned());
    let devices = Device::all().unwrap();
    let names: Vec<_> = devices.iter().map(|device| device.info().to_string()).collect();

    let is_tested = |device: &Device| device.info().backend.eq_ignore_ascii_case(&backend);
    let found = devices.into_iter().find(is_tested);
    found.unwrap_or_else(|| panic!("no device of {backend} among {names:?}"))
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

#[test]
fn a_device_gives_the_answers_and_the_vectors_of_the_cpu() {
    let device = tested_device();
    println!("device: {}", device.info());
    let models = ModelStore::in_user_cache().unwrap();

    let smollm2 = models.ensure(&SMOLLM2_135M_INSTRUCT).unwrap();
    let options = GenerationOptions { max_tokens: 8, ..GenerationOptions::default() };
    let prompts = [Prompt::question("What is the capital city of Germany?")];
    let answer = |device: &Device| {
        let generator = Generator::load(&smollm2, device).unwrap();
        generator.generate(&prompts, &options, || true).unwrap().remove(0)
    };
    let on_device = answer(&device);
    println!("{:?}", on_device.text);
    assert_eq!(on_device.token_ids, answer(&cpu()).token_ids);

    let minilm = models.ensure(&ALL_MINILM_L6_V2).unwrap();
    let embed = |device: &Device| {
        let embedder = Embedder::load(&minilm, device).unwrap();
        EmbeddingOutput::new(embedder.embed(&["A cat."], LongText::Refuse, || true).unwrap())
    };
    let comparison = embed(&device).agrees_with(&embed(&cpu()), EMBEDDING_BOUND);
    assert!(comparison.agrees, "{comparison:?}");
}
