//! A small measurement, and what is made of figures.

use std::time::Duration;

use super::{
    ConnectConfig, ConnectReport, ConnectSize, Goal, IdleCost, RequestTimes, TransferRates,
    goals::list_goals, run, usage::Usage,
};
use crate::html::self_contained::check_self_contained;

const MEGA: u64 = 1_000_000;

/// Figures that meet all goals, by little.
fn sample_figures() -> (TransferRates, RequestTimes, IdleCost) {
    let transfers = TransferRates {
        plain_tcp: vec![900 * MEGA],
        bare_stream: vec![100 * MEGA, 1, 900 * MEGA],
        forwarded_port: vec![80 * MEGA, 1, 900 * MEGA],
    };
    let requests = RequestTimes {
        open_plain: vec![MEGA],
        open_forwarded: vec![3 * MEGA],
        new_plain: vec![MEGA],
        new_forwarded: vec![2 * MEGA],
    };
    let idle = IdleCost {
        seconds: 20.0,
        cpu_seconds: 0.19,
        resident_before: 10 * MEGA,
        resident_after: 69 * MEGA,
    };
    (transfers, requests, idle)
}

fn list_missed(goals: &[Goal]) -> Vec<&str> {
    goals.iter().filter(|goal| !goal.is_met).map(|goal| goal.name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_and_requests_are_measured_in_each_way() {
    let folder = tempfile::tempdir().unwrap();
    let size = ConnectSize { rounds: 2, round_bytes: 300_001, requests: 3, idle_seconds: 1 };
    let config = ConnectConfig {
        size,
        program: None,
        out: folder.path().to_owned(),
        patience: Duration::from_secs(120),
        quiet: true,
    };
    let report = run(&config).await.unwrap();

    for (way, rates) in report.transfers.list_ways() {
        assert!(rates.len() == 2 && rates.iter().all(|rate| *rate > 0), "{way}: {rates:?}");
    }
    let times = &report.requests;
    for kind in [&times.open_plain, &times.open_forwarded, &times.new_plain, &times.new_forwarded] {
        assert!(kind.len() == 3 && kind.iter().all(|time| *time > 0), "{times:?}");
    }
    assert!(report.idle.is_none() && report.goals.len() == 3, "{report:?}");

    let page = std::fs::read_to_string(&report.page).unwrap();
    check_self_contained(&page).unwrap();
    assert!(page.contains("forwarded port, part of a bare stream"), "{page}");
    let json = std::fs::read(folder.path().join("connect.json")).unwrap();
    let read: ConnectReport = serde_json::from_slice(&json).unwrap();
    assert_eq!((read.size, read.transfers, read.goals), (size, report.transfers, report.goals));
}

#[test]
fn goals_are_judged_by_medians() {
    let (transfers, requests, idle) = sample_figures();
    let goals = list_goals(&transfers, &requests, Some(&idle));
    assert_eq!((list_missed(&goals), goals.len()), (vec![], 5), "{goals:?}");

    let slower = TransferRates { forwarded_port: vec![79 * MEGA], ..transfers };
    let longer = RequestTimes {
        open_forwarded: vec![3 * MEGA + 1],
        new_forwarded: vec![3 * MEGA + 1],
        ..requests
    };
    let dearer = IdleCost { cpu_seconds: 0.2, resident_after: 70 * MEGA, ..idle };
    let goals = list_goals(&slower, &longer, Some(&dearer));
    assert_eq!(list_missed(&goals).len(), 5, "{goals:?}");
}

#[test]
fn a_goal_that_is_not_met_is_named() {
    let (transfers, requests, idle) = sample_figures();
    let dearer = IdleCost { cpu_seconds: 4.0, ..idle };
    let report = ConnectReport::new(ConnectSize::QUICK, transfers, requests, Some(dearer));

    let text = report.render_text();
    let line = text.lines().find(|line| line.contains("part of a core") && line.contains("less"));
    let line = line.unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains("20.00 %") && line.ends_with("not met"), "{text}");
    assert_eq!(text.matches("not met").count(), 1, "{text}");
    // 80 of 900 MB a second.
    assert!(text.contains("part of plain TCP") && text.contains("0.09"), "{text}");
}

#[test]
fn the_sizes_are_bounded() {
    let total = |size: ConnectSize| 3 * (size.rounds as u64 * size.round_bytes + MEGA);
    assert!(total(ConnectSize::FULL) <= 1_000 * MEGA);
    assert!(total(ConnectSize::QUICK) <= 64 * MEGA);
}

#[test]
fn usage_is_read_whatever_the_name_of_the_program() {
    let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 4 0 1 2 3";
    let status = "Name:\ta\nVmPeak:\t  99 kB\nVmRSS:\t    2000 kB\n";
    let usage = Usage::parse(stat, status).unwrap();
    assert_eq!(usage, Usage { cpu_seconds: 3.0, resident_bytes: 2_048_000 });

    assert_eq!(Usage::parse("7 (a) S 1", status), None);
    assert_eq!(Usage::parse(stat, "Name:\ta\n"), None);
}
