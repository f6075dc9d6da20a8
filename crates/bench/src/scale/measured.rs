//! A run of the demo, as its report has it: `demo.json` of `nosana bench demo`.
//!
//! It is the only report of the harness with all times of each job: that of `bench engine` has
//! sums, and in that of `bench faults` nodes are killed.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use nosana_scale::replay::{Measured, MeasuredJob};
use serde::Deserialize;

use crate::{report::REPORT_VERSION, stages::Marks};

/// Jobs that the node of a demo runs at a time.
const DEMO_SLOTS: usize = 1;
const MS_PER_SECOND: f64 = 1_000.0;

/// The parts of a demo's report that are read.
#[derive(Debug, Deserialize)]
struct RecordedDemo {
    version: String,
    setting: RecordedSetting,
    jobs: Vec<RecordedJob>,
}

#[derive(Debug, Deserialize)]
struct RecordedSetting {
    slot_ms: u64,
}

#[derive(Debug, Deserialize)]
struct RecordedJob {
    marks: Marks,
}

/// Reads the report of a demo.
///
/// # Errors
/// If the file cannot be read, or is another report.
pub fn read_run(path: &Path) -> Result<Measured> {
    let shown = path.display();
    let json = fs::read(path).with_context(|| format!("cannot read {shown}; check the path"))?;
    let demo: RecordedDemo = serde_json::from_slice(&json).with_context(|| {
        format!("{shown} is not the report of a demo; `nosana bench demo` writes demo.json")
    })?;
    ensure!(
        demo.version == REPORT_VERSION,
        "{shown} has the version `{}`, not `{REPORT_VERSION}`; run `nosana bench demo` again",
        demo.version
    );

    let jobs = demo.jobs.iter().map(|job| to_seconds(&job.marks)).collect();
    Ok(Measured { slot_ms: demo.setting.slot_ms, slots: DEMO_SLOTS, jobs })
}

fn to_seconds(marks: &Marks) -> MeasuredJob {
    let seconds = |ms: u64| ms as f64 / MS_PER_SECOND;
    MeasuredJob {
        sent: seconds(marks.sent),
        taken: seconds(marks.taken),
        started: seconds(marks.started),
        executed: seconds(marks.executed),
        settled: seconds(marks.settled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::{DemoReport, job::JobReport, sample::sample_report},
        scale::compare_run,
    };

    /// Two jobs wait for the node, and the node for the third.
    const MARKS: [Marks; 3] = [
        Marks {
            sent: 0,
            listed: 400,
            taken: 1_200,
            started: 1_800,
            executed: 4_800,
            settled: 5_300,
        },
        Marks {
            sent: 400,
            listed: 800,
            taken: 5_600,
            started: 6_200,
            executed: 8_200,
            settled: 8_700,
        },
        Marks {
            sent: 12_000,
            listed: 12_400,
            taken: 12_400,
            started: 13_000,
            executed: 15_000,
            settled: 15_400,
        },
    ];

    fn write_demo(folder: &Path, change: impl FnOnce(&mut DemoReport)) -> std::path::PathBuf {
        let mut report = sample_report();
        let [job] = &report.jobs[..] else { panic!("the sample has one job") };
        report.jobs = MARKS.map(|marks| JobReport { marks, ..job.clone() }).to_vec();
        change(&mut report);

        let path = folder.join("demo.json");
        fs::write(&path, serde_json::to_vec(&report).unwrap()).unwrap();
        path
    }

    #[test]
    fn the_model_is_close_to_a_demo() {
        let folder = tempfile::tempdir().unwrap();
        let path = write_demo(folder.path(), |_| ());
        let comparison = compare_run(&path).unwrap();
        assert_eq!((comparison.jobs, comparison.makespan.measured), (3, 15.4));
        assert!(comparison.list_far().is_empty(), "{comparison:?}");

        let slow = write_demo(folder.path(), |demo| demo.jobs[2].marks.settled = 40_000);
        assert_eq!(compare_run(&slow).unwrap().list_far(), ["time of the run"]);
    }

    #[test]
    fn other_reports_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let old = write_demo(folder.path(), |demo| demo.version = "nosana-demo/1");
        let refused = format!("{:#}", read_run(&old).unwrap_err());
        assert!(refused.contains("has the version `nosana-demo/1`"), "{refused}");

        fs::write(&old, "{}").unwrap();
        let refused = format!("{:#}", read_run(&old).unwrap_err());
        assert!(refused.contains("is not the report of a demo"), "{refused}");
        assert!(read_run(&folder.path().join("missing.json")).is_err());
    }
}
