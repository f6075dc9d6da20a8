use serde_json::json;

use super::*;

fn point(nodes: u64, markets: u64, load: f64, results: f64) -> Value {
    let waits = json!({"mean": 1.0, "median": 0.8, "p95": 2.0, "p99": 3.0});
    let waits = Some(waits).filter(|_| results >= 50.0);
    json!({
        "nodes": nodes, "markets": markets,
        "load": {"name": load.to_string(), "single": load, "batched": 0.0},
        "ceiling_per_second": 2_130.0, "seeds": 2, "piles_up": results < 50.0,
        "served_spread": {"least": results / 200.0, "most": results / 50.0},
        "outcome": {
            "seconds": 10.0, "listed": 1_000, "finished": (results * 10.0) as u64,
            "unstarted": 7, "jobs_per_second": results, "utilization": 0.5,
            "waits": waits,
        },
    })
}

/// Returns a file with these points and runs of 30 seconds on average.
fn build_file(points: impl serde::Serialize) -> Value {
    let config = json!({"service": {"Exponential": 30.0}});
    json!({"version": "nosana-scale/2", "config": config, "points": points})
}

#[test]
fn the_highest_load_is_drawn_and_all_are_listed() {
    let points = [
        point(10, 1, 0.5, 100.0),
        point(10, 1, 0.95, 100.0),
        point(1_000, 1, 0.95, 40.0),
        point(1_000, 16, 0.95, 99.0),
    ];
    let content = read_scale(build_file(points), &Baseline::default()).unwrap();

    // Ten nodes were not simulated in sixteen markets.
    assert_eq!(content.drawings.matches("<rect").count(), 3, "{}", content.drawings);
    for part in [
        "Not drawn: 10 nodes in 16 markets.",
        "1,000 nodes",
        "in 1 market<",
        "in 16 markets",
        "40 %",
        "load 0.95",
    ] {
        assert!(content.drawings.contains(part), "{part}: {}", content.drawings);
    }
    assert_eq!(content.tables[0].rows.len(), 4);
    let row = &content.tables[0].rows[2];
    assert_eq!(row[3..7], ["100.0", "40.0", "40.0 % (20.0–80.0)", "7"]);
    assert_eq!(row[9..], ["grows", "grows"]);
    assert_eq!(content.tables[0].rows[3][9..], ["0.8", "2.0"]);
    assert_eq!(content.headlines[0].name, "most results, simulated, in 1 market");
    assert!(content.figures.is_empty() && content.timings.is_empty());
}

#[test]
fn a_run_of_the_demo_is_beside_the_model() {
    let pair = json!({"measured": 10.0, "simulated": 9.0});
    let comparison = json!({
        "jobs": 8, "makespan": pair, "jobs_per_second": pair, "median_wait": pair,
        "long_wait": pair, "tolerance_seconds": 0.8,
    });
    let mut file = build_file([point(10, 1, 0.5, 100.0)]);
    file["comparison"] = comparison;
    let content = read_scale(file, &Baseline::default()).unwrap();

    let [_, run] = &content.tables[..] else { panic!("{:?}", content.tables) };
    assert_eq!(run.rows[0], ["time of the run, s", "10.00", "9.00", "10.0 %"]);
}

#[test]
fn the_readme_has_the_largest_markets() {
    let rows = |points: Value| read_scale(build_file(points), &Baseline::default()).unwrap().rows;
    let one = point(100_000, 1, 0.95, 40.0);
    assert!(rows(json!([one])).is_empty());

    let points = json!([one, point(100_000, 4, 0.8, 70.0), point(100_000, 4, 0.95, 99.0)]);
    let rows = rows(points);
    let row = &rows[0];
    let expected = "40, and the queue grows; 99, and 95 % of the jobs wait 2.0 s at most";
    assert_eq!((&*row.figure, &*row.command), (expected, "bench scale"));
    assert!(row.what.contains("simulated with runs of 30 s on average, assumed"), "{}", row.what);
}

#[test]
fn a_file_without_points_is_empty_and_other_formats_fail() {
    let content = read_scale(build_file(json!([])), &Baseline::default()).unwrap();
    assert!(content.drawings.is_empty() && content.headlines.is_empty());
    assert!(read_scale(build_file([json!({"nodes": 1})]), &Baseline::default()).is_err());
}
