//! What the node says about its machine, and whether it has to say something else.

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::{
    accounts::Node,
    types::{Hardware, MarketTerms},
};
use nosana_engine::{Gpu, HARDWARE_VERSION, HardwareCommitment, benchmark};

use crate::commands::node::status::memory;

/// The machine, as the market will see it.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The graphics adapter's name.
    pub adapter: String,
    /// What is committed to.
    pub hardware: Hardware,
    /// Whether the node says so already.
    pub known: bool,
}

/// Opens the GPU, and measures it unless the node already says what it is. Blocks for as long as that takes.
///
/// Speeds differ a little each time they are measured, so what is registered stays until adapter or driver interface
/// change, or the market asks for more.
///
/// # Errors
/// If there is no GPU, or it cannot be measured.
pub fn look(node: Option<&Node>, slots: Option<u8>, min_gflops: u32) -> Result<Machine> {
    let gpu = Gpu::open().context("cannot open a GPU")?;
    let adapter = gpu.info().name.clone();
    let capacity = slots.or(node.map(|node| node.capacity)).unwrap_or(1);
    if let Some(node) = node.filter(|node| node.gflops >= min_gflops) {
        let digest = registered(&gpu, node).digest()?.0;
        if digest == node.hardware {
            let hardware = Hardware { digest, vram_mib: node.vram_mib, gflops: node.gflops, capacity };
            return Ok(Machine { adapter, hardware, known: node.capacity == capacity });
        }
    }
    let commitment = HardwareCommitment::new(&gpu, &benchmark(&gpu).context("cannot measure the GPU")?);
    let hardware = Hardware {
        digest: commitment.digest()?.0,
        vram_mib: u32::try_from(commitment.vram_mib).unwrap_or(u32::MAX),
        gflops: u32::try_from(commitment.matmul_gflops).unwrap_or(u32::MAX),
        capacity,
    };
    Ok(Machine { adapter, hardware, known: false })
}

/// What this GPU would have committed to when it had the node's numbers: the digest tells whether it did.
fn registered(gpu: &Gpu, node: &Node) -> HardwareCommitment {
    let info = gpu.info();
    HardwareCommitment {
        version: HARDWARE_VERSION.into(),
        adapter: info.name.clone(),
        backend: info.backend.clone(),
        kind: info.kind,
        matmul_gflops: node.gflops.into(),
        vram_mib: node.vram_mib.into(),
    }
}

impl Machine {
    /// One line about it.
    pub fn tell(&self) -> String {
        let Hardware { gflops, vram_mib, capacity, .. } = self.hardware;
        let slots = if capacity == 1 { "slot" } else { "slots" };
        format!("{}: {gflops} GFLOP/s, {}, {capacity} {slots}", self.adapter, memory(vram_mib))
    }

    /// Fails if a market with these terms does not take this machine.
    pub fn check(&self, terms: &MarketTerms) -> Result<()> {
        let Hardware { gflops, vram_mib, .. } = self.hardware;
        ensure!(
            gflops >= terms.min_gflops,
            "the GPU reaches {gflops} GFLOP/s and the market asks for {}: choose another with --market, see `nosana market list`",
            terms.min_gflops
        );
        ensure!(
            vram_mib >= terms.min_vram_mib,
            "the market asks for {} MiB of GPU memory, and the driver tells {}: choose another with --market",
            terms.min_vram_mib,
            memory(vram_mib)
        );
        Ok(())
    }
}
