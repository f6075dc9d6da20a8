//! Files that are written, read and refused.

use std::fs;

use nosana_job_spec::FinishReason;
use serde_json::json;

use super::{
    Recording, VECTOR_LENGTH, read_bounded,
    sample::{sample_inputs, sample_recording},
};

type Damage = fn(&mut Recording);

#[test]
fn a_file_has_every_bit_of_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.json");
    let recording = sample_recording();

    recording.write_to(&path).unwrap();
    assert_eq!(Recording::read_from(&path, &sample_inputs()).unwrap(), recording);
    assert_eq!(recording.describe_device(), "a processor (cpu) with libggml-cpu-haswell.so");
    let unknown = Recording { cpu_library: None, ..recording };
    assert_eq!(unknown.describe_device(), "a processor (cpu)");
}

#[test]
fn what_an_honest_node_cannot_have_made_is_refused() {
    let refuse = |damage: Damage| {
        let mut recording = sample_recording();
        damage(&mut recording);
        recording.validate(&sample_inputs()).unwrap_err().to_string()
    };

    let cases: [(Damage, &str); 14] = [
        (|it| it.version = 2, "the version 2, not 1; record it with"),
        (|it| it.inputs.sizes.max_tokens = 4, "`--max-tokens 4`, and this run has"),
        (|it| it.device.name = "a\u{1b}[2J".to_owned(), "cannot be shown"),
        (|it| it.device.backend = "a".repeat(201), "cannot be shown"),
        (|it| it.cpu_library = Some("a\nb".to_owned()), "cannot be shown"),
        (|it| it.texts.truncate(1), "1 vectors for 2 texts"),
        (|it| it.texts[1].vector.truncate(383), "vector 1 has 383 components, not 384"),
        (|it| it.texts[1].vector = vec![0.0; VECTOR_LENGTH], "vector 1 has no direction"),
        (|it| it.texts[0].vector[7] = f32::INFINITY, "vector 0 has no direction"),
        (|it| it.answers.truncate(1), "1 answers to 2 questions"),
        (|it| it.answers[0].token_ids.truncate(2), "answer 0 does not end as"),
        (|it| it.answers[1].token_ids.push(7), "answer 1 does not end as"),
        (|it| it.answers[0].token_ids.push(8), "answer 0 does not end as"),
        (|it| it.answers[1].finish_reason = FinishReason::Time, "answer 1 does not end as"),
    ];
    for (damage, words) in cases {
        let error = refuse(damage);
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn other_files_are_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.json");
    let refuse = || format!("{:#}", Recording::read_from(&path, &sample_inputs()).unwrap_err());
    let missing = refuse();
    assert!(missing.contains("card.json; check the path: "), "{missing}");

    let mut short = serde_json::to_value(sample_recording()).unwrap();
    short["answers"][1]["sketch"] = json!("ab");
    for (content, words) in [
        ("[]".to_owned(), "`nosana bench calibrate --record FILE` writes one"),
        (short.to_string(), "a sketch has 64 lowercase hexadecimal digits"),
    ] {
        fs::write(&path, content).unwrap();
        let error = refuse();
        assert!(error.contains(words) && error.contains("card.json is not a recording"), "{error}");
    }

    let mut other = sample_recording();
    other.inputs.sizes.texts = 9;
    other.write_to(&path).unwrap();
    let error = refuse();
    assert!(
        error.contains("card.json cannot be compared: it was recorded with `--texts 9`"),
        "{error}"
    );
}

#[test]
fn a_file_is_read_to_its_bound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.json");
    fs::write(&path, "12345").unwrap();

    assert_eq!(read_bounded(&path, 5).unwrap(), b"12345");
    let error = read_bounded(&path, 4).unwrap_err().to_string();
    assert_eq!(error, "it has more than 4 bytes");
}
