//! Options that choose GPUs and CPU threads.

use std::num::NonZeroUsize;

use anyhow::{Result, ensure};
use clap::Args;
use nosana_engine::{DeviceChoice, THREADS_VARIABLE, set_cpu_threads};
use nosana_protocol::slot::NODE_SLOTS;

/// GPUs to use.
#[derive(Clone, Debug, Args)]
pub struct GpuOptions {
    /// GPU to use, by its number in `nosana node gpus`, or `all`; may be given several times;
    /// defaults to the best
    /// GPU, or the CPU
    #[arg(long, value_name = "NUMBER|all", env = "NOSANA_GPU", value_delimiter = ',')]
    gpu: Vec<DeviceChoice>,
    /// Threads of each model on the CPU; defaults to one per core. Fewer are faster on a machine
    /// that is busy with other programs
    #[arg(long, value_name = "COUNT", env = THREADS_VARIABLE)]
    cpu_threads: Option<NonZeroUsize>,
}

impl GpuOptions {
    /// Sets the number of threads, and returns the choice. Fails if a number is given twice: the
    /// node would promise that GPU's memory twice.
    pub fn choose_devices(&self) -> Result<DeviceChoice> {
        if let Some(threads) = self.cpu_threads {
            set_cpu_threads(threads);
        }

        let choice = DeviceChoice::together(&self.gpu);

        if let DeviceChoice::Numbers(numbers) = &choice {
            let mut places = numbers.iter().enumerate();
            let is_repeated = places.any(|(place, number)| numbers[..place].contains(number));
            ensure!(
                !is_repeated,
                "a GPU is named twice with --gpu; \
                 to run more jobs on it, give the node more --slots"
            );
        }
        Ok(choice)
    }
}

/// The slots of a node with this many devices: one each, at most [`NODE_SLOTS`].
pub fn default_slots(devices: usize) -> u8 {
    u8::try_from(devices).unwrap_or(u8::MAX).clamp(1, NODE_SLOTS)
}
