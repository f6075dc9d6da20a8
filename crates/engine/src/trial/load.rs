//! Loads a model on the CPU and runs it once.

use std::{fs, path::Path};

use nosana_job_spec::Task;

use crate::{
    Device, DeviceKind, Embedder, EngineError, GenerationOptions, Generator, LongText, ModelHeader,
    Prompt,
};

/// A text that every model reads.
const TEXT: &str = "a";
/// Where Linux reads how eagerly the process is ended when memory is scarce, and the most eager
/// value.
const SCORE_FILE: &str = "/proc/self/oom_score_adj";
const FIRST_TO_END: &str = "1000";

/// Loads a model on the CPU, and computes one vector or one token with it, for each task that the
/// file claims to do. A file that lies may end this process.
///
/// # Errors
/// If the file cannot be loaded, or does no task.
pub fn load_on_trial(path: &Path) -> Result<(), EngineError> {
    // If memory is scarce, the system ends this process rather than the node.
    let _ = fs::write(SCORE_FILE, FIRST_TO_END);

    let header = ModelHeader::read(path)?;
    let device = open_cpu()?;
    let tasks = [Task::Embedding, Task::Generation].map(|task| (task, header.check_task(task)));

    if let [(_, Err(one)), (_, Err(other))] = tasks {
        let problem = format!("{one}; {other}");
        return Err(EngineError::Weights { path: path.to_owned(), problem });
    }
    for (task, _) in tasks.into_iter().filter(|(_, check)| check.is_ok()) {
        run_once(path, &device, task)?;
    }
    Ok(())
}

fn run_once(path: &Path, device: &Device, task: Task) -> Result<(), EngineError> {
    match task {
        Task::Embedding => {
            Embedder::load(path, device)?.embed(&[TEXT.to_owned()], LongText::Truncate, || true)?;
        }
        Task::Generation => {
            let options = GenerationOptions { max_tokens: 1, ..GenerationOptions::default() };
            let generator = Generator::load(path, device)?;
            generator.allow_context(1);
            generator.generate(&[Prompt::question(TEXT)], &options, || true)?;
        }
    }
    Ok(())
}

fn open_cpu() -> Result<Device, EngineError> {
    let is_cpu = |device: &Device| device.info().kind == DeviceKind::Cpu;
    let cpu = Device::all()?.into_iter().find(is_cpu);
    cpu.ok_or_else(|| EngineError::Backend("llama.cpp was compiled without the CPU".to_owned()))
}
