//! The devices that a node registers, and whether its account still describes them.

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::{
    accounts::Node,
    types::{Hardware, MarketTerms},
};
use nosana_engine::{
    Benchmark, BenchmarkLength, Device, DeviceInfo, HardwareCommitment, ModelStore,
    SMOLLM2_135M_INSTRUCT, run_benchmark,
};
use nosana_job_spec::Capabilities;
use nosana_job_spec::Digest;

/// The devices of this machine, and the node's commitment about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The commitment.
    pub commitment: HardwareCommitment,
    /// Whether the node's account holds this commitment already.
    pub registered: bool,
    /// What the machine can run; nothing if that was not found out.
    pub capabilities: Capabilities,
}

impl Machine {
    /// Measures the devices, which must be idle. Skips the measurement if the account of `node`
    /// already describes the devices and meets `terms`. Blocks for some seconds while it measures.
    ///
    /// Speeds differ a little between measurements, so what is registered stays until the devices
    /// or the driver interface change, or the market requires more.
    ///
    /// # Errors
    /// If a device fails, or computes a wrong result.
    pub fn measure_if_unknown(
        devices: &[Device],
        models: &ModelStore,
        node: Option<&Node>,
        terms: &MarketTerms,
    ) -> Result<Self> {
        let infos: Vec<_> = devices.iter().map(Device::info).collect();
        let registered = node.and_then(|node| registered_commitment(&infos, node));
        let sufficient =
            |commitment: &HardwareCommitment| check_commitment(commitment, terms).is_ok();
        if let Some(commitment) = registered.clone().filter(sufficient) {
            let capabilities = Capabilities::default();
            return Ok(Self { commitment, registered: true, capabilities });
        }

        let model = models.ensure(&SMOLLM2_135M_INSTRUCT)?;
        let measured: Vec<Benchmark> = devices
            .iter()
            .map(|device| {
                run_benchmark(device, &model, BenchmarkLength::Short)
                    .context("cannot measure the device")
            })
            .collect::<Result<_>>()?;
        let commitment = HardwareCommitment::new(infos.into_iter().zip(&measured));
        let registered = registered.as_ref() == Some(&commitment);
        Ok(Self { commitment, registered, capabilities: Capabilities::default() })
    }

    /// Returns the hardware that the chain stores, for a node that runs `capacity` jobs at a time.
    ///
    /// # Errors
    /// If the commitment has no canonical form.
    pub fn onchain_hardware(&self, capacity: u8) -> Result<Hardware> {
        Ok(Hardware {
            digest: self.commitment.digest()?.0,
            vram_mib: u32::try_from(self.commitment.vram_mib).unwrap_or(u32::MAX),
            prompt_tokens_per_second: u32::try_from(self.commitment.prompt_tokens_per_second)
                .unwrap_or(u32::MAX),
            capacity,
            capabilities: self.capabilities.flags,
            memory_mib: self.capabilities.memory_mib,
        })
    }

    /// Returns whether the account of `node` reports what this machine can run.
    pub fn reports_capabilities(&self, node: &Node) -> bool {
        let reported = Capabilities { flags: node.capabilities, memory_mib: node.memory_mib };
        reported == self.capabilities
    }

    /// Checks the machine against a market's terms.
    ///
    /// # Errors
    /// If the market requires more. The error names both values.
    pub fn check_hardware(&self, terms: &MarketTerms) -> Result<()> {
        check_commitment(&self.commitment, terms)
    }
}

fn check_commitment(commitment: &HardwareCommitment, terms: &MarketTerms) -> Result<()> {
    let speed = commitment.prompt_tokens_per_second;
    ensure!(
        speed >= terms.min_prompt_tokens_per_second.into(),
        "the device reads {speed} tokens a second and the market requires {}: choose another with \
         --market, see `nosana market list`",
        terms.min_prompt_tokens_per_second
    );

    let vram_mib = commitment.vram_mib;
    ensure!(
        vram_mib >= terms.min_vram_mib.into(),
        "the device has {vram_mib} MiB of usable memory and the market requires {} MiB: choose \
         another with --market, see `nosana market list`",
        terms.min_vram_mib
    );

    Ok(())
}

/// Returns the commitment about these devices, if the node's account holds it.
fn registered_commitment(infos: &[&DeviceInfo], node: &Node) -> Option<HardwareCommitment> {
    HardwareCommitment::recognize(
        infos,
        Digest(node.hardware),
        node.prompt_tokens_per_second.into(),
        node.vram_mib.into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed_accounts::{zeroed_market, zeroed_node};

    #[test]
    fn what_is_registered_stays_until_it_is_wrong_or_not_enough() {
        let gpus = [Device::open().unwrap()];
        let models = ModelStore::in_user_cache().unwrap();
        let mut terms = zeroed_market().terms;
        let fresh = Machine::measure_if_unknown(&gpus, &models, None, &terms).unwrap();
        let Hardware { digest, vram_mib, prompt_tokens_per_second, .. } =
            fresh.onchain_hardware(1).unwrap();
        assert!(!fresh.registered && vram_mib >= 64 && prompt_tokens_per_second > 0, "{fresh:?}");

        let mut node = zeroed_node();
        node.hardware = digest;
        node.vram_mib = vram_mib;
        node.prompt_tokens_per_second = prompt_tokens_per_second;
        let known = Machine::measure_if_unknown(&gpus, &models, Some(&node), &terms).unwrap();
        assert_eq!((known.registered, &known.commitment), (true, &fresh.commitment));

        // The account has more memory than was committed to: the digest does not match.
        node.vram_mib += 1;
        assert_eq!(registered_commitment(&[gpus[0].info()], &node), None);
        node.vram_mib -= 1;

        terms.min_vram_mib = 1;
        assert!(
            Machine::measure_if_unknown(&gpus, &models, Some(&node), &terms).unwrap().registered
        );

        terms.min_vram_mib = u32::MAX;
        let short = Machine::measure_if_unknown(&gpus, &models, Some(&node), &terms).unwrap();
        let refusal = short.check_hardware(&terms).unwrap_err().to_string();
        let has = format!("has {} MiB", short.commitment.vram_mib);
        let requires = format!("requires {} MiB", u32::MAX);
        assert!(refusal.contains(&has) && refusal.contains(&requires), "{refusal}");
    }
}
