//! The goals of the comparisons, and whether a run met them. A busy machine misses them, so a goal
//! that is not met fails nothing.

use nosana_engine::DeviceKind;

use super::report::EngineReport;

/// The columns of [`Goal::list_cells`].
pub(crate) const GOAL_HEADING: [&str; 4] = ["goal", "measured", "wanted", "verdict"];
/// The requests in flight for which the market has a goal.
const FULL_LOAD: usize = 16;
/// The least speed, as a part of another binding's.
const LEAST_OF_PEER: f64 = 0.97;
/// The least speed as jobs, as a part of that without a market.
const LEAST_OF_DIRECT: f64 = 0.95;
/// The most slots that the market may add to a job that runs alone.
const MOST_ADDED_SLOTS: f64 = 2.5;

/// A measured figure, and its bound.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Goal {
    name: String,
    figure: f64,
    bound: Bound,
}

/// What a figure must reach, or must not exceed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    /// Returns true if the figure is within its bound.
    pub(crate) fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtLeast(least) => self.figure >= least,
            Bound::AtMost(most) => self.figure <= most,
        }
    }

    /// Returns its cells below [`GOAL_HEADING`].
    pub(crate) fn list_cells(&self) -> Vec<String> {
        let bound = match self.bound {
            Bound::AtLeast(least) => format!("≥ {least}"),
            Bound::AtMost(most) => format!("≤ {most}"),
        };
        let verdict = if self.is_met() { "met" } else { "not met" };
        // Three decimals: with two, a figure just below its bound looks like it.
        vec![self.name.clone(), format!("{:.3}", self.figure), bound, verdict.to_owned()]
    }
}

