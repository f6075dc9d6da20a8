//! The models that are loaded on one device: the least recently used ones leave when the next one
//! does not fit beside them.

use std::sync::Arc;

use anyhow::Result;
use nosana_engine::{Device, Embedder, Generator};
use nosana_job_spec::{ModelDigest, Task};

use super::models::{MemoryBudget, PreparedModel};

/// The most models on a device at a time.
const MAX_LOADED: usize = 8;

/// The models on a device, the least recently used one first.
#[derive(Default)]
pub(super) struct LoadedModels(Vec<LoadedModel>);

/// A model that is loaded.
struct LoadedModel {
    digest: ModelDigest,
    runner: Arc<Runner>,
    /// The memory that it needed at its largest operation.
    needed_bytes: u64,
    /// Keeps the file on this machine.
    _prepared: PreparedModel,
}

/// A loaded model, ready for its task.
pub(super) enum Runner {
    Embedder(Arc<Embedder>),
    Generator(Arc<Generator>),
}

impl Runner {
    const fn task(&self) -> Task {
        match self {
            Self::Embedder(_) => Task::Embedding,
            Self::Generator(_) => Task::Generation,
        }
    }

    fn load(model: &PreparedModel, task: Task, device: &Device) -> Result<Self> {
        let path = model.file.path();

        Ok(match task {
            Task::Embedding => Self::Embedder(Arc::new(Embedder::load(path, device)?)),
            Task::Generation => Self::Generator(Arc::new(Generator::load(path, device)?)),
        })
    }
}

impl LoadedModels {
    /// Returns the model, which is loaded if it is not.
    ///
    /// # Errors
    /// If it cannot be loaded, also when it is alone on the device.
    pub fn load(
        &mut self,
        model: PreparedModel,
        task: Task,
        device: &Device,
        memory: &MemoryBudget,
    ) -> Result<Arc<Runner>> {
        let digest = model.file.digest();
        let (needed_bytes, context_tokens) = (model.needed_bytes, model.context_tokens);
        let is_wanted =
            |loaded: &LoadedModel| loaded.digest == digest && loaded.runner.task() == task;

        let mut loaded = match self.0.iter().position(is_wanted) {
            Some(index) => {
                let found = self.0.remove(index);
                self.unload_for(needed_bytes, memory);
                found
            }
            None => {
                self.unload_for(needed_bytes, memory);
                let runner = match Runner::load(&model, task, device) {
                    Err(error) if !self.0.is_empty() => {
                        tracing::info!("{error:#}; trying again without other models");
                        self.0.retain(|loaded| Arc::strong_count(&loaded.runner) > 1);
                        Runner::load(&model, task, device)
                    }
                    loaded => loaded,
                }?;
                let runner = Arc::new(runner);
                LoadedModel { digest, runner, needed_bytes, _prepared: model }
            }
        };

        loaded.needed_bytes = loaded.needed_bytes.max(needed_bytes);
        if let Runner::Generator(generator) = &*loaded.runner {
            generator.allow_context(usize::try_from(context_tokens).unwrap_or(usize::MAX));
        }
        let runner = Arc::clone(&loaded.runner);
        self.0.push(loaded);
        Ok(runner)
    }

    /// Unloads models until one that needs so many bytes fits beside the others. Models that are in
    /// use stay: services hold their memory.
    fn unload_for(&mut self, needed_bytes: u64, memory: &MemoryBudget) {
        while self.0.len() >= MAX_LOADED
            || self.count_bytes().saturating_add(needed_bytes) > memory.bytes
        {
            let is_unused = |loaded: &LoadedModel| Arc::strong_count(&loaded.runner) == 1;
            let Some(index) = self.0.iter().position(is_unused) else { return };

            let LoadedModel { digest, .. } = self.0.remove(index);
            tracing::info!(%digest, "unloaded the least recently used model");
        }
    }

    fn count_bytes(&self) -> u64 {
        self.0.iter().fold(0, |sum: u64, loaded| sum.saturating_add(loaded.needed_bytes))
    }
}

#[cfg(test)]
mod tests {
    use nosana_engine::{ALL_MINILM_L6_V2, Model, ModelStore, SMOLLM2_135M_INSTRUCT};

    use super::*;

    const MIB: u64 = 1 << 20;

    /// Prepares a model that needs 100 MiB.
    fn prepare(model: &Model) -> PreparedModel {
        let store = ModelStore::in_user_cache().unwrap();
        let file = store.ensure_model(&model.digest().into(), &mut |_| {}).unwrap();
        PreparedModel { file, needed_bytes: 100 * MIB, context_tokens: 1_024 }
    }

    /// The models that stay when these are loaded one after the other.
    fn load_all(mib: u64, models: &[&Model]) -> Vec<ModelDigest> {
        let device = Device::open().unwrap();
        let memory = MemoryBudget::new("A card".to_owned(), mib * MIB);
        let mut loaded = LoadedModels::default();

        for model in models {
            let runner = loaded.load(prepare(model), model.task, &device, &memory).unwrap();
            assert_eq!(runner.task(), model.task);
        }
        loaded.0.iter().map(|one| one.digest).collect()
    }

    #[test]
    fn models_stay_while_there_is_memory_and_the_least_recently_used_one_leaves() {
        let (minilm, smollm2) = (&ALL_MINILM_L6_V2, &SMOLLM2_135M_INSTRUCT);

        assert_eq!(load_all(200, &[minilm, smollm2]), [minilm.digest(), smollm2.digest()]);
        let used_again = load_all(200, &[minilm, smollm2, minilm]);
        assert_eq!(used_again, [smollm2.digest(), minilm.digest()]);
        assert_eq!(load_all(199, &[minilm, smollm2]), [smollm2.digest()]);
        assert_eq!(load_all(199, &[minilm, smollm2, minilm]), [minilm.digest()]);
    }
}
