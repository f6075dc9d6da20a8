//! The speed of inference: the engine called directly, the same through a whole market, and
//! llama.cpp called by a binding that others maintain; and how it grows with a batch.
//!
//! | module | purpose |
//! | --- | --- |
//! | `workload` | prompts and sentences |
//! | `throughput` | requests, and the time for them |
//! | `direct` | the engine, without a market |
//! | `market` | the same requests as jobs on a local network |
//! | `client`, `node_record` | what the jobs' client and their node do and see |
//! | `stages` | how long those jobs take, by stage |
//! | `traffic` | their transactions and bytes |
//! | `sweep`, `sweep_table` | batches of several sizes on each device |
//! | `peer` | llama.cpp by another binding |
//! | `token_answer` | one answer by both, in tokens |
//! | `comparison`, `goals` | figures beside each other, and what they should reach |
//! | `report`, `page` | the figures as JSON and as text, and as a page |

mod client;
mod comparison;
mod direct;
mod goals;
mod market;
mod node_record;
mod output;
mod page;
mod peer;
mod report;
mod stages;
mod sweep;
mod sweep_table;
mod throughput;
mod token_answer;
mod traffic;
mod workload;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use nosana_engine::{
    ALL_MINILM_L6_V2, BenchmarkLength, Device, Generator, ModelStore, SMOLLM2_135M_INSTRUCT,
    run_benchmark,
};
use nosana_localnet::{World, WorldConfig};

pub(crate) use self::{
    goals::{GOAL_HEADING, Goal},
    report::STAGE_HEADING,
    sweep_table::SweepTable,
};
pub use self::{market::MarketRun, report::EngineReport, throughput::Throughput};
use self::{peer::Peer, report::SentencesReport, workload::Workload};
use crate::{html::elements::count_nouns, progress::Progress};

/// The numbers of requests that run at the same time, unless others are chosen.
pub const IN_FLIGHT: [u16; 3] = [1, 4, 16];

/// The milliseconds of a cluster's slot. All jobs are measured with such slots: with shorter ones
/// the market would delay them less than it does on a cluster.
const CLUSTER_SLOT_MS: u64 = 400;

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
    /// Measures only the smallest and the largest batch, and no jobs with sentences.
    pub is_quick: bool,
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
    let models = ModelStore::in_user_cache()?;
    let model = models.ensure(&SMOLLM2_135M_INSTRUCT)?;
    let embedding_model = models.ensure(&ALL_MINILM_L6_V2)?;
    let benchmark = run_benchmark(&device, &model, BenchmarkLength::Full)?;

    let generator = Generator::load(&model, &device)?;
    let answer = direct::answer_first(&generator)?;
    part.set_step("embedding sentences");
    let embedding = direct::measure_sentence_rounds(&embedding_model, &device)?;
    part.finish(device.info().to_string());

    let part = progress.begin_part("batches");
    let sweeps = sweep::measure_devices([&model, &embedding_model], config.is_quick, &part)?;
    part.finish(count_nouns(sweeps.len(), "device"));

    let peer = measure_peer(&config, &progress, [&model, &embedding_model])?;

    let part = progress.begin_part("market");
    let (mut direct, mut market) = (Vec::new(), Vec::new());
    for &in_flight in &counts {
        part.set_step(format!("jobs, {in_flight} at a time"));
        let measure = || direct::measure_answers(&generator, in_flight);
        let (alone, jobs) = measure_both(&config, Workload::Answers, in_flight, measure).await?;
        direct.push(alone);
        market.push(jobs);
    }
    drop(generator);
    let mut sentences = Vec::new();
    for &in_flight in counts.iter().filter(|_| !config.is_quick) {
        part.set_step(format!("jobs with sentences, {in_flight} at a time"));
        let measure = || direct::measure_sentences(&embedding_model, &device, in_flight);
        let (direct, market) =
            measure_both(&config, Workload::Sentences, in_flight, measure).await?;
        sentences.push(SentencesReport { direct, market });
    }
    part.finish(format!("{} measurements", market.len() + sentences.len()));

    let mut report = EngineReport {
        device: device.info().clone(),
        benchmark,
        direct,
        market,
        embedding: Some(embedding),
        sentences,
        sweeps,
        slot_ms: CLUSTER_SLOT_MS,
        answer: Some(answer),
        peer,
        page: PathBuf::new(),
    };
    report.write_to(&config.out)?;
    Ok(report)
}

/// Measures the other binding, if it is installed.
fn measure_peer(
    config: &EngineConfig,
    progress: &Progress,
    models: [&Path; 2],
) -> Result<Option<Peer>> {
    let Some(folder) = &config.peer else {
        return Ok(None);
    };

    let part = progress.begin_part("peer");
    part.set_step("measuring node-llama-cpp");
    let measured = peer::measure_peer(folder, models)?;
    part.finish(format!("node-llama-cpp {}", measured.version));
    Ok(Some(measured))
}

/// Measures the engine and jobs beside one local network: what the network's own work takes of this
/// machine costs the marketplace nothing, since a node runs none.
async fn measure_both(
    config: &EngineConfig,
    workload: Workload,
    in_flight: usize,
    measure_direct: impl FnOnce() -> Result<Throughput>,
) -> Result<(Throughput, MarketRun)> {
    let world = WorldConfig {
        slot_ms: CLUSTER_SLOT_MS,
        terms: nosana_localnet::windowless_terms(),
        programs_folder: config.programs.clone(),
        ..WorldConfig::default()
    };

    let world = World::start(world, |_| {}).await.context("cannot start the local network")?;
    let direct = tokio::task::block_in_place(measure_direct)?;
    let market = market::measure_market(&world, workload, in_flight, config.patience).await;
    world.stop().await?;
    Ok((direct, market?))
}
