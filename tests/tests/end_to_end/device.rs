//! The device on which the node works: the best one, or that of a named backend.

use std::env;

use anyhow::{Context, Result};
use nosana_client::{actions, jobs::types::Hardware};
use nosana_engine::{
    ALL_MINILM_L6_V2, Device, DeviceChoice, DeviceInfo, DeviceKind, Embedder, HARDWARE_VERSION,
    HardwareCommitment, LongText, ModelStore, SMOLLM2_TOKEN_BYTES,
};
use nosana_job_spec::EmbeddingOutput;
use nosana_localnet::World;
use nosana_worker::WorkerConfig;
use solana_signer::Signer;

/// The environment variable with the name of a backend, as in the engine's test on GPUs.
const BACKEND: &str = "NOSANA_TEST_BACKEND";
/// The usable memory of a driver for the CPU, as if it had been measured.
const MEMORY_MIB: u64 = 1_024;

/// The device on which the node works.
pub struct TestedDevice {
    /// How the node's owner chooses it.
    pub choice: DeviceChoice,
    /// What results should say about it.
    pub info: DeviceInfo,
}

/// Returns the first device of the backend that `NOSANA_TEST_BACKEND` names, else the best device.
pub fn choose_device() -> Result<TestedDevice> {
    let Ok(backend) = env::var(BACKEND) else {
        let info = Device::open()?.info().clone();
        return Ok(TestedDevice { choice: DeviceChoice::Best, info });
    };

    let infos: Vec<_> = Device::all()?.iter().map(|device| device.info().clone()).collect();
    let is_tested = |info: &DeviceInfo| info.backend.eq_ignore_ascii_case(&backend);
    let number = infos.iter().position(is_tested);
    let number = number.with_context(|| format!("no device of `{backend}` among {infos:?}"))?;
    Ok(TestedDevice { choice: DeviceChoice::Numbers(vec![number]), info: infos[number].clone() })
}

impl TestedDevice {
    /// Registers the node with made-up figures if its device is a driver for the CPU, which takes
    /// minutes to measure. The node finds its hardware registered then, and measures nothing.
    pub async fn register_slow_node(&self, world: &World, config: &WorkerConfig) -> Result<()> {
        if self.info.kind != DeviceKind::Software {
            return Ok(());
        }

        let commitment = HardwareCommitment {
            version: HARDWARE_VERSION.to_owned(),
            device: self.info.name.clone(),
            backend: self.info.backend.clone(),
            kind: self.info.kind,
            devices: 1,
            prompt_tokens_per_second: 1,
            generated_tokens_per_second: 1,
            weights_bytes_per_second: SMOLLM2_TOKEN_BYTES,
            vram_mib: MEMORY_MIB,
        };
        let hardware = Hardware {
            digest: commitment.digest()?.0,
            vram_mib: u32::try_from(commitment.vram_mib)?,
            prompt_tokens_per_second: u32::try_from(commitment.prompt_tokens_per_second)?,
            capacity: config.slots,
            capabilities: 0,
            memory_mib: 0,
        };

        let (owner, mint) = (world.node.pubkey(), world.mint);
        let (amount, seconds) = (config.stake_amount, config.stake_duration_seconds);
        let stake = actions::open_stake(owner, mint, amount, seconds);
        let register = actions::register_node(owner, mint, hardware);
        world.session.send_transaction(&[stake.into(), register.into()], &world.node, &[]).await?;
        Ok(())
    }
}

/// Returns the vectors of texts by the engine, called directly on the CPU.
pub fn embed_on_cpu(texts: &[&str]) -> Result<EmbeddingOutput> {
    let cpu = Device::all()?.pop().context("the machine has no device")?;
    let model = ModelStore::in_user_cache()?.ensure(&ALL_MINILM_L6_V2)?;
    let embedder = Embedder::load(&model, &cpu)?;
    Ok(EmbeddingOutput::new(embedder.embed(texts, LongText::Refuse, || true)?))
}
