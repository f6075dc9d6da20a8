use crate::outcome::WaitTimes;

#[test]
fn quantiles_are_times_that_were_measured() {
    let times: Vec<f64> = (1..=200).rev().map(f64::from).collect();
    let expected = WaitTimes { mean: 100.5, median: 100.0, p95: 190.0, p99: 198.0 };
    assert_eq!(WaitTimes::of_times(times, 0), Some(expected));
    assert_eq!(WaitTimes::of_times(vec![3.0], 0).map(|waits| waits.p99), Some(3.0));
    assert_eq!(WaitTimes::of_times(Vec::new(), 0), None);
}

#[test]
fn jobs_that_were_not_started_wait_longest() {
    let times: Vec<f64> = (1..=198).map(f64::from).collect();
    let waits = WaitTimes::of_times(times.clone(), 2).unwrap();
    assert_eq!((waits.median, waits.p95, waits.p99), (100.0, 190.0, 198.0));
    // Among the first 99 % of 201 jobs is one that was not started.
    assert_eq!(WaitTimes::of_times(times, 3), None);
}
