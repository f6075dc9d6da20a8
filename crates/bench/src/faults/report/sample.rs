//! A small report for tests.

use std::path::PathBuf;

use super::*;
use crate::{
    faults::{facts::JobEnd, keeper::LifeEnd},
    liar::sheet::SheetRow,
};

/// A report with one job and one kill.
pub fn sample_report() -> FaultsReport {
    let money = Money { escrow: 600, node: 50, refund: 545, network: 5 };
    let job = JobSummary {
        number: 1,
        address: "Job".to_owned(),
        end: JobEnd::Completed,
        starts: 1,
        returns: 0,
        settlements: 1,
        money,
        fault: None,
    };
    let life = |started_ms, ended_ms, end| NodeLife { started_ms, ended_ms, end };
    let row =
        SheetRow { name: "node".to_owned(), before: 100_000, by_case: vec![50], after: 100_050 };

    FaultsReport {
        version: REPORT_VERSION,
        unix_ms: 0,
        setting: Setting::new(&FaultsConfig::default(), JobWork::Commands),
        counts: JobCounts { posted: 1, completed: 1, ..JobCounts::default() },
        node: NodeFigures { kills: 1, own_exits: 0, penalty: 0 },
        recovery: RecoveryTimes { restarts: 1, times_ms: vec![1_500] },
        money,
        course: Course::default(),
        jobs: vec![job],
        lives: vec![life(0, 5_000, LifeEnd::Killed), life(5_000, 9_000, LifeEnd::Survived)],
        sheet: Sheet { supply: 100_050, burned: vec![0], rows: vec![row] },
        checks: vec![Check { claim: "one is one".to_owned(), holds: true, detail: "1".to_owned() }],
        timings: vec![("faults".to_owned(), 25.0)],
        page: PathBuf::new(),
    }
}
