//! A small report for tests.

use super::*;
use crate::liar::{behavior::Behavior, ledger::CaseMoney, record::CaseTimes, sheet::SheetRow};

/// A report with one dispute, whose node was convicted.
pub fn sample_report() -> LiarReport {
    let money = CaseMoney {
        escrow: 816_420,
        bond: 742_200,
        collateral: 17_000_000,
        client: 1_001_970,
        challenger: 1_113_300,
        panel: [185_550; 3],
        burned: 15_886_700,
        ..CaseMoney::default()
    };
    let vote = |number: usize| VoteReport {
        panelist: format!("panelist {number}"),
        verdict: "wrong",
        bits_from_trace: 128,
        bits_from_panel: 0,
    };
    let times = CaseTimes {
        started: 1_000,
        submitted: 2_000,
        challenged: 3_000,
        drawn: 5_000,
        committed: 11_000,
        opened: 12_000,
        revealed: 14_000,
        closed: 20_000,
    };
    let case = CaseReport {
        number: 1,
        behavior: Behavior::Garbage,
        job: "Job".to_owned(),
        dispute: "Dispute".to_owned(),
        node: "Node".to_owned(),
        result: "QmResult".to_owned(),
        challenger: "client".to_owned(),
        faults: vec!["a vector differs".to_owned()],
        bits_from_work: 128,
        votes: (1..=3).map(vote).collect(),
        outcome: "convicted",
        times,
        money,
        expected_money: money,
    };

    let row = SheetRow {
        name: "client".to_owned(),
        before: 100_000_000_000,
        by_case: vec![185_550],
        after: 100_000_185_550,
    };
    LiarReport {
        version: REPORT_VERSION,
        unix_ms: 0,
        setting: Setting::new(&LiarConfig::default(), "a processor (cpu)".to_owned()),
        cases: vec![case],
        advances: vec![ClockAdvance {
            at_ms: 9_000,
            seconds: 600,
            reason: "the rest of the seating",
        }],
        sheet: Sheet { supply: 100_000_185_550, burned: vec![15_886_700], rows: vec![row] },
        checks: vec![Check { claim: "one is one".to_owned(), holds: true, detail: "1".to_owned() }],
        problems: Vec::new(),
        timings: vec![("network".to_owned(), 0.9)],
        page: PathBuf::from("index.html"),
    }
}
