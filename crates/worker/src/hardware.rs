//! What a node says about its graphics devices, and whether that is still so.

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::{
    accounts::Node,
    types::{Hardware, MarketTerms},
};
use nosana_engine::{AdapterInfo, Benchmark, Gpu, HardwareCommitment, benchmark};
use nosana_job_spec::Digest;

/// The graphics devices of this machine, and what a node commits to about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// What is committed to.
    pub commitment: HardwareCommitment,
    /// Whether the node's account says so already.
    pub registered: bool,
}

impl Machine {
    /// Measures the devices, which must have nothing else to do; not if `node` says already what
    /// they are and that is enough for a market with these `terms`. Blocks for as long as it takes,
    /// some seconds.
    ///
    /// Speeds differ a little each time they are measured, so what is registered stays until the
    /// devices or the driver interface change, or the market asks for more.
    ///
    /// # Errors
    /// If a device fails, or computes a wrong result.
    pub fn look(gpus: &[Gpu], node: Option<&Node>, terms: &MarketTerms) -> Result<Self> {
        let infos: Vec<_> = gpus.iter().map(Gpu::info).collect();
        let says = node.and_then(|node| said(&infos, node));
        if let Some(commitment) = says.clone().filter(|says| enough(says, terms).is_ok()) {
            return Ok(Self { commitment, registered: true });
        }
        let measured: Vec<Benchmark> = gpus
            .iter()
            .map(|gpu| benchmark(gpu).context("cannot measure the GPU"))
            .collect::<Result<_>>()?;
        let commitment = HardwareCommitment::new(infos.into_iter().zip(&measured));
        let registered = says.as_ref() == Some(&commitment);
        Ok(Self { commitment, registered })
    }

    /// What the chain keeps, for a node that works on `capacity` jobs at a time.
    ///
    /// # Errors
    /// If the commitment cannot be written in its canonical form.
    pub fn hardware(&self, capacity: u8) -> Result<Hardware> {
        Ok(Hardware {
            digest: self.commitment.digest()?.0,
            vram_mib: u32::try_from(self.commitment.vram_mib).unwrap_or(u32::MAX),
            gflops: u32::try_from(self.commitment.matmul_gflops).unwrap_or(u32::MAX),
            capacity,
        })
    }

    /// Fails if a market with these terms does not take this machine.
    ///
    /// # Errors
    /// Says what the market asks for, and what there is.
    pub fn check(&self, terms: &MarketTerms) -> Result<()> {
        enough(&self.commitment, terms)
    }
}

fn enough(commitment: &HardwareCommitment, terms: &MarketTerms) -> Result<()> {
    let (gflops, vram_mib) = (commitment.matmul_gflops, commitment.vram_mib);
    ensure!(
        gflops >= terms.min_gflops.into(),
        "the GPU reaches {gflops} GFLOP/s and the market asks for {}: choose another with --market, see `nosana \
         market list`",
        terms.min_gflops
    );
    ensure!(
        vram_mib >= terms.min_vram_mib.into(),
        "the GPU has {vram_mib} MiB of usable memory and the market asks for {} MiB: choose another with --market, \
         see `nosana market list`",
        terms.min_vram_mib
    );
    Ok(())
}

/// What these devices committed to, if the node's account holds that.
fn said(infos: &[&AdapterInfo], node: &Node) -> Option<HardwareCommitment> {
    HardwareCommitment::recognize(
        infos,
        Digest(node.hardware),
        node.gflops.into(),
        node.vram_mib.into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed;

    #[test]
    fn what_the_node_says_stays_until_it_is_not_true_or_not_enough() {
        let gpus = [Gpu::open().unwrap()];
        let mut terms = zeroed::market().terms;
        let fresh = Machine::look(&gpus, None, &terms).unwrap();
        let Hardware { digest, vram_mib, gflops, .. } = fresh.hardware(1).unwrap();
        assert!(!fresh.registered && vram_mib >= 64 && gflops > 0, "{fresh:?}");

        let mut node = zeroed::node();
        (node.hardware, node.vram_mib, node.gflops) = (digest, vram_mib, gflops);
        let (known, expected) =
            (Machine::look(&gpus, Some(&node), &terms).unwrap(), &fresh.commitment);
        assert_eq!((known.registered, &known.commitment), (true, expected));

        // The account says more than was committed to: the digest tells.
        node.vram_mib += 1;
        assert_eq!(said(&[gpus[0].info()], &node), None);
        node.vram_mib -= 1;

        terms.min_vram_mib = 1;
        assert!(Machine::look(&gpus, Some(&node), &terms).unwrap().registered);
        terms.min_vram_mib = u32::MAX;
        let short = Machine::look(&gpus, Some(&node), &terms).unwrap();
        let said = short.check(&terms).unwrap_err().to_string();
        let (has, asks) = (
            format!("has {} MiB", short.commitment.vram_mib),
            format!("asks for {} MiB", u32::MAX),
        );
        assert!(said.contains(&has) && said.contains(&asks), "{said}");
    }
}
