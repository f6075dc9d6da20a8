//! `faults.json`.

use serde_json::{Value, json};

use crate::summary::{baseline::Baseline, content::Headline, sections::faults::read_faults};

fn sample(times_ms: &[u64]) -> Value {
    json!({
        "version": "nosana-faults/1",
        "setting": {"seconds": 120.0, "seed": 1, "mean_life_seconds": 8.0, "slot_ms": 100},
        "counts": {"posted": 9, "lost": 0, "paid_twice": 0},
        "node": {"kills": 4, "own_exits": 0, "penalty": 0},
        "recovery": {"restarts": 4, "times_ms": times_ms},
    })
}

#[test]
fn restarts_are_counted_by_their_times() {
    let content = read_faults(sample(&[900, 1_000, 2_999]), &Baseline::default()).unwrap();
    let timing = "restart to work, median ms, 120 s of kills every 8 s";
    assert_eq!(content.timings[timing], 1_000.0);
    let penalty = content.tables[0].rows.iter().find(|row| row[0].contains("penalty"));
    assert_eq!(penalty.unwrap()[0], "node: penalty, base units");
    for part in ["0 to 1 s", "1 to 2 s", "2 to 3 s"] {
        assert!(content.drawings.contains(part), "{part}: {}", content.drawings);
    }
    assert_eq!(content.drawings.matches("<rect").count(), 3);

    let long = read_faults(sample(&[1, 59_000]), &Baseline::default()).unwrap();
    assert_eq!(long.drawings.matches("<rect").count(), 12, "{}", long.drawings);
}

#[test]
fn without_restarts_there_are_counts_alone() {
    let content = read_faults(sample(&[]), &Baseline::default()).unwrap();
    assert!(content.drawings.is_empty() && content.timings.is_empty());
    assert_eq!(content.headlines[1], Headline::new("jobs lost", "0"));
    assert!(read_faults(json!({"counts": {}}), &Baseline::default()).is_err());
}
