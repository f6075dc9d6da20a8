//! The figures as JSON, as text and as a page.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use nosana_engine::{DeviceInfo, SKETCH_BITS};
use nosana_job_spec::{ANSWER_MARGIN_BOUND, EMBEDDING_BOUND};
use serde::Serialize;

use super::{case::Case, claims::Claim};
use crate::{
    html::{elements::escape_html, render_document, render_section},
    text::render_table,
};

/// The most bits of two sketches that may differ.
pub const AGREE_BITS: u32 = nosana_protocol::dispute::sketch::AGREE_BITS;
/// The largest margin of an answer's token.
pub const MARGIN_BOUND: f64 = ANSWER_MARGIN_BOUND as f64;

// Sizes in units of the drawing.
const WIDTH: f64 = 1_000.0;
const LABEL_WIDTH: f64 = 260.0;
const ROW_HEIGHT: f64 = 26.0;

/// What a calibration found.
#[derive(Clone, Debug, Serialize)]
pub struct CalibrationReport {
    /// The device with which the others are compared.
    pub reference: DeviceInfo,
    /// How many texts were embedded.
    pub texts: usize,
    /// How many questions were answered.
    pub questions: usize,
    /// The most tokens of an answer.
    pub max_tokens: usize,
    /// Ways to embed texts.
    pub embeddings: Vec<Case>,
    /// Ways to answer questions.
    pub answers: Vec<Case>,
    /// The page.
    #[serde(skip)]
    pub page: PathBuf,
}

impl CalibrationReport {
    /// Writes `calibration.json` and `calibration.html` into a folder.
    pub(super) fn write_to(&mut self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        self.page = folder.join("calibration.html");

        let json = serde_json::to_vec_pretty(self).context("cannot write the report as JSON")?;
        let page = self.render_page().into_bytes();
        for (path, bytes) in [(folder.join("calibration.json"), json), (self.page.clone(), page)] {
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// Returns what contradicts the claims: honest runs that exceed a bound, cheats that do not.
    pub fn find_faults(&self) -> Vec<String> {
        let faults = |title: &'static str, cases: &[Case]| -> Vec<String> {
            let found = cases.iter().filter_map(Case::find_fault);
            found.map(|fault| format!("{title}: {fault}")).collect()
        };
        let mut all = faults("embeddings", &self.embeddings);
        all.extend(faults("answers", &self.answers));
        all
    }

    /// Renders both tables as text.
    pub fn render_text(&self) -> String {
        format!(
            "{}\n\n{} texts, compared by the largest difference of a component (bound \
             {EMBEDDING_BOUND:e}) and by {SKETCH_BITS} bits (bound {AGREE_BITS})\n{}\n\
             {} questions, answered with at most {} tokens, compared by the largest margin of a \
             token (bound {MARGIN_BOUND}) and by {SKETCH_BITS} bits (bound {AGREE_BITS})\n{}",
            self.reference,
            self.texts,
            render_cases(&self.embeddings),
            self.questions,
            self.max_tokens,
            render_cases(&self.answers),
        )
    }

    fn render_page(&self) -> String {
        let lead = format!(
            "How far honest runs differ from {}, and how far runs that save work. Lines reach from \
             the smallest to the largest figure; a mark is the median. An honest pair is two runs \
             of the same model's file on the same input by the same engine. They differ in what no \
             job defines: the device and its backend, the number of threads, how many tokens are \
             computed at once, how many answers share a batch, and how attention is computed. A \
             name that begins with that of a file is of a recording, by another machine, build or \
             backend.",
            escape_html(&self.reference.to_string())
        );
        let header =
            format!("<header>\n<h1>How far runs of a model differ</h1>\n<p>{lead}</p>\n</header>");

        let section = |title: &str, lead: &str, cases: &[Case]| {
            let table = escape_html(&render_cases(cases));
            render_section(title, lead, &format!("{}<pre>{table}</pre>", draw_bits(cases)))
        };
        let sections = [
            section("Embeddings", "Bits of the sketch that differ.", &self.embeddings),
            section("Answers", "Bits of the sketch that differ.", &self.answers),
        ];
        render_document("Calibration", &format!("{header}{}", sections.concat()))
    }
}

fn render_cases(cases: &[Case]) -> String {
    let heading = ["", "deviation min", "median", "max", "bits min", "median", "max", "caught"];
    let row = |case: &Case| {
        let figure = |value: f64| format!("{value:.2e}");
        let mark = match case.claim {
            Claim::Honest => " (honest)",
            Claim::Caught => "",
            Claim::NotCaught => " (not caught by design)",
        };
        vec![
            format!("{}{mark}", case.name),
            figure(case.deviation.min),
            figure(case.deviation.median),
            figure(case.deviation.max),
            case.bits.min.to_string(),
            case.bits.median.to_string(),
            case.bits.max.to_string(),
            format!("{} of {}", case.caught, case.runs),
        ]
    };

    let rows: Vec<Vec<String>> =
        std::iter::once(heading.map(str::to_owned).to_vec()).chain(cases.iter().map(row)).collect();
    format!("{}{}{}", render_table(&rows), render_reasons(cases), render_confidence(cases))
}

/// Says why the bounds do not catch what they do not claim to catch.
fn render_reasons(cases: &[Case]) -> String {
    let not_caught = cases.iter().filter(|case| case.claim == Claim::NotCaught);
    not_caught
        .map(|case| format!("\n{} is not caught by design: {}", case.name, case.reason))
        .collect()
}

/// Says how many honest runs can be beyond a bound although none of the measured ones is.
fn render_confidence(cases: &[Case]) -> String {
    let rates = cases.iter().filter_map(|case| case.false_alarm_rate().map(|rate| (case, rate)));
    rates
        .map(|(Case { name, runs, .. }, rate)| {
            format!(
                "\n{name}: none of {runs} honest runs exceeds a bound; with 95 % confidence, fewer \
                 than {:.2} % of all do",
                rate * 100.0
            )
        })
        .collect()
}

/// Draws the differing bits of each case, with the bound.
fn draw_bits(cases: &[Case]) -> String {
    let place =
        |bits: f64| LABEL_WIDTH + bits / f64::from(SKETCH_BITS / 2) * (WIDTH - LABEL_WIDTH - 20.0);
    let height = ROW_HEIGHT * (cases.len() as f64 + 1.0);
    let bound = place(AGREE_BITS.into());
    let mut out = format!(
        "<div class=\"wide\"><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"bits that differ\">\n<line x1=\"{bound:.1}\" y1=\"0\" x2=\"{bound:.1}\" \
         y2=\"{height}\" stroke=\"currentColor\" stroke-dasharray=\"4 4\"/>\n"
    );

    for (index, case) in cases.iter().enumerate() {
        let middle = (index as f64 + 0.6) * ROW_HEIGHT;
        let class = if case.claim == Claim::Honest { "ours" } else { "theirs" };
        let [left, median, right] = [case.bits.min, case.bits.median, case.bits.max]
            .map(|bits| place(bits.min(f64::from(SKETCH_BITS / 2))));
        let width = (right - left).max(2.0);
        let name = escape_html(&case.name);

        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<text x=\"10\" y=\"{:.1}\">{name}</text>\
             <rect class=\"{class}\" x=\"{left:.1}\" y=\"{:.1}\" width=\"{width:.1}\" \
             height=\"4\"/>\
             <rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"4\" height=\"14\"/>",
            middle + 4.0,
            middle - 2.0,
            median - 2.0,
            middle - 7.0,
        );
    }
    out + "</svg></div>\n"
}
