//! The figures, and what follows from them.

use std::path::PathBuf;

use nosana_engine::{Benchmark, DeviceInfo};
use serde::{Deserialize, Serialize};

use super::{
    comparison::{Compared, draw_rows},
    market::MarketRun,
    peer::Peer,
    stages::StageTimes,
    sweep::DeviceSweep,
    sweep_table::SweepTable,
    throughput::Throughput,
    token_answer::{Agreement, TokenAnswer},
};
use crate::format::format_thousands;

/// The columns of [`EngineReport::list_stages`].
pub(crate) const STAGE_HEADING: [&str; 7] = [
    "ms of a job, median",
    "listing",
    "starting",
    "answering",
    "settling",
    "transactions",
    "their bytes",
];

/// All figures of a comparison.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EngineReport {
    /// The device.
    pub device: DeviceInfo,
    /// The engine's benchmark, as nodes commit to it.
    pub benchmark: Benchmark,
    /// Answers of the engine, called directly.
    pub direct: Vec<Throughput>,
    /// The same answers as jobs.
    pub market: Vec<MarketRun>,
    /// Sentences by the engine, called directly, without a network beside it.
    #[serde(default)]
    pub embedding: Option<Throughput>,
    /// Sentences as jobs; none if the run was a quick one.
    #[serde(default)]
    pub sentences: Vec<SentencesReport>,
    /// Batches on each device.
    #[serde(default)]
    pub sweeps: Vec<DeviceSweep>,
    /// The milliseconds of a slot of the local network.
    pub slot_ms: u64,
    /// The engine's answer to the first prompt.
    #[serde(default)]
    pub answer: Option<TokenAnswer>,
    /// llama.cpp by another binding.
    pub peer: Option<Peer>,
    /// The page.
    #[serde(skip)]
    pub page: PathBuf,
}

/// Sentences as jobs, and by the engine called directly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SentencesReport {
    /// The engine, called directly.
    pub direct: Throughput,
    /// The same sentences as jobs.
    pub market: MarketRun,
}

impl EngineReport {
    /// The engine's answer beside that of another binding.
    pub(super) fn compare_answers(&self) -> Agreement {
        let peer = self.peer.as_ref().and_then(|peer| peer.answer.as_ref());
        Agreement::of_answers(self.answer.as_ref(), peer)
    }

    /// The engine beside another binding.
    pub(super) fn compare_peer(&self) -> Vec<Compared> {
        let peer = self.peer.as_ref();
        let Benchmark { prompt, generation, .. } = &self.benchmark;

        let mut rows = vec![
            Compared {
                name: format!("reading {}", prompt.tokens),
                ours: prompt.tokens_per_second,
                theirs: peer.map(|peer| peer.prompt_tokens_per_second),
            },
            Compared {
                name: format!("generating {}", generation.tokens),
                ours: generation.tokens_per_second,
                theirs: peer.map(|peer| peer.generated_tokens_per_second),
            },
        ];
        rows.extend(self.embedding.map(|embedding| Compared {
            name: format!("{} sentences", embedding.items),
            ours: embedding.items_per_second(),
            theirs: peer.and_then(|peer| peer.sentences_per_second),
        }));
        rows
    }

    /// Answers as jobs beside answers of the engine called directly.
    pub(super) fn compare_market(&self) -> Vec<Compared> {
        let pairs = self.market.iter().map(|run| &run.throughput).zip(&self.direct);
        pairs.map(|(market, direct)| compare_run(market, direct)).collect()
    }

    /// Sentences as jobs beside those of the engine called directly, unless the run was a quick
    /// one.
    pub(super) fn compare_sentences(&self) -> Vec<Compared> {
        let sentences = self.sentences.iter();
        sentences.map(|both| compare_run(&both.market.throughput, &both.direct)).collect()
    }

    /// Returns the throughput of jobs as a part of the engine's: what they did, and the ratio.
    pub(crate) fn list_ratios(&self) -> Vec<(String, f64)> {
        let named = |rows: Vec<Compared>, jobs: &str| {
            let ratio = |row: &Compared| Some((format!("{jobs}, {}", row.name), row.ratio()?));
            rows.iter().filter_map(ratio).collect::<Vec<_>>()
        };

        let sentences = named(self.compare_sentences(), "sentences as jobs");
        [named(self.compare_market(), "as jobs"), sentences].concat()
    }

    /// Returns the speeds of batches that were measured, of answers and of sentences.
    pub(crate) fn list_sweeps(&self) -> Vec<SweepTable> {
        if self.sweeps.is_empty() {
            return Vec::new();
        }
        SweepTable::list_both(&self.sweeps).into()
    }

    /// Returns the slots by which the market delays a job that runs alone; `None` if that was not
    /// measured.
    pub(crate) fn added_slots(&self) -> Option<f64> {
        let alone = |run: &&MarketRun| run.throughput.in_flight == 1;
        let market = self.market.iter().find(alone)?.throughput;
        let direct = self.direct.iter().find(|direct| direct.in_flight == 1)?;

        let added_seconds = (market.seconds - direct.seconds) / market.requests as f64;
        Some(added_seconds * 1_000.0 / self.slot_ms as f64)
    }

    /// Returns what the table of the stages shows.
    pub(crate) fn caption_stages(&self) -> String {
        format!("Jobs by stage, with slots of {} ms", self.slot_ms)
    }

    /// Returns how long a job takes, and its transactions, as rows below [`STAGE_HEADING`].
    pub(crate) fn list_stages(&self) -> Vec<Vec<String>> {
        let row = |run: &MarketRun, jobs: &str| -> Vec<String> {
            let StageTimes { listing_ms, starting_ms, answering_ms, settling_ms } = run.stages;
            let times = [listing_ms, starting_ms, answering_ms, settling_ms];
            let traffic = [
                format!("{:.1}", run.traffic.transactions),
                format_thousands(run.traffic.bytes.round() as u64),
            ];

            let name = format!("{jobs}{} in flight", run.throughput.in_flight);
            let times = times.iter().map(u64::to_string);
            std::iter::once(name).chain(times).chain(traffic).collect()
        };

        let answers = self.market.iter().map(|run| row(run, ""));
        let sentences = self.sentences.iter().map(|both| row(&both.market, "sentences, "));
        answers.chain(sentences).collect()
    }

    /// Draws the engine beside another binding.
    pub(crate) fn draw_peer(&self) -> String {
        draw_rows("Engine and peer", ["this engine", "the peer"], &self.compare_peer())
    }

    /// Draws answers as jobs beside answers of the engine called directly.
    pub(crate) fn draw_market(&self) -> String {
        draw_rows("Jobs and engine", ["as jobs", "called directly"], &self.compare_market())
    }

    /// Draws sentences as jobs beside those of the engine; nothing if they were not measured.
    pub(crate) fn draw_sentences(&self) -> String {
        let rows = self.compare_sentences();
        draw_rows("Sentences", ["as jobs", "called directly"], &rows)
    }
}

/// Jobs beside the engine called directly.
fn compare_run(market: &Throughput, direct: &Throughput) -> Compared {
    Compared {
        name: format!("{} in flight", market.in_flight),
        ours: market.items_per_second(),
        theirs: Some(direct.items_per_second()),
    }
}
