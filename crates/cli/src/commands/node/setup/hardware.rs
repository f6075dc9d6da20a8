//! The machine's hardware, and whether the node has registered it.

use anyhow::{Context, Result};
use nosana_client::jobs::{
    accounts::Node,
    types::{Hardware, MarketTerms},
};
use nosana_engine::{Device, DeviceChoice, ModelStore};
use nosana_worker::Machine;

use crate::commands::{
    node::gpu_options::default_slots, size::ByteSize, unused_gpu::find_unused_gpu,
    values::format_memory,
};

/// The hardware of this machine.
#[derive(Clone, Debug)]
pub struct DetectedHardware {
    /// The machine.
    pub machine: Machine,
    /// The part of it that the node's account stores.
    pub hardware: Hardware,
    /// Whether the node's account has it already.
    pub is_registered: bool,
    /// What to do about a GPU that this build does not use.
    pub unused_gpu: Option<String>,
}

/// Opens the GPUs, and measures them unless the node's account describes them already. Blocks while
/// it measures. Fails if there is no such GPU, or if it cannot be measured.
pub fn detect_hardware(
    choice: &DeviceChoice,
    node: Option<&Node>,
    slots: Option<u8>,
    terms: &MarketTerms,
) -> Result<DetectedHardware> {
    let gpus = Device::open_chosen(choice).context("cannot open a device")?;
    let capacity =
        slots.or(node.map(|node| node.capacity)).unwrap_or_else(|| default_slots(gpus.len()));

    let machine = Machine::measure_if_unknown(&gpus, &ModelStore::in_user_cache()?, node, terms)?;
    let hardware = machine.onchain_hardware(capacity)?;
    let is_registered = machine.registered && node.is_some_and(|node| node.capacity == capacity);
    Ok(DetectedHardware { machine, hardware, is_registered, unused_gpu: find_unused_gpu() })
}

impl DetectedHardware {
    /// Describes it in one line.
    pub fn describe(&self) -> String {
        let Hardware { vram_mib, capacity, .. } = self.hardware;
        let commitment = &self.machine.commitment;
        let device = &commitment.device;
        let memory = format_memory(vram_mib);
        let reads = commitment.prompt_tokens_per_second;
        let writes = commitment.generated_tokens_per_second;
        let weights = ByteSize(commitment.weights_bytes_per_second);
        let slots = if capacity == 1 { "slot" } else { "slots" };

        format!(
            "{device}: reads {reads} and generates {writes} tokens a second, \
             weights at {weights}/s, {memory}, {capacity} {slots}"
        )
    }
}
