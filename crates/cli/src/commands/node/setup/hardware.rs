//! What the node says about its machine, and whether it has to say something else.

use anyhow::{Context, Result};
use nosana_client::jobs::{
    accounts::Node,
    types::{Hardware, MarketTerms},
};
use nosana_engine::{Gpu, GpuChoice};
use nosana_worker::Machine;

use crate::commands::node::{gpus, status::memory};

/// The machine, as the market will see it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it is.
    pub machine: Machine,
    /// What the chain keeps of it.
    pub hardware: Hardware,
    /// Whether the node says so already.
    pub known: bool,
}

/// Opens the GPUs, and measures them unless the node already says what they are. Blocks for as long
/// as that takes.
///
/// # Errors
/// If there is no such GPU, or it cannot be measured.
pub fn look(
    chosen: &GpuChoice,
    node: Option<&Node>,
    slots: Option<u8>,
    terms: &MarketTerms,
) -> Result<Seen> {
    let opened = Gpu::open_chosen(chosen).context("cannot open a GPU")?;
    let capacity =
        slots.or(node.map(|node| node.capacity)).unwrap_or_else(|| gpus::slots(opened.len()));
    let machine = Machine::look(&opened, node, terms)?;
    let hardware = machine.hardware(capacity)?;
    let known = machine.registered && node.is_some_and(|node| node.capacity == capacity);
    Ok(Seen { machine, hardware, known })
}

impl Seen {
    /// One line about it.
    pub fn tell(&self) -> String {
        let Hardware { gflops, vram_mib, capacity, .. } = self.hardware;
        let slots = if capacity == 1 { "slot" } else { "slots" };
        let (adapter, speed) =
            (&self.machine.commitment.adapter, self.machine.commitment.memory_gb_s);
        format!(
            "{adapter}: {gflops} GFLOP/s, {} at {speed} GB/s, {capacity} {slots}",
            memory(vram_mib)
        )
    }
}
