//! The speed of inference: the engine called directly, the same through a whole market, and
//! llama.cpp called by a binding that others maintain.
//!
//! | module | purpose |
//! | --- | --- |
//! | `workload` | the prompts |
//! | `direct` | the engine, without a market |
//! | `market` | the same prompts as jobs on a local network |
//! | `stages` | how long those jobs take, by stage |
//! | `peer` | llama.cpp by another binding |
//! | `token_answer` | one answer by both, in tokens |
//! | `report` | the figures as JSON, as text and as a page |

mod direct;
mod market;
mod peer;
mod report;
mod stages;
mod token_answer;
mod workload;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use nosana_engine::{Device, Generator, ModelStore, SMOLLM2_135M_INSTRUCT, run_benchmark};
use nosana_localnet::{World, WorldConfig};

pub(crate) use self::report::STAGE_HEADING;
pub use self::{market::MarketRun, report::EngineReport, workload::Throughput};
use crate::progress::Progress;

/// The numbers of requests that run at the same time, unless others are chosen.
pub const IN_FLIGHT: [u16; 3] = [1, 4, 16];

/// Options of the comparison.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Folder for the page and its data.
    pub out: PathBuf,
    /// Folder with the compiled programs.
    pub programs: PathBuf,
    /// Folder with an installed npm package `node-llama-cpp`; without it, there is no comparison
    /// with another binding.
    pub peer: Option<PathBuf>,
    /// The numbers of requests that run at the same time, each at least 1.
    pub in_flight: Vec<u16>,
    /// Time limit for each job.
    pub patience: Duration,
    /// Prints nothing to stderr.
    pub quiet: bool,
}

/// Measures everything in turn, and writes `engine.json` and `engine.html`.
///
/// # Errors
/// If a part fails or takes too long.
pub async fn run(config: EngineConfig) -> Result<EngineReport> {
    let progress = Progress::new(config.quiet);
    let counts: Vec<usize> = config.in_flight.iter().copied().map(usize::from).collect();

    let part = progress.begin_part("engine");
    part.set_step("measuring the device");
    let device = Device::open()?;
    let model = ModelStore::in_user_cache()?.ensure(&SMOLLM2_135M_INSTRUCT)?;
    let benchmark = run_benchmark(&device, &model)?;

    let generator = Generator::load(&model, &device)?;
    let mut direct = Vec::new();
    for &in_flight in &counts {
        part.set_step(format!("answering, {in_flight} at a time"));
        direct.push(direct::measure_direct(&generator, in_flight)?);
    }
    let answer = direct::answer_first(&generator)?;
    drop(generator);
    part.finish(format!("{}, {} measurements", device.info(), direct.len()));

    let peer = match &config.peer {
        None => None,
        Some(folder) => {
            let part = progress.begin_part("peer");
            part.set_step("measuring node-llama-cpp");
            let measured = peer::measure_peer(folder, &model)?;
            part.finish(format!("node-llama-cpp {}", measured.version));
            Some(measured)
        }
    };

    let part = progress.begin_part("market");
    let mut market = Vec::new();
    for &in_flight in &counts {
        part.set_step(format!("jobs, {in_flight} at a time"));
        market.push(measure_world(&config, in_flight).await?);
    }
    part.finish(format!("{} measurements", market.len()));

    let mut report = EngineReport {
        device: device.info().clone(),
        benchmark,
        direct,
        market,
        slot_ms: WorldConfig::default().slot_ms,
        answer: Some(answer),
        peer,
        page: PathBuf::new(),
    };
    report.write_to(&config.out)?;
    Ok(report)
}

/// Measures jobs on a network of its own.
async fn measure_world(config: &EngineConfig, in_flight: usize) -> Result<MarketRun> {
    let defaults = WorldConfig::default();
    let world = WorldConfig {
        terms: nosana_localnet::windowless_terms(),
        programs_folder: config.programs.clone(),
        ..defaults
    };

    let world = World::start(world, |_| {}).await.context("cannot start the local network")?;
    let measured = market::measure_market(&world, in_flight, config.patience).await;
    world.stop().await?;
    measured
}
