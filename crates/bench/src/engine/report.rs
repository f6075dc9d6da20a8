//! The figures as JSON, as text and as a page.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use nosana_engine::{Benchmark, DeviceInfo};
use serde::{Deserialize, Serialize};

use super::{
    market::MarketRun,
    peer::Peer,
    token_answer::{Agreement, TokenAnswer},
    workload::Throughput,
};
use crate::{
    html::{
        bars::{BarGroup, render_groups},
        elements::escape_html,
        render_document, render_section,
    },
    text::render_table,
};

/// The columns of [`EngineReport::list_stages`].
pub(crate) const STAGE_HEADING: [&str; 4] =
    ["ms of a job, median", "listing", "starting", "answering and settling"];

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

/// One comparison: a figure of this software, and the other's.
struct Compared {
    name: String,
    ours: f64,
    theirs: Option<f64>,
}

impl EngineReport {
    /// Writes `engine.json` and `engine.html` into a folder.
    pub(super) fn write_to(&mut self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        self.page = folder.join("engine.html");

        let json = serde_json::to_vec_pretty(self).context("cannot write the report as JSON")?;
        let page = self.render_page().into_bytes();
        for (path, bytes) in [(folder.join("engine.json"), json), (self.page.clone(), page)] {
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// Renders both comparisons as text.
    pub fn render_text(&self) -> String {
        let peer = render_rows("tokens a second", "engine", "peer", &self.compare_peer());
        let market = render_rows("tokens a second", "as jobs", "directly", &self.compare_market());
        let heading = STAGE_HEADING.map(str::to_owned).to_vec();
        let rows = self.list_stages();
        let stages = render_table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>());
        format!("{}\n\n{peer}\n{market}\n  {}\n\n{stages}", self.device, self.compare_answers())
    }

    /// The engine's answer beside that of another binding.
    fn compare_answers(&self) -> Agreement {
        let peer = self.peer.as_ref().and_then(|peer| peer.answer.as_ref());
        Agreement::of_answers(self.answer.as_ref(), peer)
    }

    /// The engine beside another binding.
    fn compare_peer(&self) -> Vec<Compared> {
        let peer = self.peer.as_ref();
        let Benchmark { prompt, generation, .. } = &self.benchmark;

        vec![
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
        ]
    }

    /// Answers as jobs beside answers of the engine called directly.
    fn compare_market(&self) -> Vec<Compared> {
        let pairs = self.market.iter().map(|run| &run.throughput).zip(&self.direct);

        pairs
            .map(|(market, direct)| Compared {
                name: format!("{} in flight", market.in_flight),
                ours: market.tokens_per_second(),
                theirs: Some(direct.tokens_per_second()),
            })
            .collect()
    }

    /// Returns the throughput of jobs as a part of the engine's, by what was in flight.
    pub(crate) fn list_ratios(&self) -> Vec<(String, f64)> {
        let rows = self.compare_market().into_iter();
        rows.filter_map(|row| Some((row.name, row.ours / row.theirs?))).collect()
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

    /// Returns how long a job takes, as rows below [`STAGE_HEADING`].
    pub(crate) fn list_stages(&self) -> Vec<Vec<String>> {
        let row = |run: &MarketRun| {
            let stages = &run.stages;
            let times = [stages.listing_ms, stages.starting_ms, stages.answering_ms];
            let name = format!("{} in flight", run.throughput.in_flight);
            std::iter::once(name).chain(times.iter().map(u64::to_string)).collect()
        };

        self.market.iter().map(row).collect()
    }

    /// Draws the engine beside another binding.
    pub(crate) fn draw_peer(&self) -> String {
        draw_rows("Engine and peer", ["this engine", "the peer"], &self.compare_peer())
    }

    /// Draws answers as jobs beside answers of the engine called directly.
    pub(crate) fn draw_market(&self) -> String {
        draw_rows("Jobs and engine", ["as jobs", "called directly"], &self.compare_market())
    }

    fn render_page(&self) -> String {
        let peer = self.peer.as_ref().map_or_else(
            || "not measured".to_owned(),
            |peer| format!("node-llama-cpp {}", peer.version),
        );
        let lead = format!(
            "SmolLM2-135M-Instruct on {}. Figures are tokens a second; the other binding is \
             {peer}; {}.",
            self.device,
            self.compare_answers()
        );
        let header = format!(
            "<header>\n<h1>The speed of inference</h1>\n<p>{}</p>\n</header>",
            escape_html(&lead)
        );

        let sections = [
            render_section("Beside another binding", "Both call llama.cpp.", &self.draw_peer()),
            render_section(
                "Through a market",
                "Answers of 128 tokens: listed, run, settled and paid as jobs, and without a market.",
                &self.draw_market(),
            ),
        ];
        render_document("The speed of inference", &[header, sections.join("\n")].join("\n"))
    }
}

/// Draws the rows. A measurement that took no time has no speed.
fn draw_rows(label: &str, legend: [&str; 2], rows: &[Compared]) -> String {
    let round = |figure: f64| figure.round() as u64;
    let groups: Vec<_> = rows
        .iter()
        .filter(|row| row.ours.is_finite())
        .map(|row| BarGroup {
            name: row.name.clone(),
            ours: round(row.ours),
            theirs: row.theirs.filter(|theirs| theirs.is_finite()).map(round),
        })
        .collect();

    render_groups(label, legend, &groups)
}

fn render_rows(unit: &str, ours: &str, theirs: &str, rows: &[Compared]) -> String {
    let heading = [unit, ours, theirs, "ratio"].map(str::to_owned).to_vec();
    let cells = rows.iter().map(|row| {
        let missing = || "–".to_owned();
        let other = row.theirs.map_or_else(missing, |theirs| format!("{theirs:.1}"));
        let ratio = row.theirs.map_or_else(missing, |theirs| format!("{:.2}", row.ours / theirs));
        vec![row.name.clone(), format!("{:.1}", row.ours), other, ratio]
    });

    render_table(&std::iter::once(heading).chain(cells).collect::<Vec<_>>())
}
