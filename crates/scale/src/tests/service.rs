use fastrand::Rng;

use crate::{
    service::{ServiceTimes, find_rest},
    time::{Nanos, from_seconds, to_seconds},
};

fn mean_of(mut draw: impl FnMut(&mut Rng) -> Nanos) -> f64 {
    let mut rng = Rng::with_seed(3);
    (0..20_000).map(|_| to_seconds(draw(&mut rng))).sum::<f64>() / 20_000.0
}

#[test]
fn draws_have_their_mean() {
    let exponential = ServiceTimes::Exponential(4.0);
    let measured = ServiceTimes::Measured(vec![1.0, 3.0]);
    assert_eq!((exponential.mean(), measured.mean()), (4.0, 2.0));
    assert!((mean_of(|rng| exponential.draw(0, rng)) - 4.0).abs() < 0.1);
    assert!((mean_of(|rng| measured.draw(0, rng)) - 2.0).abs() < 0.05);

    assert_eq!(measured.mean_at_least(2.0), 2.5);
    let drawn = mean_of(|rng| exponential.draw(0, rng).max(from_seconds(2.0)));
    let expected = exponential.mean_at_least(2.0);
    assert!((drawn - expected).abs() < 0.1, "{drawn}, expected {expected}");
}

/// The mean of the rest is the second moment over twice the mean.
#[test]
fn what_is_left_of_a_run_that_is_found() {
    let exponential = ServiceTimes::Exponential(4.0);
    let measured = ServiceTimes::Measured(vec![1.0, 3.0]);
    assert!((mean_of(|rng| exponential.draw_rest(rng)) - 4.0).abs() < 0.1);
    assert!((mean_of(|rng| measured.draw_rest(rng)) - 1.25).abs() < 0.05);
    assert_eq!([find_rest(&[1.0, 3.0], 0.25), find_rest(&[1.0, 3.0], 2.0)], [0.75, 2.0]);
}

#[test]
fn runs_must_take_time() {
    let refused = [
        ServiceTimes::Exponential(0.0),
        ServiceTimes::Measured(Vec::new()),
        ServiceTimes::InOrder(vec![1.0, f64::NAN]),
    ];
    assert!(refused.iter().all(|times| times.check().is_err()));
    assert!(ServiceTimes::DEFAULT.check().is_ok());
}
