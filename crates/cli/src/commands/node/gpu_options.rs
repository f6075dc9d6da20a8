//! Options that choose GPUs.

use anyhow::{Result, ensure};
use clap::Args;
use nosana_engine::GpuChoice;

/// The most slots of a node.
const MAX_SLOTS: u8 = 8;

/// GPUs to use.
#[derive(Clone, Debug, Args)]
pub struct GpuOptions {
    /// GPU to use, by its number in `nosana node gpus`, or `all`; may be given several times;
    /// defaults to the GPU that the system prefers
    #[arg(long, value_name = "NUMBER|all", env = "NOSANA_GPU", value_delimiter = ',')]
    gpu: Vec<GpuChoice>,
}

impl GpuOptions {
    /// Returns the choice. Fails if a number is given twice: the node would promise that
    /// GPU's memory twice.
    pub fn combined(&self) -> Result<GpuChoice> {
        let choice = GpuChoice::together(&self.gpu);

        if let GpuChoice::Numbers(numbers) = &choice {
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

/// The slots of a node with this many devices: one each, at most [`MAX_SLOTS`].
pub fn default_slots(devices: usize) -> u8 {
    u8::try_from(devices).unwrap_or(u8::MAX).clamp(1, MAX_SLOTS)
}