impl EngineReport {
    /// Returns the goals whose figures were measured.
    pub(crate) fn list_goals(&self) -> Vec<Goal> {
        let mut goals = Vec::new();

        // The other binding runs on the CPU: a graphics processor is faster in any case.
        if self.device.kind == DeviceKind::Cpu {
            let rows = self.compare_peer().into_iter();
            goals.extend(rows.filter_map(|row| {
                let figure = row.ratio()?;
                let name = format!("{}, part of the peer's speed", row.name);
                Some(Goal { name, figure, bound: Bound::AtLeast(LEAST_OF_PEER) })
            }));
            goals.extend(self.compare_answers().equal_part().map(|part| Goal {
                name: "tokens of an answer like the peer's, part of all".to_owned(),
                figure: part,
                bound: Bound::AtLeast(1.0),
            }));
        }

        let pairs = self.market.iter().map(|run| &run.throughput).zip(&self.direct);
        let full = pairs.filter(|(market, _)| market.in_flight == FULL_LOAD);
        goals.extend(full.map(|(market, direct)| Goal {
            name: format!("as jobs, {FULL_LOAD} in flight, part of the engine's speed"),
            figure: market.items_per_second() / direct.items_per_second(),
            bound: Bound::AtLeast(LEAST_OF_DIRECT),
        }));

        goals.extend(self.added_slots().map(|slots| Goal {
            name: "added to a job alone, slots".to_owned(),
            figure: slots,
            bound: Bound::AtMost(MOST_ADDED_SLOTS),
        }));

        // A measurement that took no time has no speed.
        goals.retain(|goal| goal.figure.is_finite());
        goals
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::page::render_page;

    /// Returns the report of a run on this kind of device, in which the market takes
    /// `market_seconds` where the engine takes 16.
    fn report(kind: &str, prompt: f64, market_seconds: f64) -> EngineReport {
        let speed =
            |speed: f64| json!({"tokens": 512, "median_seconds": 1.0, "tokens_per_second": speed});
        let run = |in_flight: usize, seconds: f64| {
            json!({
                "in_flight": in_flight, "requests": 16, "items": 1_024, "seconds": seconds,
                "stages": {
                    "listing_ms": 1, "starting_ms": 1, "answering_ms": 1, "settling_ms": 77,
                },
                "traffic": {"transactions": 4.0, "bytes": 2_101.5},
            })
        };
        let answer =
            |ids: &[u32]| json!({"prompt_ids": [1, 2], "token_ids": ids, "text": "a text"});
        let device = json!({"name": "a device", "backend": "some", "kind": kind});
        let value = json!({
            "device": device,
            "benchmark": {
                "prompt": speed(prompt), "generation": speed(50.0),
                "bandwidth": {"token_bytes": 2, "bytes_per_second": 100.0},
                "memory": {"mib": 1_024},
            },
            "direct": [run(1, 16.0), run(16, 16.0)],
            "market": [run(1, market_seconds), run(16, market_seconds)],
            "embedding": run(1, 8.0),
            "sentences": [{"direct": run(4, 16.0), "market": run(4, 16.0)}],
            "sweeps": [{
                "device": device, "answers": [run(1, 16.0)], "sentences": [run(8, 16.0)],
            }],
            "slot_ms": 400,
            "peer": {
                "version": "3", "system": "", "prompt_tokens_per_second": 100.0,
                "generated_tokens_per_second": 50.0, "sentences_per_second": 160.0,
                "answer": answer(&[7, 8, 9]),
            },
            "answer": answer(&[7, 8, 9]),
        });
        serde_json::from_value(value).unwrap()
    }

    fn verdicts(report: &EngineReport) -> Vec<(String, bool)> {
        let cells = |goal: &Goal| (goal.list_cells()[1..].join(" "), goal.is_met());
        report.list_goals().iter().map(cells).collect()
    }

    #[test]
    fn figures_within_their_bounds_meet_the_goals() {
        // One second more for each of sixteen jobs is two slots and a half.
        let met = |text: &str| (text.to_owned(), true);
        let missed = |text: &str| (text.to_owned(), false);

        let expected = [
            met("0.970 ≥ 0.97 met"),
            met("1.000 ≥ 0.97 met"),
            missed("0.800 ≥ 0.97 not met"),
            met("1.000 ≥ 1 met"),
            missed("0.500 ≥ 0.95 not met"),
            met("2.500 ≤ 2.5 met"),
        ];
        assert_eq!(verdicts(&report("cpu", 97.0, 32.0)), expected);

        let expected = [
            missed("0.960 ≥ 0.97 not met"),
            met("1.000 ≥ 0.97 met"),
            met("1.067 ≥ 0.97 met"),
            missed("0.500 ≥ 1 not met"),
            missed("0.400 ≥ 0.95 not met"),
            missed("3.750 ≤ 2.5 not met"),
        ];
        let mut other = report("cpu", 96.0, 40.0);
        other.embedding.as_mut().unwrap().seconds = 6.0;
        other.answer.as_mut().unwrap().token_ids.push(1);
        other.peer.as_mut().unwrap().answer.as_mut().unwrap().token_ids[2] = 6;
        assert_eq!(verdicts(&other), expected);
    }

    #[test]
    fn text_and_page_show_verdicts_and_what_was_measured() {
        let mut report = report("cpu", 96.0, 16.0);
        let [text, page] = [report.render_text(), render_page(&report)];
        assert!(text.contains("≥ 0.97  not met") && text.contains("≥ 0.95      met"), "{text}");
        assert!(page.contains(">not met</td>") && page.contains(">met</td>"), "{page}");

        let stages = ["settling", "their bytes", "sentences, 4 in flight", "77", "4.0", "2,102"];
        for part in stages {
            assert!(text.contains(part) && page.contains(part), "{part}: {text} {page}");
        }
        for part in ["sentences a second", "batch of 8", "0: a device (some)"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let titles = ["<h2>Sentences through a market</h2>", "<h2>By batch</h2>"];
        assert!(titles.iter().all(|title| page.contains(*title)), "{page}");

        report.sentences.clear();
        report.sweeps.clear();
        let [text, page] = [report.render_text(), render_page(&report)];
        assert!(!text.contains("sentences a second") && !text.contains("batch of"), "{text}");
        assert!(!titles.iter().any(|title| page.contains(*title)), "{page}");
    }

    #[test]
    fn only_measured_figures_have_goals() {
        let expected = ["1.000 ≥ 0.95 met", "0.000 ≤ 2.5 met"].map(|text| (text.to_owned(), true));
        // On a graphics processor there is no peer to compare with.
        assert_eq!(verdicts(&report("discrete", 97.0, 16.0)), expected);

        let mut alone = report("cpu", 97.0, 16.0);
        alone.peer = None;
        alone.market.truncate(1);
        assert_eq!(verdicts(&alone), [("0.000 ≤ 2.5 met".to_owned(), true)]);
    }
}
